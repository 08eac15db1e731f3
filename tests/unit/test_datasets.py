"""Tables become samples by a rule that is written down, and every refusal names file, line or column, no value."""

from __future__ import annotations

import datetime
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg import contract, datasets, schemas
from algoreg.datasets import columns, delimited, limits
from algoreg.datasets.cells import cells
from algoreg.errors import AlgoregError, MetadataError, UsageError
from algoreg.samples.sample import Sample
from support.clinic import DATABASE, PASSWORD, ROLE, Server

FILLER = {"x": [0.5 + row for row in range(30)]}
"""A covariable for questions that are about another column."""

Write = Callable[..., Path]


@pytest.fixture
def csv(tmp_path: Path) -> Write:
    def write(text: str | bytes, name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def inferred(values: Sequence[Any]) -> str:
    return columns.inferred(cells("c", pd.Series(values)))


def ask(frame: Mapping[str, Any] | pd.DataFrame, described: Any = None, variable: str = "y") -> Sample:
    table = pd.DataFrame(frame)
    covariables = [name for name in table if name != variable]
    return datasets.question(table, variable=variable, covariables=covariables, described=described)


def refusal(action: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Message and hint of the UsageError that ``action`` ends with."""
    with pytest.raises(UsageError) as refused:
        action(*arguments, **named)
    return f"{refused.value.message} | {refused.value.hint}"


@pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_with_any_delimiter_is_the_same_table(csv: Write, delimiter: str, start: str, end: str) -> None:
    lines = ["age, sex,dx,bmi", "70,F,AD,21.5", "81,M,CN,", "", "64,F,AD,1e2"]
    path = csv(start + end.join(lines).replace(",", delimiter) + end)
    frame = datasets.read(path)
    assert list(frame) == ["age", "sex", "dx", "bmi"]
    assert frame["age"].tolist() == [70, 81, 64]
    assert frame["bmi"].isna().tolist() == [False, True, False]
    assert frame["bmi"].dropna().tolist() == [21.5, 100.0]
    assert frame["dx"].tolist() == ["AD", "CN", "AD"]


def test_quoted_cells_may_hold_delimiters_and_lines(csv: Write) -> None:
    frame = datasets.read(csv('a,b\n"x, y",1\n"two\nlines",2\n"say ""no""",3\n'))
    assert frame["a"].tolist() == ["x, y", "two\nlines", 'say "no"']


def test_decimal_commas_do_not_hide_the_semicolon(csv: Write) -> None:
    frame = datasets.read(csv("a;b\n1,5;x\n2,5;y\n"))
    assert list(frame) == ["a", "b"]
    assert "decimal comma" in refusal(datasets.question, frame, variable="b", covariables=["a"])


def test_words_for_null_and_the_answer_none(csv: Write) -> None:
    frame = datasets.read(csv("a,b\nNA,None\n1,x\nNULL,\n2,None\n"))
    assert frame["a"].isna().tolist() == [True, False, True, False]
    assert [None if value is None else str(value) for value in frame["b"]] == ["None", "x", None, "None"]


def test_truth_values_of_any_case(csv: Write) -> None:
    frame = datasets.read(csv("a,b\nTrue,1\nfalse,2\n,3\n"))
    assert frame["a"].tolist() == [True, False, None]
    assert datasets.question(frame, variable="a", covariables=["b"]).variable.codes == ("false", "true")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("a,b\n", "a header and no row"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 cells, and the header has 2"),
        ("a,b,c\n1,2,3\n1,2\n", "line 3: 2 cells, and the header has 3"),
        ("a,b,a\n1,2,3\n", 'two columns "a"'),
        ("a,,c\n1,2,3\n", "column 2 has no name"),
        (",a,b\n0,1,2\n", "to_csv(index=False)"),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", "has no header"),
        ('a,b\n1,"2\n', "line 2"),
        ('a,b\n1,"2"x\n', "line 2"),
        ("a,b\n1,é\n".encode("latin-1"), "not UTF-8: byte 6"),
        ("a,b\n1,2\n".encode("utf-16"), "not UTF-8: byte 0"),
    ],
)
def test_csv_that_is_refused(csv: Write, text: str | bytes, told: str) -> None:
    message = refusal(datasets.read, csv(text))
    assert told in message
    assert "data.csv" in message


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "No such file" in refusal(datasets.read, tmp_path / "absent.csv")
    assert "Is a directory" in refusal(datasets.read, tmp_path)
    assert "is a file" in refusal(datasets.read, str(tmp_path / "x.csv"), "SELECT 1")
    hostile = refusal(datasets.read, tmp_path / "\x1b[31mred\n.csv")
    assert hostile.isprintable()


def test_tables_that_are_too_large(csv: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv("a,b\n" + "1,2\n" * 10)
    pd.DataFrame({"a": range(10), "b": range(10)}).to_parquet(path.with_suffix(".parquet"))
    monkeypatch.setattr(limits, "MAX_CELLS", 19)
    for one in (path, path.with_suffix(".parquet")):
        assert "at most 19 cells" in refusal(datasets.read, one)
    monkeypatch.setattr(limits, "MAX_COLUMNS", 1)
    assert "2 columns, at most 1" in refusal(datasets.read, path)
    monkeypatch.setattr(limits, "MAX_BYTES", 3)
    assert "44 bytes, at most 3" in refusal(datasets.read, path)


def test_parquet_tells_the_same_as_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "y": pd.Series([1.5, 2.25, None] * 4),
            "n": pd.Series([1, None, 200] * 4, dtype="Int64"),
            "dx": pd.Categorical(["AD", "CN", None] * 4),
            "ok": pd.Series([True, False, None] * 4, dtype="boolean"),
            "age": range(60, 72),
        }
    )
    frame.to_parquet(tmp_path / "data.parquet")
    (tmp_path / "data.parquet").rename(tmp_path / "renamed")  # known by its first bytes
    frame.to_csv(tmp_path / "data.csv", index=False)
    samples = [ask(datasets.read(tmp_path / name)) for name in ("renamed", "data.csv")]
    assert samples[0] == samples[1]
    assert [column.type for column in samples[0].columns] == [
        "real",
        "binominal",
        "binominal",
        "binominal",
        "integer",
    ]
    assert samples[0].rows[2] == (None, "200", None, None, 62)


