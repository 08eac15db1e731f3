"""What the caller passes: the environment of a run (contract section 2), as Woken would write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from algoreg.databases.protocol import Access, ExperimentDatabases
from algoreg.engines.protocol import Endpoint
from algoreg.model import Algorithm
from algoreg.samples.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job as Woken describes it to an image."""

    id: str
    """At most 128 characters."""
    node: str
    """At most 32 characters."""
    docker_image: str


def _connection(prefix: str, endpoint: Endpoint, access: Access) -> dict[str, str]:
    url = f"jdbc:postgresql://{endpoint.host}:{endpoint.port}/{access.database}"
    values = {
        "DBI_DRIVER": "PostgreSQL",
        "DBAPI_DRIVER": "postgresql",
        "JDBC_DRIVER": "org.postgresql.Driver",
        "JDBC_JAR_PATH": "/usr/lib/R/libraries/postgresql.jar",
        "JDBC_URL": url,
        "JDBC_USER": access.user,
        "JDBC_PASSWORD": access.password,
        "HOST": endpoint.host,
        "PORT": str(endpoint.port),
        "DATABASE": access.database,
        "USER": access.user,
        "PASSWORD": access.password,
    }
    return {f"{prefix}_{suffix}": value for suffix, value in values.items()}


def model_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    """Each value twice, under the names of 2018 and of 2017."""
    return {
        f"{prefix}_{code}": value
        for code, value in parameters.items()
        for prefix in ("MODEL_PARAM", "PARAM_MODEL")
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
    """Every variable of contract section 2 and nothing else; ``query`` becomes PARAM_query."""
    return {
        "JOB_ID": job.id,
        "NODE": job.node,
        "DOCKER_IMAGE": job.docker_image,
        "PARAM_variables": sample.variable.name,
        "PARAM_covariables": ",".join(column.name for column in sample.covariables),
        "PARAM_grouping": "",
        "PARAM_query": query,
        "PARAM_meta": json.dumps(sample.meta(), ensure_ascii=False, separators=(",", ":")),
        **model_parameters(parameters),
        **_connection("IN", endpoint, databases.science),
        **_connection("OUT", endpoint, databases.results),
    }


def validation_parameters(algorithm: Algorithm) -> dict[str, str]:
    """What every check passes unless it is about the parameter: the declared validation values, else nothing."""
    return {
        p.code: p.text(p.validation.value) for p in algorithm.parameters if p.validation.value is not None
    }
