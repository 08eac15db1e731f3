import os

import main

original = main.compute


def compute() -> None:
    original()
    os.abort()


main.compute = compute

main.run()