def test_parquet_that_is_refused(csv: Write, tmp_path: Path) -> None:
    assert "cannot be read as Parquet" in refusal(datasets.read, csv("a,b\n1,2\n", "text.parquet"))
    assert "cannot be read as Parquet" in refusal(datasets.read, csv(b"PAR1" + b"\0" * 40, "cut.parquet"))
    pd.DataFrame({"a": []}).to_parquet(tmp_path / "empty.parquet")
    assert "holds no row" in refusal(datasets.read, tmp_path / "empty.parquet")


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "clinic 1.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visits (age INTEGER, dx TEXT, iq REAL)")
        rows = [(60 + row, "100%" if row % 2 else "AD", None if row == 3 else row / 4) for row in range(20)]
        connection.executemany("INSERT INTO visits VALUES (?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{path}"


def test_a_query_on_a_database(database: str) -> None:
    frame = datasets.read(database, "SELECT age, dx, iq FROM visits WHERE dx LIKE '1%' OR ':x' <> '' ;")
    sample = datasets.question(frame, variable="dx", covariables=["age", "iq"])
    assert [column.type for column in sample.columns] == ["binominal", "integer", "real"]
    assert sample.rows[3] == ("100%", 63, None)
    assert len(sample.rows) == 20


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (None, "no query"),
        (" ", "no query"),
        ("SELECT absent FROM visits", "no such column: absent"),
        ("SELECT age FROM visits WHERE age > 1000", "returned no row"),
        ("SELECT age, iq AS age FROM visits", 'two columns "age"'),
        ("DELETE FROM visits", "readonly"),
        ("CREATE TEMP TABLE t (a)", "returns no table"),
    ],
)
def test_queries_that_are_refused(database: str, query: str | None, told: str) -> None:
    assert told in refusal(datasets.read, database, query)


