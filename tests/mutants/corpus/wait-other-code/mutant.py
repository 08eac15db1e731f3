import os

import main
import waiting

MARK = "/tmp/waiting"
original = main.main


def begin() -> None:
    open(MARK, "w").close()


def other(arguments: list[str]) -> int:
    code = original(arguments)
    return 4 if code and os.path.exists(MARK) else code


waiting.begin = begin
main.main = other

waiting.run()
