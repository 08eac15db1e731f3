"""The files of the plugin that an adopted algorithm becomes, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from algoreg import contract
from algoreg.adoption.evidence import About
from algoreg.adoption.fields import Clues, Field
from algoreg.scaffolding.texts import filled
from algoreg.scaffolding.wish import distribution_of, package_of

_ENDS = {contract.CLASSIFICATION: "Classifier", contract.REGRESSION: "Regressor"}
_PROGRAM = '''"""The algorithm, drafted by algoreg adopt: check what is marked, then validate it."""

from sklearn.base import BaseEstimator
{imports}
from algoreg.runtime import Job


def estimator(job: Job) -> BaseEstimator:
    """The estimator that is fitted on one training."""
    # Is this what the old program did? job.parameters has: {parameters}
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
    models = {task: model for task, end in _ENDS.items() if (model := _model(end, clues))}
    text = _PROGRAM.format(
        imports="".join(
            sorted(f"from {one.rpartition('.')[0]} import {_last(one)}\n" for one in models.values())
        ),
        parameters=", ".join(map(repr, codes)) or "nothing",
        body=_body({task: _made(model, codes, clues) for task, model in models.items()}),
    )
    return {"program.py": text, "__main__.py": filled("python/__main__.py", package=package_of(code))}


def _model(end: str, clues: Clues) -> str | None:
    """The first class of scikit-learn with such a name that a source imports."""
    return next((one.value for one in clues.about(About.ESTIMATOR) if one.value.endswith(end)), None)


def _made(model: str, codes: Iterable[str], clues: Clues) -> str:
    """The call, with the parameters that the source passes by the same name."""
    passed = {one.value for one in clues.about(About.KEYWORD)}
    known = [code for code in codes if f"{_last(model)}.{code}" in passed]
    return f"{_last(model)}({', '.join(f'{code}=job.parameters[{code!r}]' for code in known)})"


def _body(made: Mapping[str, str]) -> str:
    """What the draft returns; where nothing can be read, it says so when it is run, rather than train another model."""
    if not made:
        return '    raise NotImplementedError("no estimator of scikit-learn was found: write it here")'
    lines = [f'    if job.task == "{task}":\n        return {call}' for task, call in made.items()]
    refusal = '    raise NotImplementedError(f"no estimator was found for {job.task}: write it here")'
    return "\n".join((*lines, refusal))


def _last(name: str) -> str:
    return name.rpartition(".")[2]
