"""Linear and logistic regression, packaged for algoreg."""

from pathlib import Path

from algoreg import hookimpl


@hookimpl
def algoreg_algorithms() -> list[Path]:
    """Where the algorithm's metadata lies."""
    return [Path(__file__).with_name("algorithm.yaml")]
