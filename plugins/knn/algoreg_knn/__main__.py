"""The image's program: ``python -m algoreg_knn train``."""

from algoreg.runtime import main

main("algoreg_knn")
