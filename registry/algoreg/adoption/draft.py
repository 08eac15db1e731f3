"""Decides what the draft of an algorithm.yaml says, and keeps of each field where that comes from.

A clue is taken as read where one line settles the field. Everything else is a guess, and is called one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from algoreg import contract
from algoreg.adoption.evidence import About, Clue, Evidence
from algoreg.adoption.fields import Clues, Field, Trust, guess, line, read
from algoreg.adoption.parameters import parameters

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_VERSION = re.compile(r"(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}")
_TASK_OF = {
    **dict.fromkeys(contract.CONTINUOUS_TYPES, contract.REGRESSION),
    **dict.fromkeys(contract.NOMINAL_TYPES, contract.CLASSIFICATION),
}


def fields(found: Iterable[Evidence], *, folder: str, port: bool) -> tuple[Field, ...]:
    """All fields, in the order in which they are written. A port speaks train and test, through our runtime."""
    clues = Clues(found=tuple(found))
    commands = _commands(clues, port=port)
    result = None if port else _result(clues)
    predictive = _predictive(commands, result)
    return (
        Field(path=("contract",), value=contract.CONTRACT_VERSION, trust=Trust.READ, why="this algoreg's"),
        *_names(clues, folder, port=port),
        predictive,
        guess("interactive", contract.TRAIN in commands.value, "true exactly when it speaks train and test"),
        commands,
        *(_tasks(clues) if predictive.value else ()),
        guess("variables_can_be_null", False, "callers filter rows whose variable is NULL"),
        guess("covariables_can_be_null", False, "true needs a program that takes NULL"),
        *parameters(clues),
        *(_computed(clues, result) if result else ()),
        guess("deterministic", True, "false where two runs of one seed may differ"),
        guess("maturity", "experimental", "until it is validated"),
        guess("type", ["predictive_model" if predictive.value else "statistics"], "the catalogue's category"),
        _environment(clues, port=port),
    )


def _names(clues: Clues, folder: str, *, port: bool) -> Iterator[Field]:
    code = _code(clues, folder)
    yield code
    heading = clues.first(About.LABEL)
    yield guess(
        "label",
        line(heading.value) if heading else code.value,
        "what people see; the heading" if heading else "what people see",
        heading,
    )
    described = clues.first(About.DESCRIPTION)
    yield guess(
        "description",
        line(described.value, 1000) if described else "",
        described.how if described else "nothing describes it",
        described,
    )
    yield _image(clues, code.value)
    yield _version(clues, port=port)


def _image(clues: Clues, code: str) -> Field:
    """What most places name; of names that are named as often, the first."""
    named = clues.about(About.IMAGE)
    if not named:
        return guess("image", f"hbpmip/{code.lower()}", "nothing names it")
    counted = Counter(one.value for one in named)
    (image, count) = counted.most_common(1)[0]
    clue = next(one for one in named if one.value == image)
    if len(counted) == 1:
        return read("image", clue)
    return guess("image", line(image), f"{clue.how}; {count} of {len(named)} places name it", clue)


def _code(clues: Clues, folder: str) -> Field:
    if clue := clues.first(About.CODE, _CODE):
        return read("code", clue)
    text = re.sub(r"[^A-Za-z0-9_-]+", "-", folder).strip("-_")[:64]
    named = text if _CODE.fullmatch(text) else f"algorithm-{text}"[:64].rstrip("-_")
    return guess("code", named, "the folder's name; no FUNCTION is set")


def _version(clues: Clues, *, port: bool) -> Field:
    clue = clues.first(About.VERSION, _VERSION)
    if clue and port:
        return guess("version", f"{line(clue.value, 120)}-port", "another program than the image of", clue)
    return (
        read("version", clue) if clue else guess("version", "0.1.0", "nothing says it but latest, or nothing")
    )


def _commands(clues: Clues, *, port: bool) -> Field:
    if port:
        return guess(
            "entrypoints", [contract.TRAIN, contract.TEST], "what a port to the runtime speaks at once"
        )
    found = {one.value: one for one in reversed(clues.about(About.COMMAND))}
    names = [one for one in contract.COMMANDS if one in found]
    if {contract.TRAIN, contract.TEST} & set(names) and not {contract.TRAIN, contract.TEST} <= set(names):
        names = [contract.COMPUTE]
    if names:
        return read("entrypoints", found[names[0]], names)
    return guess(
        "entrypoints", [contract.COMPUTE], "images of this form compute; nothing was seen that says so"
    )


def _result(clues: Clues) -> Field | None:
    stored = clues.about(About.RESULT)
    kinds = dict.fromkeys(one.value for one in stored)
    if len(kinds) > 1 and clues.about(About.MODE):
        kinds.pop("json", None)  # the form of intermediate results
    if not kinds:
        validated = clues.first(About.VALIDATED)
        if validated:
            return guess("result", validated.value, validated.how, validated)
        return guess("result", "json", "no shape was found in the program")
    chosen = "pfa" if "pfa" in kinds else next(iter(kinds))
    clue = next(one for one in stored if one.value == chosen)
    if len(kinds) > 1:
        return guess("result", chosen, f"it stores {', '.join(kinds)}, and one row is read", clue)
    return read("result", clue)


def _predictive(commands: Field, result: Field | None) -> Field:
    if contract.TRAIN in commands.value:
        return guess("predictive", True, "it trains and tests")
    if result is not None and result.value == "pfa":
        return guess("predictive", True, "its result is PFA; false if that predicts nothing")
    return guess("predictive", False, "nothing of it predicts: neither train and test nor PFA")


def _tasks(clues: Clues) -> Iterator[Field]:
    found: dict[str, Clue] = {}
    for clue in (*clues.about(About.TASK), *clues.about(About.VARIABLE)):
        found.setdefault(_TASK_OF.get(clue.value, clue.value), clue)
    tasks = sorted(found, key=contract.TASKS.index) or [contract.REGRESSION]
    yield guess(
        "tasks", tasks, found[tasks[0]].how if found else "nothing says what it predicts", found.get(tasks[0])
    )
    accepted = {kind: _TASK_OF[kind] in tasks for kind in contract.VARIABLE_TYPES}
    if not all(accepted.values()):
        yield guess("constraints", {"variable": accepted}, "the variables of these tasks")


def _computed(clues: Clues, result: Field) -> Iterator[Field]:
    modes = {one.value: one for one in clues.about(About.MODE)}
    why = "it has no modes"
    if set(contract.MODES) <= set(modes):
        why = "it has both modes; true promises that the parts' aggregate equals the whole table's result"
    yield guess("federated", False, why, modes.get(contract.AGGREGATE))
    yield result


def _environment(clues: Clues, *, port: bool) -> Field:
    if port:
        return guess("environment", "Python", "the runtime's language")
    clue = clues.first(About.ENVIRONMENT)
    return (
        read("environment", clue)
        if clue
        else guess("environment", "unknown", "the parent image does not say")
    )
