"""Which options a job cannot be without, and which its target would forget: said of all of them at once."""

from __future__ import annotations

from collections.abc import Mapping

from algoreg import contract
from algoreg.errors import UsageError
from algoreg.export.jobs.model import Target
from algoreg.model import Algorithm

_CHRONOS = (Target.CHRONOS_3, Target.CHRONOS_2_5)
_OF_OTHERS = tuple(target for target in Target if target is not Target.COMPOSE)
"""Whose databases are somebody's; Compose brings its own."""
_ONLY: Mapping[str, tuple[Target, ...]] = {
    "--in": _OF_OTHERS,
    "--out": _OF_OTHERS,
    "--query": _OF_OTHERS,
    "--network": _CHRONOS,
    "--host": (*_CHRONOS, Target.KUBERNETES),
    "--claim": (Target.KUBERNETES,),
}
"""Options that only some targets can honour; the others would forget them silently."""
_ALWAYS = ("--variable", "--meta")
_DATABASES = ("--in", "--out", "--query")
"""Where they can be honoured, there is no job without them."""
_DIRECTORY, _CLAIM, _EXPERIMENT = "--volume", "--claim", "--experiment"
_SUBMIT, _INPUT = "--submit", "--input"
_PASSWORDS, _OUTPUT = "--with-passwords", "--output"
_OF_SUBMIT = (_INPUT, "--fetch", "--queue", "--format")
"""Options about a job that is sent."""


def ensure(algorithm: Algorithm, command: str, target: Target, given: Mapping[str, str | None]) -> None:
    """Option -> its text, None where it was not given. Raises UsageError for the first thing that cannot be."""
    ensure_command(algorithm, command)
    _ensure_said(given)
    _ensure_honoured(target, given)
    _ensure_of_use(command, given)
    _ensure_complete(command, target, given)


def ensure_command(algorithm: Algorithm, command: str) -> None:
    """Raises UsageError for a command that the image does not have, or that never ends."""
    if command not in algorithm.working_commands:
        raise UsageError(
            f"{algorithm.code} has no command {command!a} that does a job and ends",
            hint=f"It has: {', '.join(algorithm.working_commands)}.",
        )


def _ensure_said(given: Mapping[str, str | None]) -> None:
    """A variable of the shell that is not set says nothing, and is not taken for an option that was left out."""
    blank = [option for option, text in given.items() if text is not None and not text.strip()]
    if blank:
        raise UsageError(
            f"{_listed(blank)} {'is' if len(blank) == 1 else 'are'} blank",
            hint="Say what is meant, or leave the option out; a shell's variable may not be set.",
        )


def _ensure_honoured(target: Target, given: Mapping[str, str | None]) -> None:
    for option, targets in _ONLY.items():
        if given.get(option) is not None and target not in targets:
            raise UsageError(f"{option} means nothing to {target}", hint=f"Only to {', '.join(targets)}.")


def _ensure_of_use(command: str, given: Mapping[str, str | None]) -> None:
    """An option that nothing would come of is not forgotten silently."""
    if given.get(_EXPERIMENT) is not None and given.get(_DIRECTORY) is None and given.get(_CLAIM) is None:
        raise UsageError(
            f"{_EXPERIMENT} names a directory below {_DIRECTORY}, and there is none",
            hint=f"Add {_DIRECTORY} DIR, or leave {_EXPERIMENT} out.",
        )
    for option in _OF_SUBMIT:
        if given.get(option) is not None and given.get(_SUBMIT) is None:
            raise UsageError(f"{option} means nothing without {_SUBMIT}", hint=f"Add {_SUBMIT} URL.")
    _ensure_passwords(given)
    if given.get(_INPUT) is not None and command != contract.TRAIN:
        raise UsageError(f"{_INPUT} is what train reads, and this is {command}", hint="Leave it out.")


def _ensure_passwords(given: Mapping[str, str | None]) -> None:
    if given.get(_PASSWORDS) is None:
        return
    if given.get(_SUBMIT) is not None:
        raise UsageError(f"{_SUBMIT} sends the passwords anyway", hint=f"Leave {_PASSWORDS} out.")
    if given.get(_OUTPUT) is None:
        raise UsageError(
            "passwords are never printed", hint=f"Name a file with {_OUTPUT}; it will be yours only."
        )


def _ensure_complete(command: str, target: Target, given: Mapping[str, str | None]) -> None:
    missing = [option for option in _needed(command, target, given) if given.get(option) is None]
    if command == contract.TRAIN and given.get(_SUBMIT) is not None and given.get(_EXPERIMENT) is None:
        # Nobody can have put it into a directory whose name is made now
        missing += [option for option in (_INPUT,) if given.get(option) is None]
    if not missing:
        return
    hint = "algoreg job document --help says what each is."
    if _EXPERIMENT in missing:
        hint = f"With {_EXPERIMENT}, name the UUID that train printed: its model is there. {hint}"
    if _INPUT in missing:
        hint = f"With {_INPUT}, name the input_training.json to be put into a new directory. {hint}"
    if _DIRECTORY in missing:
        hint = f"With {_DIRECTORY}, name the root of the directories that train and test share. {hint}"
    raise UsageError(f"a job that does {command} for {target} needs {_listed(missing)}", hint=hint)


def _needed(command: str, target: Target, given: Mapping[str, str | None]) -> tuple[str, ...]:
    databases = tuple(option for option in _DATABASES if target in _ONLY[option])
    if command == contract.COMPUTE:
        return (*_ALWAYS, *databases)
    # Also with Compose: its databases are its own, the experiment's directory is the host's
    directory = _CLAIM if given.get(_CLAIM) is not None else _DIRECTORY
    experiment = (_EXPERIMENT,) if command == contract.TEST else ()
    return (*_ALWAYS, *databases, directory, *experiment)


def _listed(options: list[str]) -> str:
    *most, last = options
    return f"{', '.join(most)} and {last}" if most else last
