"""Which algorithm a code stands for: every code once, in a stable order, with the plugin it comes from.

Loading plugins is ``plugins``' work; this module refuses duplicates and answers look-ups.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from algoreg import metadata, plugins
from algoreg.errors import PluginError, UsageError
from algoreg.model import Algorithm
from algoreg.plugins import BrokenPlugin, Plugin, Plugins

METADATA_FILE = "algorithm.yaml"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One algorithm of the registry."""

    algorithm: Algorithm
    folder: Path
    """The folder of ``algorithm.yaml`` and of the runnable package."""
    plugin: Plugin | None
    """None for a folder that no installed plugin declares."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """All algorithms by code, sorted, the plugins they come from, and the plugins that cannot be used."""

    entries: Mapping[str, Entry]
    plugins: tuple[Plugin, ...]
    broken: tuple[BrokenPlugin, ...]

    def get(self, code: str, *, words: Iterable[str] = ()) -> Entry:
        """The algorithm of this code, or UsageError with the closest one, or of ``words`` that could stand there."""
        if code in self.entries:
            return self.entries[code]
        raise UsageError(f"no algorithm has the code {code!r}", hint=self._hint(code, words))

    def nearest(self, text: str, *, words: Iterable[str] = ()) -> str | None:
        """The code, or the word, that was meant by a misspelt one; letter case does not count."""
        known = {word.lower(): word for word in (*words, *self.entries)}
        close = difflib.get_close_matches(text.lower(), known, n=1)
        return known[close[0]] if close else None

    def ensure_no_misspelling(self, *targets: str) -> None:
        """Raises UsageError for a bare word that is no code and no folder, but near a code: no image is meant."""
        for target in targets:
            if target in self.entries or set(target) & set("/:.") or Path(target).is_dir():
                continue
            if (code := self.nearest(target)) is not None:
                raise UsageError(
                    f"no algorithm has the code {target!r}",
                    hint=f"Did you mean {code}? An image is named with its tag, as in {target}:latest",
                )

    def ensure_free(self, code: str) -> None:
        """Raises UsageError where an algorithm has this code in any letter case: both could not be installed."""
        for known, entry in self.entries.items():
            if known.lower() == code.lower():
                raise UsageError(
                    f"there is an algorithm with the code {known} already, in {entry.folder}",
                    hint="Choose another name (algoreg list shows those that are taken).",
                )

    def resolve(self, target: str) -> Entry:
        """The algorithm of a code, or of a folder when ``target`` has a slash or is no code. Raises UsageError."""
        if (entry := self.meant(target)) is not None:
            return entry
        folder = Path(target)
        return self.of_folder(folder) if folder.is_dir() else self.get(target)

    def meant(self, code: str) -> Entry | None:
        """The installed algorithm of this code, if there is one.

        Raises UsageError where a folder here has the same name and another copy of a plugin in it: whoever works on
        that copy would be told of the installed one.
        """
        entry = self.entries.get(code)
        if entry is None or not Path(code).is_dir():
            return entry
        try:
            here = document_in(Path(code)).parent
        except UsageError:  # a folder without a plugin is not meant
            return entry
        if here == entry.folder.resolve():
            return entry
        raise UsageError(
            f"{code} is the code of a plugin that is installed in {entry.folder}, and a folder here with another copy",
            hint=f"Write ./{code} for the folder, or install it as it is: pip install -e ./{code}",
        )

    def of_folder(self, folder: Path) -> Entry:
        """The algorithm whose document lies in ``folder`` or in one folder directly below."""
        path = document_in(folder)
        for entry in self.entries.values():
            if entry.folder.resolve() == path.parent:
                return entry
        return Entry(algorithm=metadata.parse(metadata.read_file(path)), folder=path.parent, plugin=None)

    def ensure_whole(self) -> None:
        """Raises PluginError where a plugin cannot be used: its algorithms would be taken for gone."""
        if self.broken:
            names = ", ".join(f"{one.name} of {one.distribution} ({one.reason})" for one in self.broken)
            raise PluginError(
                f"the registry is not whole: {names}",
                hint="Mend or uninstall the plugin, or name the codes that are meant.",
            )

    def _hint(self, code: str, words: Iterable[str]) -> str:
        if (near := self.nearest(code, words=words)) is not None:
            return f"Did you mean {near}?"
        known = f"Known codes: {', '.join(self.entries) or 'none'} (algoreg list)."
        names = ", ".join(f"{one.name} of {one.distribution}" for one in self.broken)
        return f"{known} Plugins that cannot be used: {names}." if names else known


def load() -> Registry:
    """The registry of the installed plugins."""
    return build(plugins.discover())


def build(found: Plugins) -> Registry:
    """The registry of these plugins; one that uses the code of an earlier one is broken as a whole."""
    entries: dict[str, Entry] = {}
    loaded: list[Plugin] = []
    broken = list(found.broken)
    for plugin in found.loaded:
        if reason := _duplicate(plugin, entries):
            broken.append(plugins.broken(plugin, reason))
        else:
            loaded.append(plugin)
            entries |= {one.algorithm.code: one for one in _entries(plugin)}
    return Registry(
        entries={code: entries[code] for code in sorted(entries)},
        plugins=tuple(loaded),
        broken=tuple(sorted(broken, key=lambda plugin: plugin.rank)),
    )


def _entries(plugin: Plugin) -> list[Entry]:
    return [Entry(algorithm=one.algorithm, folder=one.folder, plugin=plugin) for one in plugin.algorithms]


def _duplicate(plugin: Plugin, entries: Mapping[str, Entry]) -> str | None:
    """Why one of the plugin's codes is taken. Letter case does not count: file names and DNS ignore it."""
    taken = {code.lower(): entry.plugin for code, entry in entries.items()}
    for declared in plugin.algorithms:
        code = declared.algorithm.code
        if code.lower() in taken:
            owner = taken[code.lower()] or plugin
            return f"the code {code} is taken by the plugin {owner.name} of {owner.distribution}"
        taken[code.lower()] = plugin
    return None


def document_in(folder: Path) -> Path:
    """The one ``algorithm.yaml`` in a plugin's folder or directly below it, unread. Raises UsageError."""
    root = folder.resolve()
    if (root / METADATA_FILE).is_file():
        return root / METADATA_FILE
    found = sorted(path for path in root.glob(f"*/{METADATA_FILE}") if path.is_file())
    if len(found) == 1:
        return found[0]
    what = "no" if not found else f"{len(found)} files named"
    raise UsageError(
        f"{folder} holds {what} {METADATA_FILE}",
        hint="Name the folder of one plugin, such as plugins/knn.",
    )
