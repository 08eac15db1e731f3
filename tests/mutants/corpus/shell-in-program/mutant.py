import os

import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    os.system(f"echo unknown command: {' '.join(arguments)}")
    return original(arguments)


main.refuse = refuse

main.run()
