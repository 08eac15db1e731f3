"""Puts a Python plugin's files together; what stands in them is read, tried and told by the modules beside this one."""

from __future__ import annotations

import json
from dataclasses import replace

from algoreg import build, extras, metadata
from algoreg.formats.escape import safe
from algoreg.model import Algorithm
from algoreg.scaffolding.texts import filled
from algoreg.scaffolding.wish import Draft, Wish


def draft(wish: Wish) -> Draft:
    """The folder around ``wish.estimator``. Raises UsageError, AlgoregError where scikit-learn is not installed."""
    with extras.needed("a draft in Python", extra="process"):
        import sklearn  # noqa: F401

    from algoreg.scaffolding.python import choosing, document, estimators, program, readme

    # Everything that is written shows them as they are
    wish = replace(wish, label=_shown(wish.label), description=_shown(wish.description))
    estimator = estimators.find(wish.estimator or "")
    bare = _parsed(document.document(wish, estimator))
    choice = choosing.choose(estimator, wish.parameters, bare)
    promised = document.document(wish, estimator, pfa=choice.pfa, kinds=choice.kinds, offered=choice.offered)
    described = _parsed(promised)
    package = wish.package
    files = {
        f"{package}/algorithm.yaml": promised,
        f"{package}/program.py": program.program(estimator, choice),
        "README.md": readme.readme(wish, estimator, choice),
        "Dockerfile": build.recipe(package),
    }
    return Draft(
        files={**files, **_frame(wish, described)},
        next_steps=(
            "algoreg dev .",
            "algoreg lint .",
            "algoreg build .",
            f"algoreg validate {wish.reference}",
        ),
        remarks=(
            *choice.remarks,
            f"parameters: {len(choice.offered)} offered, {len(choice.left_out)} left out; README.md says why",
        ),
    )


def _frame(wish: Wish, algorithm: Algorithm) -> dict[str, str]:
    """What is the same around every estimator, but for the names."""
    package = wish.package
    module = package.removeprefix("algoreg_")
    words = {
        "code": wish.code,
        "package": package,
        "distribution": wish.distribution,
        "module": module,
        "project_version": json.dumps(wish.project_version),
        "description": json.dumps(algorithm.description),
        "reference": wish.reference,
    }
    names = {
        "pyproject.toml": "pyproject.toml",
        ".gitignore": "gitignore",
        ".github/workflows/conformance.yml": "conformance.yml",
        f"{package}/__init__.py": "__init__.py",
        f"{package}/__main__.py": "__main__.py",
        f"tests/test_{module}.py": "test.py",
    }
    return {path: filled(f"python/{name}", **words) for path, name in names.items()}


def _shown(words: str | None) -> str | None:
    return None if words is None else safe(words)


def _parsed(text: str) -> Algorithm:
    return metadata.parse(metadata.read_document(text, "algorithm.yaml", syntax="yaml"))
