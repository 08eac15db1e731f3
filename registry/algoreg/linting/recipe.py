"""Judges a Dockerfile: parents, labels, secrets, copies, user, entrypoint, requirements."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from algoreg import credentials
from algoreg.linting import entrypoints, installs, rules, stages, variables
from algoreg.linting.context import Context, cleaned
from algoreg.linting.dockerfile import INSTRUCTIONS, Dockerfile, Instruction, Pair, Stage, Word
from algoreg.linting.layout import Copied, Layout
from algoreg.linting.rules import Place, Remark, Rule
from algoreg.linting.stages import Step
from algoreg.model import Algorithm, ImageRef

_REMOTE = re.compile(r"^(?:https?://|git@|git://|ssh://)")
_NAMES = ("org.label-schema.name", "org.opencontainers.image.ref.name")
"""Labels that name an image; a title is free text."""
_OF_BUILDERS = frozenset(("BUILD_DATE", "VCS_REF", "VCS_URL", "VERSION", "DOCKER_IMAGE"))
"""They tell of the image that is built: a value that its parent had would be another image's."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A Dockerfile, what it can copy, and the metadata that go with it."""

    dockerfile: Dockerfile
    context: Context
    algorithm: Algorithm | None = None


def remarks(recipe: Recipe, *, is_root: Callable[[str], bool]) -> tuple[Remark, ...]:
    """Everything that is wrong, in the order of the lines; ``is_root`` judges a USER."""
    dockerfile = recipe.dockerfile
    steps = list(stages.steps(dockerfile))
    layout = _layout(recipe.context, steps)
    found = [
        *_unreadable(dockerfile),
        *_parents(dockerfile),
        *(remark for step in steps for remark in _of_step(step, recipe, layout)),
        *_of_result(recipe, steps, layout, is_root),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.place.file, one.place.line or 0)))


def _remark(rule: Rule, place: Place, message: str, *, expected: str, got: str) -> Remark:
    return Remark(rule=rule, place=place, message=message, expected=expected, got=got[:200])


def _unreadable(dockerfile: Dockerfile) -> Iterator[Remark]:
    place = dockerfile.unreadable
    if place is None and not dockerfile.stages:
        place = Place(file=dockerfile.file, line=1, column=1)
    if place is not None:
        if not dockerfile.stages:
            message = "there is no FROM that can be understood"
            yield _remark(rules.NO_FROM, place, message, expected="FROM IMAGE", got=dockerfile.line(place))
        else:
            message = "this is not understood"
            yield _remark(
                rules.UNREADABLE, place, message, expected="a Dockerfile", got=dockerfile.line(place)
            )
    yield from _misspelt(dockerfile)


def _misspelt(dockerfile: Dockerfile) -> Iterator[Remark]:
    for word in dockerfile.unknown:
        close = difflib.get_close_matches(word.raw.upper(), INSTRUCTIONS, n=1)
        yield _remark(
            rules.UNKNOWN_INSTRUCTION,
            word.place,
            f"there is no instruction {word.raw[:40]!r}",
            expected=close[0] if close else "one of Docker's instructions",
            got=word.raw,
        )


def _parents(dockerfile: Dockerfile) -> Iterator[Remark]:
    for base in stages.bases(dockerfile):
        if base.earlier is None and not base.uncertain:
            yield from _untagged(base.text, base.stage.parent.place)


def _untagged(image: str, place: Place) -> Iterator[Remark]:
    reference = ImageRef.parse(image)
    if image == "scratch" or reference is None or reference.repository is None or reference.digest:
        return
    if reference.tag in (None, "latest"):
        what = "latest" if reference.tag else "no tag, which is latest"
        yield _remark(
            rules.UNTAGGED_PARENT,
            place,
            f"the parent {image[:100]} has {what}",
            expected=f"{reference.repository}:VERSION",
            got=image,
        )


def _of_step(step: Step, recipe: Recipe, layout: Layout) -> Iterator[Remark]:
    instruction = step.instruction
    yield from _broken_json(instruction)
    yield from _secrets(step)
    if instruction.kind in ("label", "env"):
        yield from _names(step, recipe.algorithm)
    if instruction.kind == "label":
        yield from _labels(step, recipe.dockerfile)
    elif instruction.kind in ("copy", "add"):
        yield from _copies(step, recipe)
    elif instruction.kind == "run":
        yield from installs.remarks(instruction, layout)


