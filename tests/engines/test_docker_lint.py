"""An image that an engine saved is judged by the lint, without it, as validate judges it with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from algoreg.conformance import Examination, Selection, catalogue, examine
from algoreg.engines.docker import DockerEngine
from algoreg.engines.docker.images import DockerSubject
from algoreg.linting import images, static
from algoreg.linting.images import Known
from algoreg.linting.lookup import look_up
from algoreg.linting.report import Kind, Linted
from algoreg.probe import Probe
from algoreg.registry import Registry
from algoreg.report import Outcome, Severity, TargetReport
from algoreg.validation import Target, candidate_of

pytestmark = pytest.mark.engine
Case = tuple[DockerSubject, set[str]]
METADATA = json.dumps(
    {
        "contract": 1,
        "code": "linted",
        "label": "Linted",
        "image": "algoreg-test/linted",
        "version": "1",
        "predictive": False,
        "interactive": False,
        "entrypoints": ["compute"],
        "result": "json",
    }
)
LABEL = f"LABEL io.algoreg.metadata='{METADATA}'"
START = 'ENTRYPOINT ["true-enough"]'
IMAGES = {
    "good": ((LABEL, START, "USER 10001"), set()),
    "no label": ((START, "USER 10001"), {"meta.labels"}),
    "wrong version": (
        (LABEL.replace('"version": "1"', '"version": "2"'), START, "USER 10001"),
        {"meta.version"},
    ),
    "root": ((LABEL, START, "USER 0"), {"meta.root"}),
    "credential": ((LABEL, START, "USER 10001", "ENV DB_PASSWORD=hunter2"), {"sec.baked-env"}),
    "nothing to start": ((LABEL, "USER 10001", "ENTRYPOINT []", "CMD []"), {"meta.entrypoint"}),
}
PIPE = (LABEL, "USER 10001", "ENTRYPOINT python3 /main.py | tee /log")


@pytest.fixture(params=IMAGES.values(), ids=IMAGES.keys())
def case(request: pytest.FixtureRequest, build: Callable[..., DockerSubject]) -> Case:
    lines, failed = request.param
    return build(*lines), failed


def validated(subject: DockerSubject, engine: DockerEngine) -> TargetReport:
    """What validate says with the lint's checks selected: from the same catalogue, with nothing replaced."""
    checks = catalogue().checks
    only = tuple(check.id for check in static.STATIC)
    nothing = Registry(entries={}, plugins=(), broken=())
    probe = Probe(
        candidate=candidate_of(
            Target(text=subject.target, package=None), subject, given=None, registry=nothing
        ),
        subject=subject,
        engine=engine,
        laboratory=static.NoLaboratory(),
        seed=1,
        jobs=1,
        timeout_s=None,
        progress=static.Silent(),
    )
    selection = Selection(only=only)
    return examine(probe, Examination(checks=checks, selection=selection, fail_on=Severity.ERROR))


def outcomes(report: TargetReport) -> dict[str, Outcome]:
    asked = {check.id for check in static.STATIC}
    return {check.id: check.outcome for check in report.checks if check.id in asked}


def saved(client: docker.APIClient, subject: DockerSubject, folder: Path) -> Linted:
    path = folder / "saved.tar"
    with path.open("wb") as stream:
        for chunk in client.get_image(subject.target):
            stream.write(chunk)
    (one,) = images.of_archive(path, "saved.tar", Known())
    return one


def test_an_archive_is_judged_as_its_image_is(
    case: Case, engine: DockerEngine, client: docker.APIClient, tmp_path: Path
) -> None:
    subject, failed = case
    expected = outcomes(validated(subject, engine))
    one = saved(client, subject, tmp_path)
    found = outcomes(one.report(Severity.ERROR))
    # without an engine nobody knows where it will run: this one is not judged, and not said to have passed
    assert found.pop("meta.arch") is Outcome.SKIP
    assert expected.pop("meta.arch") in (Outcome.PASS, Outcome.SKIP)
    assert found == expected
    assert one.image_id == subject.image.id
    assert {id for id, outcome in found.items() if outcome is Outcome.FAIL} - {"meta.oci"} == failed


def test_an_image_of_the_engine_is_judged_as_by_validate(case: Case, engine: DockerEngine) -> None:
    subject, _ = case
    one = look_up(subject.target, Known())
    assert one.kind is Kind.ENGINE
    assert outcomes(one.report(Severity.ERROR)) == outcomes(validated(subject, engine))


def test_a_pipe_in_the_entrypoint_is_seen_in_a_saved_image(
    build: Callable[..., DockerSubject], client: docker.APIClient, tmp_path: Path
) -> None:
    one = saved(client, build(*PIPE), tmp_path)
    assert {remark.rule.id for remark in one.remarks} == {
        "entrypoint.exit-code-lost",
        "entrypoint.no-arguments",
        "entrypoint.no-exec",
    }
