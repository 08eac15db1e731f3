"""A stand-in for Chronos 2.5 and 3.0: the same paths, searches, counters and silences, and it really runs jobs.

How a document is read, silent defaults included, is ``chronos_reader``'s business; what running a job means, that
of the runner it is given. Minutes are milliseconds here.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from support.chronos_reader import ReadJob, Refused, read

PREFIXES = {"2.5": "/scheduler", "3.0": "/v1/scheduler"}
MOMENT = "2030-01-01T00:00:00.000Z"


Run = Callable[[ReadJob, threading.Event], int]
"""Runs a job's task to its end, or until the event, and tells its exit code."""


@dataclass
class Known:
    """A job that was submitted."""

    job: ReadJob
    since: float
    successes: int = 0
    errors: int = 0
    errors_since: int = 0
    disabled: bool = False
    attempts: int = 0
    running: int = 0
    schedule: str = ""
    removed: threading.Event = field(default_factory=threading.Event)
    killed: threading.Event = field(default_factory=threading.Event)

    def item(self) -> dict[str, Any]:
        """What a search tells, passwords included."""
        job = self.job
        return {
            "name": job.name,
            "command": job.command,
            "shell": job.shell,
            "arguments": list(job.arguments),
            "retries": job.retries,
            "softError": job.soft_error,
            "environmentVariables": [{"name": name, "value": value} for name, value in job.environment],
            "successCount": self.successes,
            "errorCount": self.errors,
            "errorsSinceLastSuccess": self.errors_since,
            "lastSuccess": MOMENT if self.successes else "",
            "lastError": MOMENT if self.errors else "",
            "disabled": self.disabled,
            "schedule": self.schedule,
        }

    def summary(self) -> dict[str, Any]:
        state = f"{self.running} running" if self.running else "idle" if self.attempts else "queued"
        status = "success" if self.successes else "failure" if self.errors else "fresh"
        return {
            "name": self.job.name,
            "status": status,
            "state": state,
            "schedule": self.schedule,
            "parents": [],
            "disabled": self.disabled,
        }


