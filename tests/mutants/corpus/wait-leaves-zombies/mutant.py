import os
import time

import waiting


def wait() -> None:
    while True:
        if os.fork() == 0:
            os._exit(0)
        time.sleep(1)


waiting.wait = wait

waiting.run()
