"""What an author asks for and what comes of it, as every language's writer sees them; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from algoreg.errors import UsageError
from algoreg.model import Maturity

CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
"""The metadata's form of a code."""
_PROJECT_VERSION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}((a|b|rc)[0-9]{1,9})?")


class Language(StrEnum):
    """What the algorithm is written in."""

    PYTHON = "python"
    R = "r"
    SHELL = "shell"

    @property
    def wraps_an_estimator(self) -> bool:
        """Whether the folder is made around an estimator of scikit-learn."""
        return self is Language.PYTHON


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A plugin that is to be drafted."""

    code: str
    language: Language
    estimator: str | None
    """A class of scikit-learn, dotted or bare; None where the language wraps none."""
    image: str
    """Repository, without a tag."""
    version: str
    maturity: Maturity
    label: str | None
    """None: the writer's own words."""
    description: str | None
    """None: the writer's own words."""
    parameters: tuple[str, ...]
    """The only parameters to offer; empty: all that make a difference."""

    @property
    def package(self) -> str:
        """The Python package, and the folder of ``algorithm.yaml``."""
        return package_of(self.code)

    @property
    def distribution(self) -> str:
        """What pip installs."""
        return distribution_of(self.code)

    @property
    def project_version(self) -> str:
        """The version as pip takes one, which a tag need not be."""
        return self.version if _PROJECT_VERSION.fullmatch(self.version) else "0.1.0"

    @property
    def reference(self) -> str:
        """The image with its tag."""
        return f"{self.image}:{self.version}"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a writer makes of a wish."""

    files: Mapping[str, str]
    """Path below the plugin's folder -> text; one that begins with ``#!`` becomes executable."""
    next_steps: tuple[str, ...]
    """Commands to type in the plugin's folder, in their order."""
    remarks: tuple[str, ...] = ()
    """What the author should know at once, such as why something was left out; one line each."""


def checked_code(name: str) -> str:
    """``name``, or UsageError where the metadata would refuse it as a code."""
    if CODE.fullmatch(name):
        return name
    near = re.sub(r"[^A-Za-z0-9_-]+", "-", re.sub(r"^[^A-Za-z]+", "", name)).strip("-")[:64]
    raise UsageError(
        f"NAME: expected a letter, then at most 63 letters, digits, underscores or hyphens, got {name[:80]!a}",
        hint=f"Try {near}" if near else "Try my-forest",
    )


def package_of(code: str) -> str:
    """The Python package of an algorithm of this code."""
    return f"algoreg_{code.lower().replace('-', '_')}"


def distribution_of(code: str) -> str:
    """What pip installs of an algorithm of this code."""
    return f"algoreg-{_dashed(code)}"


def default_image(code: str) -> str:
    """A repository for an algorithm of this code, in the form that engines take."""
    return f"algoreg/{_dashed(code)}"


def _dashed(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")
