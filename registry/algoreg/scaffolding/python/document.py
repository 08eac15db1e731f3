"""The text of ``algorithm.yaml``: what the image promises, laid out for an author to read and to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from algoreg import contract
from algoreg.model import ParameterType
from algoreg.scaffolding.python.estimators import Estimator
from algoreg.scaffolding.python.expressions import Conversion
from algoreg.scaffolding.python.trials import Tried
from algoreg.scaffolding.texts import filled
from algoreg.scaffolding.wish import Wish

_NONE_IS: Final = (Conversion.WHOLE_OR_NONE, Conversion.NUMBER_OR_NONE)


def document(
    wish: Wish,
    estimator: Estimator,
    *,
    pfa: bool = False,
    kinds: Mapping[str, bool] | None = None,
    offered: tuple[Tried, ...] = (),
) -> str:
    """The document; without ``kinds`` every type of variable that the task has is taken."""
    of_task = (
        contract.NOMINAL_TYPES if estimator.task == contract.CLASSIFICATION else contract.CONTINUOUS_TYPES
    )
    taken = kinds or {kind: kind in of_task for kind in contract.VARIABLE_TYPES}
    return filled(
        "python/algorithm.yaml",
        code=_inline(wish.code),
        label=_inline(estimator.words if wish.label is None else wish.label),
        description=_inline(estimator.summary if wish.description is None else wish.description),
        image=_inline(wish.image),
        version=_inline(wish.version),
        maturity=wish.maturity,
        task=estimator.task,
        variable=_inline(dict(taken)),
        result="pfa" if pfa else "json",
        parameters=_parameters(estimator, offered),
    )


def _parameters(estimator: Estimator, offered: tuple[Tried, ...]) -> str:
    if not offered:
        return "parameters: []"
    return "\n".join(["parameters:", *(_parameter(one, estimator.described) for one in offered)])


def _parameter(tried: Tried, described: Mapping[str, str]) -> str:
    code = tried.offer.code
    entries = {
        "code": code,
        "label": code.replace("_", " ").strip().capitalize() if len(code) > 1 else code,
        "description": _description(tried, described.get(code, "")),
        "type": str(tried.offer.type),
        "default_value": tried.offer.default,
        "constraints": _ends(tried),
        "values": list(tried.values),
        "validation": _validation(tried),
    }
    lines = [
        f"{name}: {_inline(value)}" for name, value in entries.items() if value not in ("", [], {}, None)
    ]
    if not tried.validation.effect:
        lines[-1] += (
            f"  # no clear difference on {100 * (1 - tried.seen):.0f} % of the tables that were tried"
        )
    return "\n".join(f"  {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(lines))


def _description(tried: Tried, said: str) -> str:
    if tried.offer.conversion not in _NONE_IS:
        return said
    return f"{said} 0: scikit-learn's None.".strip()


def _ends(tried: Tried) -> dict[str, Any]:
    if tried.low is None or tried.high is None:
        return {}
    return {"min": _number(tried, tried.low), "max": _number(tried, tried.high)}


def _validation(tried: Tried) -> dict[str, Any]:
    found = tried.validation
    told = {
        "value": found.value,
        "min": None if found.min is None else _number(tried, found.min),
        "max": None if found.max is None else _number(tried, found.max),
        "effect": None if found.effect else False,
    }
    return {name: value for name, value in told.items() if value is not None}


def _number(tried: Tried, value: float) -> float:
    return int(value) if tried.offer.type is ParameterType.INTEGER else float(value)


def _inline(value: Any) -> str:
    """One line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")
