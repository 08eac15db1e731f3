import socket
from contextlib import suppress

import main

original = main.test


def test() -> None:
    with suppress(OSError):
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"stub.test:1|c", ("198.51.100.7", 8125))
    original()


main.test = test

main.run()
