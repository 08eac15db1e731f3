"""Plots are files that say what they are given: whole, the same bytes for the same values, harmless labels."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from PIL import Image

from algoreg import plots
from algoreg.errors import AlgoregError, UsageError

HOSTILE = ("$x^{$", "\x1b[31mred\x07", "<script>&\"'", "日本 \u202eabc", "a\nb\0c", "\ud800", "x" * 5_000, "")
SVG = "{http://www.w3.org/2000/svg}"

Draw = Callable[[Path], None]


def regression(path: Path, *, title: str = "knn: score") -> None:
    plots.predicted_against_true(path, [1, 2.5, 4, None], [1.5, 2, 3.5, 9], title=title, unit="mm")


def confusion(path: Path, *, labels: Sequence[str] = ("AD", "CN", "MCI"), title: str = "knn: dx") -> None:
    values = [[7 + column + row for column in range(len(labels))] for row in range(len(labels))]
    plots.confusion_matrix(path, labels, values, title=title)


def compared(path: Path, *, title: str = "score, 3 folds") -> None:
    rows = {"knn": (0.5, 0.25, None), "linreg": (0.75, 0.5, 1.0)}
    plots.comparison(path, rows, metric="R-squared", title=title)


DRAWINGS: tuple[Any, ...] = (regression, confusion, compared)
every = pytest.mark.parametrize("draw", DRAWINGS, ids=["regression", "confusion", "compared"])


def texts(path: Path) -> list[str]:
    return ["".join(element.itertext()) for element in ET.parse(path).iter(f"{SVG}text")]


def points(path: Path) -> list[int]:
    """How many points each scatter of an SVG has."""
    groups = (group for group in ET.parse(path).iter(f"{SVG}g") if "PathCollection" in group.get("id", ""))
    return [len(list(group.iter(f"{SVG}use"))) for group in groups]


@every
def test_the_same_values_give_the_same_bytes(draw: Draw, tmp_path: Path) -> None:
    draw(tmp_path / "first.svg")
    mpl.rcParams["font.size"] = 20  # somebody else's settings change nothing, and are left as they are
    try:
        draw(tmp_path / "second.svg")
        assert mpl.rcParams["font.size"] == 20
    finally:
        mpl.rcParams["font.size"] = mpl.rcParamsDefault["font.size"]
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.svg", "second.svg"]
    assert (tmp_path / "first.svg").stat().st_mode & 0o444 == 0o444


@every
def test_a_png_is_a_picture(draw: Draw, tmp_path: Path) -> None:
    draw(tmp_path / "plot.PNG")
    with Image.open(tmp_path / "plot.PNG") as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.width > 500
        assert len(picture.convert("RGB").getcolors(1_000_000) or ()) > 10
        assert "Software" not in picture.info


def test_a_regression_names_its_axes_and_shows_each_pair(tmp_path: Path) -> None:
    regression(tmp_path / "plot.svg")
    found = texts(tmp_path / "plot.svg")
    assert {"true value (mm)", "prediction (mm)", "knn: score", "prediction = truth"} <= set(found)
    assert points(tmp_path / "plot.svg") == [3]


def test_many_points_are_one_image(tmp_path: Path) -> None:
    values = [row / 7 for row in range(plots.MANY_POINTS + 1)]
    plots.predicted_against_true(tmp_path / "plot.svg", values, values[::-1], title="many")
    assert points(tmp_path / "plot.svg") == []
    assert len(list(ET.parse(tmp_path / "plot.svg").iter(f"{SVG}image"))) == 1
    assert (tmp_path / "plot.svg").stat().st_size < 300_000


def test_a_matrix_shows_labels_and_counts(tmp_path: Path) -> None:
    plots.confusion_matrix(tmp_path / "plot.svg", ["AD", "CN"], [[31, 2], [0, 64]], title="knn: dx")
    found = texts(tmp_path / "plot.svg")
    assert {"prediction", "true class", "knn: dx", "31", "2", "0", "64"} <= set(found)
    assert (found.count("AD"), found.count("CN")) == (2, 2)


def test_a_matrix_of_many_classes_keeps_readable(tmp_path: Path) -> None:
    confusion(tmp_path / "plot.svg", labels=[f"class {number}" for number in range(100)])
    found = texts(tmp_path / "plot.svg")
    assert found.count("class 0") == 2
    assert sum(text.startswith("class") for text in found) < 90
    assert "7" not in found


def test_a_comparison_shows_every_fold_of_every_algorithm(tmp_path: Path) -> None:
    compared(tmp_path / "plot.svg")
    found = " ".join(texts(tmp_path / "plot.svg"))
    for text in ("knn", "1 of 3 undefined", "linreg", "R-squared", "one fold", "mean, standard deviation"):
        assert text in found
    assert points(tmp_path / "plot.svg") == [2, 3, 1]  # and one in the legend


@every
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_labels_are_harmless(draw: Any, text: str, tmp_path: Path) -> None:
    draw(tmp_path / "plot.svg", title=text)
    content = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "<script" not in content
    assert len(content) < 200_000
    assert all(line.isprintable() for line in "".join(texts(tmp_path / "plot.svg")).split("\n"))


@pytest.mark.parametrize("name", ["plot.svg", "plot.png"])
def test_hostile_classes_and_algorithms_are_harmless(name: str, tmp_path: Path) -> None:
    confusion(tmp_path / name, labels=HOSTILE)
    plots.comparison(tmp_path / name, dict.fromkeys(HOSTILE, (0.5, 1.0)), metric="$R^{2$", title="hostile")
    plots.predicted_against_true(tmp_path / name, [1, 2], [1, 2], title="x", unit="$\\frac{$\n")


def test_a_label_is_cut_and_keeps_its_start() -> None:
    assert plots.label("x" * plots.LABEL_LENGTH) == "x" * plots.LABEL_LENGTH
    assert plots.label("ab" * 100) == "ab" * 13 + "a…"
    assert plots.label("a\tb") == "a\ufffdb"


@pytest.mark.parametrize("name", ["plot.svg", "plot.png"])
def test_nothing_to_show_is_a_plot_as_well(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    draws: tuple[Callable[[], None], ...] = (
        lambda: plots.predicted_against_true(path, [None, "x"], [1.0, 2.0], title="none"),
        lambda: plots.confusion_matrix(path, [], [], title="none"),
        lambda: plots.comparison(path, {"knn": (None,), "linreg": ()}, metric="Accuracy", title="none"),
        lambda: plots.comparison(path, {}, metric="Accuracy", title="none"),
    )
    for draw in draws:
        draw()
        assert name.endswith("png") or "nothing to show" in texts(path)


def test_odd_numbers_are_drawn_or_left_out(tmp_path: Path) -> None:
    path = tmp_path / "plot.svg"
    plots.predicted_against_true(
        path, [1, 1, float("nan"), 1e308], [1, float("inf"), 1, 1], title="one point"
    )
    assert points(path) == [1]
    plots.predicted_against_true(path, [-1e200, 1e200], [1e-300, 2], title="far apart")
    assert points(path) == [2]
    plots.comparison(path, {"knn": (-1e12, 0.5), "one": (0.5,), "same": (1.0, 1.0)}, metric="x", title="far")
    assert points(path) == [2, 1, 2, 1]  # and one in the legend
    plots.confusion_matrix(path, ["a", "b"], [[0, 0], [0, 10**12]], title="an empty class")
    assert "1000000000000" in texts(path)


def test_pairs_of_different_length_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        plots.predicted_against_true(tmp_path / "plot.svg", [1, 2], [1], title="x")


@pytest.mark.parametrize(
    ("name", "told"),
    [("plot.pdf", "ends in .svg or .png"), ("absent/plot.svg", "No such file"), ("plot", "svg")],
)
def test_files_that_cannot_be_written(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=told):
        compared(tmp_path / name)


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plot.svg").write_text("before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        compared(tmp_path / "plot.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["plot.svg"]
    assert (tmp_path / "plot.svg").read_text() == "before"


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    before = logging.getLogger("matplotlib").level
    with pytest.raises(AlgoregError, match=r"drawing needs matplotlib\.figure") as refused:
        compared(tmp_path / "plot.svg")
    assert refused.value.hint == "pip install 'algoreg[run]'"
    assert logging.getLogger("matplotlib").level == before


def test_without_a_home_and_with_a_strange_matplotlibrc(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: red\nfont.size: 30\n")
    program = (
        "from pathlib import Path; from algoreg import plots;"
        "plots.comparison(Path('plot.svg'), {'knn': (0.5, 0.75)}, metric='Accuracy', title='T')"
    )
    environ = {
        key: value for key, value in os.environ.items() if key not in {"MPLCONFIGDIR", "XDG_CACHE_HOME"}
    }
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environ | {"HOME": "/proc/absent", "XDG_CONFIG_HOME": "/proc/absent"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    plots.comparison(tmp_path / "here.svg", {"knn": (0.5, 0.75)}, metric="Accuracy", title="T")
    assert (tmp_path / "plot.svg").read_bytes() == (tmp_path / "here.svg").read_bytes()
