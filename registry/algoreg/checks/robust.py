"""The robust family: legal values that break careless code, in the variable and in a covariable."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg.check import Check, Judge, check
from algoreg.checks import twins
from algoreg.checks.findings import NO_TWIN, whole
from algoreg.checks.order import LATE
from algoreg.probe import Probe
from algoreg.report import Finding, skipped


def _judge(id: str, explanation: str) -> Judge:
    def judge(probe: Probe) -> Iterator[Finding]:
        cases = [case for case in probe.materials.hostile_cases() if case.check == id]
        if not cases:
            yield skipped("the metadata leave no case of it")
        trouble = "it fails on a legal value"
        if probe.algorithm.interactive:
            for case, experiment in probe.each(cases, probe.hostile):
                yield whole(experiment, case.case, trouble=trouble)
        if probe.algorithm.computes:
            # compute predicts nothing, so that how many rows are held out is nothing to it
            others = [case for case in cases if case.check != "robust.one-row"]
            for case, computation in probe.each(others, probe.hostile_computation):
                name = f"compute {case.case}"
                if twins.counts(probe, computation):
                    yield whole(computation, name, trouble=trouble)
                else:
                    yield skipped(NO_TWIN, name)

    judge.__doc__ = explanation
    return judge


def _check(id: str, title: str, explanation: str) -> Check:
    return check(id, title, needs=(*LATE, "cap.task"))(_judge(id, explanation))


CHECKS: tuple[Check, ...] = (
    _check(
        "robust.name",
        "a reserved or renamed column breaks it",
        """Columns may be reserved words (order), and their original codes may differ from their db-safe names
        (left-hippocampus, IQ, 3rd-Ventricle).

        Why: Woken renames columns and keys PARAM_meta by the original code; the platform's own test metadata
        hold such codes.
        Fix: Match columns with PARAM_meta through the rule of contract section 2, and quote identifiers.
        """,
    ),
    _check(
        "robust.numeric-code",
        "digit-only codes break it",
        """Codes such as 0 and 1 arrive as JSON numbers in PARAM_meta, and as text or integers from the database.

        Why: More than half of the platform's nominal variables are coded this way.
        Fix: Compare codes as text, and write them as text.
        """,
    ),
    _check(
        "robust.one-row",
        "a single row to predict breaks it",
        """test_rows may hold one row.

        Why: Leave-one-out validation asks for exactly this.
        Fix: Keep arrays two-dimensional; do not compute statistics of the held-out rows.
        """,
    ),
    _check(
        "robust.quote",
        "an apostrophe in a code breaks it",
        """Codes and labels may hold apostrophes, as in Alzheimer's disease.

        Why: The platform's most used variable has such a code.
        Fix: Pass values as parameters of a query, never by formatting them into SQL or a shell line.
        """,
    ),
    _check(
        "robust.unicode",
        "a code outside ASCII breaks it",
        """Codes and labels may hold any Unicode.

        Why: Hospitals write in their own languages.
        Fix: Read and write UTF-8 whatever the locale (it is C in a bare container).
        """,
    ),
)
