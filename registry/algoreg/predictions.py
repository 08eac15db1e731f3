"""Takes what a validation's own experiments predicted into the report: a look at them tells more than a verdict."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg.errors import MetadataError
from algoreg.materials import Trial
from algoreg.metadata import UnsupportedContract
from algoreg.observation import Experiment
from algoreg.probe import Probe
from algoreg.report import Predicted


def of(probe: Probe) -> tuple[Predicted, ...]:
    """Of each declared task, where a check has had it tried and its predictions were in order. Nothing is run."""
    try:
        tasks = probe.algorithm.base_tasks
    except (MetadataError, UnsupportedContract):  # told by meta.schema
        return ()
    return tuple(_found(tasks, probe))


def _found(tasks: tuple[str, ...], probe: Probe) -> Iterator[Predicted]:
    for task in tasks:
        experiment = probe.made(Trial(task=task))
        if experiment is not None and experiment.problem is None:
            yield _predicted(task, experiment)


def _predicted(task: str, experiment: Experiment) -> Predicted:
    sample = experiment.sample
    rows = [row for row in sample.held_out if sample.rows[row][0] is not None]
    return Predicted(
        task=task,
        targets=tuple(sample.rows[row][0] for row in rows),  # type: ignore[misc]  # NULL is left out above
        predictions=tuple(experiment.predictions[row] for row in rows),
    )
