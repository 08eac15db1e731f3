"""Images in a registry: their configuration is fetched as docker pull would, verified, and nothing else is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import image_archives as made
import pytest

from algoreg.errors import ImageNotFound
from algoreg.linting import remote
from algoreg.linting.remote import Repository
from algoreg.model import ImageRef

MANIFEST = f"{made.OCI}.manifest.v1+json"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class FakeRegistry:
    """Answers by path; remembers what it was asked, and with which token."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    token: str | None = None
    host: str = ""

    def reply(self, path: str, authorization: str | None) -> Answer:
        self.asked.append((path, authorization))
        if path.startswith("/token"):
            return 200, {}, json.dumps({"token": self.token}).encode()
        if self.token is not None and authorization != f"Bearer {self.token}" and path.startswith("/v2/"):
            challenge = f'Bearer realm="http://{self.host}/token",service="here",scope="repository:knn:pull"'
            return 401, {"WWW-Authenticate": challenge}, b""
        return self.answers.get(path, (404, {}, b"{}"))

    def publish(self, name: str, of: dict[str, object] | None = None) -> str:
        """Put an image under /v2/algoreg/knn; the digest of its manifest."""
        files: made.Files = {}
        entry = made.manifest(files, made.CONFIG if of is None else of)
        for path, data in files.items():
            digest = f"sha256:{path.rpartition('/')[2]}"
            kind = "manifests" if digest == entry["digest"] else "blobs"
            self.answers[f"/v2/algoreg/knn/{kind}/{digest}"] = (200, {"Content-Type": MANIFEST}, data)
        digest = str(entry["digest"])
        self.answers[f"/v2/algoreg/knn/manifests/{name}"] = self.answers[
            f"/v2/algoreg/knn/manifests/{digest}"
        ]
        return digest


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    fake = FakeRegistry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = fake.reply(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(registry: FakeRegistry, rest: str = ":0.1.0") -> remote.ImageInfo:
    reference = ImageRef.parse(f"{registry.host}/algoreg/knn{rest}")
    assert reference is not None
    return remote.image(reference)


def test_manifest_and_configuration_and_nothing_else(registry: FakeRegistry) -> None:
    digest = registry.publish("0.1.0")
    image = fetch(registry)
    assert image.id == made.digest(made.dumped(made.CONFIG))
    assert image.digest == f"{registry.host}/algoreg/knn@{digest}"
    assert image.labels == made.LABELS
    assert [path for path, _ in registry.asked] == [
        "/v2/algoreg/knn/manifests/0.1.0",
        f"/v2/algoreg/knn/blobs/{image.id}",
    ]


def test_by_digest(registry: FakeRegistry) -> None:
    digest = registry.publish("0.1.0")
    assert fetch(registry, f"@{digest}").id == made.digest(made.dumped(made.CONFIG))


def test_of_several_platforms_the_one_of_most_servers(registry: FakeRegistry) -> None:
    arm = registry.publish("arm", {**made.CONFIG, "architecture": "arm64"})
    amd = registry.publish("amd")
    unknown = {"digest": arm, "platform": {"os": "unknown", "architecture": "unknown"}}
    known = [
        {"digest": digest, "platform": {"os": "linux", "architecture": architecture}}
        for digest, architecture in ((arm, "arm64"), (amd, "amd64"))
    ]
    index = made.dumped({"schemaVersion": 2, "manifests": [unknown, *known]})
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (200, {}, index)
    image = fetch(registry)
    assert image.architecture == "amd64"
    assert image.digest == f"{registry.host}/algoreg/knn@{made.digest(index)}"


def test_an_anonymous_token_is_asked_for_and_shown_to_the_registry_only(registry: FakeRegistry) -> None:
    registry.token = "for-readers"
    registry.publish("0.1.0")
    blob = f"/v2/algoreg/knn/blobs/{made.digest(made.dumped(made.CONFIG))}"
    other = registry.host.replace("127.0.0.1", "localhost")
    registry.answers["/elsewhere"] = registry.answers[blob]
    registry.answers[blob] = (307, {"Location": f"http://{other}/elsewhere"}, b"")
    assert fetch(registry).user == "10001"
    assert ("/token?service=here&scope=repository%3Aknn%3Apull", None) in registry.asked
    assert (blob, "Bearer for-readers") in registry.asked
    assert ("/elsewhere", None) in registry.asked


def absent(registry: FakeRegistry) -> None:
    registry.answers.clear()


def forged(registry: FakeRegistry) -> None:
    path = f"/v2/algoreg/knn/blobs/{made.digest(made.dumped(made.CONFIG))}"
    registry.answers[path] = (200, {}, made.dumped(made.config(User="0")))


def no_json(registry: FakeRegistry) -> None:
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (200, {}, b"<html>")


def endless(registry: FakeRegistry) -> None:
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (200, {}, b" " * (5 << 20))


def circles(registry: FakeRegistry) -> None:
    path = "/v2/algoreg/knn/manifests/0.1.0"
    registry.answers[path] = (302, {"Location": path}, b"")


def away(registry: FakeRegistry) -> None:
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (302, {"Location": "http://169.254.1.1/x"}, b"")


def to_a_file(registry: FakeRegistry) -> None:
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (302, {"Location": "file:///etc/passwd"}, b"")


def login(registry: FakeRegistry) -> None:
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")


def realm_elsewhere(registry: FakeRegistry) -> None:
    challenge = 'Bearer realm="http://169.254.1.1/token"'
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (401, {"WWW-Authenticate": challenge}, b"")


def no_token(registry: FakeRegistry) -> None:
    registry.token = "two\r\nlines"


def an_artefact(registry: FakeRegistry) -> None:
    registry.answers["/v2/algoreg/knn/manifests/0.1.0"] = (200, {}, b'{"config": {"digest": "sha256:../.."}}')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (absent, "does not know"),
        (forged, "digest"),
        (no_json, "JSON"),
        (endless, "MiB"),
        (circles, "circles"),
        (away, "HTTPS"),
        (to_a_file, "HTTPS"),
        (login, "login"),
        (realm_elsewhere, "login"),
        (no_token, "no token"),
        (an_artefact, "configuration"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_sentence(
    change: Callable[[FakeRegistry], None], words: str, registry: FakeRegistry
) -> None:
    registry.publish("0.1.0")
    change(registry)
    with pytest.raises(ImageNotFound, match=words) as failed:
        fetch(registry)
    assert "docker save" in failed.value.hint
    assert "\n" not in failed.value.message


def test_nobody_there() -> None:
    reference = ImageRef.parse("127.0.0.1:9/knn:1")
    assert reference is not None
    with pytest.raises(ImageNotFound, match="cannot be asked"):
        remote.image(reference)


@pytest.mark.parametrize(
    ("name", "host", "path", "base"),
    [
        ("knn:1", "docker.io", "library/knn", "https://registry-1.docker.io/v2/library/knn"),
        ("algoreg/knn:1", "docker.io", "algoreg/knn", "https://registry-1.docker.io/v2/algoreg/knn"),
        ("ghcr.io/a/b:1", "ghcr.io", "a/b", "https://ghcr.io/v2/a/b"),
        ("localhost:5000/a:1", "localhost:5000", "a", "http://localhost:5000/v2/a"),
        ("localhost/a:1", "localhost", "a", "http://localhost/v2/a"),
        ("127.0.0.1:5000/a:1", "127.0.0.1:5000", "a", "http://127.0.0.1:5000/v2/a"),
        ("10.0.0.1:5000/a:1", "10.0.0.1:5000", "a", "https://10.0.0.1:5000/v2/a"),
        ("localhost.example/a:1", "localhost.example", "a", "https://localhost.example/v2/a"),
    ],
)
def test_where_an_image_is_kept(name: str, host: str, path: str, base: str) -> None:
    reference = ImageRef.parse(name)
    assert reference is not None
    assert remote.repository_of(reference) == Repository(host=host, path=path)
    assert remote.repository_of(reference).base == base
