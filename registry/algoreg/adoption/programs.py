"""What R and Java programs say about parameters, shapes and variables, line by line; Python's are read as trees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg import contract
from algoreg.adoption import variables
from algoreg.adoption.evidence import About, Clue, Evidence, Trap
from algoreg.linting.context import Source
from algoreg.linting.rules import Place
from algoreg.shapes import IDENTIFIERS

_R_VARIABLE = re.compile(
    r"Sys\.getenv\(\s*([\"'])(?P<name>\w{1,80})\1(?:\s*,\s*(?:unset\s*=\s*)?([\"'])(?P<default>[^\"']{0,200})\3)?"
)
_R_SHAPE = re.compile(r"\bshape\s*=\s*([\"'])([^\"']{1,80})\1")
_JAVA_VARIABLE = re.compile(r"System\.getenv\(\s*\"(?P<name>\w{1,80})\"")
_JAVA_SHAPE = re.compile(r"\bResultsFormat\.([A-Z_]{1,40})")
_JAVA_PARAMETERS = "algorithmParameterValues"
_JAVA_DEFAULT = re.compile(r"(?:singletonMap|\.put|Map\.of)\(\s*\"(\w{1,64})\"\s*,\s*\"([^\"]{0,200})\"")


def result_of(text: str) -> str | None:
    """The result whose identifier, or whose name in one of the helpers' lists, this is."""
    plain = _letters(text)
    for result, identifiers in IDENTIFIERS.items():
        if text in identifiers or plain in map(_letters, (result, *identifiers)):
            return result
    return None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def shape(text: str, place: Place, how: str) -> Iterator[Clue]:
    """A shape under which a result is stored; that of an error is none."""
    if result := result_of(text):
        yield Clue(about=About.RESULT, value=result, place=place, how=how)


def of_volume(line: str, place: Place) -> Iterator[Clue]:
    """Whoever reads the file of a training speaks train and test."""
    if contract.INPUT_TRAINING in line:
        for command in (contract.TRAIN, contract.TEST):
            yield Clue(
                about=About.COMMAND, value=command, place=place, how=f"names {contract.INPUT_TRAINING}"
            )


def of_r(source: Source) -> Iterator[Evidence]:
    """``Sys.getenv`` and the shape that results are saved with."""
    for line, place in _lines(source, "#"):
        for found in _R_VARIABLE.finditer(line):
            yield from variables.read(found["name"], found["default"], place)
        for found in _R_SHAPE.finditer(line):
            yield from shape(found[2], place, f'shape = "{found[2]}"')
            if found[2] == "pfa":
                yield _twice(place)
        yield from of_volume(line, place)


def _twice(place: Place) -> Trap:
    return Trap(
        id="adopt.encoded-twice",
        place=place,
        message='saveResults writes JSON text of shape "pfa" as a JSON string: what is stored is no PFA document',
        advice='Save it with shape = "pfa_json".',
    )


def of_java(source: Source) -> Iterator[Evidence]:
    """``System.getenv``, defaults of parameters, and ``ResultsFormat``."""
    has_parameters = _JAVA_PARAMETERS in source.text
    for line, place in _lines(source, "//", "*", "/*"):
        for found in _JAVA_VARIABLE.finditer(line):
            yield from variables.read(found["name"], None, place)
        for found in _JAVA_SHAPE.finditer(line):
            yield from shape(found[1], place, f"ResultsFormat.{found[1]}")
        for code, default in _JAVA_DEFAULT.findall(line) if has_parameters else ():
            how = f"default of {code}"
            yield Clue(about=About.PARAMETER, value=code, default=default, place=place, how=how)
        yield from of_volume(line, place)


def _lines(source: Source, *comments: str) -> Iterator[tuple[str, Place]]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        if not line.lstrip().startswith(comments):
            yield line, Place(file=source.name, line=number)
