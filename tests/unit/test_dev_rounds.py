"""A round judges what is not known, the basics first, and tells what turned; a save in the middle loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from algoreg import metadata
from algoreg.check import Check, check
from algoreg.checks.order import BASE
from algoreg.conformance import Examination, Selection
from algoreg.development.loop import Loop, Place
from algoreg.development.rounds import Change, Rounds, Stage
from algoreg.errors import AlgoregError, Cancelled, MetadataError, UsageError
from algoreg.formats import rounds as told
from algoreg.report import CheckResult, Finding, Outcome, Severity, TargetReport, passed
from unit.report_samples import HOSTILE, failed
from unit.report_samples import check as result

FIRST, LAST = BASE
DOCUMENT = (Path(__file__).parents[2] / "plugins/knn/algoreg_knn/algorithm.yaml").read_text()


class Program:
    """What a plugin does, as a table: id -> the cases that fail; and what was judged of it."""

    def __init__(self) -> None:
        self.failing: dict[str, tuple[str, ...]] = {}
        self.judged: list[str] = []
        self.cancel_at: str | None = None

    def check(self, id: str, *needs: str) -> Check:
        def judge(_: Any) -> Iterator[Finding]:
            self.judged.append(id)
            if self.cancel_at == id:
                raise Cancelled("stopped on request")
            cases = self.failing.get(id, ())
            yield from (failed(case) for case in cases)
            if not cases:
                yield passed("all")

        judge.__doc__ = "Something.\n\nWhy: A reason.\nFix: A remedy."
        return check(id, "it is broken", needs=needs)(judge)

    def checks(self) -> tuple[Check, ...]:
        table = ((FIRST,), (LAST, FIRST), ("neg.one", LAST), ("cap.two", "neg.one"), ("meta.words",))
        return tuple(self.check(*row) for row in table)


class Heard:
    """Collects what a loop tells."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.lines: list[str] = []

    def stage_ended(self, stage: Stage) -> None:
        self.stages.append(stage)

    def saved(self, paths: Any, *, due: int) -> None:
        self.lines.append(f"saved {sorted(paths)} {due}")

    def stopped(self, times: int) -> None:
        self.lines.append(f"stopped {times}")

    def round_ended(self, report: TargetReport) -> None:
        self.lines.append(f"round {report.verdict}")

    def metadata_invalid(self, error: AlgoregError) -> None:
        said = error.problems[0] if isinstance(error, MetadataError) else error.message
        self.lines.append(f"invalid {said}")

    def linted(self, results: Any) -> None:
        self.lines.append("linted")

    def unreadable(self, error: AlgoregError) -> None:
        self.lines.append(f"unreadable {error.message}")

    def turned(self) -> dict[str, tuple[str | None, str]]:
        """id -> outcome before and after, of every change that was told; forgets them."""
        found = {
            change.after.id: (
                change.before.outcome.value if change.before else None,
                change.after.outcome.value,
            )
            for stage in self.stages
            for change in stage.changes
        }
        self.stages = []
        return found


def probe(*_: object) -> Any:
    """As much of one as conformance asks for."""
    candidate = SimpleNamespace(target="mine", image=None, document=None)
    return SimpleNamespace(
        candidate=candidate,
        progress=SimpleNamespace(check_ended=lambda *_: None),
        engine=SimpleNamespace(cancel=lambda: None),
        algorithm=SimpleNamespace(entrypoints=("train", "test"), base_tasks=()),
        close=lambda: None,
    )


def rounds_of(
    program: Program, *, open_probe: Callable[..., Any] = probe, **selection: tuple[str, ...]
) -> Rounds:
    examination = Examination(
        checks=program.checks(), selection=Selection(**selection), fail_on=Severity.ERROR
    )
    return Rounds(examination, open_probe=open_probe, show=lambda checks: nullcontext(Silent()))


class Silent:
    def case_started(self, case: str) -> None: ...
    def case_ended(self, case: str) -> None: ...
    def check_ended(self, check: str, outcome: str) -> None: ...


@pytest.fixture
def program() -> Program:
    return Program()


EVERYTHING = (FIRST, LAST, "neg.one", "cap.two", "meta.words")


def test_what_failed_comes_first_and_everything_is_judged_once(program: Program) -> None:
    rounds, heard = rounds_of(program), Heard()
    program.failing = {"cap.two": ("a",)}
    rounds.judge(heard)
    assert [stage.name for stage in heard.stages] == ["base case", "the rest"]
    assert heard.turned() == {"cap.two": (None, "FAIL")}
    program.judged.clear()
    program.failing = {}
    rounds.forget(EVERYTHING)
    rounds.judge(heard)
    assert [stage.name for stage in heard.stages] == ["failed before", "the rest"]
    assert {one.id for one in heard.stages[0].judged} == {FIRST, LAST, "cap.two"}
    assert sorted(program.judged) == sorted(EVERYTHING)
    assert heard.turned() == {"cap.two": ("FAIL", "PASS")}


