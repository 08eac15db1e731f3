"""Runs the checks on one target, in the order of their prerequisites, and makes the report of it.

The only place where a check is skipped, and where a check's exception becomes an ERROR. Independent checks
run side by side: each waits for the ones it needs, and the probe bounds how many experiments run at a time.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from algoreg import plugins, predictions
from algoreg.check import Check
from algoreg.checks import cap, cli, db, det, iso, log, meta, neg, out, pfa, policy, robust, run, sec, sem
from algoreg.errors import AlgoregError, Cancelled, PluginError, UsageError
from algoreg.plugins import BrokenPlugin, Plugin
from algoreg.probe import Probe
from algoreg.report import LEFT_OUT, WAITS, CheckResult, Finding, Outcome, Severity, TargetReport, skipped

_FAMILIES = (meta, run, out, neg, cli, sem, det, cap, robust, db, pfa, iso, sec, log, policy)
BROKEN_PLUGIN = "registry.plugin"
"""Id under which a plugin that cannot be loaded is named: always ERROR, never a judgement of the image."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Every check that can be run."""

    checks: tuple[Check, ...]
    """Prerequisites before what needs them."""
    broken: tuple[BrokenPlugin, ...] = ()
    """Plugins whose checks cannot be used; none of them takes another one down."""


def catalogue(installed: Iterable[Plugin] = ()) -> Catalogue:
    """The checks of the contract, and those of plugins: they add ids of their own, and change none of ours."""
    checks = {check.id: check for check in _ordered([c for family in _FAMILIES for c in family.CHECKS])}
    broken = []
    for plugin in installed:
        try:
            checks |= {check.id: check for check in _added(plugin.checks, checks)}
        except PluginError as error:
            broken.append(plugins.broken(plugin, error.message))
    return Catalogue(checks=tuple(checks.values()), broken=tuple(broken))


def _added(checks: Sequence[Check], known: Mapping[str, Check]) -> tuple[Check, ...]:
    """A plugin's checks in order. Raises PluginError for an id that is taken or a need that nothing has."""
    ids = [check.id for check in checks]
    for id in ids:
        if id in known or ids.count(id) > 1:
            raise PluginError(f"the check {id} exists already; a plugin cannot replace it")
    return _ordered(checks, known)


def _ordered(checks: Sequence[Check], known: Mapping[str, Check] | None = None) -> tuple[Check, ...]:
    """Prerequisites first. Raises PluginError when one does not exist, or checks need each other."""
    done: dict[str, Check] = {}
    waiting = list(checks)
    while waiting:
        ready = [c for c in waiting if all(need in done or need in (known or {}) for need in c.needs)]
        if not ready:
            names = ", ".join(check.id for check in waiting)
            raise PluginError(f"a prerequisite of {names} does not exist, or waits for it")
        done.update((check.id, check) for check in ready)
        waiting = [check for check in waiting if check.id not in done]
    return tuple(done.values())


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which checks were asked for: ids or families; empty ``only`` is all of them."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    def validate(self, checks: Sequence[Check]) -> None:
        """Raises UsageError for a name that no check has: a typing error must not make a gate green."""
        known = {check.id for check in checks} | {check.family for check in checks}
        for name in (*self.only, *self.skip):
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {close[0]}?" if close else "`algoreg checks` lists them."
                raise UsageError(f"there is no check {name!r}", hint=hint)
        if self.left_out(checks) >= {check.id for check in checks}:
            raise UsageError("--only and --skip leave nothing to check")

    def left_out(self, checks: Sequence[Check]) -> frozenset[str]:
        """Ids that are not run: not asked for and not needed by what is, or skipped by name."""
        if not self.only:
            wanted = {check.id for check in checks}
        else:
            wanted = {check.id for check in checks if _named(check, self.only)}
            for check in reversed(checks):
                if check.id in wanted:
                    wanted |= set(check.needs)
        return frozenset(c.id for c in checks if c.id not in wanted or _named(c, self.skip))


def _named(check: Check, names: Iterable[str]) -> bool:
    return any(name in (check.id, check.family) for name in names)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """How a target is examined."""

    checks: tuple[Check, ...]
    """Prerequisites first, as ``catalogue`` gives them."""
    selection: Selection
    fail_on: Severity
    broken: tuple[BrokenPlugin, ...] = ()


def examine(probe: Probe, examination: Examination) -> TargetReport:
    """Judge one target. Raises Cancelled; every other trouble of ours becomes an ERROR in the report."""
    started = time.monotonic()
    try:
        results = judge(probe, examination)
    finally:
        probe.close()
    return concluded(probe, examination, results, duration_s=time.monotonic() - started)


