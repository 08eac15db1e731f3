"""What is known of images when a configuration or a catalogue is judged: installed plugins, and metadata from files.

Where the files of others part from it is found in ``catalogue_known``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from algoreg import metadata
from algoreg.errors import UsageError
from algoreg.model import Algorithm, ImageRef
from algoreg.registry import METADATA_FILE, Registry

_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, kw_only=True)
class Known:
    """Metadata of images, and tags that exist."""

    algorithms: tuple[Algorithm, ...] = ()
    """Those that are believed first stand first."""
    tags: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Repository -> every tag that exists; nothing is said of a repository that is not in it."""

    def of(self, code: str, image: Any) -> Algorithm | None:
        """The metadata of this image, else those of another tag of it; None where there are none of its repository."""
        reference = ImageRef.parse(image) if isinstance(image, str) else None
        if reference is None:
            return None
        own = [one for one in self._by_code[code] if one.image == reference.repository]
        exact = (one for one in own if one.reference == image.partition("@")[0])
        return next(exact, own[0] if own else None)

    @cached_property
    def _by_code(self) -> Mapping[str, list[Algorithm]]:
        found = defaultdict[str, list[Algorithm]](list)
        for one in self.algorithms:
            found[one.code].append(one)
        return found


def known(registry: Registry, paths: Iterable[Path] = ()) -> Known:
    """What metadata in these files and folders say, and then the installed plugins. Raises UsageError.

    Only files tell which tags there are: who names the metadata of a repository names those of all its versions. An
    installed plugin is one version of many.
    """
    given = [metadata.parse(metadata.read_file(file)) for path in paths for file in _files(path)]
    installed = [entry.algorithm for entry in registry.entries.values()]
    named = {one.image for one in given}
    tags = defaultdict[str, set[str]](set)
    for one in (*given, *installed):
        if one.image in named:
            tags[one.image].add(one.version)
    return Known(algorithms=(*given, *installed), tags=dict(tags))


def _files(path: Path) -> Sequence[Path]:
    """The file itself; of a folder every document right in it, and every algorithm.yaml below."""
    if not path.is_dir():
        return (path,)
    found = sorted({*_documents(path), *path.rglob(METADATA_FILE)})
    if not found:
        raise UsageError(
            f"{path} holds no metadata: neither documents ({', '.join(_SUFFIXES)}) nor {METADATA_FILE} below",
            hint=f"Name a file, or a folder of {METADATA_FILE} files.",
        )
    return found


def _documents(folder: Path) -> Iterator[Path]:
    try:
        yield from (one for one in folder.iterdir() if one.suffix in _SUFFIXES and one.is_file())
    except OSError as error:
        raise UsageError(
            f"cannot read {folder}: {error.strerror or error}", hint="Name a readable folder."
        ) from error