def test_a_check_judged_on_a_supposition_that_fails_waits_after_all(program: Program) -> None:
    rounds, heard = rounds_of(program), Heard()
    program.failing = {"cap.two": ("a",)}
    rounds.judge(heard)
    heard.turned()
    program.failing = {"neg.one": ("b",)}
    rounds.forget(EVERYTHING)
    report = rounds.judge(heard)
    assert report.failed() == ("neg.one",)
    assert [one.outcome for one in report.checks if one.id == "cap.two"] == [Outcome.SKIP]
    program.failing = {}
    rounds.forget(EVERYTHING)
    assert rounds.judge(heard).failed() == ()


def test_what_waited_is_judged_once_its_need_passes_though_nothing_of_it_changed(program: Program) -> None:
    rounds, heard = rounds_of(program), Heard()
    program.failing = {"neg.one": ("a",)}
    rounds.judge(heard)
    assert heard.turned() == {"neg.one": (None, "FAIL")}
    program.failing = {}
    program.judged.clear()
    assert rounds.forget({"neg.one"}) == 2
    rounds.judge(heard)
    assert sorted(program.judged) == ["cap.two", "neg.one"]
    assert heard.turned() == {"neg.one": ("FAIL", "PASS")}


def test_only_new_cases_of_a_known_failure_are_told(program: Program) -> None:
    rounds, heard = rounds_of(program), Heard()
    for cases, told_of in (
        (("a",), {"neg.one": (None, "FAIL")}),
        (("a",), {}),
        (("a", "b"), {"neg.one": ("FAIL", "FAIL")}),
        (("b",), {}),
    ):
        program.failing = {"neg.one": cases}
        rounds.forget(EVERYTHING)
        rounds.judge(heard)
        fresh = [sorted(map(str, c.fresh)) for stage in heard.stages for c in stage.changes]
        assert heard.turned() == told_of
        assert fresh == ([] if not told_of else [["b"]] if "b" in cases else [["a"]])


def test_a_cancelled_round_keeps_the_stages_that_were_over(program: Program) -> None:
    rounds, heard = rounds_of(program), Heard()
    program.cancel_at = "neg.one"
    with pytest.raises(Cancelled):
        rounds.judge(heard)
    program.cancel_at = None
    program.judged.clear()
    rounds.forget({"meta.words"})
    assert rounds.judge(heard).verdict == "PASS"
    assert FIRST not in program.judged
    assert LAST not in program.judged
    assert {"neg.one", "cap.two", "meta.words"} <= set(program.judged)


def test_only_and_skip_leave_out_as_in_a_validation(program: Program) -> None:
    rounds = rounds_of(program, only=("neg",), skip=("meta",))
    assert rounds.judge(Heard()).verdict == "PARTIAL"
    assert sorted(program.judged) == sorted((FIRST, LAST, "neg.one"))


class Script:
    """A watched folder whose saves are written down; None stops the loop."""

    def __init__(self, *saves: tuple[str, Callable[[], object]] | None) -> None:
        self._saves = list(saves)

    def wait(self) -> frozenset[str]:
        save = self._saves.pop(0)
        if save is None:
            raise UsageError("gone")
        path, change = save
        change()
        return frozenset({path})

    def poll(self) -> frozenset[str]:
        return self.wait()

    def stopping(self, stop: Any, *, when: Any) -> Any:
        return nullcontext()

    stale = True


def loop(program: Program, heard: Heard, root: Path, *, open_probe: Callable[..., Any] = probe) -> Loop:
    return Loop(
        place=Place(root=root, package=root / "mine"),
        rounds=rounds_of(program, open_probe=open_probe),
        checks=program.checks(),
        engine=SimpleNamespace(cancel=lambda: None, go_on=lambda: None),
        lint=lambda: (),
        teller=heard,
    )


def run(looped: Loop, script: Any) -> None:
    with pytest.raises(UsageError, match="gone"):
        looped.run(script)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/algorithm.yaml").write_text(DOCUMENT)
    return tmp_path


def writes(path: Path, text: str) -> tuple[str, Callable[[], object]]:
    return f"mine/{path.name}", lambda: path.write_text(text)


