"""Writes a job as a Compose file of its own two databases and the image, for trying it on one machine.

The databases hold no rows: a table of the question's columns, and ``job_result``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from algoreg import contract
from algoreg.databases.protocol import JOB_RESULT
from algoreg.export.jobs import yamltext
from algoreg.export.jobs.address import DatabaseAddress
from algoreg.export.jobs.kubernetes import label
from algoreg.export.jobs.model import ScheduledJob
from algoreg.job import PASSWORDS, RESULTS, SCIENCE
from algoreg.samples.sample import Sample

DATABASE_IMAGE = "postgres:15"
"""psql of 15 can read a variable of the environment, so that no password stands in the SQL."""
ADDRESSES: Mapping[str, DatabaseAddress] = {
    SCIENCE: DatabaseAddress(host="science", database="science", user="science_reader"),
    RESULTS: DatabaseAddress(host="results", database="results", user="results_writer"),
}
"""Where the job finds the databases of such a file."""
_HARDENED: Mapping[str, Any] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "restart": "no",
    "networks": ["databases"],
}
_MIB = 1 << 20


def text(job: ScheduledJob, sample: Sample, *, passwords: bool) -> str:
    """The file; without passwords, ``docker compose`` asks for the variables that hold them."""
    return yamltext.dump([document(job, sample, passwords=passwords)])


def document(job: ScheduledJob, sample: Sample, *, passwords: bool) -> dict[str, Any]:
    """The file as values; ``sample`` tells the columns of the table."""
    secrets = {
        key: _literal(job.environment[key]) if passwords else _asked_for(key)
        for key in sorted(set(PASSWORDS.values()))
    }
    return {
        "name": label(job.name),
        "services": {
            "science": _database(ADDRESSES[SCIENCE], "IN_PASSWORD", secrets),
            "results": _database(ADDRESSES[RESULTS], "OUT_PASSWORD", secrets),
            "algorithm": _algorithm(job, secrets),
        },
        "networks": {"databases": {"internal": True}},
        "volumes": {"science": {}, "results": {}},
        "configs": {
            "science": {"content": _literal(_science_sql(sample))},
            "results": {"content": _literal(_results_sql())},
        },
    }


def _algorithm(job: ScheduledJob, secrets: Mapping[str, str]) -> dict[str, Any]:
    memory = f"{job.resources.memory_mb}m"
    return {
        "image": _literal(job.image),
        "command": [_literal(argument) for argument in (job.command, *job.arguments)],
        **({"user": _literal(job.run_as_user)} if job.run_as_user else {}),
        "environment": {
            name: secrets[PASSWORDS[name]] if name in PASSWORDS else _literal(value)
            for name, value in sorted(job.environment.items())
        },
        "depends_on": {name: {"condition": "service_healthy"} for name in ("science", "results")},
        **_HARDENED,
        "init": True,
        "cpus": job.resources.cpus,
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": contract.PIDS_LIMIT,
        "shm_size": f"{contract.SHM_BYTES // _MIB}m",
        "tmpfs": [f"/tmp:size={contract.TMP_BYTES // _MIB}m"],
        "stop_grace_period": f"{contract.SIGTERM_GRACE_S:.0f}s",
        "volumes": [
            {
                "type": "bind",
                "source": _literal(volume.host_path),
                "target": volume.path,
                "read_only": volume.read_only,
            }
            for volume in job.volumes
        ],
    }


def _database(address: DatabaseAddress, key: str, secrets: Mapping[str, str]) -> dict[str, Any]:
    return {
        "image": DATABASE_IMAGE,
        "user": "postgres",
        "environment": {
            "POSTGRES_DB": address.database,
            "POSTGRES_PASSWORD": _asked_for("POSTGRES_PASSWORD"),
            key: secrets[key],
        },
        "configs": [{"source": address.host, "target": f"/docker-entrypoint-initdb.d/{address.host}.sql"}],
        # Over TCP: the server that runs the SQL above answers on its socket before it is done
        "healthcheck": {
            "test": ["CMD", "pg_isready", "-h", "127.0.0.1", "-d", address.database],
            "interval": "2s",
            "retries": 30,
        },
        **_HARDENED,
        "mem_limit": "512m",
        "pids_limit": contract.PIDS_LIMIT,
        "tmpfs": ["/tmp", "/var/run/postgresql:mode=1777"],
        "volumes": [{"type": "volume", "source": address.host, "target": "/var/lib/postgresql/data"}],
    }


def _asked_for(key: str) -> str:
    """Compose's own way to a variable that must be set."""
    return f"${{{key}:?set {key}}}"


def _literal(value: str) -> str:
    """``$NAME`` would be replaced by a variable, and ``$$`` stands for one dollar sign."""
    return value.replace("$", "$$")


def _science_sql(sample: Sample) -> str:
    columns = [f"{_quoted(column.name)} {column.sql_type}" for column in sample.columns]
    columns.insert(0, f"{_quoted(sample.order_column)} integer PRIMARY KEY")
    table, reader = _quoted(sample.table), ADDRESSES[SCIENCE].user
    return _sql(
        ADDRESSES[SCIENCE],
        "IN_PASSWORD",
        [f"CREATE TABLE {table} ({', '.join(columns)})", f"GRANT SELECT ON {table} TO {reader}"],
    )


def _results_sql() -> str:
    return _sql(
        ADDRESSES[RESULTS],
        "OUT_PASSWORD",
        [JOB_RESULT.strip(), f"GRANT SELECT, INSERT ON job_result TO {ADDRESSES[RESULTS].user}"],
    )


def _sql(address: DatabaseAddress, key: str, statements: Sequence[str]) -> str:
    """A role that may do what its statements grant, and nothing else."""
    lines = [
        f"CREATE ROLE {address.user} LOGIN PASSWORD :'password'",
        f"REVOKE ALL ON DATABASE {address.database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {address.database} TO {address.user}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {address.user}",
        *statements,
    ]
    return f"\\getenv password {key}\n" + "".join(f"{line};\n" for line in lines)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
