"""What captain.yml and the tests' docker-compose.yml say: the image, and how the tests call it."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from algoreg import contract, strictjson
from algoreg.adoption.evidence import About, Clue, Evidence, Trap
from algoreg.adoption.recipes import of_image
from algoreg.adoption.variables import PARAMETER
from algoreg.documents import Document, read_texts
from algoreg.errors import MetadataError
from algoreg.linting.context import Source
from algoreg.linting.rules import Place

_At = tuple[str | int, ...]


def of_captain(source: Source, dockerfile: str) -> Iterator[Evidence]:
    """The target that is built from this Dockerfile: ``NAME: {build: Dockerfile, image: REPOSITORY}``."""
    document = yield from _document(source)
    for name, target in _mapping(document.data if document else None).items():
        recipe, image = (_mapping(target).get(key) for key in ("build", "image"))
        if isinstance(image, str) and (recipe or "Dockerfile") == dockerfile and document:
            place = _place(document, (name, "image"))
            yield from of_image(image, place, f"image of {name}")


def of_compose(source: Source) -> Iterator[Evidence]:
    """Of each service that is called as an algorithm is: its parameters, variable, columns; and what checks results."""
    document = yield from _document(source)
    if document is None:
        return
    for name, service in _mapping(_mapping(document.data).get("services", document.data)).items():
        at: _At = ("services", name) if "services" in document.data else (name,)
        if re.search(r"(^|/)pfa-validator(:|@|$)", str(_mapping(service).get("image", ""))):
            place = _place(document, (*at, "image"))
            yield Clue(
                about=About.VALIDATED, value="pfa", place=place, how="the tests run a validator of PFA"
            )
        passed = _environment(_mapping(service).get("environment"))
        if any(one.startswith(("PARAM_", "MODEL_PARAM_")) for one in passed):
            yield from _of_service(document, at, _mapping(service), passed)


def _of_service(
    document: Document, at: _At, service: Mapping[str, Any], passed: Mapping[str, str]
) -> Iterator[Evidence]:
    for name, value in passed.items():
        if found := PARAMETER.fullmatch(name):
            place = _place(document, (*at, "environment", name))
            yield Clue(
                about=About.TRIED, value=found[1], default=value, place=place, how=f"the tests pass {name}"
            )
    yield from _of_meta(passed, _place(document, (*at, "environment", "PARAM_meta")))
    query = passed.get("PARAM_query", "").lower()
    if " limit " in query and "order by" not in query:
        yield Trap(
            id="adopt.unordered-query",
            place=_place(document, (*at, "environment", "PARAM_query")),
            message="the tests take some rows of an unordered query: any other rows could come",
            advice="Validate with algoreg, whose queries are ordered, as Woken's are.",
        )
    if str(service.get("image", "")).endswith(":latest"):
        yield Trap(
            id="adopt.tests-take-latest",
            place=_place(document, (*at, "image")),
            message=f"the tests run {service['image']}, whatever that is",
            advice="Build the image and validate it by its version.",
        )


def _of_meta(passed: Mapping[str, str], place: Place) -> Iterator[Evidence]:
    if "PARAM_meta" not in passed:
        return
    try:
        described = _mapping(strictjson.parse(passed["PARAM_meta"].encode()))
    except (strictjson.NotStrictJson, strictjson.TooLarge) as error:
        yield _meta_trap(place, f"is not JSON: {error}")
        return
    types = {contract.db_safe(code): _mapping(value).get("type") for code, value in described.items()}
    names = [
        one
        for key in ("PARAM_variables", "PARAM_covariables")
        for one in passed.get(key, "").split(",")
        if one
    ]
    for name in (one.strip() for one in names):
        if types.get(contract.db_safe(name)) not in contract.VARIABLE_TYPES:
            yield _meta_trap(place, f"gives {name} no type that callers send")
    variable = contract.db_safe(passed.get("PARAM_variables", "").strip())
    if (kind := types.get(variable)) in contract.VARIABLE_TYPES:
        yield Clue(
            about=About.VARIABLE, value=str(kind), place=place, how=f"the tests predict {variable}, {kind}"
        )


def _meta_trap(place: Place, what: str) -> Trap:
    return Trap(
        id="adopt.tests-metadata",
        place=place,
        message=f"PARAM_meta of the tests {what}",
        advice=f"Types are {', '.join(contract.VARIABLE_TYPES)}; every column is described.",
    )


def _document(source: Source) -> Generator[Trap, None, Document | None]:
    """The values of a file as texts, or why they are not read."""
    try:
        return read_texts(source.content, source.name)
    except MetadataError as error:
        yield Trap(
            id="adopt.unread-file",
            place=Place(file=source.name),
            message=f"it is not read: {error.message}",
            advice="Write it without anchors and tags, or fill in by hand what it says.",
        )
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _environment(value: Any) -> dict[str, str]:
    """Both forms of Compose: a mapping, or a list of NAME=value."""
    if isinstance(value, list):
        pairs = [one.partition("=") for one in value if isinstance(one, str)]
        return {name: text for name, equals, text in pairs if equals}
    return {name: text for name, text in _mapping(value).items() if isinstance(text, str)}


def _place(document: Document, at: _At) -> Place:
    node = document.locate(at)
    return Place(file=document.origin, line=node.line if node else None)
