"""Records of experiments and comparisons to text for a person, Markdown, HTML or JSON; nothing is decided here."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from algoreg.formats.escape import safe, safe_lines
from algoreg.record import ComparisonRecord, ExperimentRecord, Pair, Standing, Trouble

Table = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Headers and rows."""

_CONVENTIONAL: Final = 0.05
_MARKS: Final = re.compile(r"[\\`*_\[\]|#]")


def number(value: Any) -> str:
    """Four significant digits; a dash for what is not there or not defined."""
    return "-" if value is None else f"{value:.4g}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


# One experiment -------------------------------------------------------------------------------------------


def experiment_text(record: ExperimentRecord, *, color: bool = False) -> str:
    """What was run on what, a line for each fold, the pooled figures, what went wrong, and where everything is."""
    folds = "hold-out" if len(record.folds) == 1 else f"{len(record.folds)} folds"
    left_out = f" ({record.rows_left_out} with a NULL left out)" if record.rows_left_out else ""
    parameters = ", ".join(f"{code}={value}" for code, value in record.parameters.items())

    def typed(code: str) -> str:
        return f"{code} ({record.types[code]})"

    lines = [
        f"{record.code}  {record.target}{f'  with {parameters}' if parameters else ''}",
        f"{typed(record.variable)} from {', '.join(map(typed, record.covariables))}: "
        f"{record.rows} rows{left_out}, {folds}",
    ]
    text = "".join(f"{safe(line)}\n" for line in lines) + "\n"
    text += drawn(folds_table(record), color=color) + _confusion(record, color=color)
    text += "".join(f"{line}\n" for trouble in record.troubles for line in _trouble(trouble))
    places = {"files": record.folder, "plot": record.plot}
    text += "".join(f"{name:<7}{safe(where)}\n" for name, where in places.items() if where)
    engine = f"{record.engine.name} {record.engine.version or ''}".strip()
    return f"{text}{safe(engine)}, seed {record.seed}\n"


def folds_table(record: ExperimentRecord) -> Table:
    """A row for each fold, and one for all of them pooled."""
    scores = record.scores or {}
    by_fold: Mapping[str, Any] = scores.get("folds", {record.folds[0].name: scores} if scores else {})
    names = _figures(next(iter(by_fold.values()), {}), first=record.metric.name)
    rows = [
        [
            fold.name,
            str(fold.n_train),
            str(fold.n_held_out),
            *(number(by_fold.get(fold.name, {}).get(name)) for name in names),
            _seconds(fold.train_s),
            _seconds(fold.test_s),
        ]
        for fold in record.folds
    ]
    if "average" in scores:
        total = str(sum(fold.n_held_out for fold in record.folds if fold.trouble is None))
        rows.append(["pooled", "", total, *(number(scores["average"].get(name)) for name in names), "", ""])
    return ("fold", "training", "held out", *names, "train", "test"), rows


def _figures(score: Mapping[str, Any], *, first: str) -> list[str]:
    names = [name for name, value in score.items() if value is None or isinstance(value, int | float)]
    return sorted(names, key=lambda name: name != first)


def _confusion(record: ExperimentRecord, *, color: bool) -> str:
    scores = record.scores or {}
    matrix = scores.get("average", scores).get("Confusion matrix")
    if matrix is None:
        return ""
    labels = matrix["labels"]
    rows = [[label, *map(str, counts)] for label, counts in zip(labels, matrix["values"], strict=True)]
    return "\n" + drawn((("true \\ predicted", *labels), rows), color=color)


def _trouble(trouble: Trouble) -> Iterator[str]:
    yield f"FAILED {safe(trouble.case)}: {safe(trouble.message)}"
    yield f"  expected {safe(trouble.expected)}"
    yield f"  got      {safe(trouble.got)}"
    for line in safe_lines(trouble.evidence) if trouble.evidence else ():
        yield f"  log    | {line}"


# A comparison ---------------------------------------------------------------------------------------------


def standings_table(record: ComparisonRecord) -> Table:
    """Best first: mean and deviation over the folds, and what a fold cost."""
    headers = ("algorithm", f"{record.metric.name} (mean)", "std. dev.", "a fold takes", "failed folds")
    return headers, [_standing(one) for one in record.standings]


def _standing(one: Standing) -> list[str]:
    return [one.code, number(one.mean), number(one.deviation), _seconds(one.seconds), str(one.failed)]


