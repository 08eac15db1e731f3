"""The AutoML benchmark without a run: records that are kept, what is concluded from them, the document they become."""

from __future__ import annotations

import json
import math
import re
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from algoreg.errors import UsageError
from support.program import CHECKOUT

sys.path.insert(0, str(CHECKOUT))  # benchmarks are no part of the distribution

from benchmarks.automl import (
    command,
    contenders,
    disk,
    document,
    findings,
    overall,
    parts,
    pictures,
    records,
    setting,
    trials,
)
from benchmarks.automl.contenders import CONTENDERS
from benchmarks.automl.records import Cost, Kept, Trial
from benchmarks.automl.tables import DATA_SETS

N_TRAIN, N_HELD_OUT = 80, 20
KNN = (0.6, 0.7, 0.65, 0.7, 0.6)
LINREG = (0.7, 0.71, 0.69, 0.72, 0.7)
TPOT = (0.75, 0.70, 0.74, 0.78, 0.73)
TABLE = {"knn": KNN, "linreg": LINREG, "tpot 2x8": TPOT}


def fold(number: int, value: float | None) -> dict[str, Any]:
    times = {"train_s": 2.0 + number, "test_s": 1.0}
    return {
        **{"name": str(number), "n_train": N_TRAIN, "n_held_out": N_HELD_OUT},
        **{**times, "value": value, "trouble": None},
    }


def kept(data_set: str, contender: str, values: Sequence[float | None], **changed: Any) -> Kept:
    one = CONTENDERS[contender]
    classification = DATA_SETS[data_set].task == "classification"
    matrix = {"Confusion matrix": {"labels": ["a", "b"], "values": [[9, 1], [5, 5]]}}
    scores = {"average": matrix, "folds": dict.fromkeys("12345", matrix)} if classification else None
    trial = Trial(
        data_set=data_set,
        contender=contender,
        code=one.code,
        parameters=dict(one.typed(N_TRAIN)),
        folds=len(values),
        seed=7,
        sha256="0" * 64,
    )
    return Kept(
        trial=replace(trial, **changed),
        cost=Cost(wall_s=20.0, cpu_s=10.0 * (3 if one.searches else 1), load_before=1.5, load_after=2.5),
        machine={"cores": "2", "python": "3.11.7"},
        models=["Ridge"] * len(values),
        experiment={
            **{"ok": None not in values, "task": DATA_SETS[data_set].task, "covariables": ["x", "y"]},
            **{"metric": {"name": "R-squared", "higher_is_better": True}, "rows": 100, "scores": scores},
            "folds": [fold(number, value) for number, value in enumerate(values, 1)],
        },
    )


def all_of(data_set: str, table: Mapping[str, Sequence[float | None]], shift: float = 0.0) -> list[Kept]:
    return [
        kept(data_set, name, [None if value is None else value + shift for value in values])
        for name, values in table.items()
    ]


@pytest.fixture
def found() -> tuple[findings.Board, ...]:
    return findings.boards([one for name in DATA_SETS for one in all_of(name, TABLE)])


# What is kept ---------------------------------------------------------------------------------------------


def test_a_record_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    one = kept("tips", "knn by hand", KNN)
    one.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["tips.knn-by-hand.json"]
    assert records.kept(tmp_path, one.trial) == one == records.read_all(tmp_path)[0]
    assert records.kept(tmp_path, replace(one.trial, data_set="wine")) is None


