import os

import main

original = main.compute


def compute() -> None:
    original()
    for number in range(100):
        os.write(2, b"%d\n" % number * (1 << 20))


main.compute = compute

main.run()
