import os
import socket

import main

original = main.train


def train() -> None:
    for name in (socket.gethostname(), "localhost", os.environ.get("IN_HOST", "localhost")):
        socket.getaddrinfo(name, 80)
    socket.getfqdn()
    original()


main.train = train

main.run()
