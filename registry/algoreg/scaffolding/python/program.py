"""The text of ``program.py``: one function that an author reads at a glance and goes on with."""

from __future__ import annotations

from typing import Final

from algoreg.scaffolding.python.choosing import Choice
from algoreg.scaffolding.python.estimators import Estimator
from algoreg.scaffolding.texts import filled

_VOUCHED: Final = '''
ESTIMATORS = ({names},)
"""Classes that a pipeline's text may name, beside those that the runtime knows."""
'''


def program(estimator: Estimator, choice: Choice) -> str:
    """The module, with every import it needs."""
    names: dict[str, set[str]] = {"algoreg.runtime": {"Job"}, "sklearn.base": {"BaseEstimator"}}
    for call in choice.call.calls():
        names.setdefault(call.module, set()).add(call.name)
    imports = [f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)]
    return filled(
        "python/program.py",
        words=estimator.words,
        name=estimator.name,
        imports="\n".join(imports),
        vouched=_VOUCHED.format(names=", ".join(choice.vouched)) if choice.vouched else "",
        asked="    asked = job.parameters\n" if choice.offered else "",
        call=choice.call.text(),
    )
