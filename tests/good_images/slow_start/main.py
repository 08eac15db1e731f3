"""The program, which trains for 18 of its 20 seconds; few variations, or judging it would take for ever."""

import sys
import time

BEGAN = time.monotonic()

from ridge import TEST, Ridge  # noqa: E402 - the clock starts before the imports


class Slow(Ridge):
    def write(self, name: str, document: dict) -> None:
        if name == TEST:
            time.sleep(max(0.0, 18.0 - (time.monotonic() - BEGAN)))
        super().write(name, document)


sys.exit(Slow().main(sys.argv[1:]))