def judge(
    probe: Probe, examination: Examination, *, known: Mapping[str, CheckResult] | None = None
) -> tuple[CheckResult, ...]:
    """Every check's result, in the order of the examination; the probe can be asked more afterwards.

    ``known`` results are taken over instead of judging again, unless what they need no longer passes. Raises
    Cancelled, and then closes the probe.
    """
    known = known or {}
    left_out = examination.selection.left_out(examination.checks)
    results: dict[str, Future[CheckResult]] = {}
    with ThreadPoolExecutor(len(examination.checks), thread_name_prefix="check") as threads:
        try:
            # In the order of prerequisites, so that a waiting thread never waits for one that has no thread
            for check in examination.checks:
                needed = [results[need] for need in check.needs]
                results[check.id] = threads.submit(
                    _judged, probe, check, needed, left_out=check.id in left_out, known=known.get(check.id)
                )
            return tuple(future.result() for future in results.values())
        except BaseException:
            probe.engine.cancel()
            probe.close()
            threads.shutdown(cancel_futures=True)
            raise


def concluded(
    probe: Probe, examination: Examination, results: Iterable[CheckResult], *, duration_s: float
) -> TargetReport:
    """The report of these results."""
    return TargetReport(
        target=probe.candidate.target,
        image_id=probe.candidate.image.id if probe.candidate.image else None,
        digest=probe.candidate.image.digest if probe.candidate.image else None,
        code=_code(probe),
        duration_s=duration_s,
        checks=tuple(sorted((*results, *map(_broken, examination.broken)), key=lambda result: result.id)),
        partial=bool(examination.selection.left_out(examination.checks)),
        fail_on=examination.fail_on,
        predicted=predictions.of(probe),
    )


def _code(probe: Probe) -> str | None:
    document = probe.candidate.document
    code = document.data.get("code") if document and isinstance(document.data, dict) else None
    return code if isinstance(code, str) else None


def _broken(plugin: BrokenPlugin) -> CheckResult:
    finding = Finding(
        outcome=Outcome.ERROR,
        case=plugin.name,
        message=f"the plugin {plugin.name} of {plugin.distribution} cannot be used: {plugin.reason}",
        fix="Upgrade or uninstall the distribution.",
    )
    return CheckResult(
        id=BROKEN_PLUGIN,
        severity=Severity.ERROR,
        findings=(finding,),
        title="an installed plugin cannot be loaded",
        why="The checks that it would add were not run, so that nothing complete can be said.",
    )


def _judged(
    probe: Probe,
    check: Check,
    needed: Sequence[Future[CheckResult]],
    *,
    left_out: bool,
    known: CheckResult | None,
) -> CheckResult:
    blocking = sorted(result.id for result in (f.result() for f in needed) if not result.satisfied)
    if left_out:
        findings: tuple[Finding, ...] = (skipped(LEFT_OUT),)
    elif blocking:
        findings = (skipped(f"{WAITS} {', '.join(blocking)} passes", blocking=True),)
    elif known is not None:
        return known
    elif check.needs_image and probe.candidate.image is None:
        findings = (skipped("the process engine has no image and no sandbox, so that this cannot be seen"),)
    elif check.command is not None and check.command not in probe.algorithm.entrypoints:
        findings = (skipped(f"the image has no {check.command}"),)
    else:
        findings = _findings(probe, check)
    result = CheckResult(
        id=check.id,
        severity=check.severity,
        findings=tuple(_with_fix(finding, check) for finding in findings),
        title=check.title,
        why=check.why,
    )
    probe.progress.check_ended(check.id, result.outcome)
    return result


def _findings(probe: Probe, check: Check) -> tuple[Finding, ...]:
    """What the check says; its own failure, or the engine's, is an ERROR and no judgement."""
    try:
        findings = tuple(check.judge(probe))
        if not all(isinstance(finding, Finding) for finding in findings):
            raise TypeError("a check yields findings")
    except Cancelled:
        raise
    except AlgoregError as error:
        return (Finding(outcome=Outcome.ERROR, message=error.message, fix=error.hint or None),)
    except BaseException as error:  # noqa: BLE001 - a check's own defect, sys.exit(0) included, is contained here
        return (
            Finding(
                outcome=Outcome.ERROR,
                message=f"the check itself failed: {type(error).__name__}: {error}",
                fix="Report this as a defect of algoreg, or of the plugin that brings the check.",
            ),
        )
    return findings or (skipped("no case of it applies"),)


def _with_fix(finding: Finding, check: Check) -> Finding:
    if finding.outcome is Outcome.FAIL and finding.fix is None:
        return replace(finding, fix=check.fix)
    return finding
