"""What the lint lets pass, Chronos reads as it is written: tried on documents that were changed at random."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import schemas
from algoreg.export import remarks
from algoreg.export.jobs import lint
from algoreg.export.jobs.model import ChronosVersion
from support.chronos_reader import Refused, launch, read_document

V3 = ChronosVersion.V3
FULL: dict[str, Any] = copy.deepcopy(dict(schemas.load(V3)["examples"][0])) | {
    "constraints": [["hostname", "EQUALS", "agent-1"]],
    "disabled": False,
    "highPriority": False,
    "disk": 256,
    "description": "d",
    "ownerName": "o",
    "uris": [],
    "successCount": 0,
    "executor": "",
    "scheduleTimeZone": "UTC",
}
WORDS = (
    "",
    "null",
    "true",
    "0.5",
    "512m",
    "HOST",
    "BRIDGE",
    "host",
    "RW",
    "EQUALS",
    "LIKE",
    "R1//PT1M",
    "R/x/y",
    "a=b",
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-2, 2)
    | st.sampled_from(WORDS)
    | st.text(max_size=4)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("name", "value", "A")), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, inner in items for place in ((*at, key), *places(inner, (*at, key)))]


PLACES = places(FULL)
ADDED = sorted({key for version in ChronosVersion for key in schemas.load(version)["properties"]})


@st.composite
def documents(draw: st.DrawFn) -> Any:
    document = copy.deepcopy(FULL)
    for place in draw(st.lists(st.sampled_from(PLACES), max_size=2)):
        target: Any = document
        try:
            for step in place[:-1]:
                target = target[step]
            if draw(st.booleans()):
                target[place[-1]] = draw(values)
            else:
                del target[place[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    if draw(st.booleans()):
        document[draw(st.sampled_from(ADDED))] = draw(values)
    return document


def as_written(document: dict[str, Any], version: ChronosVersion) -> None:
    """The reading says what the document does, field by field. Raises Refused."""
    job = read_document(document, v3=version is V3)
    run = launch(job)
    assert run.entrypoint
    assert run.image == document["container"]["image"]
    assert run.command_line == (document["command"], *document["arguments"])
    assert (job.name, job.schedule, job.retries) == (
        document["name"],
        document["schedule"],
        document["retries"],
    )
    assert (job.cpus, job.mem) == (float(document["cpus"]), float(document["mem"]))
    assert job.disk == float(document.get("disk", 256))
    assert (job.disabled, job.soft_error, job.asynchronous) == (False, False, False)
    assert (job.last_success, job.last_error, job.errors_since_last_success) == ("", "", 0)
    assert job.high_priority == document.get("highPriority", False)
    assert (job.success_count, job.error_count, job.executor, job.parents) == (0, 0, "", None)
    for ours, theirs in (
        ("owner", job.owner),
        ("ownerName", job.owner_name),
        ("description", job.description),
    ):
        assert document.get(ours, "") == theirs
    assert document.get("runAsUser", "root") == job.run_as_user
    told = {one["name"]: one["value"] for one in document.get("environmentVariables", ())}
    assert told.items() <= run.environment.items()
    assert [list(one) for one in job.constraints] == document.get("constraints", [])
    assert list(job.uris) == document.get("uris", [])
    container, asked = job.container, document["container"]
    assert container is not None
    assert container.network == asked.get("network", "HOST")
    assert [list(one) for one in container.parameters] == [
        [one["key"], one["value"]] for one in asked.get("parameters", ())
    ]
    assert [(one.container_path, one.host_path) for one in container.volumes] == [
        (one["containerPath"], one.get("hostPath")) for one in asked.get("volumes", ())
    ]


def put(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(FULL)
    target: Any = document
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value
    return document


PROBES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 0.5, 1.9, 1e3, 2**40),
    *WORDS,
    *([], {}, ["a"], [1], [None], ["a", "IS", "b"], {"A": "b"}, {"image": "x"}, [{"name": "A"}], [{}]),
)


@pytest.mark.parametrize("version", ChronosVersion)
def test_any_value_at_any_place_is_told_or_read_as_it_is_written(version: ChronosVersion) -> None:
    passed = 0
    for place in [*PLACES, *((key,) for key in ADDED if key not in FULL)]:
        for value in PROBES:
            document = put(place, value)
            if not remarks.errors(lint.remarks(document, version, origin="f")):
                passed += 1
                as_written(document, version)
    assert passed > 100


@pytest.mark.parametrize("version", ChronosVersion)
@settings(max_examples=100, deadline=None)
@given(document=documents())
def test_what_passes_is_read_as_it_is_written(version: ChronosVersion, document: Any) -> None:
    if not remarks.errors(lint.remarks(document, version, origin="f")):
        as_written(document, version)


@pytest.mark.parametrize("version", ChronosVersion)
@settings(max_examples=60, deadline=None)
@given(document=documents())
def test_what_chronos_refuses_is_told(version: ChronosVersion, document: Any) -> None:
    try:
        read_document(document, v3=version is V3)
    except Refused:
        assert remarks.errors(lint.remarks(document, version, origin="f"))


@pytest.mark.parametrize("version", ChronosVersion)
@given(
    document=values | st.dictionaries(st.text(max_size=5), values, max_size=4), data=st.binary(max_size=60)
)
def test_nothing_breaks_the_lint(version: ChronosVersion, document: Any, data: bytes) -> None:
    assert lint.remarks(document, version, origin="f")
    assert lint.text_remarks(data, version, origin="f")
    text = json.dumps(document).encode()
    assert lint.text_remarks(text, version, origin="f")


def test_a_flood_of_names_is_told_shortly() -> None:
    document = copy.deepcopy(FULL)
    document["environmentVariables"] = [{"name": f"A{number % 500}", "value": ""} for number in range(1000)]
    assert len(lint.remarks(document, V3, origin="f")) == 50