def _broken_json(instruction: Instruction) -> Iterator[Remark]:
    script = instruction.script
    if script is not None and script.raw.startswith("[") and not script.raw.startswith(("[ ", "[[")):
        yield _remark(
            rules.BROKEN_JSON,
            script.place,
            f"{instruction.kind.upper()} begins with a bracket and is no JSON",
            expected='an array of texts in double quotes, ["a", "b"]',
            got=script.raw,
        )


def _labels(step: Step, dockerfile: Dockerfile) -> Iterator[Remark]:
    before = {pair.name.raw for one in dockerfile.arguments for pair in one.pairs}
    for pair in step.instruction.pairs:
        for use in variables.expand(pair.value.raw, step.values).missing if pair.value else ():
            certain = not step.foreign or use.name in _OF_BUILDERS
            why = "" if certain else " unless the parent image sets it"
            why += ": ARG before FROM counts for FROM only" if use.name in before else ""
            yield _remark(
                rules.LABEL_WITHOUT_ARG if certain else rules.LABEL_FROM_PARENT,
                pair.value.at(use.offset) if pair.value else pair.name.place,
                f"the label {pair.name.raw[:80]} uses ${use.name[:80]}, which this stage does not declare",
                expected=f"ARG {use.name[:80]} before it",
                got=f"${use.name[:80]} is empty{why}",
            )


def _names(step: Step, algorithm: Algorithm | None) -> Iterator[Remark]:
    """Images that the recipe names itself by: in labels, and in the variable that the caller sets."""
    wanted = _NAMES if step.instruction.kind == "label" else ("DOCKER_IMAGE",)
    for pair in step.instruction.pairs:
        if pair.name.raw.strip("\"'") not in wanted or pair.value is None:
            continue
        value = variables.expand(pair.value.raw, step.values)
        reference = ImageRef.parse(value.text)
        if value.uncertain or value.missing or not value.text:
            continue
        named = reference.repository if reference is not None else None
        is_title = step.instruction.kind == "label" and "/" not in (named or "")
        if algorithm is not None and named != algorithm.image and not is_title:
            yield _misnamed(pair, value.text, algorithm.image)
        elif step.instruction.kind == "env" and "/" not in value.text:
            yield _misnamed(pair, value.text, "a repository with its name space")


def _misnamed(pair: Pair, got: str, expected: str) -> Remark:
    message = f"{pair.name.raw[:80]} names another image"
    return _remark(rules.IMAGE_NAME, (pair.value or pair.name).place, message, expected=expected, got=got)


def _secrets(step: Step) -> Iterator[Remark]:
    instruction = step.instruction
    for pair in instruction.pairs if instruction.kind in ("env", "arg") else ():
        value = variables.expand(pair.value.raw, step.values) if pair.value else None
        text = "from the build" if value is None or value.uncertain else value.text
        if (why := credentials.why(pair.name.raw, text)) is not None:
            yield _secret(pair.name.place, pair.name.raw, why)
    if "mount" in instruction.flags and "type=secret" in instruction.flags["mount"]:
        return
    texts = [*instruction.words, *([instruction.script] if instruction.script else [])]
    arrays = [Word(raw=" ".join(instruction.array), place=instruction.place)] if instruction.array else []
    for word in [*texts, *arrays]:
        if (why := credentials.why("", word.raw)) is not None:
            yield _secret(word.place, instruction.kind.upper(), why)


def _secret(place: Place, name: str, why: str) -> Remark:
    return _remark(
        rules.SECRET, place, "the recipe holds a credential", expected="none", got=f"{name[:100]}: {why}"
    )


def _copies(step: Step, recipe: Recipe) -> Iterator[Remark]:
    instruction = step.instruction
    if "from" in instruction.flags:
        yield from _copied_image(step, recipe.dockerfile)
        return
    for word, source in _sources(step):
        if not recipe.context.matching(source):
            yield _remark(
                rules.COPY_ABSENT,
                word.place,
                f"{source[:100]} is not in the build's context",
                expected="a file or folder beside the Dockerfile",
                got="no such file",
            )


