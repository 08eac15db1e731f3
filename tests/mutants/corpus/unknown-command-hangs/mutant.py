import time

import main

original = main.refuse


def refuse(arguments: list[str]) -> int:
    original(arguments)
    time.sleep(10**6)
    return 2


main.refuse = refuse

main.run()
