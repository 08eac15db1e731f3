"""How long `algoreg --help` takes beside a bare typer application, and how much memory a validation's CLI uses.

Both programs are started in turn, A B A B ..., in one run, so that the ratio holds on a busy machine.

    python benchmarks/cli_start.py [--runs 15]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = '''
import sys
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "world") -> None:
    """Say hello."""


@app.command()
def bye(name: str = "world") -> None:
    """Say good-bye."""


sys.exit(app(prog_name="bare"))
'''


def seconds(command: list[str]) -> float:
    """Wall time of one run, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    algoreg = [str(Path(sys.executable).with_name("algoreg")), "--help"]
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        other = [sys.executable, str(bare), "--help"]
        seconds(algoreg), seconds(other)  # the first start reads files that the second finds in memory
        pairs = [(seconds(algoreg), seconds(other)) for _ in range(runs)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"algoreg --help    {ours * 1000:6.0f} ms  (median of {runs})")
    print(f"bare typer --help {theirs * 1000:6.0f} ms")
    print(f"ratio             {ratio:6.2f}     (median of the pairs' ratios)")


if __name__ == "__main__":
    main()
