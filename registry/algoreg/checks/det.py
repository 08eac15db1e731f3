"""The det family: the same question gets the same answer, in a new pod and in a used volume."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks.findings import failed, whole
from algoreg.checks.order import LATE
from algoreg.materials import Trial
from algoreg.observation import Experiment
from algoreg.outputs import same_predictions
from algoreg.probe import Probe
from algoreg.report import Finding, passed, skipped


def as_base(probe: Probe, again: Experiment, case: str, trouble: str) -> Finding:
    """PASS when ``again`` is good and predicts as the base case does."""
    finding = whole(again, case, trouble=trouble)
    if again.problem is not None or not probe.algorithm.deterministic or again.test is None:
        return finding
    before, after = probe.base().predictions, again.predictions
    rows = sorted(before)
    if same_predictions([before[r] for r in rows], [after[r] for r in rows]):
        return passed(case)
    first = next(r for r in rows if not same_predictions([before[r]], [after[r]]))
    return failed(
        again.test,
        f"{trouble}: the predictions differ",
        expected=f"row {first}: {before[first]!r}",
        got=f"row {first}: {after[first]!r}",
        case=case,
    )


@check("det.repeat", "the same input and seed give other predictions", needs=LATE, command=contract.TRAIN)
def repeat(probe: Probe) -> Iterator[Finding]:
    """Train and test on the same input and seed, in a new pod, predict the same (unless deterministic is false).

    Why: A result that cannot be repeated cannot be published, and cross-validation compares noise.
    Fix: Take every random choice from `seed` of the input document (42 where absent), and fix the number of threads.
    """
    if not probe.algorithm.deterministic:
        yield skipped("the metadata declare deterministic: false")
        return
    again = probe.trial(Trial(task=probe.base_task, repeat=1, name="again"))
    yield as_base(probe, again, f"{probe.base_task} again", "the same input in a new pod")


@check(
    "det.fresh",
    "the result depends on what an earlier run left",
    needs=("det.repeat",),
    command=contract.TRAIN,
)
def fresh(probe: Probe) -> Iterator[Finding]:
    """test works in a new volume that holds only input_test.json, and an experiment in a volume where another one
    took place before gives what it gives in a new one.

    Why: test may run on another machine, and a directory may be used twice.
    Fix: Put everything that test needs into the pipeline's text; do not keep a model or a cache in the volume.
    """
    task = probe.base_task
    cases = (
        ("test in a new volume", "test with only its input", probe.fresh_test),
        (f"{task} in a used volume", "after another experiment in the same volume", probe.after_another),
    )
    for (case, trouble, _), again in probe.each(cases, lambda question: question[2]()):
        yield as_base(probe, again, case, trouble)


CHECKS: tuple[Check, ...] = (fresh, repeat)
