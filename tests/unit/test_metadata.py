"""What the metadata reader accepts, and the words in which it refuses the rest."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from good_metadata import GOOD

from algoreg import contract, metadata, schemas
from algoreg.errors import EXIT_ERROR, EXIT_USAGE, MetadataError, UsageError
from algoreg.model import Algorithm, Maturity, ParameterType


def parse(text: str | bytes, *, syntax: Any = "yaml") -> Algorithm:
    return metadata.parse(metadata.read_document(text, "a.yaml", syntax=syntax))


def problems(text: str | bytes, *, syntax: Any = "yaml") -> tuple[str, ...]:
    with pytest.raises(MetadataError) as caught:
        parse(text, syntax=syntax)
    assert caught.value.exit_code == EXIT_USAGE
    return caught.value.problems


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_defaults_are_those_of_the_contract() -> None:
    algorithm = parse(GOOD)
    assert algorithm.reference == "algoreg/knn:0.1.0"
    assert algorithm.constraints.variable == dict.fromkeys(contract.VARIABLE_TYPES, True)
    assert (algorithm.constraints.covariables.min_count, algorithm.constraints.covariables.max_count) == (
        1,
        None,
    )
    assert (algorithm.constraints.groupings.min_count, algorithm.constraints.groupings.max_count) == (0, 0)
    assert (algorithm.resources.cpus, algorithm.resources.memory_mb, algorithm.resources.timeout_s) == (
        0.5,
        512,
        600,
    )
    assert algorithm.deterministic
    assert algorithm.constraints.mixed
    assert not algorithm.variables_can_be_null
    assert algorithm.maturity is Maturity.EXPERIMENTAL
    (parameter,) = algorithm.parameters
    assert parameter.type is ParameterType.INTEGER
    assert (parameter.label, parameter.default_value, parameter.min, parameter.max) == ("k", 5, 1, 100)
    assert parameter.validation.effect


def test_a_part_of_the_variable_types_leaves_the_others_accepted() -> None:
    algorithm = parse(GOOD + "constraints: {variable: {real: false}}\n")
    assert not algorithm.constraints.accepts("real")
    assert algorithm.constraints.accepts("binominal")


def test_a_label_carries_the_same_document() -> None:
    document = metadata.read_document(GOOD, "a.yaml", syntax="yaml")
    label = metadata.compact_json(document)
    assert "\n" not in label
    assert label.isascii()
    assert parse(label, syntax="json").document == document.data


def test_an_integer_written_as_a_float_is_one() -> None:
    value = parse(changed("default_value: 5", "default_value: 5.0")).parameters[0].default_value
    assert isinstance(value, int)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            "version: 0.1.0",
            "version: 0.10",
            5,
            r'\$\.version: expected string.*fix: put it in quotes: "0.10"',
        ),
        ("version: 0.1.0", "version: latest", 5, r'anything but "latest"'),
        ("version: 0.1.0", "version: -x", 5, r"\$\.version"),
        ("version: 0.1.0", "version: 2024-01-01", 5, r'for text write "2024-01-01" in quotes'),
        ("predictive: true", 'predictive: "yes"', 6, r"write true or false, without quotes"),
        ("predictive: true", "predictive: yes", 6, r"read differently by different readers"),
        ("code: knn", "code: 1nn", 2, r"\$\.code"),
        ("code: knn", 'code: "knn\\n"', 2, r"\$\.code: expected text of the form"),
        ("code: knn", "cod: knn", 2, r"\$\.cod: .*fix: write code"),
        ("image: algoreg/knn", "image: algoreg/knn:0.1.0", 4, r"without tag or digest"),
        ("image: algoreg/knn", "image: Algoreg Knn", 4, r"\$\.image"),
        ("[train, test]", "[train, test, train]", 8, r'no item twice, as "train" is'),
        ("[train, test]", "[train, tset]", 8, r"\$\.entrypoints\[1\]: .*fix: write test"),
        ("[train, test]", "[]", 8, r"at least 1 item"),
        ("type: integer", "type: int", 12, r"\$\.parameters\[0\]\.type: .*fix: write integer"),
        ("type: integer", "type: boolean", 13, r"\$\.parameters\[0\]\.default_value: expected boolean"),
        ("type: integer", "type: enumeration", 11, r"\$\.parameters\[0\]: expected the key values"),
        ("default_value: 5", "default_value: five", 13, r"expected integer"),
        (
            "default_value: 5",
            "default_value: 500",
            13,
            r"500 is above the maximum 100.*default-value-is-accepted",
        ),
        ("min: 1,", "min: 1.5,", 14, r"expected integer or null"),
        ("min: 1,", "min: 1, most: 3,", 14, r"no unknown key"),
        ("min: 1,", "min: 101,", 14, r"parameter-bounds-are-ranges"),
        ("interactive: true", "interactive: false", 7, r"interactive-means-train-and-test"),
        ("[train, test]", "[train]", 7, r"interactive-means-train-and-test"),
    ],
)
def test_a_defect_is_said_with_its_line_and_remedy(old: str, new: str, line: int, said: str) -> None:
    found = problems(changed(old, new))
    assert any(text.startswith(f"a.yaml:{line}: ") and re.search(said, text) for text in found), found
    assert all("; fix: " in text for text in found)


@pytest.mark.parametrize(
    ("addition", "rule"),
    [
        ("result: txt", "schema.enum"),
        ("maturity: mature", "schema.enum"),
        ("resources: {cpus: 65}", "schema.maximum"),
        ("resources: {memory_mb: 262145}", "schema.maximum"),
        ("resources: {timeout_s: 86401}", "schema.maximum"),
        ("resources: {timeout_s: 0}", "schema.exclusiveMinimum"),
        ("resources: {disk: 1}", "schema.additionalProperties"),
        ("federated: true", "federated-needs-compute"),
        ("constraints: {variable: {real: false, integer: false}}", "regression-needs-a-continuous-variable"),
        (
            "constraints: {variable: {binominal: false, polynominal: false}}",
            "classification-needs-a-nominal-variable",
        ),
        ("constraints: {groupings: {min_count: 1}}", "counts-are-ranges"),
        ("label: again", "document.duplicate"),
        ("description: &a text", "document.alias"),
        ("description: *a", "document.alias"),
        ("description: !!str text", "document.tag"),
        ("description: !!python/object/apply:os.system [ls]", "document.tag"),
        ("<<: {}", "document.ambiguous"),
        ("description: 010", "document.ambiguous"),
        ("description: 1e5", "document.ambiguous"),
        ("description: .nan", "document.ambiguous"),
        ("description: 99999999999999999999", "document.value"),
        ('description: "a\\0b"', "document.value"),
        ('description: "\\ud800"', "document.value"),
        ('description: "\\U00110000"', "document.yaml"),
        ("? [a]\n: b", "document.key"),
        ("1: b", "document.key"),
        ("---\na: b", "document.one"),
        ("description: [", "document.yaml"),
        ("\tdescription: a", "document.yaml"),
    ],
)
def test_a_rule_is_named(addition: str, rule: str) -> None:
    found = problems(f"{GOOD}{addition}\n")
    assert [text for text in found if f"[{rule}]" in text], found


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "entrypoints: [compute]\npredictive: true\ninteractive: false\nresult: text",
            "predictive-needs-a-way-to-predict",
        ),
        (
            "entrypoints: [compute, wait]\npredictive: false\ninteractive: false\nresult: text",
            "wait-needs-train-and-test",
        ),
        ("entrypoints: [compute]\npredictive: false\ninteractive: false", "schema.required"),
        ("entrypoints: [train, test]\npredictive: true\ninteractive: true", "schema.required"),
    ],
)
def test_the_parts_must_agree(text: str, rule: str) -> None:
    rest = "contract: 1\ncode: a\nlabel: a\nimage: a/b\nversion: v1\n"
    tasks = "" if rule == "schema.required" else "tasks: [regression]\n"
    assert f"[{rule}]" in "".join(problems(f"{rest}{tasks}{text}\n"))


@pytest.mark.parametrize(
    ("parameter", "rule"),
    [
        ("type: enumeration, values: [a, b], default_value: c", "default-value-is-accepted"),
        ("type: enumeration, values: [a, a], default_value: a", "schema.uniqueItems"),
        ("type: enumeration, values: [1, 2], default_value: a", "schema.type"),
        ("type: enumeration, values: [], default_value: a", "schema.minItems"),
        ("type: number, values: [a], default_value: 1", "schema.false"),
        ("type: string, constraints: {min: 1}, default_value: a", "schema.false"),
        ("type: boolean, default_value: 'true'", "schema.type"),
        ("type: number, default_value: true", "schema.type"),
        (
            "type: number, default_value: 1, constraints: {max: 5}, validation: {value: 6}",
            "validation-is-accepted",
        ),
        (
            "type: number, default_value: 1, constraints: {max: 5}, validation: {max: 6}",
            "validation-is-accepted",
        ),
        ("type: number, default_value: 1, validation: {min: 3, max: 2}", "validation-is-a-range"),
        ("type: number, default_value: 1, validation: {value: a}", "schema.type"),
        ("type: string, default_value: a, validation: {min: 1}", "schema.false"),
    ],
)
def test_parameters_agree_with_themselves(parameter: str, rule: str) -> None:
    text = GOOD[: GOOD.index("parameters:")] + f"parameters:\n  - {{code: p, {parameter}}}\n"
    assert f"[{rule}]" in "".join(problems(text))


def test_a_parameter_code_is_used_once() -> None:
    again = "  - {code: k, type: boolean, default_value: true}\n"
    assert "a.yaml:15: $.parameters[1].code: $.parameters[0] has the code k, too" in problems(GOOD + again)[0]


def test_all_problems_are_told_at_once_in_the_order_of_the_lines() -> None:
    text = (
        GOOD.replace("code: knn", "code: 1")
        .replace("predictive: true", "predictive: 1")
        .replace("tasks", "tassk")
    )
    assert [int(re.match(r"a\.yaml:(\d+)", one)[1]) for one in problems(text)] == [2, 6, 9]  # type: ignore[index]


def test_a_later_contract_is_no_defect_of_the_image() -> None:
    with pytest.raises(metadata.UnsupportedContract) as caught:
        parse(changed("contract: 1", "contract: 2\nfuture: key"))
    assert caught.value.exit_code == EXIT_ERROR
    assert "pgrade algoreg" in caught.value.hint


@pytest.mark.parametrize("version", ["0", "true", "'1'", "1.5", "null"])
def test_no_other_contract_is_one(version: str) -> None:
    assert "$.contract" in problems(changed("contract: 1", f"contract: {version}"))[0]


def test_files_that_cannot_be_read_are_the_callers_fault(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(UsageError, match="cannot read"):
            metadata.read_file(path)


def test_a_file_named_json_is_strict_json(tmp_path: Path) -> None:
    path = tmp_path / "algorithm.json"
    path.write_text(json.dumps(metadata.read_document(GOOD, "", syntax="yaml").data))
    assert metadata.parse(metadata.read_file(path)).code == "knn"
    path.write_text(GOOD)
    with pytest.raises(MetadataError, match="not strict JSON"):
        metadata.read_file(path)


HOSTILE = {
    "nothing": b"",
    "only comments": b"# a\n" * 60_000,
    "not UTF-8": b"\xff\xfe\x00",
    "too long": b"a: b\n" * 60_000,
    "flow sequences": b"[" * 260_000,
    "flow mappings": b"{" * 260_000,
    "block sequences": b"- " * 130_000,
    "complex keys": b"? " * 130_000,
    "objects": b'{"a":' * 50_000,
    "one long word": b"x" * 260_000,
    "escapes": b'"' + rb"\u1234" * 43_000 + b'"',
    "open quote": b"'" + b"x" * 260_000,
    "many keys": b"".join(b"k%d: b\n" % i for i in range(20_000)),
    "many items": b"[" + b"1," * 120_000 + b"1]",
    "items that do not sort": b'{"entrypoints":[' + b'1,"a",' * 40_000 + b"1]}",
    "a name that nearly matches": b'{"image":"' + b"a-" * 120_000 + b'!"}',
    "another": b'{"image":"' + b"a/" * 120_000 + b'!"}',
    "many digits": b'{"contract":' + b"9" * 200_000 + b"}",
    "infinity": b'{"resources":{"cpus":1e999}}',
    "negative infinity": b'{"resources":{"cpus":-Infinity}}',
    "anchors": b"a: &a [x]\nb: [*a, *a]\n",
    "directive": b"%YAML 9.9\n---\na: b\n",
    "tag directive": b"%TAG ! tag:x,2000:\n---\n!y z\n",
}


@pytest.mark.parametrize("syntax", ["yaml", "json"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_in_bounded_time(name: str, syntax: str) -> None:
    before = time.process_time()
    assert problems(HOSTILE[name], syntax=syntax)
    assert time.process_time() - before < 20


def test_messages_show_no_control_characters() -> None:
    found = problems('{"contract": 1, "\\u001b[2J\\u202e": "\\u001b]0;x\\u0007"}', syntax="json")
    assert all(text.isprintable() for text in found)


@pytest.mark.parametrize("name", schemas.NAMES)
def test_schemas_are_schemas_and_their_examples_are_valid(name: str) -> None:
    from jsonschema import Draft202012Validator

    schema = schemas.load(name)
    Draft202012Validator.check_schema(dict(schema))
    for example in schema.get("examples", ()):
        assert schemas.violations(name, example) == ()


@pytest.mark.parametrize("name", schemas.NAMES)
def test_every_field_has_a_description_and_an_example(name: str) -> None:
    def fields(schema: Any, path: str) -> Any:
        for key, value in schema.get("properties", {}).items():
            yield f"{path}.{key}", value
            yield from fields(value, f"{path}.{key}")
        if isinstance(schema.get("items"), dict):
            yield from fields(schema["items"], f"{path}[]")

    for path, field in fields(schemas.load(name), name):
        assert field.get("description"), path
        containers = "object" in (field.get("type"),) and "properties" in field
        assert "examples" in field or containers, path
        for example in field.get("examples", ()):
            assert not _broken(field, example), (path, example)


def _broken(schema: Any, value: Any) -> list[Any]:
    from jsonschema import Draft202012Validator

    return list(Draft202012Validator(schema).iter_errors(value))


def test_no_schema_refers_to_another_place() -> None:
    for name in schemas.NAMES:
        assert "$ref" not in json.dumps(dict(schemas.load(name)))


def test_predictions_have_their_form() -> None:
    good = {"rows": [3], "predictions": [1.5], "targets": [None], "probabilities": [{"a": 1.0}], "other": 1}
    assert schemas.first_problem("predictions", good) is None
    for key, value in (
        ("rows", [1.5]),
        ("rows", ["1"]),
        ("predictions", [None]),
        ("targets", [[]]),
        ("probabilities", [1]),
    ):
        violation = schemas.first_problem("predictions", {**good, key: value})
        assert violation is not None
        assert violation.path.startswith(f"$.{key}[0]")
    violation = schemas.first_problem("predictions", {"rows": [], "predictions": []})
    assert violation is not None
    assert violation.expected.startswith("the key targets")


def test_a_million_predictions_are_checked_in_seconds() -> None:
    numbers = [1.5] * 1_000_000
    before = time.process_time()
    assert (
        schemas.first_problem(
            "predictions", {"rows": [1] * 1_000_000, "predictions": numbers, "targets": numbers}
        )
        is None
    )
    assert time.process_time() - before < 20


@pytest.mark.parametrize(
    ("parameter", "domain"),
    [
        ({"type": "integer", "default_value": 5, "constraints": {"min": 1, "max": 1000000}}, "1 to 1000000"),
        ({"type": "number", "default_value": 5, "constraints": {"min": 0.5}}, "at least 0.5"),
        ({"type": "number", "default_value": 5, "constraints": {"max": 9}}, "at most 9"),
        ({"type": "string", "default_value": ""}, "any"),
        ({"type": "boolean", "default_value": False}, "true or false"),
        ({"type": "enumeration", "values": ["a", "b"], "default_value": "a"}, "a, b"),
    ],
)
def test_what_a_parameter_accepts_is_told_in_words(parameter: dict[str, Any], domain: str) -> None:
    document = yaml.safe_load(GOOD) | {"parameters": [{"code": "p", **parameter}]}
    assert parse(json.dumps(document), syntax="json").parameters[0].domain == domain
