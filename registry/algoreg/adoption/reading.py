"""Has every file of a folder read by whoever knows its form, and a lint look at the Dockerfile."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from algoreg.adoption import composed, papers, parameters, programs, recipes, trees
from algoreg.adoption.evidence import About, Clue, Evidence, Trap
from algoreg.adoption.fields import Clues
from algoreg.adoption.survey import Survey
from algoreg.linting import dockerfile as dockerfiles
from algoreg.linting import recipe, static
from algoreg.linting.context import Folder, Source
from algoreg.linting.rules import Place

_Reader = Callable[[Source], Iterator[Evidence]]
_COMPOSE = ("tests/docker-compose.yml", "tests/docker-compose.yaml")
_PROGRAMS: tuple[tuple[tuple[str, ...], _Reader], ...] = (
    ((".py",), trees.of_python),
    ((".R", ".r"), programs.of_r),
    ((".java",), programs.of_java),
)


def evidence(found: Survey, dockerfile: str) -> tuple[Evidence, ...]:
    """Clues and traps; the sources that say most come first."""
    clues = tuple(_clues(found, dockerfile))
    return (*clues, *_comparisons(found, dockerfile, Clues(found=clues)), *_lint(found, dockerfile))


def _clues(found: Survey, dockerfile: str) -> Iterator[Evidence]:
    yield from _of(found, dockerfile, recipes.of_dockerfile)
    yield from _of(found, "captain.yml", lambda source: composed.of_captain(source, dockerfile))
    yield from _of(found, ".bumpversion.cfg", papers.of_bumpversion)
    for suffixes, reader in _PROGRAMS:
        for source in found.programs(*suffixes):
            yield from reader(source)
    yield from _of(found, "tests/test.sh", papers.of_tests_script)
    for name in _COMPOSE:
        yield from _of(found, name, composed.of_compose)
    yield from _of(found, "README.md", papers.of_readme)


def _of(found: Survey, name: str, reader: _Reader) -> Iterator[Evidence]:
    if (source := found.read(name)) is not None:
        yield from reader(source)
    elif name in found.names:
        yield Trap(
            id="adopt.unread-file",
            place=Place(file=name),
            message="it is not read: too long, or not readable",
            advice="Shorten it, and fill in by hand what it says.",
        )


def _comparisons(found: Survey, dockerfile: str, clues: Clues) -> Iterator[Trap]:
    """What only several files together tell."""
    yield from parameters.unread(clues)
    images = {one.value: one for one in reversed(clues.about(About.IMAGE))}
    if len(images) > 1:
        first, *others = sorted(images.values(), key=lambda one: clues.about(About.IMAGE).index(one))
        yield from (_disagreement(first, other) for other in others)
    yield from _deaf(found, dockerfile, clues)


def _disagreement(first: Clue, other: Clue) -> Trap:
    return Trap(
        id="adopt.names-disagree",
        place=other.place,
        message=f"{other.how} says {other.value}, {first.how} of {first.place.text} says {first.value}",
        advice="Decide on one name; it is the image of algorithm.yaml.",
    )


def _deaf(found: Survey, dockerfile: str, clues: Clues) -> Iterator[Trap]:
    """A Python program at the entrypoint that never looks at its arguments computes whatever it is asked."""
    source = found.read(dockerfile)
    words = recipes.entrypoint(source) if source else ()
    script = next((posixpath.basename(word) for word in words if word.endswith(".py")), None)
    listening = {one.value for one in clues.about(About.ARGUMENTS)}
    for name in (one for one in found.names if script and one == script and one not in listening):
        yield Trap(
            id="adopt.arguments-ignored",
            place=Place(file=name),
            message="the program never looks at its arguments: it computes for any command, and for none",
            advice="Take the command by argparse, which ends with 2 for another (algoreg explain cli.unknown-command).",
        )


def _lint(found: Survey, dockerfile: str) -> Iterator[Trap]:
    """By the folder alone: what lies around it, or behind a link in it, is none of this algorithm's."""
    source = found.read(dockerfile)
    if source is None:
        return
    read = dockerfiles.read(source.content, source.name)
    asked = recipe.Recipe(dockerfile=read, context=Folder(root=found.root))
    for one in recipe.remarks(asked, is_root=static.is_root):
        place = Place(file=one.place.file.removeprefix(f"{found.root}/"), line=one.place.line)
        yield Trap(id=one.rule.id, place=place, message=f"{one.message}: {one.got}", advice=one.rule.fix)
