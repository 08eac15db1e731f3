"""The faults of contract section 5: how each is injected, which check answers for it, what evidence must follow.

These faults and no others are tried. The probe applies one to an otherwise good run and looks at the end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from algoreg import contract, job
from algoreg.model import Algorithm, Parameter, ParameterType
from algoreg.samples.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What one run is given; a fault returns a changed copy."""

    sample: Sample
    environment: Mapping[str, str]
    files: Mapping[str, bytes]
    """Name -> content of what is put into the volume before the run."""
    closed_port: int
    """A port of the pod where nothing listens."""
    canary: str
    """Name of a file that must not appear in the volume."""

    def with_environment(self, **changes: str) -> Setting:
        """The same with some variables set to other values."""
        return replace(self, environment={**self.environment, **changes})

    def document(self, name: str) -> dict[str, Any]:
        """An input file, parsed."""
        document: dict[str, Any] = json.loads(self.files[name])
        return document

    def with_document(self, name: str, document: Mapping[str, Any]) -> Setting:
        """The same with another content of an input file."""
        return replace(self, files={**self.files, name: dump(document)})


def dump(document: Mapping[str, Any]) -> bytes:
    """JSON as the caller writes it into the volume."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


_STYLE = re.compile(r"\x1b\[[0-9;:]*m")
"""Colours, which would join a name to the letter m."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A token that names the cause."""

    token: str
    whole: bool = False
    """Only as a name on its own: ``k`` must not be found in ``Traceback``."""
    prefix: bool = False
    """The beginning of a name: ``IN_``."""

    def found_in(self, text: str) -> bool:
        """Whether the token stands in ``text``, in any letter case."""
        before = r"(?<![A-Za-z0-9])" if self.whole or self.prefix else ""
        after = r"(?![A-Za-z0-9])" if self.whole else ""
        return re.search(f"{before}{re.escape(self.token)}{after}", text, re.IGNORECASE) is not None


@dataclass(frozen=True, kw_only=True)
class Data:
    """Which data an experiment is made on; all defaults: the base case's."""

    variable_type: str | None = None
    """A variable of this type."""
    mixing: bool = False
    """Nominal and continuous covariables together."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault in one command."""

    name: str
    """What a person reads: ``input_training.json absent``."""
    command: str
    check: str
    """The id that fails when the image takes no notice."""
    inject: Callable[[Setting], Setting]
    evidence: Callable[[Setting], tuple[Evidence, ...]]
    """Of these, one must appear in the logs, and for compute in its row; none where contract 5 asks for none."""
    data: Data = field(default_factory=Data)
    """What it is asked on."""

    @property
    def case(self) -> str:
        """The case's name in the report."""
        return f"{self.command}: {self.name}"

    def shown_in(self, text: str, setting: Setting) -> bool:
        """Whether ``text`` names the injected cause."""
        plain = _STYLE.sub("", text)
        wanted = self.evidence(setting)
        return not wanted or any(one.found_in(plain) for one in wanted)


def _says(*tokens: str) -> Callable[[Setting], tuple[Evidence, ...]]:
    return lambda _setting: tuple(Evidence(token=token) for token in tokens)


def _names(*names: str) -> Callable[[Setting], tuple[Evidence, ...]]:
    return lambda _setting: tuple(Evidence(token=name, whole=True) for name in names)


def _without_file(name: str) -> Callable[[Setting], Setting]:
    return lambda s: replace(s, files={k: v for k, v in s.files.items() if k != name})


def _not_json(name: str) -> Callable[[Setting], Setting]:
    return lambda s: replace(s, files={**s.files, name: b'{"query_features": "SELECT'})


def _without_key(name: str, key: str) -> Callable[[Setting], Setting]:
    def inject(setting: Setting) -> Setting:
        document = setting.document(name)
        del document[key]
        return setting.with_document(name, document)

    return inject


