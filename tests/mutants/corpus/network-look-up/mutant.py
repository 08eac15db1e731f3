import socket
from contextlib import suppress

import main

original = main.train


def train() -> None:
    with suppress(OSError):
        socket.getaddrinfo("example.org", 443)
    original()


main.train = train

main.run()
