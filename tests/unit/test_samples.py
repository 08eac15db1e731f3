"""The samples are what they say: plain ones hold nothing hostile, hostile ones do, variants change one thing."""

from __future__ import annotations

import csv
import importlib.util
import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import contract
from algoreg.model import Algorithm, Constraints, CountRange, Maturity, Resources
from algoreg.samples import catalogue, datasets, hostile
from algoreg.samples.catalogue import HostileCase, Sample

ROOT = Path(__file__).parents[2]
PLAIN = re.compile(r"[a-z][a-z0-9_]*")
# what PostgreSQL would not take as a bare column name, as far as the data sets could come near it
RESERVED = {
    "order",
    "user",
    "group",
    "end",
    "table",
    "all",
    "desc",
    "limit",
    "when",
    "case",
    "select",
    "from",
}


def algorithm(
    *,
    mixed: bool = True,
    refused: tuple[str, ...] = (),
    min_count: int = 1,
    max_count: int | None = None,
    tasks: tuple[str, ...] = contract.TASKS,
) -> Algorithm:
    return Algorithm(
        contract=1,
        code="sample",
        label="Sample",
        description="",
        image="x/sample",
        version="1.0.0",
        predictive=True,
        interactive=True,
        entrypoints=("train", "test"),
        tasks=tasks,
        variables_can_be_null=False,
        covariables_can_be_null=False,
        constraints=Constraints(
            variable={kind: kind not in refused for kind in contract.VARIABLE_TYPES},
            covariables=CountRange(min_count=min_count, max_count=max_count),
            groupings=CountRange(min_count=0, max_count=0),
            mixed=mixed,
        ),
        parameters=(),
        federated=False,
        result=None,
        deterministic=True,
        resources=Resources(),
        maturity=Maturity.PRODUCTION,
        type=("predictive_model",),
        environment=None,
        document={},
    )


algorithms = st.builds(
    algorithm,
    mixed=st.booleans(),
    refused=st.sampled_from(((), ("polynominal",), ("real",), ("binominal", "integer"))),
    min_count=st.integers(0, 4),
    max_count=st.one_of(st.none(), st.integers(4, 9)),
)
narrow = st.builds(algorithm, mixed=st.booleans(), max_count=st.integers(1, 3))
seeds = st.integers(0, 2**32)
tasks = st.sampled_from(contract.TASKS)
hypothesis_settings = settings(max_examples=40, deadline=None)


def assert_askable(sample: Sample) -> None:
    """What contract section 3 promises an algorithm of every sample."""
    held_out = set(sample.held_out)
    training = [row for position, row in enumerate(sample.rows) if position not in held_out]
    assert held_out
    assert len(held_out) == len(sample.held_out)
    assert held_out <= set(range(len(sample.rows)))
    assert len(training) >= 110
    names = [column.name for column in sample.columns]
    assert len({*names, sample.order_column}) == len(names) + 1
    for index, column in enumerate(sample.columns):
        values = [row[index] for row in sample.rows]
        assert None not in values
        if column.nominal:
            assert set(values) == set(column.codes)
            assert min(Counter(row[index] for row in training).values()) >= 2
            assert set(column.codes) == {row[index] for row in training}
        else:
            assert column.sql_type in ("integer", "double precision")
            expected = int if column.sql_type == "integer" else float
            assert {type(value) for value in values} == {expected}


@given(algorithms | narrow, tasks, seeds)
@hypothesis_settings
def test_plain_is_askable_and_plain(algorithm: Algorithm, task: str, seed: int) -> None:
    sample = catalogue.plain(algorithm, task, random.Random(seed))
    assert_askable(sample)
    assert sample.task == task
    assert sample.variable.type == algorithm.accepted_type(task)
    assert 20 <= len(sample.held_out) <= 40
    assert len(sample.rows) <= 442
    assert list(sample.held_out) != sorted(sample.held_out)
    for name in (sample.table, sample.order_column, *(column.code for column in sample.columns)):
        assert PLAIN.fullmatch(name)
        assert name == contract.db_safe(name)
        assert name not in RESERVED
    for column in sample.columns:
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", code) for code in column.codes)


