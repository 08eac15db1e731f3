"""What the parent remembers of a search: the best pipeline so far, and what was tried to find it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from algoreg.runtime.search import say
from algoreg_tpot.overseer import Ending
from algoreg_tpot.settings import Settings, told


@dataclass(frozen=True, kw_only=True)
class Best:
    """A pipeline better than all before it, or the one that TPOT chose in the end."""

    description: dict[str, Any]
    """``description.describe`` of the unfitted pipeline; rebuilt from it, it was fitted on all training rows."""
    score: float
    """Mean over the folds."""
    generation: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a generation is."""

    generation: int
    tried: int
    """Pipelines of this generation that were evaluated, in every attempt at it."""
    failed: int
    """Those of them that could not be fitted or scored."""
    over: bool
    """Whether that was the whole generation."""


class Record:
    """Hears what the child tells, and passes a line a generation on to whoever waits."""

    def __init__(self, settings: Settings) -> None:
        self.best: Best | None = None
        self._settings = settings
        self._generations: dict[int, dict[str, Any]] = {}
        self._began = time.monotonic()

    def hear(self, value: Best | Progress) -> None:
        """One word of the child's."""
        if isinstance(value, Best):
            self.best = value
            return
        score = None if self.best is None else self.best.score
        entry = {"generation": value.generation, "evaluations": value.tried, "failed": value.failed}
        self._generations[value.generation] = {**entry, "score": score}
        if value.over:
            self._say(value)

    def _say(self, value: Progress) -> None:
        best = "none yet" if self.best is None else f"{self.best.score:.6g}"
        say(
            f"tpot: generation {value.generation} of {self._settings.generations}: {value.tried} pipelines, "
            f"{value.failed} failed, best {self._settings.scorer} {best} ({time.monotonic() - self._began:.1f} s)"
        )

    def _total(self, key: str) -> int:
        return sum(entry[key] for entry in self._generations.values())

    def notes(self, ending: Ending) -> dict[str, Any]:
        """For the output: how it ended and what was tried. Without times, which no two runs share."""
        return {
            "ended": str(ending),
            **told(self._settings),
            "score": None if self.best is None else self.best.score,
            "evaluations": self._total("evaluations"),
            "failed": self._total("failed"),
            "generations": list(self._generations.values()),
        }

    def nothing_found(self, ending: Ending) -> str:
        """Why there is no pipeline, how much was tried, and what to do."""
        tried = f"{self._total('evaluations')} pipelines were tried, {self._total('failed')} of them failed"
        match ending:
            case Ending.DEADLINE:
                limit = self._settings.max_time_s
                return (
                    f"the search found no pipeline in {limit} s (max_time_s): {tried}; allow it more time, or choose "
                    "a lighter search_space"
                )
            case Ending.STOPPED:
                return f"the search was stopped by SIGTERM before it found a pipeline: {tried}"
        return f"the search found no pipeline that works on these rows: {tried}; choose another search_space"
