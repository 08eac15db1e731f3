import socket
from contextlib import suppress
from multiprocessing import Process
from multiprocessing.connection import Client, Listener

import main

original = main.test


def work(address: tuple[str, int]) -> None:
    with Client(address, authkey=b"stub") as connection:
        connection.send(connection.recv() + 1)


def test() -> None:
    with Listener(("127.0.0.1", 0), authkey=b"stub") as listener:
        process = Process(target=work, args=(listener.address,))
        process.start()
        with listener.accept() as connection:
            connection.send(1)
            assert connection.recv() == 2
        process.join()
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.socket(family) as closed:
            closed.connect((host, 9))
    original()


main.test = test

main.run()
