"""What a run must not show is found in every form and place, and nothing else is taken for it."""

from __future__ import annotations

import base64
import json
import random
import statistics
import string
import time
from dataclasses import replace
from urllib.parse import quote

import pytest

from algoreg.databases.protocol import ResultRow
from algoreg.engines.protocol import Entry, EntryKind, Snapshot
from algoreg.exposure import Exposure, Hidden, Kind, Place, exposures, places, redacted
from algoreg.leaks import rows_shown
from algoreg.samples import datasets, plain
from algoreg.samples.sample import Sample
from support.patience import PROMPT_S
from unit.test_samples import algorithm

LETTERS = string.ascii_letters + string.digits + "-_"
RNG = random.Random(20)
PASSWORD = "".join(RNG.choices(LETTERS, k=23)) + "-"
ENVIRONMENT = {
    "IN_USER": "reader",
    "IN_PASSWORD": PASSWORD,
    "IN_JDBC_PASSWORD": PASSWORD,
    "OUT_PASSWORD": "".join(RNG.choices(LETTERS, k=24)),
}
SAMPLE = plain.plain(algorithm(), "regression", random.Random(3))
HIDDEN = Hidden(environment=ENVIRONMENT, sample=SAMPLE, planted=("subject-0a1b2c",), foreign="canary-ffee")


def found(content: bytes | str, *, read: bool = True, hidden: Hidden = HIDDEN) -> set[tuple[Kind, str]]:
    data = content.encode() if isinstance(content, str) else content
    return {(e.kind, e.what) for e in exposures(hidden, [Place(name="here", content=data, read=read)])}


def _padded(data: bytes, before: int) -> str:
    return base64.b64encode(b"?" * before + data + b"!!").decode()


@pytest.mark.parametrize(
    ("form", "how"),
    [
        (PASSWORD, "plain text"),
        (f"postgresql://reader:{quote(PASSWORD, safe='')}@db/science", "plain text"),
        ("".join(f"%{ord(c):02X}" for c in PASSWORD), "a URL's escapes"),
        ("".join(f"%{ord(c):02x}" for c in PASSWORD), "a URL's escapes"),
        (PASSWORD.replace("-", "%2D").replace("_", "%5F"), "a URL's escapes"),
        (PASSWORD.replace("-", "%2d").replace("_", "%5f"), "a URL's escapes"),
        *((_padded(PASSWORD.encode(), before), "base64") for before in range(6)),
        (base64.urlsafe_b64encode(f"reader:{PASSWORD}".encode()).decode(), "base64"),
        (base64.encodebytes(b"x" * 50 + PASSWORD.encode()).decode(), "base64"),
        (PASSWORD.encode().hex(), "hex"),
        (PASSWORD.encode().hex().upper(), "hex"),
        ("".join(f"\\u{ord(c):04x}" for c in PASSWORD), "JSON's escapes"),
        ("".join(f"\\u{ord(c):04X}" for c in PASSWORD), "JSON's escapes"),
        (json.dumps({"password": PASSWORD}), "plain text"),
    ],
)
def test_a_password_is_found_in_every_form_and_kept_out_of_evidence(form: str, how: str) -> None:
    text = f"before {form} after"
    assert found(text) == {(Kind.PASSWORD, f"IN_PASSWORD in {how}")}
    unbroken = text.replace("\n", "")
    assert found(redacted(unbroken, ENVIRONMENT)) == set()


@pytest.mark.parametrize(
    ("secret", "form", "how"),
    [
        ('p"a\\ss', json.dumps('p"a\\ss'), "JSON's escapes"),
        ("gr\u00fc\u00dfe\U0001f600", json.dumps("gr\u00fc\u00dfe\U0001f600"), "JSON's escapes"),
        ('p"\u00fc', json.dumps('p"\u00fc', ensure_ascii=False), "JSON's escapes"),
        ('p"<a>', 'value="p&quot;&lt;a&gt;"', "HTML's escapes"),
        ('p"<a>', '<pre>p"&lt;a&gt;</pre>', "HTML's escapes"),
    ],
)
def test_a_password_with_characters_that_are_escaped_is_found(secret: str, form: str, how: str) -> None:
    hidden = replace(HIDDEN, environment={"IN_PASSWORD": secret})
    assert found(form, hidden=hidden) == {(Kind.PASSWORD, f"IN_PASSWORD in {how}")}
    assert found(redacted(form, hidden.environment), hidden=hidden) == set()


@pytest.mark.parametrize("text", ["", PASSWORD[:-1], PASSWORD[::-1], "IN_PASSWORD is set", "reader"])
def test_what_is_no_password_is_none(text: str) -> None:
    assert found(text) == set()


def test_planted_values_and_another_jobs_result_are_found_anywhere() -> None:
    assert found("a subject-0a1b2c b", read=False) == {(Kind.PLANTED, "a patient whom no query asks for")}
    assert found("canary-ffee", read=False) == {(Kind.FOREIGN, "the result of another job")}


