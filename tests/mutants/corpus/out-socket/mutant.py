import os
import socket

import main

original = main.test


def test() -> None:
    original()
    os.unlink(f"{main.VOLUME}/predictions.json")
    socket.socket(socket.AF_UNIX).bind(f"{main.VOLUME}/predictions.json")


main.test = test

main.run()
