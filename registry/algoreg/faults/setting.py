"""What one run is given: the thing that a fault changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from algoreg.samples.sample import Sample


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What one run is given; a fault returns a changed copy."""

    sample: Sample
    environment: Mapping[str, str]
    files: Mapping[str, bytes]
    """Name -> content of what is put into the volume before the run."""
    closed_port: int
    """A port of the pod where nothing listens."""
    canary: str
    """Name of a file that must not appear in the volume."""

    def with_environment(self, **changes: str) -> Setting:
        """The same with some variables set to other values."""
        return replace(self, environment={**self.environment, **changes})

    def document(self, name: str) -> dict[str, Any]:
        """An input file, parsed."""
        document: dict[str, Any] = json.loads(self.files[name])
        return document

    def with_document(self, name: str, document: Mapping[str, Any]) -> Setting:
        """The same with another content of an input file."""
        return replace(self, files={**self.files, name: dump(document)})


def dump(document: Mapping[str, Any]) -> bytes:
    """JSON as the caller writes it into the volume."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
