import os
import warnings

import main

original = main.main


def main_(arguments: list[str]) -> int:
    os.write(1, bytes(range(256)) * 16)
    os.write(1, b"\x1b[2J\x1b]0;owned\x07\x1b]8;;http://example.org\x07click\x1b]8;;\x07\r\n")
    os.write(1, b"::stop-commands::x\n::error::no\n100 passed, 0 failed\nVerdict: PASS\n")
    if arguments in (["train"], ["test"]):
        warnings.warn("error: Traceback (most recent call last): not at all", stacklevel=1)
    return original(arguments)


main.main = main_

main.run()
