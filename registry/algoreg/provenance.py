"""Where a plugin's source comes from: commit, address and licence, for the labels and tags of its image."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

UNKNOWN: Final = "unknown"
NO_LICENSE: Final = "NOASSERTION"
"""What SPDX writes where nothing is said."""
DIRTY: Final = "-dirty"
_GIT_TIMEOUT_S: Final = 20
_SOURCE_NAMES: Final = ("source", "source code", "repository", "homepage", "home-page")
_COMMIT_LENGTH: Final = 12


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What the OCI labels tell; no field is ever empty."""

    revision: str
    """The git commit, with ``-dirty`` where files differ from it; ``unknown`` outside a checkout."""
    source: str
    licenses: str
    """SPDX expression; ``NOASSERTION`` where the distribution names none."""

    @property
    def short_revision(self) -> str | None:
        """The commit's first twelve digits (and ``-dirty``), fit for a tag; None where it is unknown."""
        if self.revision == UNKNOWN:
            return None
        commit, dirty, _ = self.revision.partition(DIRTY)
        return commit[:_COMMIT_LENGTH] + dirty


def provenance(folder: Path, *, also: Sequence[Path], distribution: str | None) -> Provenance:
    """Of the plugin in ``folder``, installed by ``distribution`` (None: by none).

    ``also`` are further folders whose files go into the image; they count for ``-dirty``.
    """
    installed = None if distribution is None else metadata.distribution(distribution)
    return Provenance(
        revision=_checkout_commit(folder, also) or _installed_commit(installed) or UNKNOWN,
        source=_project_url(installed) or _remote(folder) or UNKNOWN,
        licenses=_license(installed) or NO_LICENSE,
    )


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers, None where it refuses: no repository, somebody else's, or no git at all."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _is_tracked(folder: Path) -> bool:
    """An environment inside a checkout is not part of it: its commit would say nothing about the folder."""
    return _git(folder, "ls-files", "--error-unmatch", "algorithm.yaml") is not None


def _checkout_commit(folder: Path, also: Sequence[Path]) -> str | None:
    top = _git(folder, "rev-parse", "--show-toplevel")
    commit = _git(folder, "rev-parse", "HEAD")
    if top is None or commit is None or not _is_tracked(folder):
        return None
    inside = [str(path) for path in (folder, *also) if path.resolve().is_relative_to(top)]
    return commit + (DIRTY if _git(folder, "status", "--porcelain", "--", *inside) else "")


def _installed_commit(installed: metadata.Distribution | None) -> str | None:
    """The commit that pip installed from (PEP 610)."""
    text = None if installed is None else installed.read_text("direct_url.json")
    commit = json.loads(text).get("vcs_info", {}).get("commit_id") if text else None
    return commit if isinstance(commit, str) else None


def _project_url(installed: metadata.Distribution | None) -> str | None:
    if installed is None:
        return None
    pairs = [entry.partition(",") for entry in installed.metadata.get_all("Project-URL") or ()]
    urls = {label.strip().lower(): url.strip() for label, _, url in pairs}
    urls["home-page"] = _field(installed, "Home-page")
    return next((urls[name] for name in _SOURCE_NAMES if urls.get(name)), None)


def _remote(folder: Path) -> str | None:
    """The address of ``origin`` without credentials; a path of this machine is nobody's source."""
    url = _git(folder, "remote", "get-url", "origin") if _is_tracked(folder) else None
    if url is None or "://" not in url or url.startswith("file:"):
        return None
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _license(installed: metadata.Distribution | None) -> str | None:
    if installed is None:
        return None
    named = _field(installed, "License-Expression") or _field(installed, "License")
    return named.partition("\n")[0] or None


def _field(installed: metadata.Distribution, name: str) -> str:
    return installed.metadata[name].strip() if name in installed.metadata else ""
