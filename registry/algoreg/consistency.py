"""The rules that hold between the parts of a metadata document (contract section 1), one small function each.

A rule sees an ``Algorithm`` whose form is right and names the fields that disagree; lines and exceptions are
``metadata``'s. The name of a function is the name of its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from algoreg import contract
from algoreg.model import Algorithm, CountRange, Parameter, ParameterType, ParameterValue

INTERACTIVE_COMMANDS = frozenset({contract.TRAIN, contract.TEST})


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two parts of a document that cannot both be right."""

    at: tuple[str | int, ...]
    message: str
    fix: str


_Rule = Callable[[Algorithm], Iterator[Conflict]]


def conflicts(algorithm: Algorithm) -> Iterator[tuple[str, Conflict]]:
    """Every conflict in the document of ``algorithm``, after the name of the rule it breaks."""
    for rule in _RULES:
        name = rule.__name__.lstrip("_").replace("_", "-")
        yield from ((name, conflict) for conflict in rule(algorithm))


def _is_interactive(algorithm: Algorithm) -> bool:
    return set(algorithm.entrypoints) >= INTERACTIVE_COMMANDS


def _interactive_means_train_and_test(algorithm: Algorithm) -> Iterator[Conflict]:
    if algorithm.interactive and not _is_interactive(algorithm):
        message = "interactive is true, but entrypoints lacks train or test"
        yield Conflict(
            at=("interactive",), message=message, fix="add train and test to entrypoints, or write false"
        )
    if not algorithm.interactive and _is_interactive(algorithm):
        message = "interactive is false, but entrypoints has train and test"
        yield Conflict(at=("interactive",), message=message, fix="write true, or remove train and test")


def _wait_needs_train_and_test(algorithm: Algorithm) -> Iterator[Conflict]:
    if contract.WAIT in algorithm.entrypoints and not _is_interactive(algorithm):
        message = "wait serves train and test, which entrypoints lacks"
        yield Conflict(at=("entrypoints",), message=message, fix="add train and test, or remove wait")


def _predictive_needs_a_way_to_predict(algorithm: Algorithm) -> Iterator[Conflict]:
    computes_pfa = contract.COMPUTE in algorithm.entrypoints and algorithm.result == "pfa"
    if algorithm.predictive and not (_is_interactive(algorithm) or computes_pfa):
        message = (
            "predictive is true, but nothing predicts: neither train and test nor compute with result pfa"
        )
        yield Conflict(at=("predictive",), message=message, fix="write false, or add one of the two ways")


def _classification_needs_a_nominal_variable(algorithm: Algorithm) -> Iterator[Conflict]:
    if contract.CLASSIFICATION in algorithm.tasks and not algorithm.accepted_type(contract.CLASSIFICATION):
        yield Conflict(
            at=("constraints", "variable"),
            message="tasks has classification, but neither binominal nor polynominal variables are accepted",
            fix="accept binominal or polynominal, or remove classification from tasks",
        )


def _regression_needs_a_continuous_variable(algorithm: Algorithm) -> Iterator[Conflict]:
    if contract.REGRESSION in algorithm.tasks and not algorithm.accepted_type(contract.REGRESSION):
        yield Conflict(
            at=("constraints", "variable"),
            message="tasks has regression, but neither real nor integer variables are accepted",
            fix="accept real or integer, or remove regression from tasks",
        )


def _some_variable_is_accepted(algorithm: Algorithm) -> Iterator[Conflict]:
    if not any(algorithm.constraints.variable.values()):
        yield Conflict(
            at=("constraints", "variable"),
            message="no type of variable is accepted",
            fix="set at least one of real, integer, binominal, polynominal to true",
        )


def _federated_needs_compute(algorithm: Algorithm) -> Iterator[Conflict]:
    if algorithm.federated and contract.COMPUTE not in algorithm.entrypoints:
        message = "federated is true, but entrypoints lacks compute, whose modes it promises"
        yield Conflict(at=("federated",), message=message, fix="add compute to entrypoints, or write false")


