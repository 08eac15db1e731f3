"""What the shell offers while a command is typed: codes, checks and folders, found without starting anything.

A completion must be quick and must never fail: whatever goes wrong offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Offer = tuple[str, str]
"""What to type, and what it is."""


def codes(incomplete: str) -> list[Offer]:
    """Codes of installed algorithms."""
    return _offered(_codes, incomplete)


def codes_and_folders(incomplete: str) -> list[Offer]:
    """Codes, and folders that lie here."""
    return [*_offered(_codes, incomplete), *_offered(lambda: _folders(incomplete), incomplete)]


def checks(incomplete: str) -> list[Offer]:
    """Ids of checks, and their families."""
    return _offered(_checks, incomplete)


def explained(incomplete: str) -> list[Offer]:
    """What ``explain`` knows: checks, and rules of lint."""
    return [*checks(incomplete), *_offered(_rules, incomplete)]


def dialects(incomplete: str) -> list[Offer]:
    """Generations of Woken's configuration."""
    return _offered(_dialects, incomplete)


def reports(incomplete: str) -> list[Offer]:
    """Kinds of reports, each with the sign that its file comes behind."""
    return _offered(_reports, incomplete)


def _offered(find: Callable[[], Iterable[Offer]], incomplete: str) -> list[Offer]:
    import io
    from contextlib import redirect_stderr

    try:
        with redirect_stderr(
            io.StringIO()
        ):  # what a plugin prints at import would land in the line being typed
            return [(text, told) for text, told in find() if text.startswith(incomplete)]
    except Exception:  # noqa: BLE001 - a broken plugin, a folder that cannot be read: nobody can be told here
        return []


def _codes() -> Iterator[Offer]:
    from algoreg import registry
    from algoreg.formats.escape import safe

    return ((code, safe(entry.algorithm.label)) for code, entry in registry.load().entries.items())


def _folders(incomplete: str) -> Iterator[Offer]:
    import glob
    import os

    from algoreg.formats.escape import safe

    found = (path for path in sorted(glob.glob(f"{glob.escape(incomplete)}*")) if safe(path) == path)
    return ((f"{path}/", "") for path in found if os.path.isdir(path))


def _checks() -> Iterator[Offer]:
    from algoreg import conformance, registry

    every = conformance.catalogue(registry.load().plugins).checks
    families = {check.family: "all of this family" for check in every}
    yield from sorted({**families, **{check.id: check.title for check in every}}.items())


def _rules() -> Iterator[Offer]:
    from algoreg.linting.rules import RULES

    return ((rule.id, rule.title) for rule in RULES)


def _dialects() -> Iterator[Offer]:
    from algoreg.export.dialects import DIALECTS

    return ((name, "") for name in DIALECTS)


def _reports() -> Iterator[Offer]:
    from algoreg.formats.kinds import Kind

    return ((f"{kind}=", "") for kind in Kind)
