import os

import main

original = main.main


def main_(arguments: list[str]) -> int:
    code = original(arguments)
    os.abort() if code == 1 else None
    return code


main.main = main_

main.run()
