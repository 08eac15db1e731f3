"""Reports for the tests of formats: a passing, a failing, an erroring one, and any that hypothesis can think of."""

from __future__ import annotations

from hypothesis import strategies as st

from algoreg.report import (
    CheckResult,
    EngineInfo,
    Finding,
    Outcome,
    Predicted,
    Report,
    Severity,
    TargetReport,
    Timing,
    Waived,
    WaivedBy,
    passed,
    skipped,
)

HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\r::stop-commands::x\n::error::forged\n##[error]forged\n]]> --> </script><script>alert(1)"
    "</script><img src=http://x.invalid/a onerror=alert(1)></pre></details> @octocat #1 | `a` ```\n\n# heading\n"
    "![a](http://x.invalid/b.png) [a](javascript:alert(1)) {0} \x00\ufffe\ud800 \u202edesrever \u2028 %0A 100 passed"
)
LONG = HOSTILE + "x" * 1_000_000


def check(
    id: str, *findings: Finding, severity: Severity = Severity.ERROR, title: str = "it is broken"
) -> CheckResult:
    return CheckResult(
        id=id, severity=severity, findings=findings, title=title, why="Woken believes the code."
    )


def target(*checks: CheckResult, name: str = "algoreg/knn:0.1.0", **changes: object) -> TargetReport:
    given = {"image_id": "sha256:4f6b", "digest": None, "code": "knn", "duration_s": 41.25, **changes}
    return TargetReport(target=name, checks=checks, **given)  # type: ignore[arg-type]


def report(*targets: TargetReport) -> Report:
    return Report(seed=7, engine=EngineInfo(name="docker", version="20.10.24"), targets=targets)


def failed(case: str | None = "train: input absent", text: str = "exit code 0") -> Finding:
    return Finding(
        outcome=Outcome.FAIL,
        case=case,
        message="it did not fail",
        expected="exit code 1 to 124",
        got=text,
        evidence=text,
        fix="Use exec.",
        reproduce="docker run --rm image:1 train",
    )


PREDICTED = (
    Predicted(task="regression", targets=(1.0, 2.5, 4.0), predictions=(1.25, 2.5, 3.0)),
    Predicted(task="classification", targets=("AD", "CN", "AD"), predictions=("AD", "AD", "AD")),
)
TIMINGS = (Timing(case="train regression", duration_s=3.25), Timing(case="compute", duration_s=1.0))
WAIVED = Waived(
    id="out.size",
    case="train",
    by=WaivedBy.WAIVER,
    source="waivers.yaml:3",
    reason="Mended in 0.2.0",
    owner="ada@example.org",
    expires="2027-01-31",
)

PASSING = report(
    target(
        check("meta.root", failed(None), severity=Severity.WARNING),
        check("run.start", passed("train regression"), passed("compute")),
        check("sem.uses-model", skipped("no such parameter")),
        timings=TIMINGS,
        predicted=PREDICTED,
    )
)
FAILING = report(
    target(
        check("meta.root", failed(None), severity=Severity.WARNING),
        check("neg.exit-code", failed(), failed(), passed("test: input absent")),
        check("out.size", failed("train")),
        check("run.start", passed("train regression"), passed("compute")),
        check("sem.uses-data", skipped("not judged until neg.exit-code passes", blocking=True)),
        timings=TIMINGS,
        waived=(WAIVED,),
    ),
    target(check("run.start", passed("train")), name="algoreg/linreg:0.1.0", code="linreg"),
)
ERRORING = report(
    target(
        check("run.start", Finding(outcome=Outcome.ERROR, message="the engine went away", fix="Try again.")),
        name="broken",
        image_id=None,
        code=None,
    )
)
OUTCOMES = {"passing": PASSING, "failing": FAILING, "erroring": ERRORING}


def hostile(text: str) -> Report:
    """``text`` wherever a report holds text that is not ours."""
    finding = Finding(
        outcome=Outcome.FAIL,
        case=text,
        message=text,
        expected=text,
        got=text,
        evidence=text,
        fix=text,
        reproduce=text,
    )
    error = Finding(outcome=Outcome.ERROR, case=text, message=text, evidence=text)
    waived = Waived(
        id="out.size", case=text, by=WaivedBy.WAIVER, source=text, reason=text, owner=text, expires=text
    )
    return Report(
        seed=7,
        engine=EngineInfo(name=text, version=text),
        targets=(
            target(
                check("neg.exit-code", finding, title=text),
                check("out.size", finding, title=text),
                check("run.start", error),
                check("sem.uses-data", skipped(text)),
                name=text,
                image_id=text,
                digest=text,
                code=text,
                waived=(waived,),
                timings=(Timing(case=text, duration_s=1.0),),
                predicted=(Predicted(task="classification", targets=(text, "b"), predictions=(text, text)),),
            ),
        ),
    )


_FRAGMENTS = [
    "\x1b[31m",
    "]]>",
    "</script>",
    "::error::x",
    "##[error]",
    "\u202e",
    "\ud800",
    "\r\n",
    "<!--",
    "&#64;",
]
texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.characters()), max_size=20).map("".join),
)
_ids = st.sampled_from(["meta.root", "run.start", "neg.exit-code", "out.size", "registry.plugin"])
_maybe = st.none() | texts
_findings = st.builds(
    Finding,
    outcome=st.sampled_from(Outcome),
    case=_maybe,
    message=texts,
    expected=_maybe,
    got=_maybe,
    evidence=_maybe,
    fix=_maybe,
    reproduce=_maybe,
    blocking=st.booleans(),
)
_checks = st.builds(
    CheckResult,
    id=_ids,
    severity=st.sampled_from(Severity),
    findings=st.lists(_findings, max_size=3).map(tuple),
    title=texts,
    why=texts,
)
_seconds = st.floats(min_value=0, max_value=1e9)
_values = texts | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)


def _predicted(task: str, pairs: list[tuple[float | str, float | str]]) -> Predicted:
    targets, predictions = zip(*pairs, strict=True) if pairs else ((), ())
    return Predicted(task=task, targets=targets, predictions=predictions)


_targets = st.builds(
    TargetReport,
    target=texts,
    image_id=_maybe,
    digest=_maybe,
    code=_maybe,
    duration_s=_seconds,
    checks=st.lists(_checks, max_size=4).map(tuple),
    partial=st.booleans(),
    fail_on=st.sampled_from(Severity),
    waived=st.none()
    | st.lists(
        st.builds(
            Waived,
            id=_ids,
            case=_maybe,
            by=st.sampled_from(WaivedBy),
            source=texts,
            reason=_maybe,
            owner=_maybe,
        ),
        max_size=3,
    ).map(tuple),
    timings=st.lists(st.builds(Timing, case=texts, duration_s=_seconds), max_size=3).map(tuple),
    predicted=st.lists(
        st.builds(
            _predicted,
            st.sampled_from(("regression", "classification")),
            st.lists(st.tuples(_values, _values), max_size=9),
        ),
        max_size=2,
    ).map(tuple),
)
reports = st.builds(
    Report,
    seed=st.integers(min_value=0, max_value=2**63),
    engine=st.builds(EngineInfo, name=texts, version=_maybe),
    targets=st.lists(_targets, max_size=3).map(tuple),
)