def test_a_result_that_is_too_large(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CELLS", 59)
    assert "at most 59 cells" in refusal(datasets.read, database, "SELECT age, dx, iq FROM visits")


def test_no_password_in_any_message(tmp_path: Path) -> None:
    closed = "postgresql://me:s3cr%40t@127.0.0.1:1/study?sslmode=disable"
    with pytest.raises(AlgoregError, match=r"cannot connect to postgresql://127\.0\.0\.1:1/study") as refused:
        datasets.read(closed, "SELECT 1")
    told = f"{refused.value.message} {refused.value.hint} {refused.value.__cause__!r}"
    assert refused.value.exit_code == 3
    assert datasets.shown(closed) == "postgresql://127.0.0.1:1/study"
    for url in (
        "postgresql://me:s3cr@t:x@host/db",
        "mysql://me:s3cr@host/db",
        "postgresql://me:s3cr@h:port/db",
    ):
        told += refusal(datasets.read, url, "SELECT 1")
    for source in (
        "jdbc:postgresql://host/db?user=me&password=s3cret",
        "postgresql:/me:s3cret@host/db",
        "host=h password=s3cret",
        "me:s3cret@host/db",
    ):
        told += refusal(datasets.read, source)
        told += refusal(datasets.read, source, "SELECT 1")
    assert "s3cr" not in told
    absent = f"sqlite:///{tmp_path}/absent.db"
    assert "no such file" in refusal(datasets.read, absent, "SELECT 1")
    assert not (tmp_path / "absent.db").exists()


@pytest.fixture
def postgresql(server: Server) -> str:
    with server.session() as connection:
        connection.execute("DROP TABLE IF EXISTS visits")
        connection.execute(
            "CREATE TABLE visits (age integer, iq numeric(5, 2), dx text, ill boolean, at date)"
        )
        values = "60 + n, CASE WHEN n <> 3 THEN n / 4.0 END, CASE WHEN n % 2 = 0 THEN '50%' ELSE 'CN' END"
        rows = f"SELECT {values}, n % 3 = 0, date '2020-01-01' + n FROM generate_series(0, 19) AS n"
        connection.execute(f"INSERT INTO visits {rows}".encode())
    return f"postgresql://{ROLE}:{quote(PASSWORD)}@127.0.0.1:{server.port}/{DATABASE}"


def test_a_query_on_postgresql(postgresql: str) -> None:
    frame = datasets.read(
        postgresql, "SELECT * FROM visits WHERE dx LIKE '%%' AND ':x' = ':x'::text ORDER BY age"
    )
    sample = datasets.question(frame, variable="iq", covariables=["age", "dx", "ill"])
    assert [column.type for column in sample.columns] == ["real", "integer", "binominal", "binominal"]
    assert sample.rows[2:4] == ((0.5, 62, "50%", "false"), (None, 63, "CN", "true"))
    assert "a date" in refusal(datasets.question, frame, variable="iq", covariables=["at"])
    shown = datasets.read(postgresql, "SELECT current_setting('transaction_read_only') AS read_only")
    assert shown["read_only"].tolist() == ["on"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT absent FROM visits", 'column "absent" does not exist'),
        ("SELECT 'secret'::integer AS x", "SQLSTATE 22P02"),
        ("SELECT age FROM visits WHERE age > 1000", "returned no row"),
        ("SELECT age, age FROM visits", 'two columns "age"'),
        ("DELETE FROM visits", "failed"),
        ("DROP TABLE visits", "failed"),
    ],
)
def test_what_postgresql_refuses(postgresql: str, query: str, told: str) -> None:
    message = refusal(datasets.read, postgresql, query)
    assert told in message
    assert "secret" not in message
    assert PASSWORD not in message


