"""What train and test of a scheduler read: judged before a job is submitted, and put where the job finds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from algoreg import contract, files, schemas, strictjson
from algoreg.engines.directory import Directory
from algoreg.engines.keeper import remove_tree
from algoreg.errors import UsageError

_FORMS = {contract.INPUT_TRAINING: "input_training", contract.INPUT_TEST: "input_test"}


@dataclass(frozen=True, kw_only=True)
class Given:
    """A document that train or test reads, and that was judged."""

    content: bytes = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    @classmethod
    def parsed(cls, content: bytes, name: str, *, origin: str) -> Given:
        """Raises UsageError for bytes that no train, or no test, would take for its ``name``."""
        hint = f"docs/contract.md, section 3, tells what {name} holds."
        if len(content) > strictjson.MAX_BYTES:
            raise UsageError(f"{origin} has more than {strictjson.MAX_BYTES >> 20} MiB", hint=hint)
        try:
            document = strictjson.parse(content)
        except strictjson.TooLarge as error:
            raise UsageError(f"{origin} is too large for {name}: {error.message}", hint=hint) from error
        except strictjson.NotStrictJson as error:
            raise UsageError(f"{origin} is not strict JSON: {error}", hint=hint) from error
        if problem := schemas.first_problem(_FORMS[name], document):
            raise UsageError(
                f"{origin} is no {name}, at {problem.path}: expected {problem.expected}, got {problem.got}",
                hint=hint,
            )
        return cls(content=content, document=document)


def training_input(path: Path) -> Given:
    """The file that train shall read. Raises UsageError for one that it would not take."""
    content = files.read(path, most=strictjson.MAX_BYTES)
    return Given.parsed(content, contract.INPUT_TRAINING, origin=str(path))


@contextmanager
def prepared(folder: Path, content: Given, *, warn: Callable[[str], None]) -> Iterator[None]:
    """An experiment's directory with train's input in it; it goes again where the work in it is not finished.

    Raises UsageError for a directory that cannot be made here.
    """
    try:
        volume = Directory.create(folder)
    except FileExistsError as error:
        raise UsageError(
            f"the experiment's directory {folder} is there already, and --input makes a new one",
            hint="Leave --experiment out, which makes a fresh one; or leave --input out: what it holds is used.",
        ) from error
    except OSError as error:
        raise UsageError(
            f"cannot make the experiment's directory {folder}: {error.strerror or error}",
            hint="With --input, --volume is a folder of this machine that the agents have under the same name.",
        ) from error
    try:
        volume.put(contract.INPUT_TRAINING, content.content)
        yield
    except BaseException:
        remove_tree(folder)
        if folder.exists():
            warn(f"{folder} is left: another user owns what is in it")
        raise
