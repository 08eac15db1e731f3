"""What the plugin adds to a search: TPOT called directly, the plugin's search, and the same in its container.

python benchmarks/tpot_cost.py [GENERATIONS [POPULATION]]

All three take the same rows (diabetes, prepared as the runtime prepares them), seed and budget, and must find the
same pipeline with the same score, or nothing is compared. Plain TPOT is given one worker in its own process, which
is the fastest that it offers; its import is counted everywhere. The container has what the metadata declare, and a
read-only root; its start is a command that the image refuses before anything is imported. Ends with 1 where the
container takes longer than 1.1 times plain TPOT and its own start.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

IMAGE = "algoreg/tpot:0.1.0"
PARAMETERS = {
    "search_space": "linear-light",
    "scoring": "default",
    "folds": 5,
    "max_time_s": 3600,
    "DASK_SCHEDULER": "",
}
SEED = 5
LIMIT = 1.1

PLAIN = """
import json, sys, warnings
warnings.simplefilter("ignore")
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from types import SimpleNamespace
sys.modules["update_checker"] = SimpleNamespace(update_check=print)  # else its import waits for the network
import tpot
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.description import describe
from algoreg_tpot import program

generations, population, seed = map(int, sys.argv[1:])
x, y = load_diabetes(return_X_y=True)
search = tpot.TPOTRegressor(
    search_space="linear-light", scorers=["neg_mean_squared_error"], scorers_weights=[1], cv=5,
    generations=generations, population_size=population, max_time_mins=float("inf"),
    max_eval_time_mins=float("inf"), random_state=seed, verbose=0, allow_inner_regressors=False,
    n_jobs=1, processes=False,
)
search.fit(StandardScaler().fit_transform(x), y)
best = search.selected_best_score
description = describe(best["Individual"].export_pipeline(), Catalogue.of(program))
print("RESULT" + json.dumps([description, float(best[search.objective_names[0]])]))
"""

PLUGIN = """
import json, sys
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from algoreg.runtime import Column, Job
from algoreg.runtime.allowed import Catalogue
from algoreg.runtime.description import describe
from algoreg_tpot import program

parameters = json.loads(sys.argv[1])
x, y = load_diabetes(return_X_y=True)
job = Job(
    task="regression", parameters=parameters, n_train=len(y), seed=int(sys.argv[2]),
    variable=Column(name="progression", type="real"),
    covariables=tuple(Column(name=f"c{n}", type="real") for n in range(x.shape[1])),
)
found = program.search(job, StandardScaler().fit_transform(x), y)
print("RESULT" + json.dumps([describe(found.estimator, Catalogue.of(program)), found.notes["score"]]))
"""


def seconds(program: str, *arguments: str) -> tuple[Any, float]:
    """What a program found, and how long it took; both with one thread, as in the image."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PATH": str(Path(sys.executable).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    took = time.monotonic() - began
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    return json.loads(line.removeprefix("RESULT")), took


def searches(generations: int, population: int) -> tuple[tuple[Any, float], tuple[Any, float]]:
    """TPOT called directly, and the plugin: each (what it found, seconds)."""
    parameters = json.dumps({**PARAMETERS, "generations": generations, "population_size": population})
    seed = str(SEED)
    return seconds(PLAIN, str(generations), str(population), seed), seconds(PLUGIN, parameters, seed)


def engine() -> Any:
    """A client of the engine that has the image; None where there is none."""
    import docker

    try:
        client = docker.from_env(use_ssh_client=False)
        client.images.get(IMAGE)
    except docker.errors.DockerException:
        return None
    return client


def contained(client: Any, command: list[str], **options: Any) -> tuple[str, float]:
    """What a container printed, and the seconds from create to removed."""
    began = time.monotonic()
    made = client.containers.create(
        IMAGE,
        command,
        network_mode="none",
        read_only=True,
        tmpfs={"/tmp": "size=64m"},
        mem_limit="1024m",
        nano_cpus=10**9,
        **options,
    )
    try:
        made.start()
        made.wait(timeout=3600)
        printed = made.logs(stdout=True, stderr=False).decode()
    finally:
        made.remove(force=True)
    return printed, time.monotonic() - began


def searched_inside(client: Any, generations: int, population: int) -> tuple[Any, float]:
    """The plugin's search in its own image: (what it found, seconds)."""
    parameters = json.dumps({**PARAMETERS, "generations": generations, "population_size": population})
    program = ["/opt/algorithm/bin/python", "-I", "-c", PLUGIN]
    printed, took = contained(client, [parameters, str(SEED)], entrypoint=program)
    (line,) = [line for line in printed.splitlines() if line.startswith("RESULT")]
    return json.loads(line.removeprefix("RESULT")), took


def main(generations: int = 5, population: int = 20) -> None:
    """Print the times and their ratios."""
    (plain, plain_s), (plugin, plugin_s) = searches(generations, population)
    if plain != plugin:
        sys.exit(f"they found different pipelines:\n{json.dumps(plain)}\n{json.dumps(plugin)}")
    print(f"{generations} generations of {population}: the same pipeline, score {plain[1]:.6g}")
    print(f"TPOT itself {plain_s:.1f} s, the plugin {plugin_s:.1f} s: {plugin_s / plain_s:.2f} times")
    client = engine()
    if client is None:
        sys.exit("no engine, or no image: the container is not measured")
    _, start_s = contained(client, ["frobnicate"])
    inside, inside_s = searched_inside(client, generations, population)
    if inside != plain:
        sys.exit(f"the container found another pipeline:\n{json.dumps(plain)}\n{json.dumps(inside)}")
    ratio = (inside_s - start_s) / plain_s
    print(
        f"in its container {inside_s:.1f} s, of them {start_s:.1f} s for its start: {ratio:.2f} times without it"
    )
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