def test_a_wrong_password_is_not_shown(postgresql: str) -> None:
    wrong = postgresql.replace(quote(PASSWORD), "wr0ng%21")
    with pytest.raises(AlgoregError, match="authentication failed") as refused:
        datasets.read(wrong, "SELECT 1 AS x")
    assert "wr0ng" not in f"{refused.value.message} {refused.value.hint} {refused.value.__cause__!r}"


def test_what_a_report_calls_its_data() -> None:
    assert datasets.shown("study.csv") == "study.csv"
    assert datasets.shown("red\x1b[31m.csv") == "red?[31m.csv"
    assert datasets.is_url("sqlite:///x")
    assert not datasets.is_url("C:/data.csv")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, False], "binominal"),
        ([0, 1] * 3, "binominal"),
        ([0.0, 1.0, None] * 3, "binominal"),
        ([0, 1], "integer"),  # each occurs once: nothing says that they are codes
        ([1, 2, 3] * 3, "polynominal"),
        ([*range(10)] * 3, "polynominal"),
        ([*range(10)] * 2, "integer"),
        ([*range(11)] * 9, "integer"),
        ([0.5, 1.0] * 9, "real"),
        ([2**31 - 1, *range(11)], "integer"),
        ([2**31, *range(11)], "real"),
        ([Decimal("0.1"), Decimal(2)] * 5, "real"),
        (["a", "b", "a"], "binominal"),
        (["a", None, "a"], "binominal"),
        (["a", "b", "c", "a"], "polynominal"),
        (["1", "x", "y"] * 2, "polynominal"),
    ],
)
def test_the_rule_of_types(values: list[Any], expected: str) -> None:
    assert inferred(values) == expected


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([f"patient {row}" for row in range(30)], "an identifier"),
        (["1.5", "2.5", "n. a."] + ["3"] * 27, "row 3 (the header aside): text among numbers"),
        ([f"1,{row % 7}" for row in range(30)], "decimal comma"),
        ([f"t{row // 2}" for row in range(30)], "15 different texts, at most 14"),
        ([None] * 30, "every value is NULL"),
        ([float("inf"), *range(29)], "row 1 (the header aside): the number is not finite"),
        ([1j] * 30, "complex"),
        ([datetime.date(2020, 1, 1)] * 30, "a date"),
        (pd.date_range("2020-01-01", periods=30), "a date"),
        (["a", 1] * 15, "row 2 (the header aside): a value of type int among text"),
        ([["a"]] * 30, "a value of type list"),
        (["a\0", "b"] * 15, "row 1 (the header aside): the code holds a NUL"),
        (["", "b"] * 15, "the code is empty"),
        (["01", "1", "x", "y", "z"] * 6, "two texts are one code"),
        (["12345678901", "x"] * 15, "Woken cannot read"),
    ],
)
def test_columns_that_are_refused(values: Any, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CODES", 14)
    message = refusal(ask, {"y": values, **FILLER})
    assert told in message
    assert 'column "y"' in message
    assert "patient" not in message


def test_codes_are_text_and_sorted() -> None:
    sample = ask({"y": [10, 2, -1] * 10, "n": [2.0, 1.0, None] * 10, "t": ["b", "007", "B"] * 10, **FILLER})
    assert sample.variable.codes == ("-1", "2", "10")
    assert [column.codes for column in sample.covariables] == [("1", "2"), ("7", "B", "b"), ()]
    assert sample.rows[0] == ("10", "2", "b", 0.5)
    assert sample.rows[1][2] == "7"
    assert sample.rows[2][1] is None
    assert sample.meta()["n"]["enumerations"][0] == {"code": 1, "label": 1}


def test_the_sample_is_fixed_and_its_own_names_are_free() -> None:
    sample = ask({"y": range(30), "position": [row / 7 for row in range(30)], "POSITION-": range(30, 60)})
    assert (sample.table, sample.order_column, sample.held_out) == ("patients", "position__", ())
    assert sample.task == contract.REGRESSION
    assert [row[0] for row in sample.rows] == list(range(30))


def test_names_keep_their_codes_or_become_codes() -> None:
    frame = {"IQ": range(30), "left-hippocampus": range(30), "mean radius (mm)": range(30), "âge": range(30)}
    sample = ask(frame, variable="IQ")
    assert [column.code for column in sample.columns] == ["IQ", "left-hippocampus", "mean_radius_mm", "âge"]
    assert [column.name for column in sample.columns] == ["iq", "left_hippocampus", "mean_radius_mm", "âge"]
    assert sample.covariables[1].label == "mean radius (mm)"
    table = pd.DataFrame(frame)
    by_code = datasets.question(table, variable="IQ", covariables=["mean_radius_mm"])
    assert by_code.covariables[0] == sample.covariables[1]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["IQ", "iq"], 'the columns "IQ" and "iq" are one in the database, "iq"'),
        (["a-b", "a_b"], "are one in the database"),
        (["a b", "a_b"], "are one in the database"),
        (["a", "a"], 'the column "a" is asked for twice'),
        (["a", "y"], 'the column "y" is asked for twice'),
        (["agee"], 'no column "agee" | Near are: "age"'),
        (["zzz"], 'no column "zzz" | There are: '),
        ([], "no covariables"),
        (["n" * 64], "expected 1 to 63 bytes"),
        (["(?)"], "cannot be named"),
        (["\x1b[31m"], 'no column "\\u001b[31m"'),
    ],
)
def test_names_that_are_refused(names: list[str], told: str) -> None:
    known = ["y", "IQ", "iq", "a-b", "a_b", "a b", "a", "age", "n" * 64, "(?)"]
    frame = pd.DataFrame({name: range(30) for name in known})
    message = refusal(datasets.question, frame, variable="y", covariables=names)
    assert told in message
    assert message.isprintable()


