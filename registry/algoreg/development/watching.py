"""Notices that files of a folder changed, from a thread of its own, and stops at once what they made stale.

How the system tells is watchfiles' business; it only wakes us, and what changed is found by comparing contents.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from algoreg import extras
from algoreg.development.changes import Folder, difference
from algoreg.errors import AlgoregError, UsageError

LOOK_MS = 1000
"""How often the folder is looked at without being told: a system's notices can be lost, or go to a folder renamed."""
DEBOUNCE_MS = 400
STEP_MS = 50
"""An editor's save is several writes; it is over after so long without one."""
_ABSENCES = 3
"""How often it must be found absent: version control takes folders away for a moment."""


class Watch:
    """What changed in a folder since it was last asked, and who wants to be stopped by it."""

    def __init__(self, root: Path) -> None:
        """Raises UsageError for a folder that is too large, or gone."""
        self._root = root
        self._folder = Folder(root)
        self._news = threading.Condition()
        self._changed: frozenset[str] = frozenset()
        self._trouble: BaseException | None = None
        self._stop: Callable[[], None] | None = None
        self._matters: Callable[[str], bool] = lambda path: True
        try:
            self._files = self._folder.files()
        except OSError:
            raise self._gone() from None

    def wait(self) -> frozenset[str]:
        """The files that changed, as soon as there are any. Raises UsageError once the folder is gone."""
        with self._news:
            while not self._changed and self._trouble is None:
                self._news.wait()
            return self._taken()

    def poll(self) -> frozenset[str]:
        """The same without waiting; empty when nothing changed."""
        with self._news:
            return self._taken()

    def _taken(self) -> frozenset[str]:
        if self._trouble is not None:
            raise self._trouble
        changed, self._changed = self._changed, frozenset()
        return changed

    @contextmanager
    def stopping(self, stop: Callable[[], None], *, when: Callable[[str], bool]) -> Iterator[None]:
        """Call ``stop`` as soon as a file changes, or already has, ``when`` it matters; and when watching ends."""
        with self._news:
            self._stop, self._matters = stop, when
            self._stop_if_stale()
        try:
            yield
        finally:
            with self._news:
                self._stop = None

    @property
    def stale(self) -> bool:
        """Whether something was stopped, or would be."""
        with self._news:
            return self._trouble is not None or any(map(self._matters, self._changed))

    def _stop_if_stale(self) -> None:
        if self._stop is not None and (self._trouble is not None or any(map(self._matters, self._changed))):
            self._stop()

    def keep(self, ended: threading.Event) -> None:
        """Look whenever something may have happened, until ``ended``; what goes wrong is told to who waits."""
        try:
            for _ in _wakings(self._root, ended):
                self._look()
        except BaseException as trouble:  # noqa: BLE001 - handed on to the thread that waits
            with self._news:
                self._trouble = trouble
                self._stop_if_stale()
                self._news.notify_all()

    def _look(self) -> None:
        try:
            files = self._folder.files()
        except OSError:
            raise self._gone() from None
        with self._news:
            changed, self._files = difference(self._files, files), files
            if changed:
                self._changed |= changed
                self._stop_if_stale()
                self._news.notify_all()

    def _gone(self) -> UsageError:
        return UsageError(f"{self._root} is gone", hint="Start again where the plugin's folder is now.")


@contextmanager
def watching(root: Path) -> Iterator[Watch]:
    """Watch a folder while the context lasts. Raises UsageError, AlgoregError."""
    with extras.needed("watching a folder", extra="process"):
        import watchfiles  # noqa: F401 - absent is said before anything is started
    watch, ended = Watch(root), threading.Event()
    thread = threading.Thread(target=watch.keep, args=(ended,), name="algoreg-watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


def _wakings(root: Path, ended: threading.Event) -> Iterator[None]:
    """Whenever files may have changed, and now and then; begins anew where another folder takes the name."""
    while not ended.is_set():
        identity = _identity(root, ended)
        yield  # where it is gone, the look says so
        for _ in _notices(root, ended):
            if _inode(root) != identity:
                break
            yield


def _notices(root: Path, ended: threading.Event) -> Iterator[object]:
    from watchfiles import watch

    try:
        yield from watch(
            root,
            watch_filter=None,
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            stop_event=ended,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
        )
    except FileNotFoundError:
        return
    except OSError as error:
        raise AlgoregError(
            f"{root} cannot be watched: {error}",
            hint="Set WATCHFILES_FORCE_POLLING=true, or raise the system's limit of watched files.",
        ) from error


def _identity(root: Path, ended: threading.Event) -> int | None:
    """The folder's inode; None when it stays absent."""
    for _ in range(_ABSENCES):
        if (found := _inode(root)) is not None:
            return found
        ended.wait(LOOK_MS / 1000 / _ABSENCES)
    return None


def _inode(root: Path) -> int | None:
    try:
        return root.stat().st_ino
    except OSError:
        return None
