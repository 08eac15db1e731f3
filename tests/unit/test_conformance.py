"""The order of blame, what is skipped and why, and that trouble of ours is never a judgement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from algoreg import conformance
from algoreg.check import Check, check
from algoreg.conformance import Examination, Selection
from algoreg.errors import Cancelled, EngineError, UsageError
from algoreg.outputs import LADDER
from algoreg.plugins import BrokenPlugin
from algoreg.report import Finding, Outcome, Severity, TargetReport, Verdict, passed, skipped

FAIL = Finding(outcome=Outcome.FAIL, case="one", message="broken")
NOT_APPLICABLE = skipped("does not apply")


def make(id: str, *answers: Any, needs: tuple[str, ...] = (), **options: Any) -> Check:
    """A check that answers with these findings, or raises one of them."""

    def judge(_probe: Any) -> Iterator[Finding]:
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            yield answer

    judge.__doc__ = "Something.\n\nWhy: A reason.\nFix: A remedy."
    return check(id, "it is broken", needs=needs, **options)(judge)


@dataclass
class FakeProbe:
    """As much of a probe as conformance asks for."""

    candidate: Any = field(
        default_factory=lambda: SimpleNamespace(
            target="t:1", image=SimpleNamespace(id="sha256:0", digest=None), document=None
        )
    )
    cancelled: bool = False

    @property
    def progress(self) -> Any:
        return SimpleNamespace(check_ended=lambda *_: None)

    @property
    def engine(self) -> Any:
        return SimpleNamespace(cancel=self._cancel)

    def _cancel(self) -> None:
        self.cancelled = True

    @property
    def algorithm(self) -> Any:
        return SimpleNamespace(base_tasks=())

    def close(self) -> None:
        """Nothing to close."""


def examine(*checks: Check, probe: FakeProbe | None = None, **options: Any) -> TargetReport:
    settings: dict[str, Any] = {"selection": Selection(), "fail_on": Severity.ERROR, **options}
    return conformance.examine(probe or FakeProbe(), Examination(checks=checks, **settings))  # type: ignore[arg-type]


def outcomes(report: TargetReport) -> dict[str, str]:
    return {result.id: result.outcome.value for result in report.checks}


def test_one_defect_gives_one_id_and_everything_behind_it_is_skipped() -> None:
    report = examine(
        make("a.one", FAIL),
        make("a.two", FAIL, needs=("a.one",)),
        make("a.three", FAIL, needs=("a.two",)),
        make("b.other", passed()),
    )
    assert report.failed() == ("a.one",)
    assert outcomes(report) == {"a.one": "FAIL", "a.two": "SKIP", "a.three": "SKIP", "b.other": "PASS"}
    reasons = {r.id: r.findings[0].message for r in report.checks}
    assert "a.one" in reasons["a.two"]
    assert "a.two" in reasons["a.three"]


def test_what_does_not_apply_blocks_nothing() -> None:
    report = examine(make("a.one", NOT_APPLICABLE), make("a.two", FAIL, needs=("a.one",)))
    assert report.failed() == ("a.two",)


def test_a_failed_warning_is_reported_and_the_verdict_is_pass() -> None:
    checks = (make("a.one", passed()), make("a.warned", FAIL, severity=Severity.WARNING))
    report = examine(*checks)
    assert report.failed() == ("a.warned",)
    assert report.verdict is Verdict.PASS
    assert examine(*checks, fail_on=Severity.WARNING).verdict is Verdict.FAIL


@pytest.mark.parametrize("trouble", [EngineError("the engine died"), ZeroDivisionError("ours")])
def test_our_own_trouble_is_an_error_and_never_a_fail(trouble: Exception) -> None:
    report = examine(make("a.one", trouble), make("a.two", FAIL, needs=("a.one",)))
    assert report.verdict is Verdict.ERROR
    assert outcomes(report) == {"a.one": "ERROR", "a.two": "SKIP"}


def test_a_fail_outweighs_an_error() -> None:
    assert examine(make("a.one", FAIL), make("b.two", EngineError("gone"))).verdict is Verdict.FAIL


def test_cancellation_is_passed_on_and_stops_the_engine() -> None:
    probe = FakeProbe()
    with pytest.raises(Cancelled):
        examine(make("a.one", Cancelled("stop")), probe=probe)
    assert probe.cancelled


def test_a_check_without_an_image_is_skipped_with_the_reason() -> None:
    probe = FakeProbe()
    probe.candidate.image = None
    report = examine(make("a.one", FAIL, needs_image=True), make("a.two", passed()), probe=probe)
    assert outcomes(report) == {"a.one": "SKIP", "a.two": "PASS"}
    assert report.verdict is Verdict.PASS


def test_only_takes_its_prerequisites_along_and_is_partial() -> None:
    checks = (
        make("a.one", passed()),
        make("a.two", passed(), needs=("a.one",)),
        make("b.other", FAIL),
    )
    report = examine(*checks, selection=Selection(only=("a.two",)))
    assert outcomes(report) == {"a.one": "PASS", "a.two": "PASS", "b.other": "SKIP"}
    assert report.verdict is Verdict.PARTIAL


def test_skip_leaves_a_family_out_and_its_dependants_are_judged() -> None:
    checks = (make("a.one", FAIL), make("b.two", FAIL, needs=("a.one",)))
    report = examine(*checks, selection=Selection(skip=("a",)))
    assert report.failed() == ("b.two",)


def test_an_unknown_check_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"neg\.exitcode"):
        Selection(only=("neg.exitcode",)).validate(conformance.catalogue().checks)


def test_nothing_judged_is_an_error() -> None:
    assert examine(make("a.one", NOT_APPLICABLE)).verdict is Verdict.ERROR


def test_a_broken_plugin_is_named_and_turns_a_pass_into_an_error() -> None:
    broken = BrokenPlugin(name="x", distribution="x-dist", version="1", reason="SystemExit: 0")
    report = examine(make("a.one", passed()), broken=(broken,))
    assert report.verdict is Verdict.ERROR
    assert any("x-dist" in f.message for r in report.checks for f in r.findings)


def plugin(name: str, *checks: Check) -> Any:
    return SimpleNamespace(name=name, distribution=f"{name}-dist", version="1", checks=checks)


def test_a_plugin_whose_checks_cannot_be_used_is_named_and_takes_no_other_down() -> None:
    found = conformance.catalogue(
        [
            plugin("thief", make("neg.exit-code", passed())),
            plugin("twice", make("x.one", passed()), make("x.one", passed())),
            plugin("dangling", make("y.one", passed(), needs=("y.absent",))),
            plugin(
                "good",
                make("z.two", passed(), needs=("z.one",)),
                make("z.one", passed(), needs=("neg.exit-code",)),
            ),
        ]
    )
    assert [(b.name, b.distribution) for b in found.broken] == [
        ("thief", "thief-dist"),
        ("twice", "twice-dist"),
        ("dangling", "dangling-dist"),
    ]
    ids = [check.id for check in found.checks]
    assert ids[-2:] == ["z.one", "z.two"]
    assert set(ids[:-2]) == {check.id for check in conformance.catalogue().checks}


@pytest.mark.parametrize("answer", [SystemExit(0), GeneratorExit(), "no finding", None])
def test_a_check_that_misbehaves_changes_no_other_outcome(answer: Any) -> None:
    report = examine(make("a.one", FAIL), make("x.plugin", answer))
    assert report.failed() == ("a.one",)
    assert outcomes(report)["x.plugin"] == "ERROR"
    assert examine(make("a.one", passed()), make("x.plugin", answer)).verdict is Verdict.ERROR


def test_every_fail_tells_how_to_mend_it() -> None:
    finding = next(r for r in examine(make("a.one", FAIL)).checks).findings[0]
    assert finding.fix == "A remedy."


def test_the_catalogue_is_ordered_and_explains_itself() -> None:
    checks = conformance.catalogue().checks
    seen: set[str] = set()
    for one in checks:
        assert set(one.needs) <= seen, one.id
        seen.add(one.id)
        assert len(one.why) > 20, one.id
        assert len(one.fix) > 10, one.id
    assert set(LADDER) <= seen


def test_the_ladder_is_climbed_in_the_order_of_the_contract() -> None:
    needs = {one.id: one.needs for one in conformance.catalogue().checks}
    assert needs["out.missing"] == ("run.exit-code",)
    for before, after in pairwise(LADDER[:-1]):
        assert needs[after] == (before,)
    assert needs["out.pipeline-text"] == ("out.length",)


def test_a_check_must_explain_itself() -> None:
    with pytest.raises(ValueError, match="docstring"):
        check("a.one", "title")(lambda _probe: iter(()))
