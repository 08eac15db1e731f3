"""Clean up after a run that was killed: a program of its own, in a session of its own, waiting on a pipe.

Run as ``python -I -S watchdog.py ADDRESS CERTIFICATES RUN DIRECTORY``; it imports nothing but the standard library,
so that it starts in a moment and survives whatever happened to the run. "done" on the pipe is the normal end; a
pipe that closes without it means that the run is dead.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import sys
import threading
import time
import urllib.parse

LABEL = "io.algoreg.run"
NAME = "algoreg-"
QUIET_S = 3.0
"""A create whose client vanished still completes a little later."""
PATIENCE_S = 300.0
CALL_S = 20.0


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=CALL_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(CALL_S)
        self.sock.connect(self._path)


def _connection(address: str, certificates: str) -> http.client.HTTPConnection:
    scheme, _, rest = address.partition("://")
    if scheme == "unix":
        return _UnixConnection(rest)
    host, _, port = rest.strip("/").partition(":")
    if not certificates:
        return http.client.HTTPConnection(host, int(port or 2375), timeout=CALL_S)
    context = ssl.create_default_context(cafile=f"{certificates}/ca.pem")
    context.load_cert_chain(f"{certificates}/cert.pem", f"{certificates}/key.pem")
    return http.client.HTTPSConnection(host, int(port or 2376), timeout=CALL_S, context=context)


class Watchdog:
    """Removes one run's containers and volumes."""

    def __init__(self, address: str, certificates: str, run: str) -> None:
        self._address = address
        self._certificates = certificates
        self._run = run
        self._filter = urllib.parse.quote(json.dumps({"label": [f"{LABEL}={run}"]}))
        # Volumes by name: one that the engine made anew for a create under way might not carry labels.
        self._volume_filter = urllib.parse.quote(json.dumps({"name": [f"{NAME}{run}-"]}))

    def _call(self, method: str, path: str) -> object:
        connection = _connection(self._address, self._certificates)
        try:
            connection.request(method, path)
            answer = connection.getresponse().read()
            return json.loads(answer) if answer and method == "GET" else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def _containers(self) -> list[str] | None:
        found = self._call("GET", f"/containers/json?all=1&filters={self._filter}")
        if not isinstance(found, list):
            return None
        prefix = f"/{NAME}{self._run}-"
        return [c["Id"] for c in found if any(name.startswith(prefix) for name in c.get("Names") or ())]

    def _volumes(self) -> list[str] | None:
        found = self._call("GET", f"/volumes?filters={self._volume_filter}")
        return [v["Name"] for v in found.get("Volumes") or ()] if isinstance(found, dict) else None

    def sweep(self) -> bool:
        """Remove what is there; False only where the engine said that there was nothing.

        An engine that does not answer may hold anything: it restarts, or is too busy, and is asked again.
        """
        containers = self._containers()
        if containers is None:
            return True
        threads = [
            threading.Thread(target=self._call, args=("DELETE", f"/containers/{name}?force=1&v=1"))
            for name in containers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        volumes = self._volumes()
        for name in volumes or ():
            self._call("DELETE", f"/volumes/{urllib.parse.quote(name)}?force=1")
        return bool(containers or volumes or volumes is None)

    def clean(self) -> None:
        """Sweep until nothing more appears."""
        patience = time.monotonic() + PATIENCE_S
        quiet_since = time.monotonic()
        while time.monotonic() < min(patience, quiet_since + QUIET_S):
            if self.sweep():
                quiet_since = time.monotonic()
            time.sleep(0.1)


def _remove_directory(path: str) -> None:
    if os.path.basename(path).startswith(NAME):
        shutil.rmtree(path, ignore_errors=True)


def main(address: str, certificates: str, run: str, directory: str) -> None:
    """Wait for the run's end, and clean up unless it did so itself."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if sys.stdin.buffer.read().strip() == b"done":
        return
    _remove_directory(directory)
    Watchdog(address, certificates, run).clean()
    _remove_directory(directory)


if __name__ == "__main__":
    main(*sys.argv[1:])
