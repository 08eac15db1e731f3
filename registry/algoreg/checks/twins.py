"""When a compute on other data counts: only where compute on plain data, its positive twin, is known to be good."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from algoreg.checks import pfa
from algoreg.checks.findings import NO_TWIN, whole
from algoreg.materials import Trial
from algoreg.observation import Computation, Experiment, Trialled
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, skipped


def counts(probe: Probe, trialled: Trialled) -> bool:
    """Whether this is judged: an image whose row or document is at fault on plain data has been blamed for it."""
    if isinstance(trialled, Experiment):
        return True
    return probe.base_computation().problem is None and pfa.base_is_good(probe)


def done(probe: Probe, trials: Sequence[Trial], trouble: str) -> Iterator[Finding]:
    """One finding per trial and profile, and one for what both predict: PASS where it is done."""
    for trial, found in probe.each(trials, probe.in_every_profile):
        for trialled in found:
            case = trial.case if isinstance(trialled, Experiment) else f"compute {trial.case}"
            if counts(probe, trialled):
                yield whole(trialled, case, trouble=f"{trial.case} {trouble}")
                yield from _agreement(probe, trial, trialled)
            else:
                yield skipped(NO_TWIN, case)


def _agreement(probe: Probe, trial: Trial, trialled: Trialled) -> Iterator[Finding]:
    """A FAIL where the document does not predict what test predicts; silence elsewhere: it is no case of its own."""
    # What test does with a parameter is asked by sem.uses-model
    asked = probe.algorithm.interactive and not trial.parameters
    if asked and isinstance(trialled, Computation) and trialled.outputs:
        case = f"compute {trial.case}, as its own test predicts"
        finding = pfa.as_test(probe, trial, trialled, trialled.outputs, case)
        if finding.outcome is not Outcome.SKIP:
            yield finding