def _half_pipeline(setting: Setting) -> Setting:
    document = setting.document(contract.INPUT_TEST)
    text = document["pipeline"]
    return setting.with_document(contract.INPUT_TEST, {**document, "pipeline": text[: len(text) // 2]})


def _code_for_pipeline(setting: Setting) -> Setting:
    document = setting.document(contract.INPUT_TEST)
    code = f"__import__('os').system('touch {contract.VOLUME}/{setting.canary}')"
    return setting.with_document(contract.INPUT_TEST, {**document, "pipeline": code})


def _without_meta(setting: Setting) -> Setting:
    return replace(setting, environment={k: v for k, v in setting.environment.items() if k != "PARAM_meta"})


def _undescribed(setting: Setting) -> Setting:
    meta = setting.sample.meta()
    del meta[setting.sample.covariables[0].code]
    return setting.with_environment(PARAM_meta=json.dumps(meta))


def _without_science(setting: Setting) -> Setting:
    kept = {k: v for k, v in setting.environment.items() if not k.startswith("IN_")}
    return replace(setting, environment=kept)


def _rewritten(change: Callable[[Setting, str], str]) -> Callable[[Setting], Setting]:
    """Change every query of a run: those of the input file, and PARAM_query."""

    def inject(setting: Setting) -> Setting:
        changed = setting.with_environment(PARAM_query=change(setting, setting.environment["PARAM_query"]))
        if contract.INPUT_TRAINING not in setting.files:
            return changed
        document = setting.document(contract.INPUT_TRAINING)
        for key in ("query_features", "query_targets"):
            document[key] = change(setting, document[key])
        return changed.with_document(contract.INPUT_TRAINING, document)

    return inject


ABSENT_TABLE = "no_such_table"
ABSENT_COLUMN = "no_such_column"


def _absent_table(setting: Setting, query: str) -> str:
    return query.replace(f'FROM "{setting.sample.table}"', f'FROM "{ABSENT_TABLE}"')


def _absent_column(_setting: Setting, query: str) -> str:
    return query.replace("SELECT ", f'SELECT "{ABSENT_COLUMN}", ', 1)


def _no_row(_setting: Setting, query: str) -> str:
    word = "AND" if " WHERE " in query else "WHERE"
    return query.replace(" ORDER BY ", f" {word} 1 = 0 ORDER BY ")


def _closed_port(setting: Setting) -> Setting:
    port = str(setting.closed_port)
    old = setting.environment
    url = old["IN_JDBC_URL"].replace(f":{old['IN_PORT']}/", f":{port}/")
    return setting.with_environment(IN_PORT=port, IN_JDBC_URL=url)


def _wrong_password(setting: Setting) -> Setting:
    wrong = setting.environment["IN_PASSWORD"][::-1] + "x"
    return setting.with_environment(IN_PASSWORD=wrong, IN_JDBC_PASSWORD=wrong)


def _parameter(code: str, value: str) -> Callable[[Setting], Setting]:
    return lambda s: s.with_environment(**job.model_parameters({code: value}))


def input_faults(command: str, name: str) -> tuple[Fault, ...]:
    """The input file of ``train`` or ``test`` is absent, or not JSON."""
    return tuple(
        Fault(
            name=f"{name} {what}", command=command, check="neg.exit-code", inject=inject, evidence=_says(name)
        )
        for what, inject in (("absent", _without_file(name)), ("is not JSON", _not_json(name)))
    )


def _science(_setting: Setting) -> tuple[Evidence, ...]:
    return (Evidence(token="IN_", prefix=True),)


def _data_faults(command: str) -> tuple[Fault, ...]:
    """What concerns environment and science database, for every command that reads them."""

    def fault(
        name: str,
        check: str,
        inject: Callable[[Setting], Setting],
        evidence: Callable[[Setting], tuple[Evidence, ...]],
    ) -> Fault:
        return Fault(name=name, command=command, check=check, inject=inject, evidence=evidence)

    def undescribed(setting: Setting) -> tuple[Evidence, ...]:
        column = setting.sample.covariables[0]
        return _names(column.name, column.code)(setting)

    return (
        fault("PARAM_meta absent", "neg.missing-env", _without_meta, _says("PARAM_meta")),
        fault("all IN_* absent", "neg.missing-env", _without_science, _science),
        fault("a column not described in PARAM_meta", "neg.exit-code", _undescribed, undescribed),
        fault("the query returns no row", "neg.exit-code", _rewritten(_no_row), _says("row", "empty")),
        fault("an absent table", "neg.bad-query", _rewritten(_absent_table), _says(ABSENT_TABLE)),
        fault("an absent column", "neg.bad-query", _rewritten(_absent_column), _says(ABSENT_COLUMN)),
        fault(
            "a closed port",
            "neg.bad-query",
            _closed_port,
            lambda s: (Evidence(token=str(s.closed_port), whole=True), Evidence(token="connect")),
        ),
        fault(
            "a wrong password",
            "neg.bad-query",
            _wrong_password,
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
            inject=_parameter(parameter.code, value),
            evidence=_names(parameter.code),
        )
        for parameter, what, value, check in (*wrong, *outside)
    )


def _outside(parameter: Parameter) -> tuple[str, ...]:
    """The nearest values that its constraints exclude."""
    if parameter.type is ParameterType.ENUMERATION:
        return (f"not-{parameter.values[0]}",)
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


def train_faults(algorithm: Algorithm) -> tuple[Fault, ...]:
    """Every fault of ``train``."""
    keys = tuple(
        Fault(
            name=f"{key} absent",
            command=contract.TRAIN,
            check="neg.exit-code",
            inject=_without_key(contract.INPUT_TRAINING, key),
            evidence=_says(key),
        )
        for key in ("query_features", "query_targets")
    )
    return (
        *input_faults(contract.TRAIN, contract.INPUT_TRAINING),
        *keys,
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
    injections = (
        ("pipeline absent", _without_key(contract.INPUT_TEST, "pipeline")),
        ("pipeline cut to its first half", _half_pipeline),
        ("code in place of the pipeline", _code_for_pipeline),
    )
    return (
        *input_faults(contract.TEST, contract.INPUT_TEST),
        *(
            Fault(name=name, command=contract.TEST, check="neg.no-model", inject=inject, evidence=evidence)
            for name, inject in injections
        ),
    )
