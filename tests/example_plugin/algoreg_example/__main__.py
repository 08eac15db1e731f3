"""The image's program: ``python -m algoreg_example train``."""

from algoreg.runtime import main

main("algoreg_example")
