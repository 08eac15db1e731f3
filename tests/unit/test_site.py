"""The pages of the site: what they tell, that no text gets out of its place, and that they are always the same."""

from __future__ import annotations

import posixpath
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import lxml.etree
import pytest
from certified import STATEMENT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report_samples import FAILING, HOSTILE, PASSING, check, failed, report, skipped, target, texts
from reports import GOOD as GOOD_CHECKS
from reports import report as plain_report
from reports import target as plain_target
from site_samples import INSTALLED, JUDGED, SMALL, TREES, WHOLE, algorithm, judged, judged_in, of

from algoreg import certificates
from algoreg.errors import UsageError
from algoreg.registry import Registry
from algoreg.site.pages import pages
from algoreg.site.script import SCRIPT
from support import random_metadata
from support.html_reader import Reader

OURS = frozenset(
    re.findall(
        "[a-z0-9]+",
        "html head meta link title style body a header h1 h2 h3 h4 span p nav ul li main section dl dt dd article "
        "code strong details summary pre table caption thead tbody tr th td svg rect div figure figcaption circle line "
        "footer label input select option button script",
    )
)


def tree(text: str) -> lxml.etree._Element:
    """Strict: every element is closed, every attribute quoted."""
    return lxml.etree.fromstring(text.removeprefix("<!doctype html>\n").encode())


def said(text: str, path: str = "//body") -> str:
    return " ".join(" ".join(tree(text).xpath(path)[0].itertext()).split())


def page(code: str, **given_judgements: object) -> str:
    return pages(SMALL, given_judgements)[f"algorithms/{code}.html"]  # type: ignore[arg-type]


def test_there_is_a_page_for_each_algorithm_and_each_report() -> None:
    found = pages(SMALL, judged(PASSING, SMALL))
    assert list(found) == [
        "index.html",
        "algorithms/Trees.html",
        "algorithms/index.html",
        "algorithms/knn.html",
        "reports/knn.html",
    ]


def test_the_index_lists_everything_with_what_is_filtered_by() -> None:
    found = tree(pages(SMALL, judged(PASSING, SMALL))["index.html"])
    cards = found.xpath("//ul[@id='algorithms']/li")
    data = [{key: value for key, value in card.attrib.items() if key.startswith("data-")} for card in cards]
    assert [card.findtext(".//code") for card in cards] == ["knn", "index", "Trees"]
    assert data == [
        {
            "data-task": "classification regression",
            "data-maturity": "experimental",
            "data-predictive": "yes",
            "data-interactive": "yes",
        },
        {
            "data-task": "regression",
            "data-maturity": "deprecated",
            "data-predictive": "no",
            "data-interactive": "no",
        },
        {
            "data-task": "classification",
            "data-maturity": "beta",
            "data-predictive": "yes",
            "data-interactive": "yes",
        },
    ]
    knn = " ".join(" ".join(cards[0].itertext()).split())
    assert knn.startswith("k-nearest neighbours experimental predictive interactive")
    for words in ("code knn", "image algoreg/knn:0.1.0", "commands train, test", "verdict PASS"):
        assert words in knn
    assert "verdict not judged yet" in " ".join(cards[2].itertext())


def test_every_field_of_the_filters_is_known_to_the_cards() -> None:
    found = tree(pages(SMALL, {})["index.html"])
    asked = {one.get("name") for one in found.xpath("//div[@id='filters']//*[@name]")}
    data = {name.removeprefix("data-") for name in found.xpath("//ul[@id='algorithms']/li")[0].attrib}
    assert asked == data | {"q"}
    values = {name: found.xpath(f"//select[@name='{name}']/option/@value") for name in ("task", "maturity")}
    assert values == {
        "task": ["", "classification", "regression"],
        "maturity": ["", "beta", "experimental", "deprecated"],
    }
    for field in found.xpath("//div[@id='filters']//*[@name]"):
        assert found.xpath(f"//label[@for='{field.get('id')}']")


def test_without_a_script_everything_is_listed_and_nothing_is_there_that_does_nothing() -> None:
    found = tree(pages(SMALL, {})["index.html"])
    assert found.xpath("//div[@id='filters']/@hidden") == [""]
    assert not found.xpath("//li[@hidden]")
    (count,) = found.xpath("//*[@aria-live='polite']")
    assert count.text == "3 algorithms"
    assert "algorithms" not in tree(pages(of(TREES), {})["index.html"]).xpath("//*[@id='count']")[0].text


