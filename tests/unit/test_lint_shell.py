"""What a shell program makes of the exit code of the program that it starts, tried on many that people write."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg.linting import exits, shell, trees

LOST = {
    "a pipe": "python main.py | tee log",
    "a pipe for both streams": 'python main.py "$@" |& tee log',
    "exec in a pipe": 'exec python main.py "$@" | tee log',
    "or true": 'python main.py "$@" || true',
    "a pipe into it, or true": 'cat x | python main.py "$@" || true',
    "or a colon": "python main.py || :",
    "or a message": 'python main.py "$@" || echo "it failed"',
    "or a message in braces": 'python main.py "$@" || { echo "it failed"; }',
    "or exit 0": "python main.py || exit 0",
    "semicolon true": "python main.py; true",
    "a message at the end": 'python main.py "$@"\necho done\n',
    "exit 0 at the end": 'python main.py "$@"\nexit 0\n',
    "two blocks": (
        '#!/bin/bash\nif [ "$1" = "train" ]; then\n  python main.py train\nfi\n'
        'if [ "$1" = "test" ]; then\n  python main.py test\nfi\n'
    ),
    "a case before a message": 'case "$1" in train) Rscript main.R;; esac\necho finished',
    "in the background": 'python main.py "$@" &\n',
    "waited for without a number": 'python main.py "$@" &\nwait\n',
    "as a condition": 'if python main.py "$@"; then echo good; else echo bad; fi',
    "despite set -e, a pipe": 'set -e\npython main.py "$@" | tee log',
    "despite set -e, or true": 'set -e\npython main.py "$@" || true',
    "set +e again": 'set -e\nset +e\npython main.py "$@"\necho done',
    "in a function": 'work() {\n  python main.py "$@"\n  echo done\n}\nwork "$@"\n',
    "in a branch": 'if [ "$1" = train ]; then python main.py train | tee log; else exit 2; fi',
    "in a subshell": '( python main.py "$@"; true )',
    "cleaning up behind it": 'python main.py "$@"\nrm -f /tmp/lock\n',
    "turned round at the end": '! python main.py "$@"\n',
    "turned round in a branch": 'if [ "$1" = train ]; then ! python main.py "$@"; fi\n',
    "a trap": 'trap "exit 0" EXIT\npython main.py "$@"\n',
    "a trap that cleans up": 'trap "rm -f /tmp/lock; exit 0" EXIT TERM\npython main.py "$@" || exit 3\n',
    "asked for an earlier pipe only": 'echo | cat; echo ${PIPESTATUS[0]}\npython main.py "$@" | tee log\n',
    "noted, and forgotten": 'if python main.py "$@"; then code=0; else code=1; fi\n',
    "whatever is given": '"$@"\ntrue\n',
    "or a function that stays": "tell() { echo bad >&2; }\nrun() { python a.py || tell\n  echo done\n}\nrun\n",
}
KEPT = {
    "exec": 'exec python main.py "$@"',
    "the last one": 'echo starting\npython main.py "$@"\n',
    "with its own redirection": 'python main.py "$@" > log 2>&1',
    "and": 'cd /opt && exec python main.py "$@"',
    "and a message": 'python main.py "$@" && echo good',
    "set -e": 'set -e\npython main.py "$@"\necho done\n',
    "set -e in its long form": 'set -o errexit\npython main.py "$@"\necho done\n',
    "pipefail": 'set -o pipefail\npython main.py "$@" | tee log\n',
    "all options at once": 'set -euo pipefail\npython main.py "$@" | tee log\necho done\n',
    "kept in a variable": 'python main.py "$@"\ncode=$?\necho done\nexit $code\n',
    "exit alone": 'python main.py "$@"\nexit\n',
    "or exit 1": 'python main.py "$@" || exit 1\necho done',
    "or exit 1 in braces": 'python main.py "$@" || { echo bad >&2; exit 1; }',
    "or a function that leaves": "no() { echo no >&2; exit 1; }\nrun() { python a.py || no\n  echo done\n}\nrun\n",
    "a wait with a number": 'python main.py "$@" &\nchild=$!\ntrap "kill $child" TERM\nwait $child\n',
    "a case that leaves": 'case "$1" in train) exec python a.py;; *) echo usage >&2; exit 2;; esac\n',
    "a case at the end": 'case "$1" in train) python a.py;; *) echo usage >&2; exit 2;; esac\n',
    "a condition that leaves": 'if ! python main.py "$@"; then exit 3; fi\n',
    "a preparation before": 'python prepare.py\npython main.py "$@"\n',
    "a pipe into the program": 'cat query.sql | psql -v x="$@"\n',
    "asked for the part of a pipe": 'python main.py "$@" 2>&1 | tee log\nexit ${PIPESTATUS[0]}\n',
    "asked for at once": 'python main.py "$@" | tee log && exit ${PIPESTATUS[0]}\n',
    "asked for behind a block": 'if [ "$1" = train ]; then python main.py | tee log; fi\nexit ${PIPESTATUS[0]}\n',
    "asked for despite or true": 'python main.py "$@" | tee log || true\nexit ${PIPESTATUS[0]}\n',
    "told within the pipe": (
        '{ python main.py "$@"; echo $? > code; } | tee log\nread code < code\nexit $code\n'
    ),
    "noted in branches": 'if python main.py "$@"; then code=0; else code=$?; fi\nexit $code\n',
    "noted in one branch": 'code=0\nif ! python main.py "$@"; then code=4; fi\nexit "$code"\n',
    "noted in a block": 'if [ "$1" = train ]; then python main.py; code=$?; fi\nexit ${code}\n',
    "noted behind or": 'python main.py "$@" || { code=$?; echo failed; }\nexit $code\n',
    "turned round before": '! python main.py "$@" && exit 3\nexit 0\n',
    "a trap that only cleans up": 'trap "rm -f /tmp/lock" EXIT\npython main.py "$@"\n',
    "a trap that exec outruns": 'trap "exit 0" EXIT\nexec python main.py "$@"\n',
    "a trap for a signal": 'trap "exit 0" TERM\npython main.py "$@"\n',
    "a trap taken back": 'trap "exit 0" EXIT\necho ready\ntrap - EXIT\npython main.py "$@"\n',
    "no program at all": "echo hello\ntrue\n",
    "dead lines behind exec": 'exec python main.py "$@"\necho never\n',
    "not understood": 'if [ "$1" = train; then python main.py | tee log',
}


@pytest.mark.parametrize("script", LOST.values(), ids=LOST.keys())
def test_a_lost_exit_code_is_seen(script: str) -> None:
    assert exits.loss(trees.shell(script.encode())) is not None


@pytest.mark.parametrize("script", KEPT.values(), ids=KEPT.keys())
def test_a_kept_exit_code_is_not_blamed(script: str) -> None:
    assert exits.loss(trees.shell(script.encode())) is None


@pytest.mark.parametrize("script", [LOST[name] for name in LOST if "in the background" not in name])
def test_what_is_called_lost_is_lost_in_a_real_shell(script: str, tmp_path: Path) -> None:
    """Every worker fails with 7 here: bash, which is asked, must end otherwise."""
    assert ended(script, tmp_path) != 7


@pytest.mark.parametrize(
    "name", [name for name in KEPT if name not in ("no program at all", "not understood")]
)
def test_what_is_called_kept_is_kept_in_a_real_shell(name: str, tmp_path: Path) -> None:
    assert ended(KEPT[name], tmp_path) != 0


def ended(script: str, folder: Path) -> int:
    """The exit code of bash, where each program that could do the work fails with 7."""
    for name in ("python", "Rscript", "psql"):
        (folder / name).write_text("#!/bin/sh\nexit 7\n")
        (folder / name).chmod(0o755)
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    call = ["bash", "-c", script.replace("cd /opt", "cd /"), "bash", "python", "train"]
    arguments = [*call[:4], "train"] if '"$@"\ntrue' not in script else call
    done = subprocess.run(
        arguments, env=environment, cwd=folder, capture_output=True, check=False, timeout=20
    )
    return done.returncode


def test_the_place_is_told() -> None:
    found = exits.loss(trees.shell(b'#!/bin/sh\n\n  python main.py "$@" | tee log\n'))
    assert found is not None
    assert (found.line, found.column) == (3, 3)


WORDS = "python x | || && ; & if then fi else case esac in { } ( ) true exit 0 wait set -e $? ! <<EOF EOF '"
PARTS = st.sampled_from([*WORDS.split(), '"', '"$@"', "$(", "`", "\n"])


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=25).map(" ".join))
def test_any_text_is_judged_without_a_failure_of_ours(script: str) -> None:
    program = trees.shell(script.encode())
    exits.loss(program)
    shell.ends_by_exec(program)


@pytest.mark.parametrize(
    "script", ["{ " * 3000 + "python x;" + " }" * 3000, "( " * 3000 + "python x" + " )" * 3000]
)
def test_deep_nesting_is_no_trouble(script: str) -> None:
    assert exits.loss(trees.shell(script.encode())) is None