def test_logs_new_files_names_and_rows_are_looked_at_and_given_files_are_not() -> None:
    def entry(name: str, content: bytes) -> Entry:
        return Entry(name=name, kind=EntryKind.FILE, size=len(content), content=content)

    secret = PASSWORD.encode()
    snapshot = Snapshot(
        entries=(
            entry("given.json", secret),
            entry("changed.json", secret),
            entry(PASSWORD, b""),
        )
    )
    given = {"given.json": secret, "changed.json": b"{}"}
    row = ResultRow(job_id="a", node="b", shape="json", data=PASSWORD, error=PASSWORD, parameters=PASSWORD)
    looked_at = places(secret, snapshot, given, [row])
    assert {e.place for e in exposures(HIDDEN, looked_at)} == {
        "the logs",
        "the file 'changed.json'",
        "the name of a file",
        "the row's data",
        "the row's error",
        "the row's parameters",
    }
    assert [place.name for place in places(b"", snapshot, given, [row]) if place.read] == [
        "the logs",
        "the row's error",
    ]


def _row(sample: Sample, position: int = 7) -> list[float]:
    return [value for value in sample.rows[position] if isinstance(value, float)]


@pytest.mark.parametrize("form", ["{!r}", "{:.6f}", "{:.6g}", "{:.5g}", "{:.8e}", "{:>12.5f}"])
@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("seed", range(5))
def test_a_row_is_recognised_however_it_is_printed(form: str, task: str, seed: int) -> None:
    sample = plain.plain(algorithm(), task, random.Random(seed))
    seen = 0
    for position in range(0, len(sample.rows), 5):
        cells = "  ".join(form.format(value) for value in _row(sample, position))
        seen += position in rows_shown(f"Patient {position} |{cells}|\n".encode(), sample)
    # The least and the greatest of a column do not count
    assert seen > 0.9 * len(sample.rows) / 5


def test_two_values_are_a_row_and_one_is_none() -> None:
    first, second = _row(SAMPLE)[:2]
    assert list(rows_shown(f"{first}\n{'x' * 5000}\n{second}".encode(), SAMPLE)) == [7]
    other = _row(SAMPLE, 8)[1]
    assert list(rows_shown(f"{first} {first} {other}".encode(), SAMPLE)) == []
    assert found(f"{first} {second}", read=False) == set()


@pytest.mark.parametrize("task", ["regression", "classification"])
@pytest.mark.parametrize("seed", range(20))
def test_summaries_are_no_rows(task: str, seed: int) -> None:
    sample = plain.plain(algorithm(), task, random.Random(seed))
    lines = [json.dumps(sample.meta()), f"{len(sample.rows)} rows", json.dumps(sample.held_out)]
    training = [sample.rows[position] for position in sample.training]
    pairs = [*zip(*sample.rows, strict=True), *zip(*training, strict=True)]
    for column, values in zip((*sample.columns, *sample.columns), pairs, strict=True):
        numbers = [value for value in values if isinstance(value, float)]
        if numbers:
            mean, deviation = statistics.fmean(numbers), statistics.stdev(numbers)
            lines += [f"{column.code}: {mean} +- {deviation:.5f} ({min(numbers)} to {max(numbers)})"]
            lines += [f"{quantile:.6f}" for quantile in statistics.quantiles(numbers, n=7)]
    assert list(rows_shown("\n".join(lines).encode(), sample)) == []


@pytest.mark.parametrize("count", [150, 1500, 15000])
def test_many_numbers_are_not_taken_for_rows(count: int) -> None:
    rng = random.Random(count)
    text = " ".join(f"{rng.uniform(10, 100):.6g}" for _ in range(count))
    assert list(rows_shown(text.encode(), SAMPLE)) == []


def test_numbers_of_samples_can_be_recognised_and_stay_what_they_are() -> None:
    original = datasets.load(datasets.DIABETES).values["bmi"]
    index = [column.code for column in SAMPLE.columns].index("bmi")
    for row in SAMPLE.rows:
        value = row[index]
        assert isinstance(value, float)
        assert min(abs(value - one) for one in original if isinstance(one, float)) < 0.001 * value
    precise = [f"{value:.12g}" for row in SAMPLE.rows for value in _row(SAMPLE, 0) if value and row]
    assert min(len(text) for text in precise) > 6


@pytest.mark.parametrize(
    "filling", [b"\0", b"1", b"1 ", b"12345.6 ", b"e" * 3, b"\\u00", PASSWORD[:-1].encode()]
)
def test_hostile_contents_cost_no_time(filling: bytes) -> None:
    started = time.monotonic()
    log = (filling * (512 * 1024 // len(filling) + 1))[: 512 * 1024]
    file = (filling * (8 * 1024 * 1024 // len(filling) + 1))[: 8 * 1024 * 1024]
    where = [Place(name="log", content=log, read=True), Place(name="file", content=file)]
    assert list(exposures(HIDDEN, where)) == []
    assert time.monotonic() - started < PROMPT_S  # in time that grows faster than the log it would be minutes


def test_an_exposure_never_holds_what_was_shown() -> None:
    shown: list[Exposure] = list(exposures(HIDDEN, [Place(name="x", content=PASSWORD.encode())]))
    assert PASSWORD not in repr(shown)
