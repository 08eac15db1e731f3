"""Servers that are no Chronos: with one answer to everything, or with one that never ends."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def trickling(head: bytes, drop: bytes) -> Iterator[str]:
    """A server that sends a beginning, and then without end the same piece."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            with suppress(OSError):
                self.request.sendall(head)
                for _ in range(1200):  # a minute
                    self.request.sendall(drop)
                    time.sleep(0.05)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@contextmanager
def answering(
    status: int, content: bytes, *, drip_s: float = 0, headers: dict[str, str] | None = None
) -> Iterator[str]:
    """A server with one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for start in range(0, len(content), 1 if drip_s else 1 << 20):
                    self.wfile.write(content[start : start + (1 if drip_s else 1 << 20)])
                    time.sleep(drip_s)
            except OSError:
                self.close_connection = True

        do_GET = do_POST = do_DELETE = respond

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
