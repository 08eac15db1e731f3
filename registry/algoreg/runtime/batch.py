"""The command `compute` (contract section 4): one query, one computation, one row, whatever happens.

An algorithm whose declared result is json may hold ``result(job: Job, table: Table, model: Model, notes: Mapping)``,
which returns that JSON; ``model`` is unfitted (``fitting.fit(model, table)`` fits it), ``notes`` are ``search``'s.
Where there is none, ``explanation`` tells what every model has.

Modes of a federated algorithm are left to ``federated``, the document to ``pfa``, the row to ``results``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from algoreg import contract
from algoreg.runtime import federated, results, strict
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.failure import Failure
from algoreg.runtime.job import ParameterValue
from algoreg.runtime.parameters import parameters
from algoreg.runtime.postgresql import Access
from algoreg.runtime.preparation import Prepared, choose, prepare
from algoreg.runtime.program import Program
from algoreg.runtime.question import Question, read_question, required
from algoreg.runtime.results import Identity, Row
from algoreg.runtime.science import fetch_table, read_access
from algoreg.runtime.table import every_row

if TYPE_CHECKING:
    from algoreg.runtime.pfa import Predictor

Values = Mapping[str, ParameterValue]
ERROR: Final = contract.ERROR_SHAPES[0]
_RESULTS: Final = ("pfa", "json")


def compute(program: Program) -> None:
    """Store the result, or why there is none.

    Raises Failure; an unexpected exception passes through once its traceback is stored.
    """
    identity = results.read_identity(program.environ, program.declaration.code)
    access = results.read_access(program.environ)
    values: Values | None = None
    try:
        values = parameters(program.declaration, program.environ)
        row = _row(program, values)
    except Failure as failure:
        told = program.discretion.without_passwords(str(failure))
        _store_error(program, access, identity, Row(shape=ERROR, error=told, parameters=values))
        raise
    except Exception as error:
        told = program.discretion.traceback_of(error, error.__traceback__)
        _store_error(program, access, identity, Row(shape=ERROR, error=told, parameters=values))
        raise
    results.store(access, identity, row)


def _store_error(program: Program, access: Access, identity: Identity, row: Row) -> None:
    """A results database that cannot be reached must not hide why the computation failed."""
    try:
        results.store(access, identity, row)
    except Failure as failure:
        line = program.discretion.without_passwords(str(failure))
        print(f"the error is not stored: {line}", file=sys.stderr)  # noqa: T201 - the program's own stream


def _row(program: Program, values: Values) -> Row:
    question = read_question(program.declaration, program.environ)
    mode = program.request.mode
    if mode is not None:
        federated.refuse_what_cannot(program, mode, question)
    if mode == contract.INTERMEDIATE:
        part = federated.intermediate(program, prepared(program, question, values))
        return Row(shape=contract.JSON_SHAPES[0], data=strict.dumps(part), parameters=values)
    _refuse_other_results(program)
    if mode is None and program.declaration.result == "json":
        content = _described(program, prepared(program, question, values))
        return Row(shape=contract.JSON_SHAPES[0], data=strict.dumps(content), parameters=values)
    if mode == contract.AGGREGATE:
        predictor = federated.aggregate(program, question, values)
    else:
        predictor = _predictor(program, prepared(program, question, values))

    from algoreg.runtime import pfa

    document = pfa.document(predictor, covariables=question.covariables, declaration=program.declaration)
    return Row(shape=contract.PFA_SHAPES[0], data=document, parameters=values)


def _refuse_other_results(program: Program) -> None:
    declared = program.declaration.result
    if declared not in _RESULTS or (program.request.mode and declared != "pfa"):
        raise Failure(
            f"{program.declaration.code} declares the result {declared or 'none'!a}, "
            f"and this runtime writes {' or '.join(_RESULTS)}, of an aggregation pfa only"
        )


def prepared(program: Program, question: Question, values: Values) -> Prepared:
    """Every row of PARAM_query, in its order (contract section 4). Raises Failure."""
    rows = fetch_table(
        read_access(program.environ),
        query=required(program.environ, "PARAM_query"),
        covariables=[column.name for column in question.covariables],
        variable=question.variable.name,
    )
    program.discretion.protect(rows.features)
    program.discretion.protect([rows.targets])
    parts = every_row(rows, program.declaration, question.variable)
    seed = contract.DEFAULT_SEED
    return prepare(program.declaration, question, values, rows=rows, parts=parts, seed=seed)


def _predictor(program: Program, prepared: Prepared) -> Predictor:
    """The fitted pipeline as PFA tells it, with what the author's ``metadata`` adds."""
    from algoreg.runtime import fitting, pfa

    job, table = prepared.job, prepared.table
    pfa.check_names(job.covariables)  # before the work that would be in vain
    module = program.module()
    fitted = fitting.fit(choose(module, prepared).model, table)
    predictor = pfa.read(fitted, variable=job.variable, covariables=job.covariables)
    if not hasattr(module, "metadata"):
        return predictor
    return replace(predictor, metadata=module.metadata(job, table, predictor))


def _described(program: Program, prepared: Prepared) -> Any:
    """What the author's ``result``, else ``explanation``, makes of the unfitted model: without a patient's value."""
    from algoreg.runtime import explanation

    module = program.module()
    chosen = choose(module, prepared)
    told = prepared.job, prepared.table, chosen.model, chosen.notes
    return (
        module.result(*told)
        if hasattr(module, "result")
        else explanation.explain(*told, Catalogue.of(module))
    )
