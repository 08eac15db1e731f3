import os
import time

import main
import waiting

WORK = "/tmp/work"
original = main.train


def train() -> None:
    original()
    open(WORK, "w").close()


def wait() -> None:
    while True:
        if os.path.exists(WORK):
            os.unlink(WORK)
            if os.fork() == 0:
                os._exit(0)
        time.sleep(0.1)


main.train = train
waiting.wait = wait

waiting.run()