def test_a_page_tells_parameters_constraints_and_needs() -> None:
    text = said(
        pages(
            of(
                algorithm(
                    constraints={
                        "variable": {"binominal": False, "polynominal": False},
                        "covariables": {"min_count": 2, "max_count": 3},
                        "mixed": False,
                    },
                    tasks=["regression"],
                    variables_can_be_null=True,
                    resources={"cpus": 2, "memory_mb": 1024, "timeout_s": 90},
                )
            ),
            {},
        )["algorithms/knn.html"]
    )
    for words in (
        "k integer 5 1 to 100",
        "variable, accepted real, integer variable, refused binominal, polynominal",
        "covariables 2 to 3 groupings none",
        "nominal and continuous covariables together refused",
        "NULL in the variable accepted NULL in covariables not accepted",
        "CPUs: 2, memory: 1024 MB, time: at most 90 s",
    ):
        assert words in text


def test_a_page_tells_how_it_is_run() -> None:
    text = said(page("Trees"))
    for words in (
        "algoreg run Trees --data table.csv",
        'docker run --rm --env-file job.env --volume "$PWD/experiment:/docker-volume" example/trees:2.0 train',
        "docker run --rm --env-file job.env example/trees:2.0 compute",
        'dockerImage = "example/trees:2.0"',
    ):
        assert words in text
    assert "algoreg run index" not in said(page("index"))
    assert "Deprecated" in said(page("index"))


def test_who_was_not_judged_says_so_and_how() -> None:
    text = said(page("knn"), "//section[@id='conformance']")
    assert text.startswith("Conformance not judged yet")
    assert "algoreg validate algoreg/knn:0.1.0 --report json=reports/knn.json" in text


def test_a_failure_is_told_with_its_checks_and_its_report() -> None:
    found = pages(SMALL, judged(FAILING, SMALL))
    text = said(found["algorithms/knn.html"], "//section[@id='conformance']")
    assert text.startswith("Conformance FAIL")
    assert "FAIL neg.exit-code train: input absent: it did not fail (and 1 more)" in text
    assert "WARN meta.root it did not fail" in text
    assert "docker 20.10.24, seed 7" in text
    assert "1 passed, 2 failed, 1 warned, 1 skipped" in text
    assert "algoreg validate" not in text
    assert "Conformance: FAIL" in said(found["reports/knn.html"])
    assert "algoreg/linreg" not in found["reports/knn.html"]


def test_many_failures_are_cut() -> None:
    many = report(target(*(check(f"neg.c{chr(97 + n)}", failed()) for n in range(13))))
    text = said(pages(SMALL, judged(many, SMALL))["algorithms/knn.html"])
    assert text.count("FAIL neg.c") == 10
    assert "3 more in the report." in text


def test_a_verdict_that_stands_on_waivers_or_leaves_something_out_says_so() -> None:
    waived = report(replace(FAILING.targets[0], checks=FAILING.targets[0].checks[2:3]))
    assert "PASS 1 failure waived" in said(pages(SMALL, judged(waived, SMALL))["index.html"])
    partial = report(replace(PASSING.targets[0], partial=True))
    assert "left out by --only or --skip" in said(pages(SMALL, judged(partial, SMALL))["algorithms/knn.html"])


@pytest.mark.parametrize(
    ("name", "engine", "in_brief", "warning"),
    [
        ("algoreg/knn:0.0.9", "docker", "of algoreg/knn:0.0.9", "That is another version"),
        ("else/knn:0.1.0", "docker", "of else/knn:0.1.0", "That is another image"),
        ("algoreg/knn", "docker", "of algoreg/knn", "without its version"),
        ("knn", "process", "of the program knn, without an image", "says nothing of the image"),
    ],
)
def test_a_report_of_something_else_says_so(name: str, engine: str, in_brief: str, warning: str) -> None:
    other = plain_report(plain_target(*GOOD_CHECKS, name=name), engine=engine)
    found = pages(SMALL, judged(other, SMALL))
    assert f"PASS {in_brief}" in said(found["index.html"])
    text = said(found["algorithms/knn.html"], "//section[@id='conformance']")
    assert warning in text
    assert "and the registry names algoreg/knn:0.1.0" in text
    assert "algoreg validate algoreg/knn:0.1.0" in text


def test_a_certificate_brings_the_day() -> None:
    known = of(algorithm(image="example/knn", version="1.0"))
    found = judged(plain_report(plain_target(*GOOD_CHECKS)), known)
    certificate = certificates.parse(STATEMENT.encode(), origin="c.json")
    texts_of = pages(known, {"knn": replace(found["knn"], certificate=certificate)})
    assert "PASS 2026-11-13" in said(texts_of["index.html"])
    assert "on 2026-11-13" in said(texts_of["algorithms/knn.html"])
    assert "PASS, counts until 2027-02-11; not verified" in said(texts_of["algorithms/knn.html"])


