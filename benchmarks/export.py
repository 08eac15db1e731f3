"""Prints what it costs to export many algorithms and to read them back, beside pyhocon and the JSON writer.

Run with ``python benchmarks/export.py``. Writing is the text of one file in memory, and of one file per algorithm on
the disk; reading gives every algorithm's values again and compares them. pyhocon reads a part, and its time is given
per algorithm: it reads a whole of this size in minutes. Times are those of the processor, which other work on the
machine does not change; what the disk adds is the time that passed, printed last.
"""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from algoreg import metadata, registry
from algoreg.export import configuration, dialects, drift, reading, sources, store
from algoreg.export.configuration import Configuration
from algoreg.model import Algorithm
from algoreg.registry import Entry, Registry

SIZES = (1_250, 2_500, 5_000, 10_000)
OF_PYHOCON = 250
REPEATS = 3


def many(count: int) -> Configuration:
    document = Path(__file__).parents[1] / "plugins/knn/algoreg_knn/algorithm.yaml"
    first: Algorithm = metadata.parse(metadata.read_file(document))
    codes = sorted(f"knn-{number}" for number in range(count))
    made = (replace(first, code=code, image=f"example/{code}") for code in codes)
    entries = {one.code: Entry(algorithm=one, folder=document.parent, plugin=None) for one in made}
    known = Registry(entries=entries, plugins=(), broken=())
    return configuration.configuration(known, dialect=dialects.named(dialects.DEFAULT))


def seconds(work: Callable[[], object]) -> float:
    best = math.inf
    for _ in range(REPEATS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def read(path: Path, wanted: Configuration) -> None:
    declared = reading.read(path, dialect=wanted.dialect).algorithms
    assert {code: one.values for code, one in declared.items()} == {
        c: wanted.values(c) for c in wanted.algorithms
    }


def by_pyhocon(wanted: Configuration, folder: Path) -> None:
    path = folder / "part.conf"
    path.write_text(configuration.single(wanted))
    tree = reading.everything(sources.load(path))
    assert tree["algorithms"] == {code: wanted.values(code) for code in wanted.algorithms}


def measured(count: int, folder: Path) -> dict[str, float]:
    wanted = many(count)
    one, several = folder / f"{count}.conf", folder / str(count)
    values = {code: wanted.values(code) for code in wanted.algorithms}
    times = {
        "text of one file": seconds(lambda: configuration.single(wanted)),
        "json.dumps of the same": seconds(lambda: json.dumps(values, indent=2)),
        "one file, written": seconds(lambda: store.store_one(one, configuration.single(wanted))),
        "one file, read back": seconds(lambda: read(one, wanted)),
    }
    start, passed = time.process_time(), time.perf_counter()
    store.store(several, configuration.files(wanted))
    times["one file each, written"] = time.process_time() - start
    times["one file each, time that passed"] = time.perf_counter() - passed
    times["one file each, read back"] = seconds(lambda: read(several / configuration.MAIN, wanted))
    times["one file each, checked"] = seconds(lambda: drift.folder(several, wanted))
    return times


def slope(times: list[float]) -> float:
    """The exponent of the growth between the smallest and the largest size: 1 is linear."""
    return math.log(times[-1] / times[0]) / math.log(SIZES[-1] / SIZES[0])


def main() -> None:
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
        f"exported and read back, one file: {last['one file, written'] + last['one file, read back']:.2f} s"
    )
    each = last["one file each, written"] + last["one file each, read back"]
    print(f"exported and read back, one file each: {each:.2f} s")
    print(
        f"writing against json.dumps: {last['text of one file'] / last['json.dumps of the same']:.1f} times its time"
    )
    print(
        f"pyhocon: {pyhocon * 1000:.2f} ms an algorithm, {pyhocon / ours:.0f} times our {ours * 1000:.3f} ms"
    )


if __name__ == "__main__":
    main()
