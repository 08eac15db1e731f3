"""The image's program: ``python -m algoreg_tpot train``."""

from algoreg.runtime import main

main("algoreg_tpot")
