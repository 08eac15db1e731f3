"""What is certified, what never is, and what a file must be to count as a certificate."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from certified import FINISHED, STARTED, STATEMENT, certificate, changed
from hypothesis import given
from hypothesis import strategies as st
from reports import BAD, GOOD, IMAGE, IMAGE_ID, check, finding, report, target

import algoreg
from algoreg import certificates, contract, schemas
from algoreg.certificates import Standing
from algoreg.errors import UsageError
from algoreg.formats import json as json_format
from algoreg.report import Report, Severity, Waived, WaivedBy

DIGEST = "registry.example/knn@sha256:" + "b" * 64
WAIVED = (Waived(id="neg.exit-code", case="train: x", by=WaivedBy.WAIVER, source="w:1"),)


def test_a_certificate_is_an_in_toto_statement_of_the_image() -> None:
    given_report = report(target(*GOOD, check("meta.root", finding("FAIL"), warning=True), digest=DIGEST))
    text = certificates.statement(given_report, started=STARTED, finished=FINISHED, days=30)
    document = json.loads(text)
    assert schemas.first_problem("certificate", document) is None
    assert list(document) == ["_type", "subject", "predicateType", "predicate"]
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"].startswith("io.algoreg:")
    assert document["subject"] == [
        {"name": IMAGE, "digest": {"sha256": "a" * 64}},
        {"name": DIGEST, "digest": {"sha256": "b" * 64}},
    ]
    predicate = document["predicate"]
    assert predicate["report"]["digest"]["sha256"] == (
        hashlib.sha256(json_format.render(given_report).encode()).hexdigest()
    )
    assert predicate["checks"] == [
        {"id": "out.json", "severity": "error", "outcome": "PASS", "cases": 1},
        {"id": "run.start", "severity": "error", "outcome": "PASS", "cases": 2},
        {"id": "meta.root", "severity": "warning", "outcome": "FAIL", "cases": 1},
    ]
    assert (predicate["contract"], predicate["algoreg"], predicate["seed"]) == (
        contract.CONTRACT_VERSION,
        algoreg.__version__,
        7,
    )
    assert predicate["engine"] == {"name": "docker", "version": "20.10"}
    assert (predicate["started"], predicate["finished"], predicate["expires"]) == (
        "2026-11-13T10:00:00Z",
        "2026-11-13T10:01:00Z",
        "2026-12-13T10:01:00Z",
    )


def test_an_image_that_no_registry_has_is_one_subject() -> None:
    assert [one["name"] for one in json.loads(STATEMENT)["subject"]] == [IMAGE]


PARTIAL = target(*GOOD, partial=True)
ERROR = target(*GOOD, check("a.b", finding("ERROR")))
WAITING = target(*BAD, check("z.z", finding("SKIP", blocking=True)))


@pytest.mark.parametrize(
    ("given_report", "words"),
    [
        (report(target(*BAD)), "verdict is FAIL"),
        (report(PARTIAL), "verdict is PARTIAL"),
        (report(ERROR), "verdict is ERROR"),
        (report(target()), "verdict is ERROR"),
        (report(replace(target(*BAD), waived=WAIVED)), "only because 1 failed case(s) are waived"),
        (report(replace(WAITING, waived=WAIVED)), "verdict is PARTIAL"),
        (report(target(*GOOD), target(*GOOD)), "2 targets"),
        (report(), "0 targets"),
        (report(target(*GOOD, image_id=None), engine="process"), "process runs no image"),
        (report(target(*GOOD, code=None)), "no image"),
    ],
)
def test_nothing_less_than_a_pass_of_its_own_is_certified(given_report: Report, words: str) -> None:
    assert words in (certificates.refusal(given_report) or "")
    with pytest.raises(UsageError, match="no certificate"):
        certificates.statement(given_report, started=STARTED, finished=FINISHED)


def test_a_waived_warning_that_would_not_count_does_not_hinder() -> None:
    warned = target(*GOOD, check("meta.root", finding("FAIL"), warning=True))
    marks = (Waived(id="meta.root", case=None, by=WaivedBy.WAIVER, source="w:1"),)
    assert certificates.refusal(report(replace(warned, waived=marks))) is None
    strict = replace(warned, waived=marks, fail_on=Severity.WARNING)
    assert "waived" in (certificates.refusal(report(strict)) or "")


@pytest.mark.parametrize(
    ("path", "to", "standing"),
    [
        (("contract",), contract.CONTRACT_VERSION + 1, Standing.OTHER_CONTRACT),
        (("finished",), "2026-11-13T10:06:01Z", Standing.TO_COME),
        (("finished",), "2026-11-13T10:05:59Z", Standing.VALID),
        (("checks", 0, "outcome"), "SKIP", Standing.VALID),
        (
            ("checks",),
            [{"id": "meta.root", "severity": "warning", "outcome": "PASS", "cases": 1}],
            Standing.FAILED,
        ),
        (("checks",), [{"id": "a.b", "severity": "error", "outcome": "SKIP", "cases": 0}], Standing.FAILED),
    ],
)
def test_what_a_certificate_must_say_besides(
    path: tuple[str | int, ...], to: Any, standing: Standing
) -> None:
    found = certificate("predicate", *path, to=to)
    assert found.standing(FINISHED) is standing
    assert found.told(standing)


@pytest.mark.parametrize(
    ("key", "value"), [("expires", "2036-11-12T10:01:00Z"), ("started", "2026-11-13T10:01:01Z")]
)
def test_moments_that_contradict_each_other_are_no_certificate(key: str, value: str) -> None:
    with pytest.raises(UsageError, match="contradicts itself: it was finished before"):
        certificate("predicate", key, to=value)


@pytest.mark.parametrize(
    ("seconds", "standing"),
    [(-1, Standing.VALID), (0, Standing.EXPIRED), (1, Standing.EXPIRED)],
)
def test_a_certificate_counts_until_it_expires(seconds: int, standing: Standing) -> None:
    moment = FINISHED + timedelta(days=certificates.DAYS, seconds=seconds)
    assert certificate().standing(moment) is standing


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("predicate", "verdict"), "FAIL"),
        (("predicate", "verdict"), "PARTIAL"),
        (("predicate", "checks", 0, "outcome"), "FAIL"),
        (("predicate", "checks", 0, "outcome"), "ERROR"),
    ],
)
def test_a_certificate_that_does_not_say_pass_counts_at_no_time(
    path: tuple[str | int, ...], value: str
) -> None:
    assert certificate(*path, to=value).standing(FINISHED) is Standing.FAILED


def test_keys_of_others_are_ignored_as_in_toto_asks() -> None:
    assert certificate("predicate", "theirs", to={"x": 1}).code == "knn"


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("_type",), "https://in-toto.io/Statement/v0.1", "$._type"),
        (("predicateType",), "https://slsa.dev/provenance/v1", "$.predicateType"),
        (("subject",), [], "$.subject"),
        (("subject", 0, "digest"), {"sha512": "a" * 64}, "$.subject[0].digest"),
        (("subject", 0, "digest", "sha256"), "A" * 64, "$.subject[0].digest.sha256"),
        (("subject", 0, "digest", "sha256"), "b" * 64, "contradicts itself"),
        (("predicate", "image", "id"), "sha256:" + "b" * 64, "contradicts itself"),
        (("predicate", "expires"), "2026-13-45T10:00:00Z", "no moment"),
        (("predicate", "expires"), "2026-12-23", "$.predicate.expires"),
        (("predicate", "expires"), ..., "expires"),
        (("predicate", "checks"), [], "$.predicate.checks"),
        (("predicate", "verdict"), "pass", "$.predicate.verdict"),
        (("predicate",), None, "$.predicate"),
    ],
)
def test_what_is_no_certificate_names_file_and_place(
    path: tuple[str | int, ...], value: object, place: str
) -> None:
    with pytest.raises(UsageError) as refused:
        certificates.parse(changed(*path, to=value), origin="folder/c.json")
    assert "folder/c.json" in refused.value.message
    assert place in refused.value.message


@given(st.integers(0, len(STATEMENT) - 1), st.sampled_from(["", "0", '"', "}", "\\", "\x00", "é"]))
def test_a_damaged_file_is_refused_or_read_and_nothing_else(at: int, text: str) -> None:
    data = (STATEMENT[:at] + text + STATEMENT[at + 1 :]).encode()
    with suppress(UsageError):
        assert certificates.parse(data, origin="c.json").content == data


def test_a_folder_gives_its_json_files_by_name_and_names_a_broken_one(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "a.json.sig", "notes.txt"):
        (tmp_path / name).write_text(STATEMENT)
    found = certificates.read_folder(tmp_path)
    assert [Path(one.origin).name for one in found] == ["a.json", "b.json"]
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(UsageError, match=r"c\.json is no certificate"):
        certificates.read_folder(tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        certificates.read_folder(tmp_path / "absent")


def test_a_certificate_agrees_with_its_report_only() -> None:
    assert certificates.agrees(certificate(), report(target(*GOOD)))
    assert not certificates.agrees(certificate(), report(target(*BAD)))
    assert not certificates.agrees(certificate(), report(target(*GOOD, image_id="sha256:" + "b" * 64)))
    assert not certificates.agrees(certificate(), report(target(*GOOD), target(*GOOD)))
    assert certificate().image_id == IMAGE_ID