class StandIn:
    """One Chronos."""

    def __init__(
        self,
        version: str,
        run: Run,
        *,
        load_s: float = 0.15,
        launch_s: float = 0.0,
        retry_s: float = 0.05,
        password: str | None = None,
    ) -> None:
        self.version, self.prefix, self.run = version, PREFIXES[version], run
        self.load_s = load_s if version == "3.0" else 0.0
        self.launch_s, self.retry_s, self.password = launch_s, retry_s, password
        self.jobs: dict[str, Known] = {}
        self.asked: list[tuple[float, str, str]] = []
        """When, which method, which path, of every request."""
        self.submitted: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.ever: list[Known] = []
        """Every job that was submitted, also those that are deleted or replaced."""
        self.ran: list[ReadJob] = []
        self.broken = threading.Event()
        """Answers nothing but 500 while it is set."""
        self.launching = threading.Event()
        """Nothing is launched while it is not set: no machine is free."""
        self.launching.set()
        self.lock = threading.RLock()
        self.threads: list[threading.Thread] = []
        self.url = ""

    # What is asked of it --------------------------------------------------------------------------------

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        url = urlsplit(target)
        with self.lock:
            self.asked.append((time.monotonic(), method, url.path))
        if url.path == "/leader" and method == "GET":
            return 200, b'{"leader":"localhost:4400"}'
        if not url.path.startswith(f"{self.prefix}/"):
            return 404, b"<html>Not Found</html>"
        if self.broken.is_set():
            return self.failed(500, "java.lang.IllegalStateException: no leader")
        path = url.path.removeprefix(self.prefix)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return self.routed(method, path, query, body)

    def routed(self, method: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        folder, _, last = path.rpartition("/")
        fixed: dict[tuple[str, str], Callable[[], tuple[int, bytes]]] = {
            ("POST", "/iso8601"): lambda: self.submit(body),
            ("GET", "/jobs"): lambda: (200, dumped([known.item() for known in self.loaded()])),
            ("GET", "/jobs/search"): lambda: self.search(query),
        }
        if self.version == "3.0":
            fixed["GET", "/jobs/summary"] = self.summary
        else:
            fixed["PUT", "/iso8601"] = fixed["POST", "/iso8601"]
        named: dict[tuple[str, str], Callable[[Known], tuple[int, bytes]]] = {
            ("DELETE", "/job"): self.delete,
            ("DELETE", "/task/kill"): self.kill,
        }
        if self.version == "3.0":
            named["GET", "/job"] = lambda known: (200, dumped(known.item()))
        if (method, path) in fixed:
            return fixed[method, path]()
        if (method, folder) in named:
            return self.one(unquote(last), named[method, folder])
        return 404, b"<html>Not Found</html>"

    def submit(self, body: bytes) -> tuple[int, bytes]:
        try:
            job = read(body, v3=self.version == "3.0")
        except Refused as error:
            return self.failed(error.status, error.why)
        known = Known(job=job, since=time.monotonic() + self.load_s, schedule=job.schedule or "R1//PT24H")
        known.disabled, known.successes, known.errors = job.disabled, job.success_count, job.error_count
        with self.lock:
            if job.name in self.jobs:  # replaced, without a word
                self.jobs[job.name].removed.set()
            self.jobs[job.name] = known
            self.submitted.append(json.loads(body))
            self.ever.append(known)
        thread = threading.Thread(target=self.live, args=(known,), daemon=True)
        self.threads.append(thread)
        thread.start()
        return 204, b""

    def loaded(self) -> list[Known]:
        """A job is persisted first, and known to the scheduler a moment later."""
        with self.lock:
            return [known for known in self.jobs.values() if known.since <= time.monotonic()]

    def search(self, query: dict[str, str]) -> tuple[int, bytes]:
        wanted = query.get("name", "").lower()
        found = [known.item() for known in self.loaded() if wanted in known.job.name.lower()]
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 10))
        return 200, dumped(found[offset : offset + limit])

    def summary(self) -> tuple[int, bytes]:
        return 200, dumped({"jobs": [known.summary() for known in self.loaded()]})

    def one(self, name: str, act: Callable[[Known], tuple[int, bytes]]) -> tuple[int, bytes]:
        known = next((known for known in self.loaded() if known.job.name == name), None)
        return self.failed(400, f"Job {name} is not found") if known is None else act(known)

    def delete(self, known: Known) -> tuple[int, bytes]:
        with self.lock:
            self.jobs.pop(known.job.name, None)
            self.deleted.append(known.job.name)
        known.removed.set()
        return 204, b""

    def kill(self, known: Known) -> tuple[int, bytes]:
        known.killed.set()
        return 204, b""

    def failed(self, status: int, message: str) -> tuple[int, bytes]:
        if self.version == "2.5":
            return status, message.encode() if status == 400 else b""
        trace = f"{message}\n\tat org.apache.mesos.chronos.Api.handle(Api.scala:1)"
        return status, dumped({"status": str(status), "message": trace})

    # What it does ---------------------------------------------------------------------------------------

    def live(self, known: Known) -> None:
        """Launch, count, and try again as often as the job allows."""
        time.sleep(self.load_s + self.launch_s)
        while not (self.launching.is_set() or known.removed.is_set()):
            time.sleep(0.01)
        while not (known.removed.is_set() or known.disabled):
            known.schedule = f"R0/{known.schedule.partition('/')[2]}"
            known.attempts += 1
            known.running = 1
            with self.lock:
                self.ran.append(known.job)
            code = self.run(known.job, known.killed)
            known.running = 0
            if known.killed.is_set():  # counted nowhere: it looks queued for ever
                return
            if code == 0:
                known.successes, known.errors_since, known.disabled = known.successes + 1, 0, True
            elif known.attempts <= known.job.retries:
                known.removed.wait(self.retry_s)
            else:
                known.errors, known.errors_since = known.errors + 1, known.errors_since + 1
                return

    def close(self) -> None:
        self.launching.set()
        for known in self.ever:
            known.removed.set()
            known.killed.set()
        for thread in self.threads:
            thread.join(10)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


@contextmanager
def serving(stand_in: StandIn) -> Iterator[StandIn]:
    """``stand_in`` on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            known = stand_in.password in (None, self.headers.get("Authorization"))
            status, content = stand_in.answer(self.command, self.path, body) if known else (401, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = respond

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield stand_in
        finally:
            stand_in.close()
            server.shutdown()
