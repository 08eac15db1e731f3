import signal

import main

original = main.compute


def compute() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    original()


main.compute = compute

main.run()
