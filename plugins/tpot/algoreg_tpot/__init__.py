"""TPOT, packaged for algoreg: a search for the pipeline that predicts a variable best."""

from pathlib import Path

from algoreg import hookimpl


@hookimpl
def algoreg_algorithms() -> list[Path]:
    """Where the algorithm's metadata lies."""
    return [Path(__file__).with_name("algorithm.yaml")]