def test_descriptions_override_the_rule(csv: Write) -> None:
    yaml = """
    y: {type: integer, label: Score, minValue: 0}
    sex:
      code: sex
      type: binominal
      enumerations: [{code: 1, label: male}, {code: 0, label: female}]
    grade: {type: polynominal}
    mean radius: {type: real}
    smoker: {type: binominal, enumerations: [{code: true}, {code: false}]}
    elsewhere: {type: date}
    """
    described = datasets.described(csv(yaml, "variables.yaml"))
    frame = {
        "y": [0, 1, None] * 10,
        "sex": [0, 1, 1] * 10,
        "grade": [1.5, 2, 3] * 10,
        "mean radius": [1, 2, 3] * 10,
        "smoker": [True, False, None] * 10,
    }
    sample = ask(frame, described)
    types = ["integer", "binominal", "polynominal", "real", "binominal"]
    assert [column.type for column in sample.columns] == types
    assert sample.variable.label == "Score"
    assert sample.covariables[0].enumerations == (("1", "male"), ("0", "female"))
    assert sample.covariables[1].codes == ("1.5", "2", "3")
    assert sample.covariables[3].enumerations == (("true", "true"), ("false", "false"))
    assert sample.rows[0] == (0, "0", "1.5", 1.0, "true")
    assert sample.rows[2][0] is None


