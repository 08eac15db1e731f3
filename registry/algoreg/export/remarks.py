"""What a lint has to say about a file from elsewhere, in one shape for all lints; printing is left to others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether the file's owner must do something."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing that is wrong, or not what it seems. Every text may quote the file: it is untrusted."""

    id: str
    """``family.name``; never changes its meaning."""
    severity: Severity
    where: str
    """The place: ``file:line``, a JSON path, or both; ``file`` alone where no line can be told."""
    message: str
    """What is there, in one sentence."""
    consequence: str
    """What the reader (Woken, Chronos) makes of it."""
    fix: str
    """What to write instead."""

    def json(self) -> dict[str, str]:
        """The remark as JSON values."""
        return {name: str(value) for name, value in asdict(self).items()}

    def text(self) -> str:
        """The remark for people, one sentence a line."""
        head = f"{self.where}: {self.severity}: {self.message} [{self.id}]"
        return f"{head}\n    so: {self.consequence}\n    fix: {self.fix}"


def errors(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Those that make a lint fail."""
    return tuple(remark for remark in remarks if remark.severity is Severity.ERROR)