def _counts_are_ranges(algorithm: Algorithm) -> Iterator[Conflict]:
    for name, counts in _count_ranges(algorithm):
        if counts.max_count is not None and counts.min_count > counts.max_count:
            yield Conflict(
                at=("constraints", name),
                message=f"min_count {counts.min_count} is more than max_count {counts.max_count}",
                fix="raise max_count (null means no limit), or lower min_count",
            )


def _count_ranges(algorithm: Algorithm) -> tuple[tuple[str, CountRange], ...]:
    constraints = algorithm.constraints
    return ("covariables", constraints.covariables), ("groupings", constraints.groupings)


def _parameter_codes_are_unique(algorithm: Algorithm) -> Iterator[Conflict]:
    first: dict[str, int] = {}
    for index, parameter in enumerate(algorithm.parameters):
        if first.setdefault(parameter.code, index) != index:
            yield Conflict(
                at=("parameters", index, "code"),
                message=f"$.parameters[{first[parameter.code]}] has the code {parameter.code}, too",
                fix="rename one of them",
            )


def _parameter_bounds_are_ranges(algorithm: Algorithm) -> Iterator[Conflict]:
    for index, parameter in enumerate(algorithm.parameters):
        if parameter.min is not None and parameter.max is not None and parameter.min > parameter.max:
            yield Conflict(
                at=("parameters", index, "constraints"),
                message=f"min {parameter.min} is more than max {parameter.max}",
                fix="exchange them",
            )


def _default_value_is_accepted(algorithm: Algorithm) -> Iterator[Conflict]:
    for index, parameter in enumerate(algorithm.parameters):
        if reason := _refused(parameter, parameter.default_value):
            at = ("parameters", index, "default_value")
            yield Conflict(at=at, message=reason, fix="choose a default that the parameter accepts")


def _validation_is_accepted(algorithm: Algorithm) -> Iterator[Conflict]:
    for index, parameter in enumerate(algorithm.parameters):
        tried = {"value": parameter.validation.value, **_tried_ends(parameter)}
        for name, value in tried.items():
            if value is not None and (reason := _refused(parameter, value)):
                at = ("parameters", index, "validation", name)
                yield Conflict(at=at, message=reason, fix="choose a value that the parameter accepts")


def _tried_ends(parameter: Parameter) -> dict[str, float | None]:
    return {"min": parameter.validation.min, "max": parameter.validation.max}


def _validation_is_a_range(algorithm: Algorithm) -> Iterator[Conflict]:
    for index, parameter in enumerate(algorithm.parameters):
        low, high = parameter.validation.min, parameter.validation.max
        if low is not None and high is not None and low > high:
            yield Conflict(
                at=("parameters", index, "validation"),
                message=f"min {low} is more than max {high}",
                fix="exchange them",
            )


def _refused(parameter: Parameter, value: ParameterValue) -> str | None:
    """Why the parameter's own declaration refuses ``value``, None when it does not."""
    if parameter.type is ParameterType.ENUMERATION:
        return None if value in parameter.values else f"{value!a:.60} is not among the values"
    if isinstance(value, bool | str):
        return None
    if parameter.min is not None and value < parameter.min:
        return f"{value} is below the minimum {parameter.min}"
    if parameter.max is not None and value > parameter.max:
        return f"{value} is above the maximum {parameter.max}"
    return None


_RULES: tuple[_Rule, ...] = (
    _interactive_means_train_and_test,
    _wait_needs_train_and_test,
    _predictive_needs_a_way_to_predict,
    _classification_needs_a_nominal_variable,
    _regression_needs_a_continuous_variable,
    _some_variable_is_accepted,
    _federated_needs_compute,
    _counts_are_ranges,
    _parameter_codes_are_unique,
    _parameter_bounds_are_ranges,
    _default_value_is_accepted,
    _validation_is_accepted,
    _validation_is_a_range,
)