@given(algorithms | narrow, tasks, seeds)
@hypothesis_settings
def test_plain_honours_the_constraints(algorithm: Algorithm, task: str, seed: int) -> None:
    sample = catalogue.plain(algorithm, task, random.Random(seed))
    counts = algorithm.constraints.covariables
    assert counts.min_count <= len(sample.covariables) <= (counts.max_count or 6)
    kinds = {column.nominal for column in sample.covariables}
    mixes = algorithm.constraints.mixed and len(sample.covariables) > 1
    assert kinds == ({True, False} if mixes else {False})


def test_a_large_min_count_is_honoured() -> None:
    wanting = algorithm(min_count=12)
    for task in contract.TASKS:
        assert len(catalogue.plain(wanting, task, random.Random(1)).covariables) >= 12


def test_a_refused_task_is_a_programming_error() -> None:
    refusing = algorithm(refused=contract.NOMINAL_TYPES)
    with pytest.raises(ValueError, match="classification"):
        catalogue.plain(refusing, contract.CLASSIFICATION, random.Random(1))


@given(tasks, seeds)
@hypothesis_settings
def test_the_seed_decides_everything(task: str, seed: int) -> None:
    first, again = (catalogue.plain(algorithm(), task, random.Random(seed)) for _ in range(2))
    assert first == again
    assert first != catalogue.plain(algorithm(), task, random.Random(seed + 1))
    cases = [catalogue.hostile_cases(algorithm(), random.Random(seed)) for _ in range(2)]
    assert cases[0] == cases[1]


def test_strong_covariables_are_always_there() -> None:
    for seed in range(30):
        regression = catalogue.plain(algorithm(), contract.REGRESSION, random.Random(seed))
        assert {"bmi", "s5", "sex"} <= {column.code for column in regression.covariables}


@given(algorithms | narrow, seeds)
@settings(max_examples=15, deadline=None)
def test_hostile_samples_are_askable_and_hostile(algorithm: Algorithm, seed: int) -> None:
    cases = catalogue.hostile_cases(algorithm, random.Random(seed))
    assert len({(case.check, case.case) for case in cases}) == len(cases) == 13
    assert {c.task for c in cases if "variable" not in c.case.split()} == {algorithm.base_tasks[0]}
    for case in cases:
        assert case.sample.task == case.task
        assert case.case.endswith(case.task)
        assert_askable(case.sample)
        assert HOSTILE[case.check](case), case.case
        if "covariable" in case.case and not algorithm.constraints.mixed:
            assert len({column.nominal for column in case.sample.covariables}) == 1


def _hostile_columns(case: HostileCase) -> tuple[catalogue.Column, ...]:
    return case.sample.covariables if "covariable" in case.case else (case.sample.variable,)


def _in_codes(pattern: str) -> object:
    def found(case: HostileCase) -> bool:
        columns = [column for column in _hostile_columns(case) if column.nominal]
        return any(
            all(re.search(pattern, code) and re.search(pattern, text) for code, text in column.enumerations)
            for column in columns
        )

    return found


def _digits_where_said(case: HostileCase) -> bool:
    types = {c.sql_type for c in _hostile_columns(case) if c.codes and all(map(str.isdigit, c.codes))}
    if "covariable" in case.case:
        return "integer" in types and (len(case.sample.covariables) == 1 or "text" in types)
    return types == ({"integer"} if "integer column" in case.case else {"text"})


HOSTILE = {
    "robust.quote": _in_codes("'"),
    "robust.unicode": _in_codes(r"[^\x00-\x7f]"),
    "robust.numeric-code": _digits_where_said,
    "robust.name": lambda case: any(
        column.code != column.name or column.code in RESERVED for column in _hostile_columns(case)
    ),
    "robust.one-row": lambda case: len(case.sample.held_out) == 1,
}


def test_an_algorithm_without_classification_gets_no_hostile_variable_codes() -> None:
    only = algorithm(tasks=(contract.REGRESSION,))
    cases = catalogue.hostile_cases(only, random.Random(3))
    assert {case.task for case in cases} == {contract.REGRESSION}
    assert not [case for case in cases if "variable in" in case.case]


