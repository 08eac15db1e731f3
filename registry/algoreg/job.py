"""What the caller passes: the environment of a run (contract section 2), as Woken would write it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from algoreg.databases.protocol import Access, ExperimentDatabases
from algoreg.engines.protocol import Endpoint
from algoreg.errors import UsageError
from algoreg.model import Algorithm, Parameter, ParameterType
from algoreg.samples.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job as Woken describes it to an image."""

    id: str
    """At most 128 characters."""
    node: str
    """At most 32 characters."""
    docker_image: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of the science database, in the words of ``PARAM_*``."""

    variables: str
    covariables: str
    grouping: str = ""
    query: str
    meta: Mapping[str, Any]

    @classmethod
    def of(cls, sample: Sample, *, query: str, meta: Mapping[str, Any]) -> Question:
        """The question that a sample asks."""
        return cls(
            variables=sample.variable.name,
            covariables=",".join(column.name for column in sample.covariables),
            query=query,
            meta=meta,
        )


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How the algorithm reaches one database."""

    endpoint: Endpoint
    access: Access

    def variables(self, prefix: str) -> dict[str, str]:
        """The variables that begin with ``prefix``."""
        endpoint, access = self.endpoint, self.access
        values = {
            "DBI_DRIVER": "PostgreSQL",
            "DBAPI_DRIVER": "postgresql",
            "JDBC_DRIVER": "org.postgresql.Driver",
            "JDBC_JAR_PATH": "/usr/lib/R/libraries/postgresql.jar",
            "JDBC_URL": f"jdbc:postgresql://{endpoint.host}:{endpoint.port}/{access.database}",
            "JDBC_USER": access.user,
            "JDBC_PASSWORD": access.password,
            "HOST": endpoint.host,
            "PORT": str(endpoint.port),
            "DATABASE": access.database,
            "USER": access.user,
            "PASSWORD": access.password,
        }
        return {f"{prefix}_{suffix}": value for suffix, value in values.items()}


_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_QUOTED_MAX = 60

SCIENCE = "IN"
RESULTS = "OUT"
"""Prefixes of the variables that tell the two databases."""
PASSWORDS: Mapping[str, str] = {
    f"{prefix}_{suffix}": f"{prefix}_PASSWORD"
    for prefix in (SCIENCE, RESULTS)
    for suffix in ("PASSWORD", "JDBC_PASSWORD")
}
"""Variable that holds a password -> the one that is called after it: they hold the same."""


def model_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Each value twice, under the names of 2018 and of 2017."""
    return {
        f"{prefix}_{code}": value
        for code, value in parameters.items()
        for prefix in ("MODEL_PARAM", "PARAM_MODEL")
    }


def parameter(text: str) -> tuple[str, str]:
    """``CODE=VALUE`` as a person writes it. Raises UsageError."""
    code, equals, value = text.partition("=")
    if not (code and equals):
        raise UsageError(f"--parameter {text} is not CODE=VALUE", hint="Write, for example, --parameter k=7")
    return code, value


def ensure_declared(algorithm: Algorithm, parameters: Mapping[str, str]) -> None:
    """Raises UsageError for a parameter that the algorithm does not have, and for a value that it would refuse."""
    declared = {parameter.code: parameter for parameter in algorithm.parameters}
    for code, value in parameters.items():
        if code not in declared:
            raise UsageError(
                f"{algorithm.code} has no parameter {code!r}",
                hint=f"It has: {', '.join(map(_described, algorithm.parameters)) or 'none'}.",
            )
        if not _accepts(declared[code], value):
            raise UsageError(
                f"{algorithm.code} does not take {value[:_QUOTED_MAX]!a} for its parameter {code}",
                hint=f"Give {_expected(declared[code])}, or leave it out: {_described(declared[code])}.",
            )


def _accepts(parameter: Parameter, text: str) -> bool:
    """As images read it (``runtime.parameters``): what passes here is not refused there."""
    match parameter.type:
        case ParameterType.INTEGER:
            return bool(_INTEGER.fullmatch(text)) and _inside(parameter, int(text))
        case ParameterType.NUMBER:
            return bool(_NUMBER.fullmatch(text)) and _inside(parameter, float(text))
        case ParameterType.BOOLEAN:
            return text.lower() in ("true", "false")
        case ParameterType.ENUMERATION:
            return text in parameter.values
        case _:
            return not any("\ud800" <= character <= "\udfff" for character in text)


def _inside(parameter: Parameter, value: float) -> bool:
    """An infinite value is outside, whatever the range."""
    low, high = parameter.min, parameter.max
    finite = isinstance(value, int) or math.isfinite(value)
    return finite and (low is None or value >= low) and (high is None or value <= high)


def _expected(parameter: Parameter) -> str:
    match parameter.type:
        case ParameterType.BOOLEAN:
            return "true or false"
        case ParameterType.ENUMERATION:
            return f"one of {', '.join(parameter.values)}"
        case ParameterType.STRING:
            return "UTF-8 text"
    ends = (("from", parameter.min), ("to", parameter.max))
    told = "".join(f" {word} {parameter.text(end)}" for word, end in ends if end is not None)
    return f"{'an integer' if parameter.type is ParameterType.INTEGER else 'a number'}{told}"


def ensure_accepted(algorithm: Algorithm, sample: Sample) -> None:
    """Raises UsageError for a variable, or a mixture of covariables, that the metadata exclude."""
    variable = sample.variable
    if not algorithm.constraints.accepts(variable.type):
        raise UsageError(
            f"{algorithm.code} takes no {variable.type} variable, and {variable.code} is one",
            hint="Choose another variable, or describe it otherwise.",
        )
    nominal = {column.nominal for column in sample.covariables}
    if not algorithm.constraints.mixed and len(nominal) > 1:
        raise UsageError(
            f"{algorithm.code} takes no nominal and continuous covariables together (mixed: false)"
        )


def _described(parameter: Parameter) -> str:
    return f"{parameter.code} (default {parameter.text(parameter.default_value)})"


def variables(
    *,
    job: Job,
    question: Question,
    parameters: Mapping[str, str],
    science: Connection,
    results: Connection,
) -> dict[str, str]:
    """Every variable of contract section 2 and nothing else."""
    return {
        "JOB_ID": job.id,
        "NODE": job.node,
        "DOCKER_IMAGE": job.docker_image,
        "PARAM_variables": question.variables,
        "PARAM_covariables": question.covariables,
        "PARAM_grouping": question.grouping,
        "PARAM_query": question.query,
        "PARAM_meta": json.dumps(question.meta, ensure_ascii=False, separators=(",", ":")),
        **model_parameters(parameters),
        **science.variables(SCIENCE),
        **results.variables(RESULTS),
    }


def environment(
    *,
    job: Job,
    sample: Sample,
    parameters: Mapping[str, str],
    endpoint: Endpoint,
    databases: ExperimentDatabases,
    query: str,
) -> dict[str, str]:
    """The variables of a run on ``sample``; ``query`` becomes PARAM_query."""
    return variables(
        job=job,
        question=Question.of(sample, query=query, meta=sample.meta()),
        parameters=parameters,
        science=Connection(endpoint=endpoint, access=databases.science),
        results=Connection(endpoint=endpoint, access=databases.results),
    )


def validation_parameters(algorithm: Algorithm) -> dict[str, str]:
    """What every check passes unless it is about the parameter: the declared validation values, else nothing."""
    return {
        p.code: p.text(p.validation.value) for p in algorithm.parameters if p.validation.value is not None
    }
