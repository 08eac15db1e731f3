"""The values of parameters: refused before anything starts, by the rule by which images refuse them."""

import pytest
from good_metadata import GOOD

from algoreg import job, metadata
from algoreg.errors import UsageError
from algoreg.runtime import parameters as runtime
from algoreg.runtime.declaration import declaration_of
from algoreg.runtime.failure import Failure

DECLARED = """\
  - {code: whole, type: integer, default_value: 3}
  - {code: weight, type: number, default_value: 0.5, constraints: {min: 0, max: 1.5}}
  - {code: fast, type: boolean, default_value: false}
  - {code: kernel, type: enumeration, default_value: rbf, values: [linear, rbf]}
  - {code: scheduler, type: string, default_value: ""}
"""
PARSED = metadata.parse(metadata.read_document(GOOD + DECLARED, "algorithm.yaml", syntax="yaml"))
TEXTS = (
    *("", " ", "0", "1", "+7", "-1", "100", "101", "7.0", " 7", "7\n", "1_0", "\u0663", "9" * 300, "9" * 301),
    *("0.5", ".5", "1.", "1.5", "1.6", "1e0", "1e999", "nan", "inf", "0x1"),
    *("true", "False", "TRUE", "yes", "linear", "Linear", "rbf ", "tcp://a:1", "\ud800", "é"),
)


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("k", "0", "an integer from 1 to 100"),
        ("k", "101", "an integer from 1 to 100"),
        ("k", "seven", "an integer from 1 to 100"),
        ("k", "", "an integer from 1 to 100"),
        ("k", "7.0", "an integer from 1 to 100"),
        ("whole", "x", "an integer, or"),
        ("weight", "-0.1", "a number from 0 to 1.5"),
        ("weight", "1e999", "a number from 0 to 1.5"),
        ("fast", "yes", "true or false"),
        ("kernel", "Linear", "one of linear, rbf"),
        ("scheduler", "\udcff", "UTF-8 text"),
    ],
)
def test_a_value_that_no_image_takes_is_refused(code: str, text: str, expected: str) -> None:
    with pytest.raises(UsageError) as refused:
        job.ensure_declared(PARSED, {code: text})
    assert f"its parameter {code}" in refused.value.message
    assert ascii(text) in refused.value.message
    assert expected in refused.value.hint
    assert f"{code} (default " in refused.value.hint


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(UsageError) as refused:
        job.ensure_declared(PARSED, {"k": "9" * 5000})
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("code", [parameter.code for parameter in PARSED.parameters])
def test_the_caller_and_the_image_have_one_rule(code: str, text: str) -> None:
    (told,) = [one for one in declaration_of(PARSED.document).parameters if one.code == code]
    try:
        runtime.parse(told, text)
    except Failure:
        with pytest.raises(UsageError):
            job.ensure_declared(PARSED, {code: text})
    else:
        job.ensure_declared(PARSED, {code: text})
