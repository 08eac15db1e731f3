"""Reads a folder, decides on a draft, and writes it beside: whole or not at all, and never into what was read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from algoreg.adoption import draft, plugin, reading, text
from algoreg.adoption.evidence import Trap
from algoreg.adoption.fields import Clues, Field
from algoreg.adoption.survey import Survey, survey
from algoreg.build import DOCKERFILE
from algoreg.errors import UsageError
from algoreg.registry import METADATA_FILE
from algoreg.scaffolding import folders
from algoreg.scaffolding.wish import package_of


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """What was drafted, and what must be known about it."""

    folder: Path
    output: Path
    package: str
    fields: tuple[Field, ...]
    traps: tuple[Trap, ...]
    blockers: tuple[str, ...]
    """Why the draft cannot be built or used as it is."""
    left_out: tuple[str, ...]
    """Files that were neither read nor copied: links, devices."""

    @property
    def code(self) -> str:
        """The algorithm's."""
        return next(str(one.value) for one in self.fields if one.path == ("code",))


def adopt(folder: Path, output: Path | None, *, dockerfile: str = DOCKERFILE, port: bool = False) -> Adopted:
    """Draft a plugin of the algorithm in ``folder``. Raises UsageError, with nothing written."""
    found = survey(folder)
    _ensure_old_form(found)
    target = output or folder.resolve().parent / f"{folder.resolve().name}-algoreg"
    folders.ensure_free(target)
    _ensure_outside(target, folder)
    evidence = reading.evidence(found, dockerfile)
    fields = draft.fields(evidence, folder=folder.resolve().name, port=port)
    document = text.algorithm_yaml(fields, folder.resolve().name)
    adopted = Adopted(
        folder=folder,
        output=target,
        package=package_of(_value(fields, "code")),
        fields=fields,
        traps=tuple(dict.fromkeys(one for one in evidence if isinstance(one, Trap))),
        blockers=(*_unbuildable(found, dockerfile, port=port), *text.problems(document)),
        left_out=found.left_out,
    )
    ours = {METADATA_FILE: document, **plugin.hook()}
    if port:
        ours |= plugin.program(adopted.code, fields, Clues(found=evidence))
    with folders.appearing(target) as root:
        package = root / adopted.package
        package.mkdir()
        if not port:
            _copy(found, package, dockerfile)
        folders.write_texts(package, ours)
        folders.write_texts(root, plugin.project(adopted.code))
    return adopted


def _value(fields: tuple[Field, ...], name: str) -> str:
    return next(str(one.value) for one in fields if one.path == (name,))


def _ensure_outside(target: Path, folder: Path) -> None:
    if target.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"{target} lies in the folder that is adopted, which stays as it is",
            hint="Name a folder outside it.",
        )


def _ensure_old_form(found: Survey) -> None:
    for name in (METADATA_FILE, "__init__.py", "__main__.py"):
        if name in found.names:
            raise UsageError(
                f"{found.root} has its own {name}, so it may be a plugin already",
                hint="Lint it: algoreg lint FOLDER.",
            )


def _unbuildable(found: Survey, dockerfile: str, *, port: bool) -> Iterator[str]:
    if dockerfile not in found.names and not port:
        yield f"there is no {dockerfile}: nothing can be built; name one with --dockerfile, or draft a --port"


def _copy(found: Survey, folder: Path, dockerfile: str) -> None:
    """Every file as it is; the recipe that was chosen becomes the one that is built."""
    for name in found.names:
        if name == DOCKERFILE != dockerfile:
            continue
        target = folder / (DOCKERFILE if name == dockerfile else name)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = found.root / name
        try:
            shutil.copyfile(source, target, follow_symlinks=False)
        except OSError as error:
            if error.filename != str(source):  # the draft's folder, which is told by who makes it
                raise
            raise UsageError(
                f"cannot read {source}: {error.strerror}",
                hint="Make it readable, or move it out of the folder.",
            ) from error
        if (
            source.lstat().st_mode & 0o100
        ):  # and no other bit: it may be another's program that runs as its owner
            target.chmod(target.stat().st_mode | (target.stat().st_mode & 0o444) >> 2)
