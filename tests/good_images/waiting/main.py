"""The program that can also wait."""

import signal
import sys

from ridge import Ridge


class Waiting(Ridge):
    def wait(self) -> None:
        while True:
            signal.pause()


sys.exit(Waiting().main(sys.argv[1:]))
