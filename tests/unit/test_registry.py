"""Every code stands for one algorithm; who comes later with the same code is broken and named."""

from pathlib import Path

import pytest
from broken_plugins import document

from algoreg import metadata, registry, validation
from algoreg.errors import MetadataError, UsageError
from algoreg.plugins import BrokenPlugin, Declared, Plugin, Plugins
from algoreg.registry import Registry


def plugin(name: str, *codes: str, distribution: str = "somebody") -> Plugin:
    return Plugin(
        name=name,
        distribution=distribution,
        version="1",
        package=Path("/plugins") / name,
        algorithms=tuple(
            Declared(
                algorithm=metadata.parse(metadata.read_document(document(code), code, syntax="yaml")),
                path=Path("/plugins") / name / f"{code}.yaml",
            )
            for code in codes
        ),
        checks=(),
    )


def built(*plugins: Plugin, broken: tuple[BrokenPlugin, ...] = ()) -> Registry:
    return registry.build(Plugins(loaded=tuple(sorted(plugins, key=lambda one: one.rank)), broken=broken))


def test_codes_are_sorted_whatever_the_order_of_the_plugins() -> None:
    one, two = plugin("one", "zeta", "beta"), plugin("two", "alpha")
    assert list(built(one, two).entries) == list(built(two, one).entries) == ["alpha", "beta", "zeta"]
    assert built(one).get("beta").folder == Path("/plugins/one")


@pytest.mark.parametrize("code", ["knn", "KNN"])
def test_the_built_in_plugin_keeps_its_code(code: str) -> None:
    found = built(
        plugin("a", code, "other", distribution="aaa"), plugin("knn", "knn", distribution="algoreg")
    )
    assert list(found.entries) == ["knn"]
    (later,) = found.broken
    assert (later.name, later.distribution) == ("a", "aaa")
    assert later.reason == f"the code {code} is taken by the plugin knn of algoreg"


def test_between_strangers_the_first_by_name_keeps_it() -> None:
    found = built(plugin("x", "code", distribution="b"), plugin("y", "code", distribution="a"))
    assert found.entries["code"].plugin is not None
    assert found.entries["code"].plugin.name == "y"
    assert [one.name for one in found.broken] == ["x"]


def test_a_plugin_cannot_declare_a_code_twice() -> None:
    found = built(plugin("x", "code", "Code"))
    assert found.entries == {}
    assert "the code Code is taken by the plugin x" in found.broken[0].reason


def test_an_unknown_code_is_answered_with_the_closest() -> None:
    with pytest.raises(UsageError) as caught:
        built(plugin("one", "linear-regression")).get("linear_regression")
    assert caught.value.hint == "Did you mean linear-regression?"


@pytest.mark.parametrize("word", ["knm", "KNN", "kn"])
def test_a_bare_word_near_a_code_is_misspelt(word: str) -> None:
    known = built(plugin("one", "knn", "linreg"))
    with pytest.raises(UsageError) as caught:
        validation.resolve(word, known)
    assert caught.value.hint.startswith("Did you mean knn?")
    assert f"{word}:latest" in caught.value.hint


@pytest.mark.parametrize("word", ["knn", "knm:latest", "me/knm", "knm.example", "python"])
def test_what_can_be_an_image_is_no_misspelling(word: str) -> None:
    known = built(plugin("one", "knn", "linreg"))
    known.ensure_no_misspelling(word)


def test_a_folder_is_no_misspelling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("knm").mkdir()
    built(plugin("one", "knn")).ensure_no_misspelling("knm")


def test_an_unknown_code_recalls_the_broken_plugins() -> None:
    odd = BrokenPlugin(name="odd", distribution="theirs", version="1", reason="x")
    with pytest.raises(UsageError) as caught:
        built(broken=(odd,)).get("knn")
    assert "odd of theirs" in caught.value.hint


def test_the_registry_of_the_checkout() -> None:
    known = registry.load()
    assert known.get("knn").algorithm.image == "algoreg/knn"
    assert known.resolve("knn") is known.resolve(str(known.get("knn").folder))
    assert known.resolve(str(known.get("knn").folder.parent)) is known.get("knn")


def test_a_folder_needs_no_plugin(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "algorithm.yaml").write_text(document("mine"))
    entry = built().resolve(str(tmp_path))
    assert (entry.algorithm.code, entry.folder, entry.plugin) == ("mine", tmp_path / "package", None)


def test_a_folder_must_hold_one_document(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no algorithm\.yaml"):
        built().resolve(str(tmp_path))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "algorithm.yaml").write_text(document(name))
    with pytest.raises(UsageError, match="holds 2 files named"):
        built().resolve(str(tmp_path))
    (tmp_path / "algorithm.yaml").write_text("x")
    with pytest.raises(MetadataError, match=r"algorithm\.yaml:1: \$: expected object"):
        built().resolve(str(tmp_path))


def test_what_is_neither_code_nor_folder_is_an_unknown_code() -> None:
    with pytest.raises(UsageError, match=r"no algorithm has the code '\./nowhere'"):
        built().resolve("./nowhere")


def test_a_code_is_not_taken_for_a_folder_with_another_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    known = built(plugin("mine", "mine"))
    (tmp_path / "mine").mkdir()
    assert known.resolve("mine") is known.get("mine")  # no plugin in it
    (tmp_path / "mine" / "algorithm.yaml").write_text(document("mine"))
    with pytest.raises(UsageError, match="installed in /plugins/mine, and a folder here") as ambiguous:
        validation.resolve("mine", known)
    assert "./mine" in (ambiguous.value.hint or "")
    assert known.resolve("./mine").folder == tmp_path / "mine"


def test_a_code_and_the_folder_that_it_is_installed_from_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.load()
    monkeypatch.chdir(known.get("knn").folder.parents[1])
    assert validation.resolve("knn", known).package == known.get("knn").folder
