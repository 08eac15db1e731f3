"""The cli family: what an image does with commands that it does not have.

The volume is set up as for a train, so that work done by mistake can be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from algoreg import contract
from algoreg.check import Check, check
from algoreg.checks.findings import failed
from algoreg.checks.order import HONEST
from algoreg.observation import Step
from algoreg.probe import Probe
from algoreg.report import Finding, Severity, passed, skipped

_TRACEBACK = re.compile(
    r"^(Traceback \(most recent call last\):|\s+at .+[(/:].*:\d+\)?|.*panicked at .*|panic: .*"
    r"|\s+from .+:\d+:in .*|Stacktrace:)$",
    re.MULTILINE,
)
"""How Python, Java and Node, Rust, Go, Ruby and Julia begin or continue theirs."""


def _word(probe: Probe) -> str:
    return f"frobnicate{probe.rng('unknown command').randrange(10**6):06d}"


def unknown(probe: Probe) -> Step:
    """A run with a command that the image does not have."""
    return probe.invoke((_word(probe),), "unknown command")


def _refusal(step: Step, what: str) -> Finding | None:
    """A FAIL when the run is no refusal: it worked, hung, or ended with 0 or a signal."""
    if entries := step.changed:
        return failed(
            step,
            f"{what} does work",
            expected="nothing read or written",
            got=f"{step.ended}; the volume now holds {', '.join(entries[:5])}",
        )
    if not step.failed_properly:
        return failed(step, f"{what} is not refused", expected="exit code 1 to 124, by convention 2")
    return None


@check("cli.unknown-command", "an unknown command is not refused", needs=HONEST)
def unknown_command(probe: Probe) -> Iterator[Finding]:
    """A command that the image does not have ends with a code from 1 to 124 within 30 s, without work and without
    a traceback.

    Why: Every base image of the platform ended an unknown command with 0: a misspelt job looked done.
    Fix: Compare the command with the ones you have; else print the usage on standard error and exit with 2.
    """
    step = unknown(probe)
    finding = _refusal(step, "an unknown command")
    if finding is None and _TRACEBACK.search(step.log):
        finding = failed(
            step,
            "an unknown command ends in a traceback",
            expected="a usage message",
            got=f"{step.ended} and a traceback",
        )
    yield finding or passed(step.case, step.ended)


@check("cli.no-command", "a start without a command is not refused", needs=("cli.unknown-command",))
def no_command(probe: Probe) -> Iterator[Finding]:
    """Without a command, the image ends with a code from 1 to 124 within 30 s and does no work. An image whose CMD
    names one of its commands is not asked.

    Why: A job document that lost its arguments must not train on whatever is there.
    Fix: Treat no command as an unknown one.
    """
    image = probe.subject.image
    if image is not None and image.cmd and set(image.cmd) & set(probe.algorithm.entrypoints):
        yield skipped("the image's CMD names a command of its own", "no command")
        return
    step = probe.invoke((), "no command")
    yield _refusal(step, "no command") or passed(step.case, step.ended)


@dataclass(frozen=True, kw_only=True)
class _Injection:
    """A command's text that means more to a shell than to anyone else."""

    name: str
    argument: str
    seen: str
    """What the log shows when a shell evaluated it; the argument itself does not hold it."""

    @property
    def case(self) -> str:
        return f"command with {self.name}"


def _injections(probe: Probe) -> tuple[_Injection, ...]:
    """Every way into a shell, after an unknown command and after a declared one."""
    rng = probe.rng("shell")
    word, canary = _word(probe), f"canary{rng.randrange(10**8)}"
    left, right = rng.randrange(1000, 9999), rng.randrange(1000, 9999)
    act = f"touch {contract.VOLUME}/{canary}; echo -{canary}-$(({left}+{right}))"
    texts = (
        ("a semicolon", f"{word};{act}"),
        ("$( )", f"{word}$({act})"),
        ("backquotes", f"{word}`{act}`"),
        ("a declared command and a semicolon", f"{probe.algorithm.entrypoints[0]};{act}"),
    )
    seen = f"-{canary}-{left + right}"
    return tuple(_Injection(name=name, argument=text, seen=seen) for name, text in texts)


@check("cli.shell-injection", "a command's text reaches a shell", needs=("cli.unknown-command",))
def shell_injection(probe: Probe) -> Iterator[Finding]:
    """Commands that hold ``;``, ``$( )`` or backquotes are unknown commands, refused like any other.

    Why: Arguments come from a web form of the portal. In a shell they run with the database's password.
    Fix: Compare the whole argument; use the exec form of ENTRYPOINT, and "$@" with its quotes in scripts; never
    sh -c "$*" or eval.
    """
    for injection, step in probe.each(
        _injections(probe), lambda injection: probe.invoke((injection.argument,), injection.case)
    ):
        if injection.seen in step.log:
            yield failed(
                step,
                "a shell evaluated the text of the command",
                expected="the text as it is, refused",
                got=f"the log holds {injection.seen}",
            )
        else:
            yield _refusal(step, injection.case) or passed(step.case)


@check(
    "cli.usage",
    "the refusal does not say which commands exist",
    # An image whose messages all go to a file fails by neg.diagnostic
    needs=("cli.unknown-command", "neg.diagnostic"),
    severity=Severity.WARNING,
)
def usage(probe: Probe) -> Iterator[Finding]:
    """The refusal of an unknown command names every command that the image declares.

    Why: The person who reads the log has only the image at hand.
    Fix: Print the usage on standard error.
    """
    step = unknown(probe)
    absent = [name for name in probe.algorithm.entrypoints if name not in step.log]
    if absent:
        yield failed(
            step,
            "the refusal does not name every command",
            expected=", ".join(probe.algorithm.entrypoints),
            got=f"{', '.join(absent)} not named",
        )
    else:
        yield passed(step.case)


CHECKS: tuple[Check, ...] = (no_command, shell_injection, unknown_command, usage)
