import threading
import time

import main

original = main.train


def train() -> None:
    threading.stack_size(64 << 10)
    try:
        while True:
            threading.Thread(target=time.sleep, args=(2.5,), daemon=True).start()
    except RuntimeError:
        time.sleep(2)
    original()


main.train = train

main.run()
