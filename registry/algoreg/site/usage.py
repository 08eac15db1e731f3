"""How an algorithm is judged, tried and run: the lines to copy, made of its metadata."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from algoreg.contract import COMPUTE, VOLUME
from algoreg.formats.markup import Markup, element, joined, lines
from algoreg.model import Algorithm


def shell(*commands: str) -> Markup:
    """Lines for a shell; where one is too long, its rest is indented."""
    return element("pre", *(element("code", lines([command, ""])) for command in commands), class_="shell")


def usage(algorithm: Algorithm, entry: str) -> Markup:
    """Everything that can be done with it; ``entry`` is what Woken's application.conf says of it."""
    return joined(*_parts(algorithm, entry))


def _parts(algorithm: Algorithm, entry: str) -> Iterator[Markup | None]:
    yield _heading("On your own table")
    if algorithm.interactive:
        yield element(
            "p", "Trains it, tests it on rows that were held out, and tells the metrics and draws them."
        )
        table = "--data table.csv --variable NAME --covariables NAME,NAME"
        yield shell(f"algoreg run {shlex.quote(algorithm.code)} {table}")
    else:
        yield element("p", "It has no train and test, so that algoreg run cannot try it.")
    yield _heading("The image alone")
    yield element(
        "p",
        "job.env holds the variables of the contract's section 2; algoreg job writes whole documents of a run.",
    )
    yield shell(*(_docker_run(algorithm, command) for command in algorithm.working_commands))
    yield _heading("In Woken")
    yield element("p", "In application.conf, as algoreg export-conf writes it:")
    yield element("pre", element("code", lines(entry.rstrip("\n").split("\n"))))


def _heading(text: str) -> Markup:
    return element("h3", text)


def _docker_run(algorithm: Algorithm, command: str) -> str:
    """With the volume where files are exchanged; compute exchanges rows."""
    volume = "" if command == COMPUTE else f' --volume "$PWD/experiment:{VOLUME}"'
    return f"docker run --rm --env-file job.env{volume} {shlex.quote(algorithm.reference)} {command}"
