"""The program, which fills the places it may write to, and runs many threads at once."""

import sys
import threading
from pathlib import Path

from ridge import VOLUME, Ridge

MIB = 1 << 20


class Generous(Ridge):
    def write(self, name: str, document: dict) -> None:
        for folder in ("/tmp", "/dev/shm"):
            Path(folder, "scratch").write_bytes(b"x" * (60 * MIB))
        ready = threading.Event()
        threads = [threading.Thread(target=ready.wait) for _ in range(200)]
        for thread in threads:
            thread.start()
        ready.set()
        for thread in threads:
            thread.join()
        parts = VOLUME / "parts"
        parts.mkdir(exist_ok=True)
        for i in range(900):
            (parts / f"{i}.txt").touch()
        (VOLUME / "model.bin").write_bytes(b"x" * (32 * MIB))
        super().write(name, document)


sys.exit(Generous().main(sys.argv[1:]))
