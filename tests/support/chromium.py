"""A headless Chromium that opens one page and tells what happened: console, requests, sizes, a picture."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_TROUBLE = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
_PATIENCE_S = 60.0


def program() -> str | None:
    """The browser of this machine; ALGOREG_CHROMIUM names another."""
    named = os.environ.get("ALGOREG_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab, spoken to in the browser's debugging protocol over two pipes."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._rest = b""
        self._last = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (found := self._next()).get("id") != self._last:
            self.events.append(found)
        assert "error" not in found, found
        result: dict[str, Any] = found["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._answers, 1 << 20)
            assert chunk, "the browser has ended"
            self._rest += chunk
        one, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(one)
        return message

    def open(self, url: str, *, width: int, dark: bool = False) -> None:
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        loader = self.call("Page.navigate", url=url)["loaderId"]
        deadline = time.monotonic() + _PATIENCE_S
        while not any(self._loaded(event, loader) for event in self.events):
            assert time.monotonic() < deadline, "the page does not load"
            self.call("Runtime.evaluate", expression="0")

    @staticmethod
    def _loaded(event: dict[str, Any], loader: str) -> bool:
        """Whether it is this page that has loaded, and not the one before."""
        told = event.get("params", {})
        return event.get("method") == "Page.lifecycleEvent" and (told["loaderId"], told["name"]) == (
            loader,
            "load",
        )

    def value(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def troubles(self) -> list[str]:
        """What the console shows."""
        return [json.dumps(event) for event in self.events if event.get("method") in _TROUBLE]

    def requests(self) -> list[str]:
        """Every address that was asked for, data: included."""
        sent = (e["params"] for e in self.events if e.get("method") == "Network.requestWillBeSent")
        return [one["request"]["url"] for one in sent]

    def press(self, key: str) -> None:
        text = {"text": {"Enter": "\r", " ": " "}[key]} if key in ("Enter", " ") else {}
        code = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}[key]
        for kind in ("keyDown", "keyUp"):
            pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type=kind, **pressed, **(text if kind == "keyDown" else {}))

    def type(self, text: str) -> None:
        """As a keyboard would, where the focus is."""
        self.call("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        width = self.value("innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(size["height"], 16_000), "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)[
            "data"
        ]
        path.write_bytes(base64.b64decode(data))

    def on_paper(self) -> None:
        """Look as a printed page does."""
        self.call("Emulation.setEmulatedMedia", media="print")


def _pipe() -> tuple[int, int]:
    """Beyond 3 and 4, where the browser looks for its own ends."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 100) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


@contextmanager
def browser(binary: str, profile: Path) -> Iterator[Page]:
    """A page of a browser that lives as long as this; its network is a proxy that is not there."""
    command_read, command_write = _pipe()
    answer_read, answer_write = _pipe()
    options = (
        "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --remote-debugging-pipe --no-first-run "
        f"--disable-background-networking --proxy-server=127.0.0.1:9 --user-data-dir={shlex.quote(str(profile))}"
    )
    process = subprocess.Popen(
        [
            "bash",
            "-c",
            f"exec {shlex.quote(binary)} {options} 3<&{command_read} 4>&{answer_write} {command_read}<&- "
            f"{answer_write}>&-",
        ],
        pass_fds=(command_read, answer_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(command_read)
    os.close(answer_write)
    try:
        yield Page(command_write, answer_read)
    finally:
        os.close(command_write)
        os.close(answer_read)
        process.terminate()
        process.wait(timeout=20)
