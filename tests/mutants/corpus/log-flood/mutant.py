import os

import main

original = main.train


def train() -> None:
    line = b"training, and still training, and training on\n" * 20_000
    for _ in range(1200):
        os.write(1, line)
    original()


main.train = train

main.run()
