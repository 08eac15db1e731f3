"""Builds the twin and the mutants, each once for a given content, and remembers nothing outside the engine.

The images stay, under names that begin with ``algoreg-mutants/``: a layer each is a few kilobytes, and building
them anew is what a second run would mostly wait for. An image that was replaced is removed.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import docker.errors

from algoreg import contract
from algoreg.engines.docker import DockerEngine
from algoreg.engines.docker.api import Api
from mutants.cases import STUB, Case

PROGRAM = "algoreg-mutants/stub:program"
"""The twin without labels."""
RECIPE = "io.algoreg.mutants.recipe"
OCI = {
    "title": "A test image of algoreg",
    "version": "1.0.0",
    "source": "https://example.org/algoreg",
    "revision": "0000000",
    "licenses": "Apache-2.0",
}
EXECUTABLE = ("entrypoint.sh",)


class Images:
    """Images of one engine. Call ``program`` before ``build``; ``build`` may be called from several threads."""

    def __init__(self, engine: DockerEngine, api: Api) -> None:
        self._engine = engine
        self._api = api
        self._program = ""

    def program(self) -> None:
        """Build the twin."""
        files = {path.name: path.read_bytes() for path in STUB.iterdir() if path.is_file()}
        lines = files.pop("Dockerfile").decode()
        self._program = self._ensure(PROGRAM, lines, files, {}, base="algoreg/base:bookworm")

    def build(self, case: Case) -> str:
        """Build a case's image; its reference."""
        self._ensure(
            case.reference,
            f"FROM {PROGRAM}\n{case.lines}",
            case.files,
            _labels(case),
            base=self._program,
            config=case.config,
        )
        return case.reference

    def _ensure(
        self,
        reference: str,
        lines: str,
        files: Mapping[str, bytes],
        labels: Mapping[str, str],
        *,
        base: str,
        config: Mapping[str, Any] | None = None,
    ) -> str:
        parts = (lines, sorted(files.items()), sorted(labels.items()), base, config or {})
        recipe = hashlib.sha256(repr(parts).encode()).hexdigest()
        before = self._inspect(reference)
        if before is not None and (before["Config"].get("Labels") or {}).get(RECIPE) == recipe:
            return str(before["Id"])
        self._engine.build_image(
            _context(lines, files),
            build_args={},
            labels={**labels, RECIPE: recipe},
            tags=[reference],
            progress=lambda _line: None,
        )
        if config:
            self._reconfigure(reference, config)
        after = self._inspect(reference)
        assert after is not None
        if before is not None and before["Id"] != after["Id"]:
            # Others may be built on it, and go when they are built anew
            with suppress(docker.errors.APIError):
                self._api.client.remove_image(before["Id"])
        return str(after["Id"])

    def _inspect(self, reference: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._api.client.inspect_image(reference)
        except docker.errors.ImageNotFound:
            return None
        return found

    def _reconfigure(self, reference: str, changes: Mapping[str, Any]) -> None:
        """Load the same layers under another configuration; the engine has the layers and is sent none."""
        built = self._inspect(reference)
        assert built is not None
        layers = built["RootFS"]["Layers"]
        top = {key: value for key, value in changes.items() if key != "config"}
        document = {
            "architecture": built["Architecture"],
            "os": built["Os"],
            "config": {**built["Config"], **changes.get("config", {})},
            "rootfs": {"type": "layers", "diff_ids": layers},
            "history": [],
            **top,
        }
        data = json.dumps(document).encode()
        name = f"{hashlib.sha256(data).hexdigest()}.json"
        manifest = [{"Config": name, "RepoTags": [reference], "Layers": ["absent/layer.tar"] * len(layers)}]
        archive = _tar({name: data, "manifest.json": json.dumps(manifest).encode()})
        self._api.client.remove_image(reference, noprune=True)
        for answer in self._api.client.load_image(archive):
            assert "error" not in answer, answer


def _labels(case: Case) -> dict[str, str]:
    document = json.dumps(case.document, ensure_ascii=False, separators=(",", ":"))
    labels: dict[str, str | None] = {
        **{f"org.opencontainers.image.{name}": value for name, value in OCI.items()},
        contract.METADATA_LABEL: document,
        **case.labels,
    }
    return {name: value for name, value in labels.items() if value is not None}


def _context(lines: str, files: Mapping[str, bytes]) -> bytes:
    return _tar({"Dockerfile": lines.encode(), **files})


def _tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755 if name in EXECUTABLE else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
