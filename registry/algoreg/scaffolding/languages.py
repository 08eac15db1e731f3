"""Which writer drafts a plugin in which language; each has a module of its own and a folder of ``templates/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from algoreg.errors import UsageError
from algoreg.scaffolding import programs, python
from algoreg.scaffolding.wish import Draft, Language, Wish

Writer = Callable[[Wish], Draft]
"""Makes the texts of a folder, and writes nothing. Raises UsageError for a wish that it cannot fulfil."""

WRITERS: Final[Mapping[Language, Writer]] = {
    Language.PYTHON: python.draft,
    Language.R: programs.draft,
    Language.SHELL: programs.draft,
}


def draft(wish: Wish) -> Draft:
    """The folder's texts in the wished language. Raises UsageError."""
    if not wish.language.wraps_an_estimator and (wish.estimator or wish.parameters):
        raise UsageError(
            f"--language {wish.language} wraps no estimator of scikit-learn",
            hint="Leave out --estimator and --parameter, or use --language python",
        )
    return WRITERS[wish.language](wish)
