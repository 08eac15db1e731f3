import os

import main

original = main.train


def train() -> None:
    for _ in range(200):
        if os.fork() == 0:
            os._exit(0)
    original()


main.train = train

main.run()