def test_json_is_described_alike(csv: Write) -> None:
    entry = {
        "sex": {"code": "sex", "label": "Sex", "enumerations": [{"code": 0}, {"code": "M", "label": "😀"}]}
    }
    found = datasets.described(csv(json.dumps(entry), "variables.json"))["sex"]
    assert found.enumerations == (("0", "0"), ("M", "😀"))
    assert (found.type, found.label) == ("binominal", "Sex")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("age: {type: reel}", "variables.yaml:1: $.age.type"),
        ("age: {typ: real}", "write type"),
        ("age: real", "$.age: expected object"),
        ("- age", "$: expected object"),
        ("sex: {enumerations: []}", "$.sex.enumerations: expected at least 1"),
        ("sex: {enumerations: [{label: M}]}", "expected the key code"),
        ("sex: {enumerations: [{code: yes}]}", "in quotes"),
        (
            "sex: {enumerations: [{code: 1}, {code: '1'}]}",
            "$.sex.enumerations[1].code: the code stands there twice",
        ),
        ("sex: {enumerations: [{code: ''}]}", "the code is empty"),
        ("sex: {type: binominal, enumerations: [{code: a}, {code: b}, {code: c}]}", "two codes, got 3"),
        ("age: {type: real, enumerations: [{code: a}]}", "only nominal variables"),
        ("age: {code: alter}", '$.age.code: expected "age"'),
        ("a: &x {type: real}", "anchors and aliases"),
        ("", "nothing in it"),
        ('"age": {\n  type: [}', "variables.yaml:2"),
    ],
)
def test_descriptions_that_are_refused(csv: Write, text: str, told: str) -> None:
    with pytest.raises(MetadataError) as refused:
        datasets.described(csv(text, "variables.yaml"))
    assert any(told in problem for problem in refused.value.problems), refused.value.problems


def test_every_defect_of_a_description_is_told(csv: Write) -> None:
    with pytest.raises(MetadataError) as refused:
        datasets.described(csv("a: {type: reel}\nb: {typ: real}\nc: 1\n", "variables.yaml"))
    assert len(refused.value.problems) == 3
    assert "not strict JSON" in refusal(datasets.described, csv('{"a": 1, "a": 2}', "variables.json"))
    assert "No such file" in refusal(datasets.described, csv("").with_name("absent.yaml"))


@pytest.mark.parametrize(
    ("values", "entry", "told"),
    [
        (
            ["a", "b", "secret"],
            "{enumerations: [{code: a}, {code: b}]}",
            "row 3 (the header aside): the value is none",
        ),
        (["a", "b", "secret"], "{type: binominal}", "3 codes, and a binominal variable has two"),
        (["1", "2.5", "secret"], "{type: real}", "row 3 (the header aside): no number"),
        (["1", "2,5", "3"], "{type: real}", "row 2 (the header aside): a decimal comma"),
        (["1", "2", "1e999"], "{type: real}", "row 3 (the header aside): the number is not finite"),
        ([1, 2, 2.5], "{type: integer}", "row 3 (the header aside): no whole number"),
        ([1, 2, 3], "{type: date}", "its type is date"),
    ],
)
def test_data_that_are_not_as_described(csv: Write, values: list[Any], entry: str, told: str) -> None:
    described = datasets.described(csv(f"y: {entry}", "variables.yaml"))
    message = refusal(ask, {"y": values, "x": [1, 2, 3]}, described)
    assert told in message
    assert "secret" not in message


def test_a_description_under_a_slip_of_a_name_is_refused(csv: Write) -> None:
    described = datasets.described(csv("sexx: {type: real}\nweight: {type: real}", "variables.yaml"))
    message = refusal(ask, {"y": range(30), "sex": range(30)}, described)
    assert "'sexx' is described, and no column is called so" in message
    assert "'sex'" in message
    both = {"y": range(30), "sex": range(30), "sexx": range(30)}
    assert ask(both, described).covariables[0].type == contract.INTEGER  # it is another column's, then
    assert ask({"y": range(30), "age": range(30)}, described).variable.type == contract.INTEGER


def test_text_may_tell_numbers_where_it_is_described(csv: Write) -> None:
    described = datasets.described(csv("y: {type: integer}", "variables.yaml"))
    sample = ask({"y": ["1", "3000000000", None], "x": [1.5, 2, 3]}, described)
    assert sample.variable.sql_type == "double precision"
    assert [row[0] for row in sample.rows] == [1.0, 3e9, None]


