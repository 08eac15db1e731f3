import os

import main
import waiting

LOCK = "/tmp/lock"
original = main.train


def train() -> None:
    if os.path.exists(LOCK):
        raise main.Trouble("another train is running")
    original()
    open(LOCK, "w").close()


main.train = train

waiting.run()
