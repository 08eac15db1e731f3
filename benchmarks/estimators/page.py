"""The records as Markdown: the share that passes, a table, and the reason for each that does not."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence

from benchmarks.estimators.records import Judgement, Record

_HEAD = """# `algoreg new` and all of scikit-learn

For every classifier and regressor of `sklearn.utils.all_estimators()`: can `algoreg new NAME --estimator CLASS` make a
plugin of it, and does that pass `algoreg validate --engine process` as it stands? Written by
`python -m benchmarks.estimators report` from the records in `benchmarks/estimators/records`; do not edit.

```console
$ python -m benchmarks.estimators run       # those without a record; hours, for each is judged by all checks
$ python -m benchmarks.estimators images    # a random few as Docker images
$ python -m benchmarks.estimators report    # this page
```
"""


def drawn(records: Sequence[Record], *, seed: int, count: int) -> list[str]:
    """A random few of those that pass; the same ones for the same seed and records."""
    passing = sorted(one.name for one in records if passes(one))
    return sorted(random.Random(seed).sample(passing, min(count, len(passing))))


def passes(record: Record) -> bool:
    """Whether its plugin passed on the process engine."""
    return record.process is not None and record.process.verdict == "PASS"


def page(records: Sequence[Record], *, tasks: Sequence[str]) -> str:
    """The whole document; ``tasks`` are those of all estimators, also of the ones without a record."""
    parts = (
        _HEAD,
        _share(records, tasks),
        _versions(records),
        _images(records),
        _reasons(records),
        _table(records),
    )
    return "\n".join(part for part in parts if part)


def _share(records: Sequence[Record], tasks: Sequence[str]) -> str:
    rows = [
        _share_row(words, [one for one in records if one.task == task], tasks.count(task))
        for task, words in (("classification", "classifiers"), ("regression", "regressors"))
    ]
    head = [
        "## The share",
        "",
        "| | all | judged | pass | fail | no folder | not judged yet |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, _share_row("both", records, len(tasks)), ""])


def _share_row(words: str, records: Sequence[Record], count: int) -> str:
    refused = sum(one.refused is not None for one in records)
    passed = sum(map(passes, records))
    judged = len(records)
    share = f" ({100 * passed / judged:.0f} % of those judged)" if judged else ""
    cells = (words, count, judged, f"{passed}{share}", judged - refused - passed, refused, count - judged)
    return f"| {' | '.join(map(str, cells))} |"


def _versions(records: Sequence[Record]) -> str:
    told = sorted({f"{name} {version}" for one in records for name, version in one.versions.items()})
    return f"Made with {', '.join(told)}. A row is of the draft as it was when it was judged.\n"


def _images(records: Sequence[Record]) -> str:
    rows = [
        f"| `{one.name}` | {one.image.verdict} | {_counts(one.image)} | {one.image.engine} |"
        for one in records
        if one.image
    ]
    if not rows:
        return ""
    head = [
        "## As Docker images",
        "",
        "Drawn at random from those that pass, built by `algoreg build` and judged.",
        "",
    ]
    return "\n".join([*head, "| estimator | verdict | | engine |", "|---|---|---|---|", *rows, ""])


def _reasons(records: Sequence[Record]) -> str:
    rows = [f"| `{one.name}` | {_reason(one)} |" for one in records if not passes(one)]
    if not rows:
        return ""
    return "\n".join(["## Those that do not pass", "", "| estimator | why |", "|---|---|", *rows, ""])


def _reason(record: Record) -> str:
    if record.refused is not None:
        text = re.sub(r"^--estimator: \w+ ", "", record.refused)
        return f"no folder: it {_plain(text)}" if text != record.refused else f"no folder: {_plain(text)}"
    failed = record.process.failed if record.process else {}
    return "; ".join(f"`{id}`: {_plain(message)}" for id, message in failed.items()) or "it was not judged"


def _table(records: Sequence[Record]) -> str:
    head = [
        "## All",
        "",
        "| estimator | task | verdict | parameters | `compute` stores | |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *_rows(records), ""])


def _rows(records: Iterable[Record]) -> Iterable[str]:
    for one in records:
        verdict = one.process.verdict if one.process else "no folder"
        counts = _counts(one.process) if one.process else ""
        parameters = "" if one.refused is not None else one.offered
        yield f"| `{one.estimator}` | {one.task} | {verdict} | {parameters} | {one.result or ''} | {counts} |"


def _counts(judged: Judgement) -> str:
    return f"{judged.passed} checks, {judged.cases} cases, {judged.seconds:.0f} s, seed {judged.seed}"


def _plain(text: str) -> str:
    """No Markdown, whatever a library says."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|" else character for character in text)
