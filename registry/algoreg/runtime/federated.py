"""Results over tables that never meet: what a part stores, and how parts become one result (contract section 4).

An author's ``program`` module takes part with two functions, both may raise Failure::

    FEDERATED_TASKS = ("regression",)          # optional: tasks that --mode accepts, all by default

    def intermediate(job: Job, table: Table) -> dict:         # a JSON object without any patient's values
    def aggregate(job: Job, parts: Sequence[Part]) -> pfa.Predictor:

The columns, their codes and the versions are compared here, the content of a summary is the author's to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from algoreg import contract
from algoreg.runtime import results, strict
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import Column, Job, ParameterValue
from algoreg.runtime.preparation import Prepared
from algoreg.runtime.program import Program
from algoreg.runtime.question import Question

if TYPE_CHECKING:
    from algoreg.runtime.pfa import Predictor

FORMAT: Final = "algoreg-intermediate/1"
MAX_DEPTH: Final = 12
MAX_ROWS: Final = 2**40


@dataclass(frozen=True, kw_only=True)
class Part:
    """One intermediate result, as the author's ``aggregate`` sees it."""

    rows: int
    """Rows that it sums up."""
    summary: Mapping[str, Any]
    """What ``intermediate`` returned, read back strictly; its content is not to be trusted."""


def refuse_what_cannot(program: Program, mode: str, question: Question) -> None:
    """Raise Failure for a task that has no parts, and for codes that only the data would tell."""
    tasks = getattr(program.module(), "FEDERATED_TASKS", program.declaration.tasks)
    if question.task not in tasks:
        variable = question.variable
        raise Failure(
            f"--mode {mode}: {program.declaration.code} has parts for {', '.join(tasks)} only, and variable "
            f"{variable.name} is of type {variable.type}"
        )
    for column in (question.variable, *question.covariables):
        if column.nominal and not column.codes:
            raise Failure(
                f"--mode {mode}: PARAM_meta lists no codes of {column.name}, parts cannot agree on them"
            )


def _told(column: Column) -> dict[str, Any]:
    return {"name": column.name, "type": column.type, "codes": list(column.codes)}


def _heading(program: Program, job: Job) -> dict[str, Any]:
    """What parts of one computation have in common."""
    return {
        "format": FORMAT,
        "algorithm": program.declaration.code,
        "version": program.declaration.version,
        "variable": _told(job.variable),
        "covariables": [_told(column) for column in job.covariables],
        "parameters": dict(job.parameters),
    }


def intermediate(program: Program, prepared: Prepared) -> dict[str, Any]:
    """The part of this node's rows. Raises Failure."""
    summary = program.module().intermediate(prepared.job, prepared.table)
    return {**_heading(program, prepared.job), "rows": prepared.job.n_train, "summary": summary}


def aggregate(program: Program, question: Question, values: Mapping[str, ParameterValue]) -> Predictor:
    """The result over the parts of the jobs that were given. Raises Failure naming the job."""
    job_ids = program.request.job_ids
    texts = results.fetch_parts(results.read_access(program.environ), job_ids)
    job = Job(
        task=question.task,
        parameters=values,
        n_train=0,
        seed=contract.DEFAULT_SEED,
        variable=question.variable,
        covariables=question.covariables,
    )
    heading = _heading(program, job)
    parts = [
        _part(f"--job-ids: job {name!a}", text, heading) for name, text in zip(job_ids, texts, strict=True)
    ]
    predictor: Predictor = program.module().aggregate(_counted(job, parts), parts)
    return predictor


def _counted(job: Job, parts: Sequence[Part]) -> Job:
    from dataclasses import replace

    return replace(job, n_train=sum(part.rows for part in parts))


def _part(source: str, text: str, heading: Mapping[str, Any]) -> Part:
    """Read one part as strictly as a stranger's file. Raises Failure."""
    document = strict.loads(text, source, max_depth=MAX_DEPTH)
    if not isinstance(document, dict) or set(document) != {*heading, "rows", "summary"}:
        raise Failure(f"{source}: is no part of the format {FORMAT}")
    for key, expected in heading.items():
        if not _same(document[key], expected):
            raise Failure(f"{source}: its {key} is not this job's, the parts cannot be put together")
    rows, summary = document["rows"], document["summary"]
    if type(rows) is not int or not 0 < rows <= MAX_ROWS or not isinstance(summary, dict):
        raise Failure(f"{source}: tells no number of rows, or no summary")
    return Part(rows=rows, summary=summary)


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 is not true, 1.0 is not 1."""
    return strict.dumps(left) == strict.dumps(right)