def broken_texts() -> dict[str, bytes]:
    whole = {"schema": records.FORM, **json.loads(json.dumps(vars_of(kept("tips", "knn", KNN))))}
    text = json.dumps(whole).encode()
    return {
        "half of it": text[: len(text) // 2],
        "nothing": b"",
        "not a number": text.replace(b"0.65", b"NaN"),
        "another form": text.replace(b"automl/1", b"automl/2"),
        "a key too many": json.dumps({**whole, "more": 1}).encode(),
        "a key too few": json.dumps({key: whole[key] for key in whole if key != "cost"}).encode(),
        "a fold too few": json.dumps(
            {**whole, "experiment": {**whole["experiment"], "folds": whole["experiment"]["folds"][1:]}}
        ).encode(),
        "a list": b"[]",
    }


def vars_of(one: Kept) -> dict[str, Any]:
    return {**vars(one), "trial": vars(one.trial), "cost": vars(one.cost)}


@pytest.mark.parametrize("fault", broken_texts())
def test_what_is_no_record_is_refused_by_name_and_stays(fault: str, tmp_path: Path) -> None:
    one = kept("tips", "knn", KNN)
    path = tmp_path / one.trial.file_name
    path.write_bytes(broken_texts()[fault])
    with pytest.raises(UsageError, match=re.escape(path.name)) as refused:
        records.kept(tmp_path, one.trial)
    assert "Delete it" in refused.value.hint
    assert path.read_bytes() == broken_texts()[fault]


@pytest.mark.parametrize("changed", [{"seed": 8}, {"parameters": {"k": "3"}}, {"sha256": "1" * 64}])
def test_the_answer_to_another_question_is_not_taken_for_this_one(changed: Any, tmp_path: Path) -> None:
    one = kept("tips", "knn", KNN)
    one.write(tmp_path)
    with pytest.raises(UsageError, match="another question"):
        records.kept(tmp_path, replace(one.trial, **changed))


def test_a_folder_without_records_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no records"):
        records.read_all(tmp_path)


# What is asked --------------------------------------------------------------------------------------------


def test_the_data_sets_are_what_the_experiment_needs() -> None:
    assert len(DATA_SETS) >= 8
    frames = {name: one.read() for name, one in DATA_SETS.items()}
    for name, frame in frames.items():
        assert 100 <= len(frame) <= 5000, name
        assert not frame.isna().any().any(), name
        assert {DATA_SETS[name].variable, *DATA_SETS[name].nominal} <= set(frame.columns), name
    types = [told for name, frame in frames.items() for told in DATA_SETS[name].types(frame).values()]
    kinds = {told["type"] for told in types}
    assert kinds == {"real", "binominal", "polynominal"}
    assert {one.task for one in DATA_SETS.values()} == {"classification", "regression"}


def test_a_table_on_the_disk_is_the_same_every_time_and_has_plain_names(tmp_path: Path) -> None:
    first, second = (disk.write(DATA_SETS["wine"], tmp_path) for _ in range(2))
    assert first == second
    header = first.csv.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert all(re.fullmatch(r"\w+", name) for name in header)
    assert set(header) == {*first.covariables, "cultivar"} == set(json.loads(first.types.read_text()))
    assert first.rows == len(first.csv.read_text(encoding="utf-8").splitlines()) - 1 == 178


@given(st.integers(2, 1_000_000))
def test_neighbours_by_hand_are_odd_near_the_root_and_accepted(n_train: int) -> None:
    k = int(contenders.neighbours(n_train)["k"])
    assert k % 2 == 1
    assert 1 <= k <= contenders.MAX_K
    assert abs(k - math.sqrt(n_train)) <= 1 or k == contenders.MAX_K - 1


def test_a_contender_competes_where_it_differs_from_its_defaults(tmp_path: Path) -> None:
    how = trials.Round(folds=5, seed=7, jobs=1, output=tmp_path)
    table = disk.write(DATA_SETS["gapminder"], tmp_path)
    one = trials.trial(table, CONTENDERS["tpot 2x8"], how)
    words = command.command(table, one)
    assert words[-4:] == ["--parameter", "generations=2", "--parameter", "population_size=8"]
    assert words[words.index("--covariables") + 1] == "continent,pop,gdpPercap"
    assert "regression" not in CONTENDERS["linreg by hand"].tasks


# What is concluded ----------------------------------------------------------------------------------------


def test_means_deviations_and_ranks_are_those_of_the_folds(found: tuple[findings.Board, ...]) -> None:
    for board in found:
        assert {name: line.rank for name, line in board.lines.items()} == {
            "knn": 3,
            "linreg": 2,
            "tpot 2x8": 1,
        }
        assert board.best_simple == "linreg"
        for name, values in TABLE.items():
            assert board.lines[name].mean == pytest.approx(statistics.fmean(values))
            assert board.lines[name].deviation == pytest.approx(statistics.stdev(values))


def test_a_duel_is_the_corrected_test_by_hand(found: tuple[findings.Board, ...]) -> None:
    duel = found[0].duel("tpot 2x8")
    assert duel is not None
    differences = [one - other for one, other in zip(TPOT, LINREG, strict=True)]
    error = math.sqrt(statistics.variance(differences) * (1 / 5 + N_HELD_OUT / N_TRAIN))
    t = statistics.fmean(differences) / error
    assert duel.difference == pytest.approx(statistics.fmean(differences))
    assert duel.margin == pytest.approx(stats.t.ppf(0.975, 4) * error)
    assert duel.p_value == pytest.approx(2 * stats.t.sf(abs(t), 4))
    assert duel.error_left == pytest.approx((1 - statistics.fmean(TPOT)) / (1 - statistics.fmean(LINREG)))


def test_an_interval_excludes_zero_exactly_where_the_test_is_below_five_percent() -> None:
    for shift in (0.0, 0.01, 0.02, 0.05, -0.1):
        table = {"linreg": LINREG, "tpot": [value + shift for value in TPOT]}
        duel = findings.boards(all_of("tips", table))[0].duel("tpot")
        assert duel is not None
        assert duel.p_value is not None
        assert (abs(duel.difference) > duel.margin) == (duel.p_value < 0.05), shift


def test_equal_contenders_share_a_rank_and_differ_by_nothing() -> None:
    (board,) = findings.boards(all_of("tips", {"knn": KNN, "tpot": KNN}))
    duel = board.duel("tpot")
    assert [line.rank for line in board.lines.values()] == [1.5, 1.5]
    assert duel is not None
    assert (duel.difference, duel.margin, duel.p_value) == (0, 0, None)
    assert parts.verdict(duel) == "the same in every fold"


def test_a_failed_fold_is_left_out_of_both_and_told() -> None:
    (board,) = findings.boards(all_of("tips", {"knn": KNN, "tpot": [None, *TPOT[1:]]}))
    duel = board.duel("tpot")
    assert duel is not None
    assert duel.difference == pytest.approx(statistics.fmean(TPOT[1:]) - statistics.fmean(KNN[1:]))
    assert board.lines["tpot"].failed == 1
    assert "1 failed" in parts.results([board])


def test_a_contender_without_any_value_has_no_rank() -> None:
    (board,) = findings.boards(all_of("tips", {"knn": KNN, "tpot": [None] * 5}))
    assert board.lines["tpot"].rank is None
    assert board.duel("tpot") is None
    assert board.lines["knn"].rank == 1


def test_holm_is_over_the_data_sets_of_one_search(found: tuple[findings.Board, ...]) -> None:
    duels = findings.duels(found, "tpot 2x8")
    assert len(duels) == len(DATA_SETS)
    assert duels[0].p_value is not None
    assert max(duel.p_adjusted or 0 for duel in duels) == pytest.approx(
        min(1, len(DATA_SETS) * duels[0].p_value)
    )


def test_balanced_accuracy_is_the_mean_recall() -> None:
    assert findings.balanced(kept("wine", "knn", KNN)) == pytest.approx((0.9 + 0.5) / 2)
    assert findings.balanced(kept("tips", "knn", KNN)) is None


@pytest.mark.parametrize("changed", [{"seed": 8}, {"sha256": "1" * 64}])
def test_records_of_other_questions_are_not_compared(changed: Any) -> None:
    with pytest.raises(UsageError):
        findings.boards([kept("tips", "knn", KNN), kept("tips", "linreg", LINREG, **changed)])


def test_over_all_data_sets_the_tests_are_scipys(found: tuple[findings.Board, ...]) -> None:
    ranks = overall.ranks(found)
    assert ranks.means == {"knn": 3, "linreg": 2, "tpot 2x8": 1}
    rows = [[1 - statistics.fmean(values) for values in TABLE.values()] for _ in found]
    assert ranks.p_value == pytest.approx(stats.friedmanchisquare(*zip(*rows, strict=True)).pvalue)
    matches = {match.opponent: match for match in overall.matches(found)}
    assert set(matches) == {overall.BEST, "knn", "linreg"}
    # All differences alike in sign and size: of 2 ** n sign patterns two are as extreme
    assert matches["knn"].p_value == pytest.approx(2 / 2 ** len(found), rel=0.5)
    assert (matches["knn"].won, matches["knn"].lost) == (len(found), 0)
    assert matches["knn"].median == pytest.approx(statistics.fmean(TPOT) - statistics.fmean(KNN))


def test_too_few_data_sets_give_no_test() -> None:
    two = findings.boards([one for name in ("wine", "tips") for one in all_of(name, TABLE)])
    assert overall.ranks(two).p_value is None
    assert {match.p_value for match in overall.matches(two)} == {None}
    assert "Too few" in parts.overall(two)


# The document ---------------------------------------------------------------------------------------------


def written(folder: Path, table: Mapping[str, Sequence[float | None]] = TABLE) -> Path:
    kept_in = folder / "records"
    kept_in.mkdir(exist_ok=True)
    for number, name in enumerate(DATA_SETS):
        for one in all_of(name, table, shift=number / 100):
            one.write(kept_in)
    document.write(kept_in, folder / "automl.md")
    return folder / "automl.md"


def test_the_document_has_every_part_and_both_plots(tmp_path: Path) -> None:
    text = written(tmp_path).read_text(encoding="utf-8")
    for number, name in enumerate(DATA_SETS):
        for values in TABLE.values():
            row = next(line for line in text.splitlines() if re.match(rf"\| {name} \| R² ", line))
            assert f"{statistics.fmean(values) + number / 100:.3f} ± {statistics.stdev(values):.3f}" in row
    for plot in ("differences", "cost"):
        drawn = (tmp_path / f"automl-{plot}.svg").read_text(encoding="utf-8")
        assert all(name in drawn for name in DATA_SETS)
        assert "tpot 2x8" in drawn
    assert "Load average while they were made: 1.5 to 2.5" in text
    assert "linreg by hand on wine" in text


def test_writing_again_changes_nothing_and_prose_stays(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8").replace(
        "<!-- automl: cost -->", "A person's words: \\1.\n\n<!-- automl: cost -->"
    )
    path.write_text(text, encoding="utf-8")
    before = {file: file.read_bytes() for file in tmp_path.glob("automl*")}
    assert {file: file.read_bytes() for file in written(tmp_path).parent.glob("automl*")} == before


@pytest.mark.parametrize(
    "wrong", ["", "<!-- automl: data -->\n", f"<!-- automl: data -->\n{document.END}\n" * 2]
)
def test_a_document_without_a_place_for_a_part_is_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="one part data"):
        document.replaced(wrong, "data", "new")