def _copied_image(step: Step, dockerfile: Dockerfile) -> Iterator[Remark]:
    image = variables.expand(step.instruction.flags["from"], step.values)
    aliases = {stage.alias for stage in dockerfile.stages}
    if not (image.uncertain or image.missing or image.text.isdigit() or image.text.lower() in aliases):
        yield from _untagged(image.text, step.instruction.place)


def _sources(step: Step) -> Iterator[tuple[Word, str]]:
    """What is copied from the context; not what is remote, written on the spot, or told by the build only."""
    instruction = step.instruction
    array = [Word(raw=text, place=instruction.place) for text in instruction.array or ()]
    for word in [*instruction.words, *array][:-1]:
        text = variables.expand(word.raw, step.values)
        remote = _REMOTE.match(text.text) or word.raw.startswith("<<")
        if not (text.uncertain or text.missing or remote):
            yield word, text.text


def _layout(context: Context, steps: list[Step]) -> Layout:
    copied, folder = [], "/"
    for step in steps:
        instruction = step.instruction
        if instruction.kind == "workdir" and instruction.words:
            folder = posixpath.join(folder, variables.expand(instruction.words[0].raw, step.values).text)
        if instruction.kind not in ("copy", "add") or "from" in instruction.flags:
            continue
        words = instruction.array or tuple(word.raw for word in instruction.words)
        sources = tuple(cleaned(text) for _, text in _sources(step))
        target = variables.expand(words[-1], step.values).text if words else ""
        into = target.endswith(("/", ".")) or len(sources) > 1
        copied.append(Copied(sources=sources, target=posixpath.join(folder, target), into=into))
    return Layout(context=context, copied=tuple(copied))


def _of_result(
    recipe: Recipe, steps: list[Step], layout: Layout, is_root: Callable[[str], bool]
) -> Iterator[Remark]:
    """What the last stage comes to, with the stages that it stands on."""
    line, base = stages.lineage(recipe.dockerfile)
    if base is None:
        return
    yield from _user(line, steps, is_root)
    entrypoint, command = _last(line, "entrypoint"), _last(line, "cmd")
    if entrypoint is None or entrypoint.array == ():
        got = f"whatever {base.text[:100] or 'the parent'} starts" if entrypoint is None else "ENTRYPOINT []"
        yield _remark(
            rules.NO_ENTRYPOINT,
            line[-1].start.place if entrypoint is None else entrypoint.place,
            "no stage of it says what to start",
            expected="an ENTRYPOINT in its exec form",
            got=got,
        )
    elif entrypoint.array is not None:
        yield from entrypoints.of_words(entrypoint.array, entrypoint.place, layout.find)
    elif entrypoint.script is not None and not entrypoint.script.raw.startswith("["):
        yield from entrypoints.of_shell_form(entrypoint.script.raw, entrypoint.script.place, layout.find)
    yield from _command(command, recipe.algorithm)


def _last(line: list[Stage], kind: str) -> Instruction | None:
    return next((found for stage in reversed(line) if (found := stage.last(kind)) is not None), None)


def _user(line: list[Stage], steps: list[Step], is_root: Callable[[str], bool]) -> Iterator[Remark]:
    user = _last(line, "user")
    if user is None or not user.words:
        place, got = line[-1].start.place, "no USER: the parent's, which for most is root"
    else:
        step = next(step for step in steps if step.instruction is user)
        name = variables.expand(user.words[0].raw, step.values)
        if name.uncertain or (name.missing and step.foreign) or not is_root(name.text):
            return
        place, got = user.place, f"USER {user.words[0].raw}"
    yield _remark(rules.ROOT, place, "it runs as root", expected="a USER other than uid 0", got=got)


def _command(command: Instruction | None, algorithm: Algorithm | None) -> Iterator[Remark]:
    words = command.array if command is not None else None
    if command is not None and words and algorithm is not None and words[0] not in algorithm.entrypoints:
        yield _remark(
            rules.COMMAND,
            command.place,
            f"CMD asks for {words[0][:80]}",
            expected=f"one of {', '.join(algorithm.entrypoints)}, or CMD []",
            got=" ".join(words),
        )
