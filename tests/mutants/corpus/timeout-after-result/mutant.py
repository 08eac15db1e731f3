import threading
import time

import main

original = main.test


def test() -> None:
    original()
    threading.Thread(target=time.sleep, args=(10**6,)).start()


main.test = test

main.run()
