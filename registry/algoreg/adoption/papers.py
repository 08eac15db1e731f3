"""What a README, a version file and the tests' script say, for lack of anything better."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg import contract
from algoreg.adoption.evidence import About, Clue
from algoreg.linting.context import Source
from algoreg.linting.rules import Place

_LONGEST = 2000
"""Of a line, so much is looked at."""
_PARAMETER = re.compile(r"MODEL_PARAM_([A-Za-z0-9_]{1,64})")
_HEADING = re.compile(r"#[ \t]+(.{1,200})")
_VERSION = re.compile(r"current_version\s*=\s*(\S{1,64})\s*")
_RUN = re.compile(rf"\brun\s[^\n]{{0,200}}?\s({'|'.join(contract.WORKING_COMMANDS)})(?:\s|$)")


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    return enumerate((line.strip()[:_LONGEST] for line in source.text.splitlines()), start=1)


def of_readme(source: Source) -> Iterator[Clue]:
    """The heading, the first paragraph below it, parameters and modes that are told of."""
    heading = False
    described = False
    for number, line in _lines(source):
        place = Place(file=source.name, line=number)
        if not heading and (found := _HEADING.fullmatch(line)):
            heading = True
            yield Clue(about=About.LABEL, value=found[1], place=place, how="heading")
        elif heading and not described and line and line[0].isalpha():
            described = True
            yield Clue(about=About.DESCRIPTION, value=line, place=place, how="first paragraph")
        for code in dict.fromkeys(_PARAMETER.findall(line)):
            yield Clue(about=About.TOLD, value=code, place=place, how=f"MODEL_PARAM_{code}")
        for mode in contract.MODES:
            if f"--mode {mode}" in line:
                yield Clue(about=About.MODE, value=mode, place=place, how=f"--mode {mode}")


def of_bumpversion(source: Source) -> Iterator[Clue]:
    """``current_version``."""
    for number, line in _lines(source):
        if found := _VERSION.fullmatch(line):
            place = Place(file=source.name, line=number)
            yield Clue(about=About.VERSION, value=found[1], place=place, how="current_version")


def of_tests_script(source: Source) -> Iterator[Clue]:
    """Commands that the tests give to ``docker-compose run SERVICE``."""
    for number, line in _lines(source):
        if found := _RUN.search(line):
            place = Place(file=source.name, line=number)
            yield Clue(about=About.COMMAND, value=found[1], place=place, how=f"the tests run {found[1]}")
