"""Which faults are tried, in which command, which check answers for each, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable

from algoreg import contract
from algoreg.faults import injections
from algoreg.faults.fault import Data, Evidence, Fault
from algoreg.faults.setting import Setting
from algoreg.model import Algorithm, Parameter, ParameterType

_BASE_CASE = Data()


def _says(*tokens: str) -> Callable[[Setting], tuple[Evidence, ...]]:
    return lambda _setting: tuple(Evidence(token=token) for token in tokens)


def _names(*names: str) -> Callable[[Setting], tuple[Evidence, ...]]:
    return lambda _setting: tuple(Evidence(token=name, whole=True) for name in names)


def input_faults(command: str, name: str) -> tuple[Fault, ...]:
    """The input file of ``train`` or ``test`` is absent, or not JSON."""
    return tuple(
        Fault(
            name=f"{name} {what}", command=command, check="neg.exit-code", inject=inject, evidence=_says(name)
        )
        for what, inject in (
            ("absent", injections.without_file(name)),
            ("is not JSON", injections.not_json(name)),
        )
    )


def _first_covariable(setting: Setting) -> tuple[Evidence, ...]:
    column = setting.sample.covariables[0]
    return _names(column.name, column.code)(setting)


def _science(_setting: Setting) -> tuple[Evidence, ...]:
    return (Evidence(token="IN_", prefix=True),)


def _data_faults(command: str) -> tuple[Fault, ...]:
    """What concerns environment and science database, for every command that reads them."""

    def fault(
        name: str,
        check: str,
        inject: Callable[[Setting], Setting],
        evidence: Callable[[Setting], tuple[Evidence, ...]],
        data: Data = _BASE_CASE,
    ) -> Fault:
        return Fault(name=name, command=command, check=check, inject=inject, evidence=evidence, data=data)

    return (
        fault("PARAM_meta absent", "neg.missing-env", injections.without_meta, _says("PARAM_meta")),
        fault("all IN_* absent", "neg.missing-env", injections.without_science, _science),
        fault(
            "a column not described in PARAM_meta",
            "neg.exit-code",
            injections.undescribed,
            _first_covariable,
        ),
        fault(
            "the query returns no row",
            "neg.exit-code",
            injections.rewritten(injections.no_row),
            _says("row", "empty"),
        ),
        fault(
            "the query returns no row, the variable being all NULL",
            "neg.exit-code",
            injections.rewritten(injections.filtered),
            _says("row", "empty"),
            Data(unknown=True),
        ),
        fault(
            "an absent table",
            "neg.bad-query",
            injections.rewritten(injections.absent_table),
            _says(injections.ABSENT_TABLE),
        ),
        fault(
            "an absent column",
            "neg.bad-query",
            injections.rewritten(injections.absent_column),
            _says(injections.ABSENT_COLUMN),
        ),
        fault(
            "a closed port",
            "neg.bad-query",
            injections.closed_port,
            lambda s: (Evidence(token=str(s.closed_port), whole=True), Evidence(token="connect")),
        ),
        fault(
            "a wrong password",
            "neg.bad-query",
            injections.wrong_password,
            lambda s: (Evidence(token=s.environment["IN_USER"]), Evidence(token="authentication")),
        ),
    )


_WRONG_TEXT = {
    ParameterType.INTEGER: "not-a-number",
    ParameterType.NUMBER: "not-a-number",
    ParameterType.BOOLEAN: "not-a-boolean",
}


def _parameter_faults(command: str, algorithm: Algorithm) -> tuple[Fault, ...]:
    """A text that is not of the parameter's type, and values just outside its range or beside its values."""
    wrong = [
        (p, f"is no {p.type}", _WRONG_TEXT[p.type], "neg.exit-code")
        for p in algorithm.parameters
        if p.type in _WRONG_TEXT
    ]
    outside = [
        (p, f"is {value}", value, "cap.param-range") for p in algorithm.parameters for value in _outside(p)
    ]
    return tuple(
        Fault(
            name=f"parameter {parameter.code} {what}",
            command=command,
            check=check,
            inject=injections.parameter(parameter.code, value),
            evidence=_names(parameter.code),
        )
        for parameter, what, value, check in (*wrong, *outside)
    )


