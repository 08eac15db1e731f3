"""Report to JUnit XML, for the pipelines that read test results: a suite for each target, a case for each finding.

A failure that does not close the gate (a warning, a waived one) is written as skipped with its reason: a pipeline
that reads this file must come to the verdict that the exit code gave.
"""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from algoreg.formats import told
from algoreg.formats.escape import safe_lines
from algoreg.formats.told import Case, Weight
from algoreg.report import Report, TargetReport

_ELEMENTS = {Weight.FAIL: "failure", Weight.ERROR: "error"}
_SKIPPED = (Weight.SKIP, Weight.WARN, Weight.WAIVED)


def render(report: Report) -> str:
    """One document, ASCII only; every text of it has passed ``safe``, so that no character breaks XML."""
    root = Element("testsuites", name="algoreg")
    suites = [_suite(target, report) for target in report.targets]
    root.extend(suites)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.set("time", f"{sum(target.duration_s for target in report.targets):.3f}")
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return written.decode("ascii") + "\n"


def _suite(target: TargetReport, report: Report) -> Element:
    found = list(told.cases(target))
    weights = Counter(case.weight for case in found)
    suite = Element(
        "testsuite",
        name=told.brief(target.target),
        tests=str(len(found)),
        failures=str(weights[Weight.FAIL]),
        errors=str(weights[Weight.ERROR]),
        skipped=str(sum(weights[weight] for weight in _SKIPPED)),
        time=f"{target.duration_s:.3f}",
    )
    _properties(suite, target, report)
    seconds = {timing.case: timing.duration_s for timing in target.timings}
    names: Counter[str] = Counter()
    for case in found:
        name = _name(case)
        names[name] += 1
        unique = name if names[name] == 1 else f"{name} ({names[name]})"
        suite.append(_testcase(case, unique, seconds.pop(case.finding.case or "", 0.0)))
    return suite


def _properties(suite: Element, target: TargetReport, report: Report) -> None:
    values = {
        "verdict": target.verdict.value,
        "algorithm": target.code,
        "image_id": target.image_id,
        "digest": target.digest,
        "engine": told.engine(report.engine.name, report.engine.version),
        "seed": str(report.seed),
    }
    properties = SubElement(suite, "properties")
    for name, value in values.items():
        if value is not None:
            SubElement(properties, "property", name=name, value=told.brief(value))


def _name(case: Case) -> str:
    return told.brief(f"{case.check.id}: {case.finding.case}" if case.finding.case else case.check.id)


def _testcase(case: Case, name: str, seconds: float) -> Element:
    """``seconds``: of its experiment, told once though several checks judge it."""
    who = told.brief(case.target.code or "algoreg")
    family = case.check.id.partition(".")[0]
    element = Element("testcase", classname=f"{who}.{family}", name=name, time=f"{seconds:.3f}")
    if tag := _ELEMENTS.get(case.weight):
        why = SubElement(element, tag, message=_message(case), type=case.check.id)
        why.text = "\n".join(_details(case))
    elif case.weight in _SKIPPED:
        SubElement(element, "skipped", message=_message(case))
    if case.weight in (Weight.WARN, Weight.WAIVED):
        SubElement(element, "system-out").text = "\n".join(_details(case))
    return element


def _message(case: Case) -> str:
    message = told.brief(case.finding.message or case.check.title)
    if case.waiver is not None:
        return f"failed and waived: {told.waived(case.waiver)}: {message}"
    return f"warning, not counted: {message}" if case.weight is Weight.WARN else message


def _details(case: Case) -> list[str]:
    finding, check = case.finding, case.check
    named = {
        "fails when": check.title,
        "expected": finding.expected,
        "got": finding.got,
        "why": check.why,
        "fix": finding.fix,
        "reproduce": finding.reproduce,
    }
    lines = [f"{label}: {told.brief(value, 4000)}" for label, value in named.items() if value]
    return lines + [f"log | {line}" for line in safe_lines(finding.evidence or "") if finding.evidence]
