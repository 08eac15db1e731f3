"""Prints what it costs to export many algorithms and to read them back, beside pyhocon and the JSON writer.

Run with ``python benchmarks/export.py``. Writing is the text of one file in memory, and of one file per algorithm on
the disk; reading gives every algorithm's values again and compares them. pyhocon reads a part, and its time is given
per algorithm: it reads a whole of this size in minutes. Times are those of the processor, which other work on the
machine does not change; what the disk adds is the time that passed, printed last.

Ends with 1 where the largest registry takes longer than the promise, or where time grows faster than its size.
"""

from __future__ import annotations

import gc
import json
import math
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyhocon

from algoreg import metadata, registry
from algoreg.export import configuration, dialects, drift, reading, store
from algoreg.export.configuration import Configuration
from algoreg.model import Algorithm
from algoreg.registry import Entry, Registry

SIZES = (1_250, 2_500, 5_000, 10_000)
OF_PYHOCON = 100
REPEATS = 3
MOST_S = 5.0
"""For the largest size: exported, and read back."""
MOST_GROWTH = 1.2
"""Exponent of the growth; 1 is linear."""


def many(count: int) -> Configuration:
    document = Path(__file__).parents[1] / "plugins/knn/algoreg_knn/algorithm.yaml"
    first: Algorithm = metadata.parse(metadata.read_file(document))
    codes = sorted(f"knn-{number}" for number in range(count))
    made = (replace(first, code=code, image=f"example/{code}") for code in codes)
    entries = {one.code: Entry(algorithm=one, folder=document.parent, plugin=None) for one in made}
    known = Registry(entries=entries, plugins=(), broken=())
    return configuration.configuration(known, dialect=dialects.named(dialects.DEFAULT))


def seconds(work: Callable[[], object]) -> float:
    """The best of some runs, without the collector of cycles, as ``timeit`` measures."""
    best = math.inf
    for _ in range(REPEATS):
        gc.collect()
        gc.disable()
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
        gc.enable()
    return best


def read(path: Path, wanted: Configuration) -> None:
    declared = reading.read(path, dialect=wanted.dialect).algorithms
    assert {code: one.values for code, one in declared.items()} == {
        c: wanted.values(c) for c in wanted.algorithms
    }


def written(folder: Path, wanted: Configuration) -> Path:
    """Every file, in a new folder of its own."""
    made = Path(tempfile.mkdtemp(dir=folder))
    store.store(made, configuration.files(wanted))
    return made


def by_pyhocon(wanted: Configuration, folder: Path) -> None:
    path = folder / "part.conf"
    path.write_text(configuration.single(wanted))
    tree = pyhocon.ConfigFactory.parse_file(str(path)).as_plain_ordered_dict()
    assert tree["algorithms"] == {code: wanted.values(code) for code in wanted.algorithms}


def measured(count: int, folder: Path) -> dict[str, float]:
    wanted = many(count)
    one = folder / f"{count}.conf"
    values = {code: wanted.values(code) for code in wanted.algorithms}
    times = {
        "text of one file": seconds(lambda: configuration.single(wanted)),
        "json.dumps of the same": seconds(lambda: json.dumps(values, indent=2)),
        "one file, written": seconds(lambda: store.store_one(one, configuration.single(wanted))),
        "one file, read back": seconds(lambda: read(one, wanted)),
    }
    passed = time.perf_counter()
    times["one file each, written"] = seconds(lambda: written(folder, wanted))
    times["one file each, time that passed"] = (time.perf_counter() - passed) / REPEATS
    several = written(folder, wanted)
    times["one file each, read back"] = seconds(lambda: read(several / configuration.MAIN, wanted))
    times["one file each, checked"] = seconds(lambda: drift.folder(several, wanted))
    return times


def slope(times: list[float]) -> float:
    """The exponent of the growth between the smallest and the largest size: 1 is linear."""
    return math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])


def promises(found: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """What is exported and read back -> its time for the largest size, and the exponent of its growth."""
    whole = {
        "one file": ("one file, written", "one file, read back"),
        "one file each": ("one file each, written", "one file each, read back"),
    }
    sums = {name: [one[written] + one[read] for one in found] for name, (written, read) in whole.items()}
    return {name: (times[-1], slope(times)) for name, times in sums.items()}


def judged(found: list[dict[str, float]]) -> int:
    """The exit code, after saying of each promise whether it is kept."""
    broken = False
    for name, (taken, growth) in promises(found).items():
        kept = taken <= MOST_S and growth <= MOST_GROWTH
        broken = broken or not kept
        print(
            f"exported and read back, {name}: {taken:.2f} s (at most {MOST_S:g}), "
            f"exponent {growth:.2f} (at most {MOST_GROWTH:g}): {'kept' if kept else 'BROKEN'}"
        )
    return 1 if broken else 0


def machine() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, load {load}"
    )


def main() -> int:
    print(machine())
    registry.load()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        found = [measured(count, folder) for count in SIZES]
        part = many(OF_PYHOCON)
        pyhocon = seconds(lambda: by_pyhocon(part, folder)) / OF_PYHOCON
    print(
        f"{'seconds for so many algorithms':32}" + "".join(f"{count:>9,}" for count in SIZES) + "  exponent"
    )
    for name in found[0]:
        times = [one[name] for one in found]
        print(f"{name:32}" + "".join(f"{value:9.3f}" for value in times) + f"{slope(times):10.2f}")
    last = found[-1]
    ours = last["one file, read back"] / SIZES[-1]
    print(
        f"writing against json.dumps: {last['text of one file'] / last['json.dumps of the same']:.1f} times its time"
    )
    print(
        f"pyhocon: {pyhocon * 1000:.2f} ms an algorithm, {pyhocon / ours:.0f} times our {ours * 1000:.3f} ms"
    )
    return judged(found)


if __name__ == "__main__":
    sys.exit(main())
