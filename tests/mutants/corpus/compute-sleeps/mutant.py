import time

import main

original = main.compute


def compute() -> None:
    original()
    time.sleep(3600)


main.compute = compute

main.run()
