"""Puts a Python plugin's files together; what stands in them is read, tried and told by the modules beside this one."""

from __future__ import annotations

import json

from algoreg.scaffolding.texts import filled
from algoreg.scaffolding.wish import Draft, Wish


def draft(wish: Wish) -> Draft:
    """The folder around ``wish.estimator``. Raises UsageError."""
    words = {
        "code": wish.code,
        "package": wish.package,
        "distribution": wish.distribution,
        "module": wish.package.removeprefix("algoreg_"),
        "version": json.dumps(wish.version),
        "description": json.dumps(wish.description or wish.code),
        "reference": wish.reference,
    }
    package = wish.package
    return Draft(
        files={
            "pyproject.toml": filled("python/pyproject.toml", **words),
            ".gitignore": filled("python/gitignore", **words),
            f"{package}/__init__.py": filled("python/__init__.py", **words),
            f"{package}/__main__.py": filled("python/__main__.py", **words),
        },
        next_steps=(
            "algoreg validate --engine process .",
            "algoreg build .",
            f"algoreg validate {wish.reference}",
        ),
    )
