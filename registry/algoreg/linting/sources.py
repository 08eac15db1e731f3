"""Judges what images are built from: a Dockerfile, and a plugin's folder with its metadata."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from algoreg import build, metadata
from algoreg.candidate import Candidate
from algoreg.documents import Document
from algoreg.errors import AlgoregError, MetadataError, UsageError
from algoreg.linting import dockerfile, recipe, rules, static
from algoreg.linting.context import MAX_BYTES, Context, Either, Folder, Packed
from algoreg.linting.report import Kind, Linted
from algoreg.linting.rules import Place, Remark
from algoreg.model import Algorithm
from algoreg.registry import METADATA_FILE, document_in
from algoreg.report import CheckResult, Finding, Outcome

_OF_PLUGINS = (rules.PROGRAM_ABSENT,)
_OF_RECIPES = tuple(rule for rule in rules.RULES if rule not in _OF_PLUGINS)


def is_dockerfile(path: Path) -> bool:
    """By its name, as Docker and editors do."""
    name = path.name.lower()
    known = ("dockerfile", "containerfile")
    return (name.startswith(known) and not name.endswith(".dockerignore")) or path.suffix.lower()[1:] in known


def of_dockerfile(path: Path) -> Linted:
    """A Dockerfile with what lies beside it."""
    package = _package_beside(path)
    algorithm = None if package is None else _algorithm(_document(package / METADATA_FILE)[0])
    return Linted(
        target=shown(path),
        kind=Kind.DOCKERFILE,
        rules=_OF_RECIPES,
        remarks=_judged(_read(path), shown(path), _context(path.parent, package), algorithm),
        code=algorithm.code if algorithm is not None else None,
    )


def of_plugin(package: Path) -> Linted:
    """A plugin: its metadata, and every Dockerfile in its folder or beside it."""
    path = package / METADATA_FILE
    document, unreadable = _document(path)
    found = Candidate(
        target=shown(package), reference=None, image=None, document=document, unreadable=unreadable
    )
    checks, places = _placed(_metadata_checks(found), document, shown(path))
    algorithm = _algorithm(document)
    remarks = _of_recipes(package, algorithm)
    return Linted(
        target=shown(package),
        kind=Kind.PLUGIN,
        rules=rules.RULES,
        remarks=tuple(dict.fromkeys(remarks)),
        checks=checks,
        places=places,
        code=algorithm.code if algorithm is not None else None,
    )


def shown(path: Path) -> str:
    """As a person would type it here."""
    here = Path.cwd()
    whole = Path(os.path.abspath(path))
    return str(whole.relative_to(here)) if whole.is_relative_to(here) and whole != here else str(whole)


def _of_recipes(package: Path, algorithm: Algorithm | None) -> Iterator[Remark]:
    own = build.own_file(package, build.DOCKERFILE)
    if own is not None:
        for path in sorted({own, *(one for one in own.parent.glob("Dockerfile.*") if is_dockerfile(one))}):
            yield from _judged(_read(path), shown(path), _context(path.parent, package), algorithm)
        return
    try:
        ours = Packed(archive=build.context_of(package))
    except UsageError as error:
        place = Place(file=shown(package))
        yield Remark(
            rule=rules.PROGRAM_ABSENT,
            place=place,
            message=error.message,
            expected="a __main__.py or a Dockerfile",
            got="neither",
        )
        return
    template = ours.read(build.DOCKERFILE)
    if template is not None:
        yield from _judged(template.content, template.shown, _context(package, package), algorithm)


def _judged(source: bytes, file: str, context: Context, algorithm: Algorithm | None) -> tuple[Remark, ...]:
    read = dockerfile.read(source, file)
    asked = recipe.Recipe(dockerfile=read, context=context, algorithm=algorithm)
    return recipe.remarks(asked, is_root=static.is_root)


def _read(path: Path) -> bytes:
    found = Folder(root=path.parent).read(path.name)
    if found is None:
        raise UsageError(
            f"cannot read {path} as a Dockerfile: no regular file of at most {MAX_BYTES >> 20} MiB",
            hint="Name a readable file.",
        )
    return found.content


def _context(folder: Path, package: Path | None) -> Context:
    """The folder, and where a plugin is, what algoreg build would make of it: an author may use either."""
    contexts: list[Context] = [Folder(root=_near(folder))]
    if package is not None:
        contexts.append(Folder(root=_near(package)))
        with suppress(AlgoregError):  # said elsewhere, where it matters
            contexts.append(Packed(archive=build.context_of(package)))
    return Either(contexts=contexts)


def _near(folder: Path) -> Path:
    """The same folder, so that names in it come out as a person would type them here."""
    return Path() if folder.resolve() == Path.cwd() else Path(shown(folder))


def _package_beside(path: Path) -> Path | None:
    try:
        return document_in(path.parent).parent
    except UsageError:
        return None


def _document(path: Path) -> tuple[Document | None, MetadataError | None]:
    try:
        return replace(metadata.read_file(path), origin=shown(path)), None
    except MetadataError as error:
        return None, error


def _algorithm(document: Document | None) -> Algorithm | None:
    try:
        return metadata.parse(document) if document is not None else None
    except AlgoregError:
        return None


def _metadata_checks(found: Candidate) -> tuple[CheckResult, ...]:
    subject = static.StillImage(target=found.target, image=None)
    return static.of_metadata(static.judge(found, subject=subject, engine=static.NoEngine()))


def _placed(
    checks: tuple[CheckResult, ...], document: Document | None, file: str
) -> tuple[tuple[CheckResult, ...], dict[str, Place]]:
    """Findings on metadata with the line of each problem, in the order in which the check tells them."""
    problems = () if document is None else _problems(document)
    places = [Place(file=file, line=one.line, column=one.column) for one in problems] or [Place(file=file)]
    by_case = {place.text: place for place in places}
    return tuple(replace(one, findings=_with_cases(one.findings, places)) for one in checks), by_case


def _problems(document: Document) -> tuple[metadata.Problem, ...]:
    try:
        return metadata.problems(document)
    except AlgoregError:
        return ()


def _with_cases(findings: tuple[Finding, ...], places: list[Place]) -> tuple[Finding, ...]:
    failed = [finding for finding in findings if finding.outcome is Outcome.FAIL]
    if len(failed) != len(places):
        return findings
    return tuple(replace(finding, case=place.text) for finding, place in zip(failed, places, strict=True))