def test_a_search_that_its_deadline_ended_is_told() -> None:
    late = kept("tips", "tpot", TPOT)
    late.experiment["folds"][2]["train_s"] = contenders.DEADLINE_S + 3.0
    slow = kept("tips", "knn", KNN)
    slow.experiment["folds"][2]["train_s"] = contenders.DEADLINE_S + 3.0
    assert "ended: tpot on tips, fold 3." in setting.origin(findings.boards([late, slow]))
    assert "ended: none." in setting.origin(findings.boards([slow]))


def test_what_is_missing_is_told(found: tuple[findings.Board, ...]) -> None:
    told = setting.missing(found[:-1])
    assert f"knn on {found[-1].data_set.name}" in told
    assert not [line for line in told if line.startswith("linreg by hand") and "tips" in line]


def test_the_document_in_the_repository_is_what_its_records_say(tmp_path: Path) -> None:
    kept_in, committed = CHECKOUT / "benchmarks" / "automl" / "records", CHECKOUT / "docs" / "automl.md"
    copy = tmp_path / "automl.md"
    copy.write_bytes(committed.read_bytes())
    document.write(kept_in, copy)
    assert copy.read_bytes() == committed.read_bytes(), "python -m benchmarks.automl report"
    for plot in ("differences", "cost"):
        name = f"automl-{plot}.svg"
        assert f"]({name})" in committed.read_text(encoding="utf-8")
        assert (committed.parent / name).is_file()


def test_nothing_to_draw_is_drawn(tmp_path: Path) -> None:
    boards = findings.boards(all_of("tips", {"knn": KNN}))
    pictures.differences(tmp_path / "a.svg", boards)
    pictures.costs(tmp_path / "b.svg", boards)
    assert (tmp_path / "a.svg").stat().st_size > 1000
