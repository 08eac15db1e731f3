"""The trials that parameters are judged by; two families ask for the same ones, and they run once."""

from __future__ import annotations

from algoreg.materials import Trial
from algoreg.model import Parameter
from algoreg.probe import Probe


def with_parameter(probe: Probe, parameter: Parameter, value: str, *, permuted: bool = False) -> Trial:
    """The base task with one parameter at this value."""
    return Trial(
        task=probe.base_task,
        parameters=((parameter.code, value),),
        permuted=permuted,
        name=f"with {parameter.code}={value}" + (" and permuted targets" if permuted else ""),
    )
