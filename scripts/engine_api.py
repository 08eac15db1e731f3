"""Speak to a container engine with nothing but the standard library, for engine.sh alone.

A bare machine has Python (the project needs it) but often neither a docker client nor curl, and the
images that engine.sh makes must be looked up and loaded before anything of the project is installed.
Everything else talks to the engine through algoreg's own engine module.

    engine_api.py ping HOST                          exit 0 and print "name version", or exit 1
    engine_api.py label HOST IMAGE LABEL             print the label's value; exit 1: no such image
    engine_api.py import HOST TAR IMAGE [CHANGE...]  load a root file system as an image
    engine_api.py build HOST DOCKERFILE IMAGE ARGUMENT=VALUE LABEL=VALUE [FILE...]
                                                     build an image from one file, and those it copies

HOST is what DOCKER_HOST may hold: unix:///path, tcp://host:port (TLS by DOCKER_TLS_VERIFY).
"""

# ruff: noqa: T201  # a command of its own: what it prints is its answer

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import ssl
import sys
import tarfile
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

ANSWER_SECONDS = 5.0
IMPORT_SECONDS = 300.0
BUILD_SILENCE_SECONDS = 300.0


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket, which http.client lacks."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connect(host: str, timeout: float) -> http.client.HTTPConnection:
    parts = urlsplit(host)
    if parts.scheme == "unix":
        return _UnixConnection(parts.path, timeout)
    if parts.scheme in ("tcp", "http", "https") and parts.hostname:
        if os.environ.get("DOCKER_TLS_VERIFY") or parts.scheme == "https":
            folder = Path(os.environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
            context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
            context.load_cert_chain(str(folder / "cert.pem"), str(folder / "key.pem"))
            return http.client.HTTPSConnection(
                parts.hostname, parts.port or 2376, timeout=timeout, context=context
            )
        return http.client.HTTPConnection(parts.hostname, parts.port or 2375, timeout=timeout)
    raise OSError(f"cannot speak to {host!r}: expected unix:///path or tcp://host:port")


def _request(method: str, host: str, path: str) -> tuple[int, bytes]:
    connection = _connect(host, ANSWER_SECONDS)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _get(host: str, path: str) -> dict[str, object] | None:
    """The JSON object at this path, None where the engine says 404."""
    status, body = _request("GET", host, path)
    if status == 404:
        return None
    if status != 200:
        raise OSError(f"GET {path}: {status} {body[:200].decode(errors='replace')}")
    answer = json.loads(body)
    if not isinstance(answer, dict):
        raise OSError(f"GET {path}: not a container engine's answer")
    return answer


def ping(host: str) -> int:
    version = _get(host, "/version")
    if version is None or "ApiVersion" not in version:
        raise OSError("something answers there, but it is no container engine")
    components = version.get("Components")
    name = components[0].get("Name", "engine") if isinstance(components, list) and components else "engine"
    print(f"{name} {version.get('Version')} (API {version['ApiVersion']})")
    return 0


def label(host: str, image: str, name: str) -> int:
    found = _get(host, f"/images/{quote(image)}/json")
    if found is None:
        return 1
    config = found.get("Config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    print((labels or {}).get(name, ""))
    return 0


def load(host: str, tar: str, image: str, changes: list[str]) -> int:
    before = _get(host, f"/images/{quote(image)}/json")
    # The tag goes with the repository: Podman 4.3 overlooks the parameter of its own that Docker has for it.
    query = urlencode({"fromSrc": "-", "repo": image, "changes": changes}, doseq=True)
    connection = _connect(host, IMPORT_SECONDS)
    try:
        with open(tar, "rb") as source:
            connection.request(
                "POST",
                f"/images/create?{query}",
                body=source,
                headers={
                    "Content-Type": "application/x-tar",
                    "Content-Length": str(os.path.getsize(tar)),
                },
            )
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
    finally:
        connection.close()
    # The engine answers 200 before it unpacks: a failure after that is only a line in the body.
    if response.status != 200 or '"error"' in body:
        raise OSError(f"the engine refused {image}: {response.status} {body[-500:].strip()}")
    if before is not None:
        # What the name stood for until now is only ballast; refused, rightly, where images build on it.
        _request("DELETE", host, f"/images/{before['Id']}")
    return 0


def _pair(text: str) -> dict[str, str]:
    name, _, value = text.partition("=")
    return {name: value}


def build(host: str, dockerfile: str, image: str, argument: str, labelled: str, *copied: str) -> int:
    context = io.BytesIO()
    files = {"Dockerfile": dockerfile} | {Path(path).name: path for path in copied}
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, path in files.items():
            content = Path(path).read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    query = urlencode(
        {
            "t": image,
            "buildargs": json.dumps(_pair(argument)),
            "labels": json.dumps(_pair(labelled)),
            "rm": "1",
            "forcerm": "1",
        }
    )
    connection = _connect(host, BUILD_SILENCE_SECONDS)
    try:
        connection.request(
            "POST", f"/build?{query}", body=context.getvalue(), headers={"Content-Type": "application/x-tar"}
        )
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"the engine refused to build {image}: {response.status} {response.read()[:500]!r}")
        # A step that fails is only a line in the answer; without that line the image was built.
        for line in response:
            said = json.loads(line) if line.strip() else {}
            print(str(said.get("stream", "")).rstrip())
            if "error" in said:
                raise OSError(f"{image} was not built: {said['error']}")
    finally:
        connection.close()
    return 0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["ping", host]:
            return ping(host)
        case ["label", host, image, name]:
            return label(host, image, name)
        case ["import", host, tar, image, *changes]:
            return load(host, tar, image, changes)
        case ["build", host, dockerfile, image, argument, labelled, *copied]:
            return build(host, dockerfile, image, argument, labelled, *copied)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