def test_every_quote_and_letter_of_the_pools_is_hostile() -> None:
    assert all("'" in code for code in hostile.QUOTES)
    assert not any(code.isascii() for code in hostile.UNICODE)
    assert all(str(int(code)) == code for code in hostile.NUMBERS)


def test_meta_is_written_as_woken_writes_it() -> None:
    cases = catalogue.hostile_cases(algorithm(), random.Random(5))
    numeric = next(case.sample for case in cases if case.check == "robust.numeric-code")
    written = json.loads(json.dumps(numeric.meta()))
    sent = [entry["code"] for entry in written[numeric.variable.code]["enumerations"]]
    assert {type(code) for code in sent} == {int}
    assert [str(code) for code in sent] == list(numeric.variable.codes)

    named = next(
        case.sample for case in cases if case.case.startswith("covariables") and "name" in case.check
    )
    assert "IQ" in named.meta() or "left-hippocampus" in named.meta() or "3rd-Ventricle" in named.meta()
    assert {column.name for column in named.columns} != set(named.meta())

    regression = catalogue.plain(algorithm(refused=("real",)), contract.REGRESSION, random.Random(5))
    entry = regression.meta()["progression"]
    assert entry["type"] == "integer"
    assert entry["sql_type"] == "int"
    assert isinstance(entry["minValue"], int)
    assert isinstance(entry["maxValue"], float)


@given(algorithms, tasks, seeds)
@hypothesis_settings
def test_shuffled_features_change_held_out_covariables_only(
    algorithm: Algorithm, task: str, seed: int
) -> None:
    rng = random.Random(seed)
    sample = catalogue.plain(algorithm, task, rng)
    shuffled = catalogue.shuffled_features(sample, rng)
    held_out = set(sample.held_out)
    for position, (before, after) in enumerate(zip(sample.rows, shuffled.rows, strict=True)):
        assert before[0] == after[0]
        assert position in held_out or before == after
    moved = sum(sample.rows[position] != shuffled.rows[position] for position in held_out)
    assert moved > 0.8 * len(held_out)
    rows = [Counter(s.rows[position][1:] for position in held_out) for s in (sample, shuffled)]
    assert rows[0] == rows[1]


def test_features_of_one_row_cannot_be_shuffled() -> None:
    cases = catalogue.hostile_cases(algorithm(), random.Random(5))
    single = next(case.sample for case in cases if case.check == "robust.one-row")
    with pytest.raises(ValueError, match="alike"):
        catalogue.shuffled_features(single, random.Random(1))


@given(algorithms, tasks, seeds)
@hypothesis_settings
def test_permuted_targets_change_training_targets_only(algorithm: Algorithm, task: str, seed: int) -> None:
    rng = random.Random(seed)
    sample = catalogue.plain(algorithm, task, rng)
    permuted = catalogue.permuted_targets(sample, rng)
    held_out = set(sample.held_out)
    training = [position for position in range(len(sample.rows)) if position not in held_out]
    assert all(sample.rows[position] == permuted.rows[position] for position in held_out)
    assert [row[1:] for row in sample.rows] == [row[1:] for row in permuted.rows]
    targets = [Counter(s.rows[position][0] for position in training) for s in (sample, permuted)]
    assert targets[0] == targets[1]
    changed = sum(sample.rows[position][0] != permuted.rows[position][0] for position in training)
    assert changed > 0.5 * len(training)


def test_the_csv_files_are_scikit_learns() -> None:
    for name, table in _exporter().columns().items():
        text = (ROOT / "registry/algoreg/samples/data" / f"{name}.csv").read_text("ascii")
        header, *rows = csv.reader(text.splitlines())
        assert dict(zip(header, map(list, zip(*rows, strict=True)), strict=True)) == table
        assert datasets.load(name).size == len(rows)
    assert len(list((ROOT / "registry/algoreg/samples/data").iterdir())) == 4


def _exporter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("export_datasets", ROOT / "scripts/export_datasets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_samples_need_no_scientific_package() -> None:
    code = (
        "import sys, random; from algoreg.samples import catalogue, datasets\n"
        "[datasets.load(n) for n in ('diabetes', 'breast_cancer', 'iris', 'wine')]\n"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'docker', 'psycopg') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