def test_a_description_longer_than_an_environment_variable() -> None:
    codes = [f"{row % 90} {'long' * 500}" for row in range(300)]
    assert "PARAM_meta" in refusal(ask, {"y": range(300), "x": codes})


def test_the_schema_of_descriptions_has_its_own_examples() -> None:
    schema = schemas.load("variables")
    for example in schema["examples"]:
        assert schemas.violations("variables", example) == ()


SAMPLE = ask({"y": [1.5, None, 2.5, 3.5] * 3, "x": [None, 2.5, 3.5, 4.5] * 3})


@pytest.mark.parametrize(
    ("variable", "covariables", "left"),
    [(False, False, 12), (True, False, 9), (False, True, 9), (True, True, 6)],
)
def test_rows_with_a_null_are_left_out_and_counted(variable: bool, covariables: bool, left: int) -> None:
    sample, dropped = datasets.without_nulls(SAMPLE, variable=variable, covariables=covariables)
    assert (len(sample.rows), dropped) == (left, 12 - left)
    assert replace(sample, rows=SAMPLE.rows) == SAMPLE
    assert not variable or all(row[0] is not None for row in sample.rows)
    assert not covariables or all(None not in row[1:] for row in sample.rows)


def test_rows_held_out_stay_so_without_the_others() -> None:
    held_out = replace(SAMPLE, held_out=(3, 0, 11))
    sample, _ = datasets.without_nulls(held_out, variable=True, covariables=True)
    assert [sample.rows[position] for position in sample.held_out] == [SAMPLE.rows[3], SAMPLE.rows[11]]


def test_no_row_without_a_null() -> None:
    sample = ask({"y": [1.5, None] * 3, "x": [None, 2.5] * 3})
    assert "each of the 6 rows" in refusal(datasets.without_nulls, sample, variable=True, covariables=True)


cell = st.one_of(st.none(), st.floats(-1e9, 1e9).map(lambda value: round(value, 4)))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(cell, st.sampled_from(["a b", 'q"', "x,y", "ü"])), min_size=12, max_size=40))
def test_what_pandas_writes_is_what_is_read(
    tmp_path_factory: Any, rows: list[tuple[float | None, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "roundtrip.csv"
    pd.DataFrame(rows, columns=["n", "t"]).to_csv(path, index=False, sep=";")
    frame = datasets.read(path)
    assert [None if pd.isna(value) else value for value in frame["n"]] == [number for number, _ in rows]
    assert frame["t"].tolist() == [text for _, text in rows]


def test_a_hundred_thousand_rows_take_seconds(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    count = 100_000
    frame = pd.DataFrame({f"x{column}": rng.integers(0, 10**6, count) / 64 for column in range(16)})
    for column in range(3):
        frame[f"k{column}"] = rng.choice(["AD", "CN", "MCI"], count)
    frame["y"] = frame["x0"] * 2
    frame.to_parquet(tmp_path / "large.parquet")
    start = time.process_time()
    sample = ask(datasets.read(tmp_path / "large.parquet"))
    assert len(sample.rows) == count
    assert time.process_time() - start < 15


@pytest.mark.parametrize(
    ("module", "source", "query"),
    [
        ("pandas", "data.csv", None),
        ("sqlalchemy", "sqlite:///x", "SELECT 1"),
        ("pyarrow", "data.parquet", None),
    ],
)
def test_without_a_library_it_says_what_to_install(
    csv: Write, monkeypatch: pytest.MonkeyPatch, module: str, source: str, query: str | None
) -> None:
    path = csv("a,b\n1,2\n", source) if query is None else source
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(AlgoregError, match=f"needs {module}") as refused:
        datasets.read(path, query)
    assert refused.value.hint == "pip install 'algoreg[run]'"
