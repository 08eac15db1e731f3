"""The image's program: ``python -m algoreg_linreg train``."""

from algoreg.runtime import main

main("algoreg_linreg")
