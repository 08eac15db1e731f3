"""The out family: what train and test of the base case left in the volume, one rung after the other.

The rungs themselves are in ``algoreg.outputs``; each check here reports the one of its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from algoreg import contract, outputs
from algoreg.check import Check, Judge, check
from algoreg.checks.findings import blamed
from algoreg.probe import Probe
from algoreg.report import Finding


def _rung(id: str, explanation: str) -> Judge:
    """A judge that fails when the base case's first defect is of this rung."""

    def judge(probe: Probe) -> Iterator[Finding]:
        return blamed([probe.base()], id)

    judge.__doc__ = explanation
    return judge


def _check(id: str, title: str, explanation: str) -> Check:
    rung = outputs.LADDER.index(id)
    before = outputs.LADDER[rung - 1] if rung else "run.exit-code"
    if id == "out.pipeline-text":
        before = "out.length"  # of the same rank as out.alignment
    build: Callable[[Judge], Check] = check(id, title, needs=(before,), command=contract.TRAIN)
    return build(_rung(id, explanation))


CHECKS: tuple[Check, ...] = (
    _check(
        "out.alignment",
        "rows are not the test_rows, or targets not the table's values there",
        """predictions.json speaks of the held-out rows, each once, with the table's true values beside them.

        Why: Woken computes its scores from these pairs; one shifted row makes every score meaningless, and
        nothing else would show it.
        Fix: Keep the order of the query (it has an ORDER BY), and index by the position in it.
        """,
    ),
    _check(
        "out.domain",
        "a prediction is a value that the variable cannot have",
        """Predictions and targets are numbers for a regression, and codes of the enumeration, as text, for a
        classification; probabilities name every code, lie in [0, 1] and sum to 1.

        Why: Scores are computed per code; an unknown class or a number for a class ends in an exception, or in
        a score of something else.
        Fix: Decide the task by the variable's type in PARAM_meta, and write codes as JSON strings, and probabilities
        as an object per row: a share from 0 to 1 for every code, 1 in all.
        """,
    ),
    _check(
        "out.finite",
        "a number is not finite",
        """No number of an output is beyond a double (1e999).

        Why: Woken's JSON readers turn it into Infinity, and every average becomes infinite with it.
        Fix: Refuse data that lead to overflow, with a message and a non-zero code.
        """,
    ),
    _check(
        "out.json",
        "an output is not strict JSON",
        """The declared output is one JSON value in UTF-8: no duplicate keys, at most 200 levels, no NaN or Infinity
        literals, no lone surrogates.

        Why: The reader on the other side is not Python: what json.dump writes for NaN is a syntax error there.
        Fix: Write with a JSON library, allow_nan=False, and rename the finished file into place.
        """,
    ),
    _check(
        "out.length",
        "lists differ in length",
        """rows, predictions, targets and probabilities have the same length.

        Why: They are read in parallel; the shortest one silently cuts the others.
        Fix: Predict every held-out row, the ones whose target is NULL included.
        """,
    ),
    _check(
        "out.missing",
        "it ends with 0 and the declared file is absent",
        """train leaves input_test.json and test leaves predictions.json in /docker-volume.

        Why: A code of 0 makes Woken go on with the next step, which then fails far from the cause.
        Fix: Write the file, or end with a non-zero code and say why.
        """,
    ),
    _check(
        "out.pipeline-text",
        "the pipeline is no plain text",
        """pipeline is printable text of at most 1 MiB that does not decode to a pickle.

        Why: Loading a pickle runs whatever code it names, on a machine beside patients' data.
        Fix: Describe the pipeline as JSON (class names and parameters), and rebuild it from a fixed table.
        """,
    ),
    _check(
        "out.schema",
        "required keys are absent, or of the wrong type",
        """input_test.json carries every key of its input unchanged and pipeline; predictions.json carries rows,
        predictions and targets of the right types.

        Why: test may run on another machine, with nothing but this file to go by.
        Fix: Copy the whole input document and add to it; compare with metadata_schema/.
        """,
    ),
    _check(
        "out.size",
        "the volume is over its bounds",
        """The volume holds at most 64 MiB and 1,000 entries.

        Why: Volumes are shared between machines and kept for audits.
        Fix: Write temporary files to /tmp, and remove them.
        """,
    ),
    _check(
        "out.type",
        "an entry is neither a regular file nor a directory",
        """The volume holds regular files and directories only, and the output is a regular file.

        Why: A link that is followed by the caller reads the caller's own files.
        Fix: Write the content itself.
        """,
    ),
)