def _outside(parameter: Parameter) -> tuple[str, ...]:
    """The nearest values that its constraints exclude."""
    if parameter.type is ParameterType.ENUMERATION:
        other = f"not-{parameter.values[0]}"
        while other in parameter.values:
            other += "-either"
        return (other,)
    if parameter.type is ParameterType.INTEGER:
        ends = (
            parameter.min is not None and parameter.min - 1,
            parameter.max is not None and parameter.max + 1,
        )
    else:
        ends = (
            parameter.min is not None and parameter.min - _step(parameter.min),
            parameter.max is not None and parameter.max + _step(parameter.max),
        )
    return tuple(parameter.text(end) for end in ends if end is not False)


def _step(end: float) -> float:
    """Small beside the end, and far from the rounding of a reader in single precision."""
    return max(abs(end), 1.0) / 1000


def _variable(setting: Setting) -> tuple[Evidence, ...]:
    variable = setting.sample.variable
    return _names(variable.name, variable.code, variable.type)(setting)


def _data_that_is_excluded(command: str, algorithm: Algorithm) -> tuple[Fault, ...]:
    """Variables of a type that the metadata exclude; covariables that they do not let mix."""
    excluded = tuple(
        Fault(
            name=f"a variable of type {kind}, which is excluded",
            command=command,
            check="cap.constraints",
            inject=lambda setting: setting,
            evidence=_variable,
            data=Data(variable_type=kind),
        )
        for kind in contract.VARIABLE_TYPES
        if not algorithm.constraints.accepts(kind)
    )
    if algorithm.constraints.mixed or (algorithm.constraints.covariables.max_count or 2) < 2:
        return excluded
    together = Fault(
        name="nominal and continuous covariables together, which is excluded",
        command=command,
        check="cap.constraints",
        inject=lambda setting: setting,
        evidence=lambda _setting: (),
        data=Data(mixing=True),
    )
    return (*excluded, together)


def key_faults() -> tuple[Fault, ...]:
    """A query is absent in the input file of ``train``."""
    return tuple(
        Fault(
            name=f"{key} absent",
            command=contract.TRAIN,
            check="neg.exit-code",
            inject=injections.without_key(contract.INPUT_TRAINING, key),
            evidence=_says(key),
        )
        for key in ("query_features", "query_targets")
    )


def train_faults(algorithm: Algorithm) -> tuple[Fault, ...]:
    """Every fault of ``train``."""
    return (
        *input_faults(contract.TRAIN, contract.INPUT_TRAINING),
        *key_faults(),
        *_computing_faults(contract.TRAIN, algorithm),
    )


def _computing_faults(command: str, algorithm: Algorithm) -> tuple[Fault, ...]:
    """What every command can meet that reads environment and science database."""
    return (
        *_data_faults(command),
        *_parameter_faults(command, algorithm),
        *_data_that_is_excluded(command, algorithm),
    )


def compute_faults(algorithm: Algorithm) -> tuple[Fault, ...]:
    """Every fault of ``compute``."""
    return _computing_faults(contract.COMPUTE, algorithm)


def all_faults(algorithm: Algorithm) -> tuple[Fault, ...]:
    """Every fault of every command that the image has."""
    interactive = (*train_faults(algorithm), *test_faults()) if algorithm.interactive else ()
    return (*interactive, *(compute_faults(algorithm) if algorithm.computes else ()))


def test_faults() -> tuple[Fault, ...]:
    """Every fault of ``test``."""
    evidence = _says("pipeline", contract.INPUT_TEST)
    cases = (
        ("pipeline absent", injections.without_key(contract.INPUT_TEST, "pipeline")),
        ("pipeline cut to its first half", injections.half_pipeline),
        ("code in place of the pipeline", injections.code_for_pipeline),
    )
    return (
        *input_faults(contract.TEST, contract.INPUT_TEST),
        *(
            Fault(name=name, command=contract.TEST, check="neg.no-model", inject=inject, evidence=evidence)
            for name, inject in cases
        ),
    )
