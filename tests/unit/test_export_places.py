"""Where exports go: nothing that a person wrote is lost, some codes leave the others, headers are true."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from broken_plugins import document, install
from export_samples import algorithm, registry_of

from algoreg.errors import UsageError
from algoreg.export import configuration, dialects, drift, store
from algoreg.export.configuration import MAIN, Configuration

OWN = "# mine\nalgorithms { knn { } }\n"
HEAD = "# To write it again: "
PREFIX = [sys.executable, "-c", "from algoreg.cli import main; main()"]


def wanted(*codes: str) -> Configuration:
    known = registry_of(*map(algorithm, ("knn", "linreg", "tree")))
    return configuration.configuration(known, dialect=dialects.named("woken-2019"), codes=codes)


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def includes(folder: Path) -> list[str]:
    lines = (folder / MAIN).read_text().splitlines()
    return [line.split('"')[1] for line in lines if line.startswith("include")]


def algoreg(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PREFIX, *arguments], capture_output=True, text=True, check=False, cwd=cwd)


@pytest.mark.parametrize("name", ["knn.conf", "tree.conf", MAIN])
def test_a_folder_with_a_file_of_a_person_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(OWN)
    with pytest.raises(UsageError, match=f"{name}: there already, and not written by export-conf") as refused:
        store.export(tmp_path, wanted())
    assert f"--merge {tmp_path / name}" in refused.value.hint
    assert "--force" in refused.value.hint
    assert texts(tmp_path) == {name: OWN}
    assert name in store.export(tmp_path, wanted(), force=True).written
    assert drift.folder(tmp_path, wanted()) == ()


def test_one_file_of_a_person_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / MAIN).write_text(OWN)
    refused = algoreg("export-conf", "--single", MAIN, cwd=tmp_path)
    assert (refused.returncode, refused.stdout, texts(tmp_path)) == (2, "", {MAIN: OWN})
    assert f"hint: Update the algorithms in it with --merge {MAIN}" in refused.stderr
    forced = algoreg("export-conf", "--single", MAIN, "--force", cwd=tmp_path)
    assert (forced.returncode, forced.stdout) == (0, f"{MAIN}: written\n")
    assert algoreg("export-conf", "knn", "--single", MAIN, cwd=tmp_path).returncode == 0


def test_what_nobody_wrote_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / MAIN).touch()
    store.refuse_foreign([tmp_path / MAIN, tmp_path / "absent.conf"])


def test_some_codes_leave_the_files_of_the_others_and_include_them(tmp_path: Path) -> None:
    store.export(tmp_path, wanted())
    whole = texts(tmp_path)
    (tmp_path / "knn.conf").write_text(whole["knn.conf"].replace("true", "false"))
    outcome = store.export(tmp_path, wanted("knn"))
    assert (outcome.written, outcome.removed, outcome.foreign) == (("knn.conf",), (), ())
    assert texts(tmp_path) == whole
    assert drift.folder(tmp_path, wanted("knn")) == drift.folder(tmp_path, wanted()) == ()


def test_codes_come_one_by_one(tmp_path: Path) -> None:
    for codes in (("tree",), ("knn",)):
        store.export(tmp_path, wanted(*codes))
        assert drift.folder(tmp_path, wanted(*codes)) == ()
    assert includes(tmp_path) == ["knn.conf", "tree.conf"]
    assert f"{HEAD}algoreg export-conf knn tree\n" in (tmp_path / MAIN).read_text()
    (tmp_path / MAIN).write_text((tmp_path / MAIN).read_text().replace('include required("tree.conf")\n', ""))
    assert [one.kind for one in drift.folder(tmp_path, wanted("knn"))] == [drift.Kind.INCLUDE]
    store.export(tmp_path, wanted("linreg"))
    assert (tmp_path / MAIN).read_text() == configuration.files(wanted())[MAIN]


def test_the_whole_registry_removes_what_went_and_some_codes_do_not(tmp_path: Path) -> None:
    gone = configuration.configuration(registry_of(algorithm("old")), dialect=dialects.named("woken-2019"))
    store.export(tmp_path, gone)
    (tmp_path / "mine.conf").write_text(OWN)
    assert store.export(tmp_path, wanted("knn")).foreign == ("mine.conf",)
    assert includes(tmp_path) == ["knn.conf", "old.conf"]
    assert f"{HEAD}algoreg export-conf knn\n" in (tmp_path / MAIN).read_text()
    assert store.export(tmp_path, wanted()).removed == ("old.conf",)


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "knn tpot",
        "--dialect woken-2018-01 --output 'my conf'",
        "linreg --single one.conf --dialect woken-2017",
        "tpot knn --stdout",
        "--stdout --dialect woken-2017-12",
    ],
)
def test_the_command_in_a_header_gives_the_file(tmp_path: Path, arguments: str) -> None:
    """Each file is written again by its own command, into a place where there is nothing."""
    first = tmp_path / "first"
    first.mkdir()
    printed = algoreg("export-conf", *shlex.split(arguments), cwd=first)
    files = {path.relative_to(first): path.read_text() for path in first.rglob("*.conf")}
    for number, (name, text) in enumerate({**files, Path("stdout"): printed.stdout}.items()):
        commands = [line.removeprefix(HEAD) for line in text.splitlines() if line.startswith(HEAD)]
        if not commands:
            continue
        again = tmp_path / str(number)
        again.mkdir()
        output = algoreg(*shlex.split(commands[0])[1:], cwd=again)
        assert (output.stdout if name == Path("stdout") else (again / name).read_text()) == text
        checks = [
            line.partition("algoreg ")[2] for line in text.splitlines() if line.startswith("# To check")
        ]
        assert [algoreg(*shlex.split(one), cwd=again).returncode for one in checks] == [0] * len(checks)
    assert files or "To check it" not in printed.stdout


def test_a_folder_is_imported_by_its_main_file(tmp_path: Path) -> None:
    assert algoreg("export-conf", cwd=tmp_path).returncode == 0
    read = algoreg("import-conf", "application.conf.d", cwd=tmp_path)
    assert (read.returncode, read.stderr.count("\n")) == (0, 1)
    assert read.stderr.startswith("read as woken-2019")
    assert [line.split()[0] for line in read.stdout.splitlines()] == ["code", "knn", "linreg", "tpot"]
    (tmp_path / "none").mkdir()
    assert f"cannot read none/{MAIN}: no such file" in algoreg("import-conf", "none", cwd=tmp_path).stderr


def test_a_file_without_algorithms_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.conf").touch()
    read = algoreg("import-conf", "empty.conf", cwd=tmp_path)
    assert (read.returncode, read.stderr) == (0, "empty.conf declares no algorithm of woken-2019\n")


def test_the_check_of_a_merge_shows_lines_and_ends_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("x = 1\nalgorithms.knn.predictive = flase\n")
    told = algoreg("export-conf", "knn", "--merge", "a.conf", "--check", cwd=tmp_path)
    assert (told.returncode, told.stderr) == (
        1,
        "To write it again: algoreg export-conf knn --merge a.conf\n",
    )
    assert {"-algorithms.knn.predictive = flase", "+algorithms.knn.predictive = true"} <= set(
        told.stdout.splitlines()
    )
    assert algoreg("export-conf", "knn", "--merge", "a.conf", cwd=tmp_path).returncode == 0
    same = algoreg("export-conf", "knn", "--merge", "a.conf", "--check", cwd=tmp_path)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "nothing differs\n")


def test_a_plugin_that_cannot_be_used_takes_no_file_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert algoreg("export-conf", cwd=tmp_path).returncode == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "application.conf.d").iterdir()}
    (tmp_path / "site").mkdir()
    install(tmp_path / "site", "twin", document=document("KNN"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    for options in ((), ("--check",)):
        done = algoreg("export-conf", *options, cwd=tmp_path)
        assert done.returncode == 3, done.stderr
        assert "the registry is not whole: twin of " in done.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "application.conf.d").iterdir()} == before
    assert algoreg("export-conf", "knn", "--check", cwd=tmp_path).returncode == 0
