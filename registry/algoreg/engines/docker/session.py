"""What one run of algoreg holds while it lasts: its engine, its labels, its temporary directory, its end."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from algoreg.engines.docker import profile
from algoreg.engines.docker.api import Api, Refusal
from algoreg.engines.docker.identity import KEEP_LABEL, KEPT, Identity
from algoreg.errors import Cancelled, EngineError

_LETTERS = "abcdefghijkmnpqrstuvwxyz"


class Session:
    """Creates what belongs to this run, always labelled, and refuses to go on once it was cancelled."""

    def __init__(
        self,
        *,
        api: Api,
        identity: Identity,
        directory: Path,
        progress: Callable[[str], None],
        seed: int | None = None,
        keep: bool = False,
    ) -> None:
        self.api = api
        self.identity = identity
        self.directory = directory
        """Private to this user; removed at the end, by the watchdog if need be."""
        self.progress = progress
        self.keep = keep
        """Leave PostgreSQL with its databases, pods, runs and volumes as they are."""
        # Always both: a container inherits what its image sets and we do not.
        self.labels = {**identity.labels, KEEP_LABEL: KEPT if keep else "no"}
        self.cancelled = False
        """A plain attribute: a signal handler that interrupts a holder of a lock must not wait for it."""
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._created = 0

    def check(self) -> None:
        """Raise Cancelled once the run was asked to stop."""
        if self.cancelled:
            raise Cancelled("stopped on request")

    def word(self) -> str:
        """A name that no image can have been prepared for."""
        with self._lock:
            return "".join(self._random.choices(_LETTERS, k=9))

    def number(self, low: int, high: int) -> int:
        """A number that no image can have been prepared for."""
        with self._lock:
            return self._random.randint(low, high)

    def name(self, purpose: str) -> str:
        """A name for something of this run."""
        with self._lock:
            self._created += 1
            return f"{self.identity.prefix}-{self._created}-{purpose}"

    def create(self, purpose: str, config: Mapping[str, Any]) -> str | Refusal:
        """Create a container, and prove that it is the one that was asked for."""
        self.check()
        created = self.api.create(self.name(purpose), {**config, "Labels": self.labels})
        if isinstance(created, Refusal):
            return created
        try:
            differences = profile.differences(config, self.api.inspect(created))
        except EngineError:
            self.dispose(created)
            raise
        if differences:
            self.dispose(created)
            raise EngineError(
                f"the engine did not apply the run profile: {'; '.join(differences)[:300]}",
                hint="Nothing was started. This engine cannot isolate an untrusted image; use Docker 19.03 or later.",
            )
        return created

    def volume(self, purpose: str, options: Mapping[str, str]) -> str:
        """Create a volume: in memory with the options of a tmpfs, on disk with none."""
        self.check()
        name = self.name(purpose)
        self.api.create_volume(name, options, self.labels)
        return name

    def dispose(self, container: str) -> None:
        """Remove a container; what cannot be removed now is left to the sweep at the end of the run."""
        with suppress(EngineError):
            self.api.remove(container)

    def dispose_unless_kept(self, container: str) -> None:
        """The same, but for what a person asked to keep."""
        if not self.keep:
            self.dispose(container)

    def dispose_volume_unless_kept(self, name: str) -> None:
        """The same for a volume."""
        if not self.keep:
            self.dispose_volume(name)

    def dispose_volume(self, name: str) -> None:
        """Remove a volume whose containers were disposed of, in the same way."""
        with suppress(EngineError):
            for _ in range(10):
                if self.api.remove_volume(name):
                    return
                time.sleep(0.1)
