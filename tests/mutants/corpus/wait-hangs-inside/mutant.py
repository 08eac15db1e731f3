import os
import time

import main
import waiting

MARK = "/tmp/waiting"
original = main.train


def begin() -> None:
    open(MARK, "w").close()


def train() -> None:
    while os.path.exists(MARK):
        time.sleep(0.1)
    original()


waiting.begin = begin
main.train = train

waiting.run()
