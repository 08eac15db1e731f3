"""The files of the plugin that an adopted algorithm becomes, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from algoreg.adoption.evidence import About
from algoreg.adoption.fields import Clues, Field
from algoreg.scaffolding.texts import filled
from algoreg.scaffolding.wish import distribution_of, package_of

_PROGRAM = '''"""The algorithm, drafted by algoreg adopt: check what is marked, then validate it."""

from sklearn.base import BaseEstimator
{imports}
from algoreg.runtime import Job


def estimator(job: Job) -> BaseEstimator:
    """The estimator that is fitted on one training."""
    # job.parameters has: {parameters}
{body}
'''


def project(code: str) -> dict[str, str]:
    """Files beside the package."""
    package = package_of(code)
    text = filled(
        "own/pyproject.toml",
        package=package,
        distribution=distribution_of(code),
        module=package.removeprefix("algoreg_"),
    )
    return {"pyproject.toml": text}


def hook() -> dict[str, str]:
    """Files that make a folder a plugin's package."""
    return {"__init__.py": filled("python/__init__.py")}


def program(code: str, fields: Iterable[Field], clues: Clues) -> dict[str, str]:
    """Files of a program over our runtime: what the source names, or what is to be written."""
    codes = [field.value for field in fields if field.path[0] == "parameters" and field.path[2] == "code"]
    models = {one.value: one.place.text for one in clues.about(About.ESTIMATOR)}
    by_task = {
        task: name
        for task, end in (("classification", "Classifier"), ("regression", "Regressor"))
        for name in reversed(list(models))
        if name.endswith(end)
    }
    text = _PROGRAM.format(
        imports="".join(f"{_import(name)}\n" for name in sorted(by_task.values())),
        parameters=", ".join(map(repr, codes)) or "nothing",
        body=_body(by_task, models),
    )
    return {"program.py": text, "__main__.py": filled("python/__main__.py", package=package_of(code))}


def _import(name: str) -> str:
    module, _, last = name.rpartition(".")
    return f"from {module} import {last}"


def _body(by_task: Mapping[str, str], models: Mapping[str, str]) -> str:
    if not by_task:
        return '    raise NotImplementedError("no estimator of scikit-learn was found: write it here")'
    lines = [
        f'    if job.task == "{task}":\n'
        f"        return {name.rpartition('.')[2]}()  # {models[name]!a}: pass its parameters on"
        for task, name in by_task.items()
    ]
    refusal = '    raise NotImplementedError(f"no estimator was found for {job.task}: write it here")'
    return "\n".join((*lines, *([refusal] if len(by_task) < 2 else [])))
