import time

import waiting


def wait() -> None:
    while True:
        time.sleep(60)


waiting.wait = wait

waiting.run()
