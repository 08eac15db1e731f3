"""Certificates for tests of what is made of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from reports import GOOD, report, target

from algoreg import certificates
from algoreg.certificates import Certificate

STARTED = datetime(2026, 11, 13, 10, 0, 0, tzinfo=UTC)
FINISHED = datetime(2026, 11, 13, 10, 1, 0, tzinfo=UTC)
STATEMENT = certificates.statement(report(target(*GOOD)), started=STARTED, finished=FINISHED)


def changed(*path: str | int, to: Any) -> bytes:
    """The statement with another value at ``path``; ``...`` removes what is there."""
    document = json.loads(STATEMENT)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return json.dumps(document).encode()


def certificate(*path: str | int, to: Any = None, origin: str = "c.json") -> Certificate:
    """The certificate, changed where a path is named."""
    return certificates.parse(changed(*path, to=to) if path else STATEMENT.encode(), origin=origin)
