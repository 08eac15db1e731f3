"""Each plugin loads alone: a broken one is named with its reason, and the others are there as if it were not."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from broken_plugins import BUILT_IN, HOOK, REASONS, SOURCES, document, install

from algoreg import plugins
from algoreg.plugins import BrokenPlugin, Plugins


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path, whose modules are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def broken(found: Plugins) -> BrokenPlugin:
    (one,) = found.broken
    return one


def codes(found: Plugins) -> list[str]:
    return [declared.algorithm.code for plugin in found.loaded for declared in plugin.algorithms]


def test_the_built_in_plugins_load() -> None:
    found = plugins.discover()
    assert found.broken == ()
    (knn,) = (plugin for plugin in found.loaded if plugin.name == "knn")
    assert knn.distribution == "algoreg"
    assert knn.package.name == "algoreg_knn"
    assert knn.algorithms[0].folder == knn.package


@pytest.mark.parametrize("flaw", SOURCES)
def test_a_broken_plugin_is_named_and_takes_no_other_down(flaw: str, site: Path) -> None:
    install(
        site, "flawed", source=SOURCES[flaw], distribution="Somebodys_plugins", entry="odd", version="2.3"
    )
    install(site, "sound", document=document("sound"))
    found = plugins.discover()
    one = broken(found)
    assert (one.name, one.distribution, one.version) == ("odd", "somebodys-plugins", "2.3")
    assert REASONS[flaw] in one.reason
    assert "\n" not in one.reason
    assert codes(found) == [*BUILT_IN, "sound"]


def test_every_flaw_has_a_reason_to_look_for() -> None:
    assert SOURCES.keys() == REASONS.keys()


def test_bad_metadata_are_told_with_file_and_line(site: Path) -> None:
    install(site, "flawed", document=document("flawed").replace("predictive: true", "predictive: maybe"))
    assert "flawed.yaml:6: $.predictive: expected boolean" in broken(plugins.discover()).reason


def test_a_later_contract_is_told(site: Path) -> None:
    install(site, "flawed", document=document("flawed").replace("contract: 1", "contract: 7"))
    assert "version 7 of the contract" in broken(plugins.discover()).reason


def test_ctrl_c_passes_through(site: Path) -> None:
    install(site, "flawed", source="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        plugins.discover()


def test_what_a_plugin_prints_is_no_result(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = "print('hello at import')\n" + HOOK.replace("return", "print('hello in hook')\n    return")
    install(site, "chatty", source=source, document=document("chatty"))
    assert codes(plugins.discover()) == [*BUILT_IN, "chatty"]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hello at import\nhello in hook\n" in captured.err


def test_a_wrapper_reaches_no_other_plugin(site: Path) -> None:
    wrapper = (
        "from algoreg import hookimpl\n\n"
        "@hookimpl(wrapper=True)\ndef algoreg_algorithms():\n    yield\n    return [[]]\n"
    )
    install(site, "greedy", source=wrapper)
    install(site, "sound", document=document("sound"))
    found = plugins.discover()
    assert codes(found) == [*BUILT_IN, "sound"]


def test_a_class_can_be_a_plugin(site: Path) -> None:
    source = (
        "from pathlib import Path\nfrom algoreg import hookimpl\n\nclass Plugin:\n    @hookimpl\n"
        "    def algoreg_algorithms(self):\n        return [Path(__file__).with_name('{name}.yaml')]\n\n"
        "plugin = Plugin()\n"
    )
    install(site, "objects", source=source, document=document("objects"))
    (site / "objects-1.0.dist-info" / "entry_points.txt").write_text("[algoreg]\nobjects = objects:plugin\n")
    assert codes(plugins.discover()) == [*BUILT_IN, "objects"]


def test_a_damaged_distribution_hides_no_sound_one(site: Path) -> None:
    install(site, "damaged", document=document("damaged"))
    (site / "damaged-1.0.dist-info" / "METADATA").unlink()
    install(site, "sound", document=document("sound"))
    found = plugins.discover()
    assert codes(found) == [*BUILT_IN, "sound"]
    assert broken(found).distribution.endswith("damaged-1.0.dist-info")


def test_the_first_distribution_of_a_name_hides_later_ones(
    site: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "twice", document=document("old"), version="1.0")
    other = tmp_path_factory.mktemp("site")
    install(other, "twice", document=document("new"), version="2.0")
    monkeypatch.syspath_prepend(other)
    found = plugins.discover()
    assert codes(found) == [*BUILT_IN, "new"]
    assert [plugin.version for plugin in found.loaded if plugin.name == "twice"] == ["2.0"]
    del sys.modules["twice"]
