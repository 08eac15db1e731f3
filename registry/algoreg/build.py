"""Builds the image of an algorithm: puts its context together, labels and tags it, and lets an engine do it.

A plugin needs no Dockerfile and no published algoreg: the runtime travels as a wheel, the Dockerfile is ours
unless the plugin brings one. One that has no use for our runtime is built from its folder as it is.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from algoreg import contract, metadata
from algoreg.errors import UsageError
from algoreg.model import Algorithm
from algoreg.provenance import Provenance, provenance
from algoreg.registry import METADATA_FILE, Entry
from algoreg.runtime_wheel import FILE_NAME, PACKAGE, REQUIREMENTS, lines_of, runtime_wheel

LOCAL_BASE: Final = "algoreg/base:bookworm"
"""Built by ``make engine``; preferred where it is, because the public image may be out of reach."""
DOCKERFILE: Final = "Dockerfile"
_TEMPLATES: Final = PACKAGE / "templates"
_PACKAGE_MARK: Final = "@PACKAGE@"
_INSTALLED: Final = ("site-packages", "dist-packages")
_MAIN: Final = "__main__.py"
_OWN_FILES: Final = (DOCKERFILE, "requirements.txt", "constraints.txt")
"""Recipes in a package's folder; they are used, not copied into the image."""
_COPIES_OURS: Final = re.compile(
    rb"^[ \t]*(?:COPY|ADD)[ \t][^\n]*?(?<![\w./-])(?:\./)?(program|wheels)(?![\w.-])",
    re.MULTILINE | re.IGNORECASE,
)


class ImageBuilder(Protocol):
    """What a build asks of a container engine."""

    def has_image(self, reference: str) -> bool:
        """Whether the engine has this image locally."""

    def build_image(
        self,
        context: bytes,
        *,
        build_args: Mapping[str, str],
        labels: Mapping[str, str],
        tags: Sequence[str],
        progress: Callable[[str], None],
    ) -> str:
        """Build from a tar archive; the image's id.

        Raises EngineError with the last lines of the output when a step fails.
        """


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image that was built."""

    image_id: str
    tags: tuple[str, ...]
    """``repository:version``, then ``repository:version-commit`` where the commit is known."""
    base: str | None
    """What it stands on; None for the Dockerfile's own default."""


def _silent(_: str) -> None:
    pass


def build(
    entry: Entry,
    *,
    builder: ImageBuilder,
    base: str | None = None,
    build_args: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = _silent,
) -> Built:
    """Build the image of a registered algorithm.

    ``base`` goes before the locally built base, which goes before the Dockerfile's default. ``progress`` is
    told each line of the build. Raises UsageError for an incomplete plugin folder, EngineError.
    """
    chosen = base or (LOCAL_BASE if builder.has_image(LOCAL_BASE) else None)
    origin = provenance(
        entry.folder,
        also=[PACKAGE / "runtime", PACKAGE / "contract.py", _TEMPLATES],
        distribution=None if entry.plugin is None else entry.plugin.distribution,
    )
    tags = tags_of(entry.algorithm, origin)
    image_id = builder.build_image(
        context_of(entry.folder),
        build_args={**(build_args or {}), **({"BASE": chosen} if chosen else {})},
        labels=labels_of(entry, origin),
        tags=tags,
        progress=progress,
    )
    return Built(image_id=image_id, tags=tags, base=chosen)


def tags_of(algorithm: Algorithm, origin: Provenance) -> tuple[str, ...]:
    """The version, and the version with the commit: the second one is never moved by a later build."""
    commit = origin.short_revision
    return (algorithm.reference, *([f"{algorithm.reference}-{commit}"] if commit else []))


def labels_of(entry: Entry, origin: Provenance) -> dict[str, str]:
    """The metadata as compact JSON, and the OCI labels."""
    algorithm = entry.algorithm
    values = (algorithm.label, algorithm.version, origin.source, origin.revision, origin.licenses)
    document = metadata.compact_json(metadata.read_file(entry.folder / METADATA_FILE))
    return {contract.METADATA_LABEL: document, **dict(zip(contract.OCI_LABELS, values, strict=True))}


def context_of(folder: Path) -> bytes:
    """The build context as a tar archive, the same bytes for the same files.

    ``folder`` is the plugin's package. One without a program for our runtime is its own context, when its Dockerfile
    copies nothing that we would put there. Raises UsageError when it cannot run.
    """
    own = own_file(folder, DOCKERFILE)
    if own is not None and _is_for_its_folder(own, folder):
        return _tar(_contents({path: path.relative_to(folder).as_posix() for path in _files(folder)}))
    if own is None:
        _check_runnable(folder)
    constraints = own_file(folder, "constraints.txt") or _TEMPLATES / "constraints.txt"
    files = {
        DOCKERFILE: (recipe(folder.name).encode() if own is None else own.read_bytes(), False),
        "requirements.txt": (_requirements(folder).encode(), False),
        "constraints.txt": (constraints.read_bytes(), False),
        f"wheels/{FILE_NAME}": (runtime_wheel(), False),
    }
    program = {
        path: f"program/{folder.name}/{path.relative_to(folder).as_posix()}" for path in _program(folder)
    }
    return _tar(files | _contents(program))


def _contents(names: Mapping[Path, str]) -> dict[str, tuple[bytes, bool]]:
    """The files of a context: its name -> content, and whether it is executable."""
    return {name: (path.read_bytes(), bool(path.stat().st_mode & 0o100)) for path, name in names.items()}


def recipe(package: str) -> str:
    """The Dockerfile of a plugin that brings none."""
    return (_TEMPLATES / DOCKERFILE).read_text(encoding="utf-8").replace(_PACKAGE_MARK, package)


def own_file(folder: Path, name: str) -> Path | None:
    """A recipe of the plugin: in its package (which is all that is installed), or beside it in a checkout."""
    beside = [] if folder.parent.name in _INSTALLED else [folder.parent / name]
    return next((path for path in (folder / name, *beside) if path.is_file()), None)


def _is_for_its_folder(dockerfile: Path, folder: Path) -> bool:
    copied = {match[1].decode() for match in _COPIES_OURS.finditer(dockerfile.read_bytes())}
    ours = (folder / _MAIN).is_file() or not all((folder / name).exists() for name in copied)
    return dockerfile.parent == folder and not ours


def _check_runnable(folder: Path) -> None:
    if not (folder / _MAIN).is_file():
        raise UsageError(
            f"{folder.name} has no __main__.py, so `python -m {folder.name} train` cannot work",
            hint=f"Write `from algoreg.runtime import main` and `main({folder.name!r})` into __main__.py, "
            "or bring a Dockerfile.",
        )


def _requirements(folder: Path) -> str:
    """The runtime's needs, then the plugin's."""
    own = own_file(folder, "requirements.txt")
    paths = [REQUIREMENTS, *([own] if own else [])]
    return "".join(f"{line}\n" for path in paths for line in lines_of(path.read_text(encoding="utf-8")))


def _program(folder: Path) -> list[Path]:
    return [path for path in _files(folder) if path.relative_to(folder).as_posix() not in _OWN_FILES]


def _files(folder: Path) -> list[Path]:
    """Everything but hidden files and what Python keeps for itself."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
    )


def _tar(files: Mapping[str, tuple[bytes, bool]]) -> bytes:
    """Name -> (content, executable). No times, no owners: they would break the engine's layer cache."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, (content, executable) in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o755 if executable else 0o644
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
