"""Each sentence of the lint is true: Chronos' reader, as described, really does that with the document."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from algoreg import schemas
from algoreg.export.jobs import lint, misreadings
from algoreg.export.jobs.misreadings import row as kinds
from algoreg.export.jobs.model import ChronosVersion
from algoreg.export.remarks import Severity
from support.chronos_reader import Launch, ReadJob, Refused, launch, read, read_document

V3, V2_5 = ChronosVersion.V3, ChronosVersion.V2_5
BOTH = (V3, V2_5)

Effect = int | Callable[[ReadJob, Launch], bool]
"""The status of a refusal, or what is true of the job that the scheduler believes it was given."""


def good() -> dict[str, Any]:
    return copy.deepcopy(schemas.load(V3)["examples"][0])


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set what stands at a path such as ``container.volumes.0.hostPath``."""

    def change(document: dict[str, Any]) -> None:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        target: Any = document
        for step in way:
            target = target[step]
        target[last] = value

    return change


def drop(path: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        target: Any = document
        for step in way:
            target = target[step]
        del target[last]

    return change


def on_the_agent(job: ReadJob, run: Launch) -> bool:
    return job.container is None and run.image is None


def in_a_shell(job: ReadJob, run: Launch) -> bool:
    return not run.entrypoint and run.command_line == ("compute",)


EXTERNAL = {"name": "data", "provider": "dvdi"}
V_HOST = "container.volumes.0.hostPath"
ENV = "environmentVariables"

Case = tuple[str, Callable[[dict[str, Any]], None], tuple[ChronosVersion, ...], Effect]
CASES: list[Case] = [
    ("job.name-absent", drop("name"), BOTH, 500),
    ("job.command-absent", drop("command"), (V3,), lambda _, run: run.command_line[0] == ""),
    ("job.command-absent", drop("command"), (V2_5,), 500),
    ("job.arguments-absent", drop("arguments"), BOTH, lambda job, _: job.arguments == ()),
    ("job.shell-absent", drop("shell"), BOTH, in_a_shell),
    ("job.schedule-absent", drop("schedule"), BOTH, lambda job, _: job.schedule is None),
    ("job.retries-absent", drop("retries"), BOTH, lambda job, _: job.retries == 2),
    ("job.resource-absent", drop("cpus"), BOTH, lambda job, _: job.cpus == 0.1),
    ("job.resource-absent", drop("mem"), BOTH, lambda job, _: job.mem == 128),
    ("job.container-absent", drop("container"), BOTH, on_the_agent),
    ("job.image-absent", drop("container.image"), (V3,), on_the_agent),
    ("job.image-absent", drop("container.image"), (V2_5,), 500),
    ("job.item-key-absent", drop(f"{ENV}.0.name"), BOTH, 500),
    ("job.item-key-absent", drop(f"{ENV}.0.value"), BOTH, 500),
    ("job.item-key-absent", drop("container.volumes.0.containerPath"), BOTH, 500),
    ("job.item-key-absent", drop("container.parameters.0.key"), BOTH, 500),
    ("job.item-key-absent", drop("container.parameters.0.value"), BOTH, 500),
    ("job.item-key-absent", put("container.volumes.0.external", {"provider": "dvdi"}), (V3,), 500),
    ("job.item-key-absent", put("container.networkInfos", [{"labels": []}]), (V3,), 500),
    ("job.fetch-uri", put("fetch", [{"extract": False}]), BOTH, lambda job, _: job.fetch[0][0] == ""),
    (
        "job.fetch-uri",
        put("fetch", [{"uri": "", "extract": False}]),
        BOTH,
        lambda job, _: job.fetch[0][0] == "",
    ),
    ("job.fetch-extract", put("fetch", [{"uri": "http://x/a"}]), BOTH, lambda job, _: job.fetch[0][3]),
    ("job.parents", put("parents", ["other"]), BOTH, 500),
    ("job.ignored", put("epsilon", "PT5M"), (V3,), lambda job, _: job.epsilon is None),
    ("job.ignored", put("async", False), (V3,), lambda job, _: not job.asynchronous),
    ("job.ignored", put("async", True), (V2_5,), lambda job, _: job.asynchronous),
    ("job.later-version", put("concurrent", True), (V2_5,), lambda job, _: not job.concurrent),
    (
        "job.later-version",
        put("container.networkName", "mip"),
        (V2_5,),
        lambda job, _: job.container is not None and job.container.network_name is None,
    ),
    (
        "job.later-version",
        put("container.networkInfos", [{"name": "mip"}]),
        (V2_5,),
        lambda job, _: job.container is not None and job.container.network_infos == (),
    ),
    (
        "job.later-version",
        put("container.volumes.0.external", EXTERNAL),
        (V2_5,),
        lambda job, _: job.container is not None and job.container.volumes[0].external is None,
    ),
    (
        "job.network-ports",
        put(
            "container.networkInfos", [{"name": "mip", "portMappings": [{"hostPort": 1, "containerPort": 2}]}]
        ),
        (V3,),
        lambda job, _: job.container is not None and job.container.network_infos == (("mip", ()),),
    ),
    (
        "job.network-ports",
        put("container.networkInfos", [{"name": "mip", "protocol": "IPv4"}]),
        (V3,),
        lambda job, _: job.container is not None and job.container.network_infos == (("mip", ()),),
    ),
    ("job.unknown-key", put("command_line", "train"), BOTH, lambda job, _: job.command == "compute"),
    ("job.unknown-key", put("maxCompletionTime", 60), BOTH, lambda job, _: job.retries == 0),
    (
        "job.unknown-key",
        lambda d: d["container"].update(volume=d["container"].pop("volumes")),
        BOTH,
        lambda job, _: job.container is not None and job.container.volumes == (),
    ),
    (
        "job.unknown-key",
        lambda d: d.update(environmentVariable=d.pop(ENV)),
        BOTH,
        lambda _, run: "NODE" not in run.environment,
    ),
    ("job.unknown-key", put(f"{ENV}.0.secret", True), BOTH, lambda _, run: run.environment["JOB_ID"] == "42"),
    ("job.shell", put("shell", True), BOTH, in_a_shell),
    ("job.flag", put("shell", 1), BOTH, in_a_shell),
    ("job.flag", put("shell", None), BOTH, lambda job, _: not job.shell),
    ("job.flag", put("shell", "yes"), BOTH, lambda job, _: not job.shell),
    ("job.flag", put("shell", "true"), BOTH, in_a_shell),
    ("job.flag", put("highPriority", "yes"), BOTH, lambda job, _: not job.high_priority),
    ("job.flag", put("highPriority", 2), BOTH, lambda job, _: job.high_priority),
    ("job.flag", put("concurrent", None), (V3,), lambda job, _: not job.concurrent),
    (
        "job.flag",
        put("container.forcePullImage", 1),
        BOTH,
        lambda job, _: job.container is not None and not job.container.force_pull_image,
    ),
    ("job.disabled", put("disabled", True), BOTH, lambda job, _: job.disabled),
    ("job.soft-error", put("softError", True), BOTH, lambda job, _: job.soft_error),
    ("job.retries", put("retries", None), BOTH, lambda job, _: job.retries == 0),
    ("job.retries", put("retries", "three"), BOTH, lambda job, _: job.retries == 0),
    ("job.retries", put("retries", 1.9), BOTH, lambda job, _: job.retries == 1),
    ("job.retries", put("retries", 2**40), BOTH, lambda job, _: job.retries == 2**31 - 1),
    ("job.retries", put("retries", -1), BOTH, lambda job, _: job.retries < 0),
    ("job.resource-text", put("cpus", "0.5"), BOTH, lambda job, _: job.cpus == 0.5),
    ("job.resource-text", put("mem", " 512 "), BOTH, lambda job, _: job.mem == 512),
    ("job.resource", put("mem", "512m"), BOTH, lambda job, _: job.mem == 128),
    ("job.resource", put("cpus", "0,5"), BOTH, lambda job, _: job.cpus == 0.1),
    ("job.resource", put("cpus", 0), BOTH, lambda job, _: job.cpus == 0.1),
    ("job.resource", put("cpus", -2), BOTH, lambda job, _: job.cpus == 0.1),
    ("job.resource", put("mem", None), BOTH, lambda job, _: job.mem == 128),
    ("job.resource", put("disk", [1]), BOTH, lambda job, _: job.disk == 256),
    ("job.arguments", put("arguments", "--mode intermediate"), BOTH, lambda job, _: job.arguments == ()),
    ("job.arguments", put("arguments", None), BOTH, lambda job, _: job.arguments == ()),
    ("job.arguments", put("arguments", {"--mode": "x"}), BOTH, lambda job, _: job.arguments == ("x",)),
    ("job.environment", put(ENV, "A=b"), BOTH, lambda job, _: job.environment == ()),
    ("job.environment", put(ENV, None), BOTH, lambda job, _: job.environment == ()),
    ("job.environment", put(ENV, {"A": "b"}), BOTH, 500),
    ("job.list", put("container.volumes", "/a:/b"), BOTH, lambda job, _: job.container is not None),
    ("job.list", put("container.volumes", {"containerPath": "/a"}), BOTH, 500),
    ("job.list", put("uris", "http://x"), BOTH, lambda job, _: job.uris == ()),
    ("job.list", put("constraints", "hostname EQUALS a"), BOTH, lambda job, _: job.constraints == ()),
    ("job.item", put(ENV, ["A=b"]), BOTH, 500),
    ("job.item", put("container.volumes", ["/a:/b"]), BOTH, 500),
    ("job.item", put("container.parameters", ["network=mip"]), BOTH, 500),
    ("job.constraint", put("constraints", ["hostname"]), BOTH, 500),
    ("job.constraint", put("constraints", [["hostname", "EQUALS"]]), BOTH, 500),
    (
        "job.constraint",
        put("constraints", [["hostname", "EQUALS", "a", "b"]]),
        BOTH,
        lambda job, _: job.constraints == (("hostname", "EQUALS", "a"),),
    ),
    (
        "job.constraint-operator",
        put("constraints", [["hostname", "equals", "a"]]),
        BOTH,
        lambda job, _: not job.constraints,
    ),
    (
        "job.constraint-operator",
        put("constraints", [["hostname", "IS", "a"]]),
        BOTH,
        lambda job, _: not job.constraints,
    ),
    ("job.container", put("container", None), (V3,), on_the_agent),
    ("job.container", put("container", "example/knn"), (V3,), on_the_agent),
    ("job.container", put("container", None), (V2_5,), 500),
    ("job.external", put("container.volumes.0.external", "data"), (V3,), 500),
    (
        "job.container-type",
        put("container.type", "MESOS"),
        (V2_5,),
        lambda job, _: job.container.type == "DOCKER",
    ),  # type: ignore[union-attr]
    ("job.choice", put("container.type", "PODMAN"), (V3,), 500),
    ("job.choice", put("container.type", None), (V3,), 500),
    ("job.choice", put("container.network", "bridge"), BOTH, 500),
    ("job.choice", put("container.network", None), BOTH, 500),
    ("job.choice", put("container.network", "USER"), (V2_5,), 500),
    ("job.choice", put("container.volumes.0.mode", "read-write"), BOTH, 500),
    ("job.host-path", put(V_HOST, None), BOTH, lambda job, _: job.container.volumes[0].host_path == "null"),  # type: ignore[union-attr]
    ("job.name", put("name", "a b@c"), BOTH, 400),
    ("job.name", put("name", "a b"), (V3,), 400),
    ("job.name", put("name", ""), BOTH, 400),
    ("job.schedule", put("schedule", "every day"), BOTH, 400),
    ("job.schedule", put("schedule", "R1/tomorrow/PT1M"), BOTH, 400),
    ("job.schedule", put("schedule", "R1//P"), BOTH, 400),
    ("job.schedule", put("schedule", "R1/2030-02-31T00:00:00Z/PT1M"), BOTH, 400),
    ("job.schedule", put("schedule", "R1/2030-01-01T25:00:00Z/PT1M"), BOTH, 400),
    ("job.schedule", put("schedule", "R1//60"), BOTH, 400),
    ("job.schedule", put("schedule", None), BOTH, 400),
    ("job.schedule-never", put("schedule", "R0//PT1M"), BOTH, lambda job, _: job.schedule == "R0//PT1M"),
    ("job.schedule-never", put("schedule", "R00//PT1M"), BOTH, lambda job, _: job.schedule == "R00//PT1M"),
    (
        "job.network-infos",
        lambda d: d["container"].update(networkInfos=[{"name": "mip"}], parameters=[]),
        (V3,),
        lambda job, _: job.container is not None and job.container.parameters == (),
    ),
    ("job.epsilon", put("epsilon", "5 minutes"), (V2_5,), 500),
    ("job.epsilon", put("epsilon", None), (V2_5,), 500),
    ("job.time-zone", put("scheduleTimeZone", None), BOTH, lambda job, _: job.schedule_time_zone == "null"),
    ("job.executor", put("executor", "/usr/bin/mine"), BOTH, lambda job, _: job.executor != ""),
    ("job.executor", put("executor", None), BOTH, lambda job, _: job.executor == "null"),
    ("job.counter", put("errorCount", 1), BOTH, lambda job, _: job.error_count == 1),
    ("job.counter", put("successCount", "1"), BOTH, lambda job, _: job.success_count == 1),
    (
        "job.counter",
        put("errorsSinceLastSuccess", None),
        BOTH,
        lambda job, _: job.errors_since_last_success == 0,
    ),
    ("job.counter", put("lastError", "yesterday"), BOTH, lambda job, _: job.last_error == "yesterday"),
    (
        "job.own-variable",
        put(f"{ENV}.0.name", "HOST"),
        BOTH,
        lambda _, run: run.environment["HOST"] == "agent-1",
    ),
    (
        "job.placeholder",
        put(f"{ENV}.0.value", "${IN_PASSWORD}"),
        BOTH,
        lambda _, run: run.environment["JOB_ID"] == "${IN_PASSWORD}",
    ),
    (
        "job.duplicate-variable",
        lambda d: d[ENV].append({"name": "JOB_ID", "value": "43"}),
        BOTH,
        lambda _, run: run.environment["JOB_ID"] == "42",
    ),
    ("job.variable-name", put(f"{ENV}.0.name", "A=B"), BOTH, lambda _, run: run.environment["A=B"] == "42"),
    (
        "job.variable-value",
        put(f"{ENV}.0.value", "a\0b"),
        BOTH,
        lambda _, run: "\0" in run.environment["JOB_ID"],
    ),
    ("job.command-fetched", put("command", "https://x/run.sh"), BOTH, lambda _, run: run.fetched_program),
    (
        "job.fetch-and-uris",
        lambda d: d.update(fetch=[{"uri": "http://x/a", "extract": False}], uris=["http://x/b"]),
        BOTH,
        400,
    ),
    ("job.image-name", put("container.image", "A B:::"), BOTH, lambda _, run: run.image == "A B:::"),
    ("job.empty-text", put("command", ""), BOTH, lambda _, run: run.command_line[0] == ""),
    ("job.empty-text", put("runAsUser", ""), BOTH, lambda job, _: job.run_as_user == "root"),
    ("job.null-text", put("owner", None), BOTH, lambda job, _: job.owner == "null"),
    ("job.null-text", put("runAsUser", None), BOTH, lambda job, _: job.run_as_user == "null"),
    ("job.null-text", put("container.image", None), BOTH, lambda _, run: run.image == "null"),
    ("job.null-text", put(f"{ENV}.0.value", None), BOTH, lambda _, run: run.environment["JOB_ID"] == "null"),
    (
        "job.number-text",
        put(f"{ENV}.0.value", 1e3),
        BOTH,
        lambda _, run: run.environment["JOB_ID"] == "1000.0",
    ),
    ("job.number-text", put("arguments", [1, True]), BOTH, lambda job, _: job.arguments == ("1", "true")),
    ("job.object-text", put("description", ["a"]), BOTH, lambda job, _: job.description == ""),
]
EACH = [
    pytest.param(id, change, version, effect, id=f"{id}-{number}-{version}")
    for number, (id, change, versions, effect) in enumerate(CASES)
    for version in versions
]


@pytest.mark.parametrize("version", BOTH)
def test_a_good_document_is_read_as_it_is_meant(version: ChronosVersion) -> None:
    assert lint.remarks(good(), version, origin="job.json") == ()
    job = read_document(good(), v3=version is V3)
    run = launch(job)
    assert run.image == "example/demo-knn:1.2.0"
    assert run.command_line == ("compute", "--mode", "intermediate")
    assert run.entrypoint
    assert (job.retries, job.cpus, job.mem, job.disabled) == (0, 0.5, 512, False)
    assert {"JOB_ID": "42", "NODE": "local"}.items() <= run.environment.items()


@pytest.mark.parametrize(("id", "change", "version", "effect"), EACH)
def test_what_chronos_misreads_is_told_and_true(
    id: str, change: Callable[[dict[str, Any]], None], version: ChronosVersion, effect: Effect
) -> None:
    document = good()
    change(document)
    found = lint.remarks(document, version, origin="job.json")
    assert id in {remark.id for remark in found}
    assert len({remark.id for remark in found}) == 1, found
    if isinstance(effect, int):
        with pytest.raises(Refused) as refused:
            read_document(document, v3=version is V3)
        assert refused.value.status == effect
        told = " ".join(remark.consequence for remark in found)
        assert f"status {effect}" in told
    else:
        job = read_document(document, v3=version is V3)
        assert effect(job, launch(job))


def test_each_row_of_the_table_has_a_case() -> None:
    of_files = {"job.json", "job.duplicate-key", "job.document"}
    assert {row.id for row in misreadings.TABLE} - of_files == {id for id, *_ in CASES}


def rules(schema: Any, at: str) -> Iterator[tuple[str, str, Any]]:
    """Place, keyword and value of everything that a schema asks."""
    silent = {"description", "title", "examples", "properties", "items", "prefixItems", "$schema"}
    for keyword, value in schema.items():
        if keyword == "required":
            yield from ((f"{at}.{key}".removeprefix("."), keyword, value) for key in value)
        elif keyword not in silent:
            yield at, keyword, value
    for key, inner in schema.get("properties", {}).items():
        yield from rules(inner, f"{at}.{key}".removeprefix("."))
    for inner in (*schema.get("prefixItems", ()), *([schema["items"]] if "items" in schema else ())):
        yield from rules(inner, f"{at}[]")


GENERIC = {"job.unknown-key", "job.null-text", "job.number-text", "job.object-text", "job.empty-text"}
"""Rows that fit any place."""
KINDS = (
    kinds.NULL,
    kinds.BOOLEAN,
    kinds.NUMBER,
    kinds.NUMERIC,
    kinds.TEXT,
    kinds.ARRAY,
    kinds.OBJECT,
)
TYPES = {
    "string": KINDS[3:5],
    "boolean": KINDS[1:2],
    "number": KINDS[2:3],
    "array": KINDS[5:6],
    "object": KINDS[6:],
}


@pytest.mark.parametrize("version", BOTH)
def test_each_rule_of_the_schemas_has_its_sentence(version: ChronosVersion) -> None:
    asked = list(rules(schemas.load(version), ""))
    assert len(asked) > 100
    for at, keyword, value in asked:
        wrong = [kind for kind in KINDS if keyword != "type" or kind not in TYPES.get(value, ())]
        for kind in wrong:
            row = lint.misreading(at, keyword, kind, version)
            assert row.consequence
            if row.id in GENERIC:
                text = lint.schema_at(version, at).get("type") if "[][]" not in at else "string"
                assert keyword in ("additionalProperties", "minLength") or text == "string", (
                    at,
                    keyword,
                    kind,
                )


def test_the_two_schemas_differ_where_the_versions_do() -> None:
    def flat(version: ChronosVersion) -> set[tuple[str, str, str]]:
        return {(at, keyword, json.dumps(value)) for at, keyword, value in rules(schemas.load(version), "")}

    differing = {(at, keyword) for at, keyword, _ in flat(V3) ^ flat(V2_5)}
    assert {place.split(".external")[0].split(".networkInfos")[0] for place, _ in differing} == {
        "name",
        "concurrent",
        "epsilon",
        "async",
        "container.type",
        "container.network",
        "container.networkName",
        "container",
        "container.volumes[]",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"apiVersion: batch/v1\nkind: Job\n", "JSON: the lint reads nothing else"),
        (b"", "JSON: the lint reads nothing else"),
        (b' {"name": }', "correct it"),
    ],
)
def test_a_file_that_is_no_json_at_all_is_another_file(text: bytes, said: str) -> None:
    (remark,) = lint.text_remarks(text, V3, origin="job.yaml")
    assert remark.id == "job.json"
    assert said in remark.fix


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("text", "id"),
    [
        (b'{"name": "a", "name": "b"}', "job.duplicate-key"),
        (b'{"name": "a"', "job.json"),
        (b"", "job.json"),
        (b"\xff\xfe", "job.json"),
        (b'{"cpus": NaN}', "job.json"),
        (b"[" * 100_000, "job.json"),
        (b"[]", "job.document"),
        (b"null", "job.document"),
        (b'"compute"', "job.document"),
    ],
)
def test_what_is_no_job_at_all(text: bytes, id: str, version: ChronosVersion) -> None:
    (remark,) = lint.text_remarks(text, version, origin="job.json")
    assert (remark.id, remark.severity) == (id, Severity.ERROR)
    assert remark.where.startswith("job.json")


