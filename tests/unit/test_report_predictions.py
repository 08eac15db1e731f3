"""What was predicted comes from experiments that checks asked for, and is seen on the page."""

from __future__ import annotations

import json
import math
import re
from typing import cast

import pytest
from report_samples import PREDICTED, check, report, target

from algoreg import predictions
from algoreg.errors import MetadataError, UsageError
from algoreg.formats import html
from algoreg.formats import json as json_format
from algoreg.memory import Memory
from algoreg.metadata import UnsupportedContract
from algoreg.model import Algorithm
from algoreg.probe import Probe
from algoreg.report import Predicted, passed


def page(*predicted: Predicted) -> str:
    return html.render(report(target(check("run.start", passed()), predicted=predicted)))


def test_numbers_are_dots_and_codes_a_table() -> None:
    text = page(*PREDICTED)
    dots = re.findall(r'<circle cx="([0-9.]+)" cy="([0-9.]+)"', text)
    assert dots == [("4.00", "88.33"), ("50.00", "50.00"), ("96.00", "34.67")]
    assert "3 held-out rows from 1 to 4, mean absolute error 0.4167" in text
    assert "2 of 3 held-out rows right" in text
    table = text[text.index("2 of 3 held-out") :]
    assert re.findall(r"<td[^>]*>(\d+)</td>", table)[:4] == ["2", "0", "1", "0"]


@pytest.mark.parametrize(
    "one",
    [
        Predicted(task="regression", targets=(), predictions=()),
        Predicted(task="regression", targets=(math.inf, "x"), predictions=(1.0, 2.0)),
    ],
)
def test_what_cannot_be_drawn_is_left_out(one: Predicted) -> None:
    assert "What was predicted" not in page(one)


def test_equal_values_and_many_codes_are_shown_all_the_same() -> None:
    assert "<circle" in page(Predicted(task="regression", targets=(2.0,), predictions=(2.0,)))
    codes = tuple(f"c{n}" for n in range(30))
    assert "30 of 30 held-out rows right, of 30 codes" in page(
        Predicted(task="classification", targets=codes, predictions=codes)
    )


def test_lists_of_different_lengths_are_no_report() -> None:
    document = json.loads(
        json_format.render(report(target(check("run.start", passed()), predicted=PREDICTED)))
    )
    document["targets"][0]["predicted"][0]["predictions"].pop()
    cut = json.dumps(document)
    with pytest.raises(UsageError, match=r"r.json: \$.targets\[0\].predicted: 3 targets and 2 predictions"):
        json_format.parse(cut.encode(), origin="r.json")


def test_nothing_is_made_to_be_shown() -> None:
    memory = Memory()
    assert memory.known("base") is None
    with pytest.raises(ZeroDivisionError):
        memory.recall("broken", lambda: 1 // 0)
    assert memory.known("broken") is None
    assert memory.recall("base", lambda: 3) == memory.known("base") == 3


@pytest.mark.parametrize("problem", [MetadataError("no label"), UnsupportedContract("contract 2")])
def test_an_image_that_says_nothing_readable_predicts_nothing(problem: Exception) -> None:
    class Unreadable:
        @property
        def algorithm(self) -> Algorithm:
            raise problem

    assert predictions.of(cast("Probe", Unreadable())) == ()
