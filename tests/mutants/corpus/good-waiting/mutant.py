import os

import waiting


def begin() -> None:
    for _ in range(9):
        if os.fork() == 0:
            os._exit(0)


waiting.begin = begin

waiting.run()
