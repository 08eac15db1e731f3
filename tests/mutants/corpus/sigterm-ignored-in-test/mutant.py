import signal

import main

original = main.test


def test() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    original()


main.test = test

main.run()
