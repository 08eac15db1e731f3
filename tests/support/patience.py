"""How long a test waits for what should come at once, or asks for as proof that something did not last."""

from typing import Final

PROMPT_S: Final = 30.0
"""Far above what a busy machine adds, well below the minute that what is to be ended would go on for."""
