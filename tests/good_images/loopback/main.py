"""The program with a manager process that it reaches over TCP on the loopback, as many libraries do."""

import multiprocessing.managers
import socket
import sys

from ridge import Ridge


class Local(Ridge):
    def write(self, name: str, document: dict) -> None:
        socket.getaddrinfo(socket.gethostname(), None)
        socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
        with multiprocessing.managers.SyncManager(("127.0.0.1", 0)) as manager:
            super().write(name, dict(manager.dict(document)))


if __name__ == "__main__":
    sys.exit(Local().main(sys.argv[1:]))
