"""The newest line of a log: whole or not at all, for half a password is not recognised."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from algoreg.engines.keptlog import KeptLog, Listener


def log(*parts: bytes, kept: int = 100) -> KeptLog:
    made = KeptLog(kept)
    for part in parts:
        made.write(part)
    return made


def test_the_newest_whole_line() -> None:
    assert log(b"").last_line == ""
    assert log(b"begun").last_line == ""
    assert log(b"begun\n").last_line == "begun"
    assert log(b"one\ntwo\nthr").last_line == "two"
    assert log(b"one\n\n \r\n").last_line == "one"


def test_a_line_across_head_and_tail_is_whole() -> None:
    assert log(b"x" * 95 + b"\nhello world\n").last_line == "hello world"


def test_a_line_whose_beginning_is_gone_is_not_shown() -> None:
    assert log(b"password=" + b"s" * 5000 + b"\n", kept=10_000).last_line == ""
    assert log(b"a" * 100, b"b" * 500, b"end\n").last_line == ""


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(1, 50))
def test_it_is_always_a_line_that_was_written(parts: list[bytes], kept: int) -> None:
    shown = log(*parts, kept=kept).last_line
    lines = [line.rstrip() for line in b"".join(parts).split(b"\n")]
    assert shown == "" or shown in [line.decode("utf-8", "replace") for line in lines]


def test_each_line_is_passed_on_once() -> None:
    heard: list[str] = []
    listener = Listener(heard.append)
    for line in ("", "a", "a", "b", "b", "a"):
        listener.look(line)
    assert heard == ["a", "b", "a"]
    Listener(None).look("nobody")
