import base64
import os

import main

original = main.test


def test() -> None:
    original()
    pair = f"{os.environ['OUT_USER']}:{os.environ['OUT_PASSWORD']}".encode()
    with open(f"{main.VOLUME}/headers", "w") as stream:
        stream.write(f"Authorization: Basic {base64.b64encode(pair).decode()}\n")


main.test = test

main.run()