def test_text_of_several_lines_reads_on() -> None:
    folded = algorithm(
        label="k\nnearest",
        description="One.\n\nTwo\tthree.\n",
        parameters=[{"code": "k", "type": "boolean", "default_value": True, "description": "A\nb.\n"}],
    )
    found = pages(of(folded), judged(PASSING, of(folded)))
    assert all("\\x0a" not in text for text in found.values())
    assert "One. Two three." in said(found["index.html"])
    assert "true or false A b." in said(found["algorithms/knn.html"])
    assert "Back to k nearest" in said(found["reports/knn.html"])


@pytest.mark.parametrize("title", ["", " \n"])
def test_a_blank_title_is_refused(title: str) -> None:
    with pytest.raises(UsageError, match="blank"):
        pages(SMALL, {}, title=title)


def test_pages_name_no_place_of_this_machine() -> None:
    assert not [path for path, text in pages(WHOLE, JUDGED).items() if "/nowhere/" in text]


def test_the_same_input_gives_the_same_bytes() -> None:
    again = of(*reversed([entry.algorithm for entry in WHOLE.entries.values()]))
    assert pages(WHOLE, JUDGED) == pages(again, dict(reversed(JUDGED.items())))


# Nothing gets out of its place --------------------------------------------------------------------------------


def ensure_harmless(found: dict[str, str]) -> None:
    for path, text in found.items():
        reader = Reader()
        reader.feed(text)
        assert set(reader.tags) <= OURS
        assert reader.tags.count("script") == (path == "index.html")
        assert reader.tags.count("style") == 1
        names = {name for name, _ in reader.attributes}
        assert not [
            one for one in names if one.startswith("on") or one in ("src", "style", "srcset", "action")
        ]
        parsed = tree(text)
        ids = parsed.xpath("//@id")
        assert len(ids) == len(set(ids))
        for link in parsed.xpath("//@href"):
            ensure_inside(path, link, found, ids)


def ensure_inside(path: str, link: str, found: dict[str, str], ids: list[str]) -> None:
    """A link leads to a page of the site, or to a place on this one."""
    if link.startswith("#"):
        assert link[1:] in ids
    elif link != "data:,":
        assert posixpath.normpath(posixpath.join(posixpath.dirname(path), link)) in found


def test_hostile_text_stays_text() -> None:
    found = pages(WHOLE, JUDGED, title=f"T {HOSTILE}")
    ensure_harmless(found)
    assert "<script>alert" in said(found["index.html"])
    assert "<img src=http://x.invalid/c onerror=alert(1)>" in said(found["algorithms/script.html"])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), title=texts.filter(str.strip), text=texts)
@example(seed=0, title="</title><script>", text="</script>")
def test_any_registry_and_any_report_give_whole_pages(seed: int, title: str, text: str) -> None:
    known: Registry = random_metadata.registry(seed, 6)
    of_report = {"x": next(iter(judged_in(text or "x", "knn").values()))}
    judgement = {code: replace(of_report["x"], code=code) for code in list(known.entries)[:2]}
    found = pages(known, judgement, title=title)
    ensure_harmless(found)
    assert len(tree(found["index.html"]).xpath("//ul[@id='algorithms']/li")) == 6


@pytest.mark.parametrize("path", ["index.html", "algorithms/knn.html", "reports/knn.html"])
def test_a_page_allows_its_own_style_and_script_and_nothing_else(path: str) -> None:
    text = pages(WHOLE, JUDGED)[path]
    policy = tree(text).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert f"style-src '{hashed(style)}';" in policy
    assert (f"script-src '{hashed(SCRIPT)}';" in policy) == (path == "index.html")
    assert ("script-src" in policy) == (path == "index.html")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "url(" not in style


def hashed(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def test_every_installed_algorithm_has_its_entry_of_application_conf() -> None:
    found = pages(WHOLE, {})
    for one in INSTALLED:
        assert f'dockerImage = "{one.reference}"' in said(found[f"algorithms/{one.code}.html"])


def test_a_skipped_check_is_no_trouble() -> None:
    one = report(target(check("run.start", skipped("x"), failed()), check("cap.null", skipped("y"))))
    text = said(pages(SMALL, judged(one, SMALL))["algorithms/knn.html"])
    assert "cap.null" not in text