def test_invalid_metadata_are_told_with_their_place_and_what_was_known_still_holds(
    program: Program, folder: Path
) -> None:
    heard, file = Heard(), folder / "mine/algorithm.yaml"
    broken = DOCUMENT.replace("predictive: true", "predictive: perhaps")
    line = broken.splitlines().index("predictive: perhaps") + 1
    script = Script(
        writes(file, broken),
        ("mine/README.md", lambda: None),
        writes(file, DOCUMENT.replace("label:", "label: My", 1)),
        None,
    )
    run(loop(program, heard, folder), script)
    assert heard.lines[0] == "round PASS"
    assert heard.lines[1].startswith(f"invalid {file}:{line}: $.predictive")
    assert heard.lines[2].startswith("invalid")  # nothing is judged by metadata that are not valid
    assert heard.lines[3:] == ["linted", "saved ['mine/algorithm.yaml'] 1", "round PASS"]
    assert program.judged.count("neg.one") == 1
    assert program.judged.count("meta.words") == 2


def test_invalid_metadata_at_the_start_are_waited_for(program: Program, folder: Path) -> None:
    heard, file = Heard(), folder / "mine/algorithm.yaml"
    file.write_text("contract: [")
    run(loop(program, heard, folder), Script(writes(file, DOCUMENT), None))
    assert [line.split()[0] for line in heard.lines] == ["invalid", "saved", "round"]


def test_metadata_that_are_taken_away_before_a_round_begins_are_waited_for(
    program: Program, folder: Path
) -> None:
    heard, file = Heard(), folder / "mine/algorithm.yaml"

    def opened(*_: object) -> Any:
        metadata.read_file(file)
        return probe()

    def gone() -> None:  # ... after the loop has read them
        reads.pop()
        file.unlink()

    reads = [1]
    looped = loop(program, heard, folder, open_probe=lambda *_: (reads and gone(), opened())[1])
    run(looped, Script(writes(file, DOCUMENT), None))
    assert heard.lines[0].startswith(f"invalid cannot read {file}")
    assert heard.lines[1:] == ["saved ['mine/algorithm.yaml'] 5", "round PASS"]


def test_a_save_during_a_round_begins_it_anew(program: Program, folder: Path) -> None:
    heard = Heard()
    program.cancel_at = "neg.one"

    def mended() -> None:
        program.cancel_at = None

    saved = ("mine/program.py", lambda: None)
    run(loop(program, heard, folder), Script(saved, ("mine/program.py", mended), saved, None))
    due = "saved ['mine/program.py'] 5"
    assert heard.lines == ["stopped 1", due, "stopped 2", due, "round PASS", due, "round PASS"]


def test_paperwork_runs_nothing(program: Program, folder: Path) -> None:
    heard = Heard()
    run(loop(program, heard, folder), Script(("Dockerfile", lambda: None), None))
    assert heard.lines == ["round PASS", "saved ['Dockerfile'] 0", "linted"]
    assert len(program.judged) == len(EVERYTHING)


def change(before: CheckResult | None, after: CheckResult) -> str:
    found = Change(before=before, after=after)
    outcome = None if before is None else before.outcome
    return told.change(outcome, after, fresh=found.fresh, reproduce="algoreg validate mine --keep")


def test_a_change_is_told_with_its_new_cases_and_the_way_to_them() -> None:
    before = result("neg.exit-code", failed("one"))
    after = result("neg.exit-code", failed("one"), failed("two", HOSTILE))
    shown = change(before, after)
    assert shown.splitlines()[0] == "  neg.exit-code FAIL -> FAIL"
    assert "two: it did not fail" in shown
    assert "one: it" not in shown
    assert "reproduce algoreg validate mine --keep" in shown
    assert "\x1b" not in shown
    assert not [line for line in shown.splitlines() if not line.startswith("  ")]


def test_a_recovery_is_one_line() -> None:
    shown = change(result("neg.exit-code", failed()), result("neg.exit-code", passed("one")))
    assert shown == "  neg.exit-code FAIL -> PASS\n"


@pytest.mark.parametrize(
    ("evidence", "turned"),
    [
        ("Traceback\nTypeError: 'n_trees' in run 4f2a9c1b", False),
        ("Traceback\nKeyError: 'n_trees' in run 77aa01bc", True),
    ],
)
def test_a_failure_for_another_reason_is_told_again(evidence: str, turned: bool) -> None:
    first = replace(failed("train"), evidence="Traceback\nTypeError: 'n_trees' in run 00d1e2f3")
    before, after = (result("neg.one", one) for one in (first, replace(first, evidence=evidence)))
    assert Change(before=before, after=after).turned is turned
