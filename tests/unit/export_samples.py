"""Registries of made-up algorithms, for the tests of what is exported."""

from dataclasses import replace
from pathlib import Path

from good_metadata import GOOD
from hypothesis import strategies as st

from algoreg import metadata
from algoreg.metadata import read_document
from algoreg.model import Algorithm, Maturity
from algoreg.registry import Entry, Registry

KNN = metadata.parse(read_document(GOOD, "algorithm.yaml", syntax="yaml"))


def registry_of(*algorithms: Algorithm) -> Registry:
    entries = {one.code: Entry(algorithm=one, folder=Path("/nowhere"), plugin=None) for one in algorithms}
    return Registry(entries={code: entries[code] for code in sorted(entries)}, plugins=(), broken=())


def algorithm(code: str, *, image: str | None = None, version: str = "1.0", **changes: bool) -> Algorithm:
    flags = {"variables_can_be_null": False, "covariables_can_be_null": False, "federated": False, **changes}
    return replace(KNN, code=code, image=image or f"example/{code.lower()}", version=version, **flags)  # type: ignore[arg-type]


CODES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,63}", fullmatch=True).filter(lambda code: code != "include")
_COMPONENT = r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}"
IMAGES = st.from_regex(
    rf"([a-zA-Z0-9][a-zA-Z0-9.-]{{0,8}}(:[0-9]{{1,5}})?/)?{_COMPONENT}(/{_COMPONENT}){{0,2}}", fullmatch=True
)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}", fullmatch=True)


@st.composite
def algorithms(draw: st.DrawFn) -> Algorithm:
    return replace(
        KNN,
        code=draw(CODES),
        image=draw(IMAGES),
        version=draw(TAGS),
        predictive=draw(st.booleans()),
        interactive=draw(st.booleans()),
        variables_can_be_null=draw(st.booleans()),
        covariables_can_be_null=draw(st.booleans()),
        federated=draw(st.booleans()),
        maturity=draw(st.sampled_from(Maturity)),
    )