def test_of_a_key_that_stands_twice_chronos_takes_the_last() -> None:
    text = json.dumps(good())[:-1] + ', "command": "train"}'
    assert [one.id for one in lint.text_remarks(text.encode(), V3, origin="f")] == ["job.duplicate-key"]
    assert read(text, v3=True).command == "train"


def test_all_absent_keys_are_told_at_once() -> None:
    found = lint.remarks({}, V3, origin="job.json")
    required = {"name", "command", "arguments", "shell", "schedule", "retries", "cpus", "mem", "container"}
    assert {remark.where for remark in found} == {f"job.json: $.{key}" for key in required}


def test_numeric_texts_are_a_warning_and_nothing_more() -> None:
    document = good() | {"cpus": "0.5", "mem": "512"}
    assert [(one.id, one.severity) for one in lint.remarks(document, V2_5, origin="f")] == [
        ("job.resource-text", Severity.WARNING),
        ("job.resource-text", Severity.WARNING),
    ]


@pytest.mark.parametrize("value", [12345678, ["hunter22"], {"a": "hunter22"}, "hunter22\0"])
def test_no_value_of_a_variable_is_repeated(value: Any) -> None:
    document = good()
    document["environmentVariables"].append({"name": "IN_PASSWORD", "value": value})
    found = lint.remarks(document, V3, origin="f")
    assert found
    assert not [one for one in found if "12345678" in one.text() or "hunter22" in one.text()]
