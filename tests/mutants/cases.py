"""What stands in the corpus: one folder per image, with what is expected of it and what sets it apart from its twin.

``expect.json``  verdict, the exact set of failed ids, and why; of a good image also the checks that it comes near
``image.json``   optional: metadata (a merge patch), labels (null: without), tag, config (keys of the image's
                 configuration that no Dockerfile can say)
``mutant.py``    optional: a program that imports the twin, replaces a function, and runs it
``entrypoint.sh`` optional: a script between the engine and the program
``Dockerfile``   optional: lines for everything else, after ``FROM`` the twin
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
STUB = HERE / "stub"
CORPUS = HERE / "corpus"
KNOWN_FILES = {"expect.json", "image.json", "mutant.py", "entrypoint.sh", "Dockerfile"}

_PROGRAM = """COPY mutant.py /opt/stub/mutant.py
ENTRYPOINT ["python", "/opt/stub/mutant.py"]
"""
_SCRIPT = """COPY entrypoint.sh /opt/stub/entrypoint.sh
ENTRYPOINT ["/opt/stub/entrypoint.sh"]
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One image and what must be said of it."""

    name: str
    verdict: str
    failed: tuple[str, ...]
    near: tuple[str, ...]
    """The checks that a good image looks as if it failed; none for a twin, which is nothing out of the ordinary."""
    why: str
    files: Mapping[str, bytes] = field(repr=False)
    """The build context without its Dockerfile."""
    lines: str
    """The Dockerfile after FROM; empty for the twin itself."""
    metadata: Mapping[str, Any] | None
    """A merge patch of the twin's metadata."""
    labels: Mapping[str, str | None]
    tag: str
    config: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """The image's name."""
        return f"algoreg-mutants/{self.name}:{self.tag}"

    @property
    def document(self) -> dict[str, Any]:
        """The metadata it declares."""
        return merged(stub_metadata(), self.metadata or {})


@cache
def stub_metadata() -> dict[str, Any]:
    """The twin's own document."""
    document: dict[str, Any] = yaml.safe_load((STUB / "algorithm.yaml").read_text(encoding="utf-8"))
    return document


def merged(document: Any, patch: Any) -> Any:
    """JSON merge patch: null takes a key away."""
    if not isinstance(patch, dict) or not isinstance(document, dict):
        return patch
    changed = {key: merged(document.get(key), value) for key, value in patch.items() if value is not None}
    return {key: value for key, value in {**document, **changed}.items() if patch.get(key, ...) is not None}


def load(names: Iterable[str] = ()) -> tuple[Case, ...]:
    """The whole corpus by name, or the cases asked for. Raises ValueError for a name that is not there."""
    folders = {path.name: path for path in sorted(CORPUS.iterdir()) if path.is_dir()}
    wanted = list(names) or list(folders)
    if unknown := [name for name in wanted if name not in folders]:
        raise ValueError(f"not in the corpus: {', '.join(unknown)}")
    return tuple(_read(folders[name]) for name in wanted)


def _read(folder: Path) -> Case:
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    if unknown := files.keys() - KNOWN_FILES:
        raise ValueError(f"{folder.name}: what is {', '.join(sorted(unknown))}?")
    expect = json.loads(files.pop("expect.json"))
    image = json.loads(files.pop("image.json", b"{}"))
    own = files.pop("Dockerfile", b"").decode()
    return Case(
        name=folder.name,
        verdict=expect["verdict"],
        failed=tuple(sorted(expect["failed"])),
        near=tuple(expect.get("near", ())),
        why=expect["why"],
        files=files,
        lines=(_PROGRAM if "mutant.py" in files else "")
        + (_SCRIPT if "entrypoint.sh" in files else "")
        + own,
        metadata=image.get("metadata"),
        labels=image.get("labels", {}),
        tag=image.get("tag", stub_metadata()["version"]),
        config=image.get("config", {}),
    )
