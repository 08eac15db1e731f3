"""The text of the plugin's README: how to go on, what is offered, and why something is not."""

from __future__ import annotations

from algoreg.scaffolding.python.choosing import Choice
from algoreg.scaffolding.python.estimators import Estimator
from algoreg.scaffolding.texts import filled
from algoreg.scaffolding.wish import Wish

_RESULT = {
    True: "`compute` stores the fitted model as a PFA document, which other engines can evaluate.",
    False: "`compute` stores a JSON description of the model: the pipeline, its scores over five folds, and how much "
    "each\ncovariable adds to them. For another one, write `result(job, table, model, notes)` in `program.py`.",
}


def readme(wish: Wish, estimator: Estimator, choice: Choice) -> str:
    """Markdown."""
    import sklearn

    return filled(
        "python/README.md",
        label=_plain(estimator.words if wish.label is None else wish.label),
        description=_plain(estimator.summary if wish.description is None else wish.description),
        path=estimator.path,
        sklearn=sklearn.__version__,
        package=wish.package,
        module=wish.package.removeprefix("algoreg_"),
        reference=wish.reference,
        result=_RESULT[choice.pfa],
        left_out="\n".join(_left_out(choice)) or "Nothing.",
    )


def _left_out(choice: Choice) -> list[str]:
    rows = [f"| `{one.code}` | {_plain(one.reason)} |" for one in choice.left_out]
    table = ["| | |", "|---|---|", *rows] if rows else []
    remarks = [f"- {_plain(remark)}" for remark in choice.remarks]
    return [*remarks, *([""] if remarks and table else []), *table]


def _plain(text: str) -> str:
    """On one line, and no Markdown or HTML whatever it holds."""
    line = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*_[]<>|#" else character for character in line)