def pairs_table(record: ComparisonRecord) -> Table:
    """Each pair's difference, and how likely chance alone would give one as large."""
    rows = [
        [f"{pair.first} - {pair.second}", number(pair.difference), number(pair.statistic), *_chance(pair)]
        for pair in record.pairs
    ]
    return ("pair", "mean difference", "t", "p", "p (Holm)", "reads as"), rows


def _chance(pair: Pair) -> tuple[str, str, str]:
    p = pair.p_adjusted
    word = "no test" if p is None else "a difference" if p < _CONVENTIONAL else "may be chance"
    return number(pair.p_value), number(p), word


_METHOD = (
    "Paired t-test over the folds, its variance corrected for folds that share training rows (Nadeau and Bengio "
    "2003); p values after Holm. Few folds have little power: no difference found is not no difference."
)


def comparison_text(record: ComparisonRecord, *, color: bool = False) -> str:
    """For a person."""
    text = f"{safe(_headline(record))}\n\n"
    text += drawn(standings_table(record), color=color) + "\n" + drawn(pairs_table(record), color=color)
    text += f"\n{_METHOD}\n"
    text += "".join(f"{safe(note)}\n" for note in record.notes)
    return text + "".join(f"{line}\n" for trouble in record.troubles for line in _trouble(trouble))


def comparison_markdown(record: ComparisonRecord) -> str:
    """For a document."""
    parts = [
        _quoted(_headline(record)),
        "",
        *_markdown(standings_table(record)),
        "",
        *_markdown(pairs_table(record)),
    ]
    parts += ["", _METHOD, *([""] if record.notes else []), *map(_quoted, record.notes)]
    parts += [f"- {_quoted(next(_trouble(trouble)))}" for trouble in record.troubles]
    return "".join(f"{line}\n" for line in parts)


def comparison_html(record: ComparisonRecord, *, plot: str = "") -> str:
    """One page that needs nothing else; ``plot`` is an SVG of ours."""
    body = f"<h1>{html.escape(safe(_headline(record)))}</h1>"
    body += _html(standings_table(record)) + plot + _html(pairs_table(record)) + f"<p>{_METHOD}</p>"
    body += "".join(f"<p>{html.escape(safe(note))}</p>" for note in record.notes)
    troubles = "\n".join(line for trouble in record.troubles for line in _trouble(trouble))
    body += f"<pre>{html.escape(troubles)}</pre>" if troubles else ""
    return f"{_PAGE}{body}</body></html>\n"


_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>algoreg compare</title><style>'
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:1em 0}th,td{padding:.3em .8em;border-bottom:1px solid #ccc;text-align:left}"
    "h1{font-size:1.3em}svg{max-width:100%;height:auto}</style></head><body>"
)


def _headline(record: ComparisonRecord) -> str:
    one = record.experiments[0]
    return (
        f"{one.variable} from {', '.join(one.covariables)}: {one.rows} rows of {record.data}, "
        f"{len(one.folds)} folds, seed {one.seed}"
    )


# Tables ---------------------------------------------------------------------------------------------------


def drawn(table: Table, *, color: bool) -> str:
    """With rich, as wide as it needs to be."""
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    headers, rows = table
    shown = RichTable(box=None, header_style="bold", pad_edge=False)
    for position, header in enumerate(headers):
        shown.add_column(Text(safe(header)), justify="left" if position == 0 else "right", no_wrap=True)
    for row in rows:
        shown.add_row(*(Text(safe(cell)) for cell in row))
    buffer = io.StringIO()
    console = Console(
        file=buffer, force_terminal=color, no_color=not color, width=400, highlight=False, markup=False
    )
    console.print(shown)
    return "".join(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _markdown(table: Table) -> list[str]:
    headers, rows = table
    return [_line(headers), _line(["---"] * len(headers)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(_quoted, cells)) + " |"


def _quoted(text: str) -> str:
    """For Markdown, which takes HTML for HTML, and an image's words for pictures."""
    return _MARKS.sub(r"\\\g<0>", html.escape(safe(text), quote=False))


def _html(table: Table) -> str:
    headers, rows = table
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{_cells('th', headers)}</tr></thead><tbody>{body}</tbody></table>"


def _cells(tag: str, values: Sequence[str]) -> str:
    return "".join(f"<{tag}>{html.escape(safe(value))}</{tag}>" for value in values)


def as_json(document: Mapping[str, Any]) -> str:
    """One document, ASCII only."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"
