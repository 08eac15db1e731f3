import socket
from contextlib import suppress
from typing import Any

import main

original = main.insert


def insert(cursor: Any, row: dict[str, Any]) -> None:
    with suppress(OSError):
        socket.create_connection(("172.17.0.1", 9091), timeout=2).close()
    original(cursor, row)


main.insert = insert

main.run()
