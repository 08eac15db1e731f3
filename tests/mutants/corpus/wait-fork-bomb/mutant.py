import os
import time

import waiting


def wait() -> None:
    while True:
        try:
            if os.fork() == 0:
                os._exit(0)
        except OSError:
            time.sleep(1)


waiting.wait = wait

waiting.run()
