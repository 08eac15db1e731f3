"""Leave nothing behind: a child that kills whatever lives in a folder, and removes the folder, when its parent ends.

The parent holds the other end of the child's standard input. The pipe closes when the parent closes it, and also
when the parent is killed, so that one way of cleaning serves both. The child runs this file by its path, isolated
(``-I -S``): standard library only. It finds processes through /proc; without one (macOS) a run that is killed may
leave processes behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "algoreg-"
SETTLE_S = 3.0
"""How long processes get to disappear."""
SHARED_MEMORY = "/dev/shm"
SYSTEM_FOLDER = "/tmp"
MEMORY_WANTED = 1024**3
KEPT_NOTE = "kept"
"""A file at the top of a folder that a person asked to keep, once its run is over; only ``reap`` takes it away."""
_KEEP = b"keep"
POSTMASTER_FILE = "postmaster.pid"


@contextmanager
def kept_folder(*, keep: bool = False) -> Iterator[Path]:
    """A temporary folder that goes away with everything that runs in it, also when this process is killed.

    ``keep``: at a good end it stays with what runs in it, until ``reap``.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_place(keep))).resolve()
    folder.chmod(0o711)  # PostgreSQL, under another user, must pass through
    keeper = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # whoever reads our output must not have to wait for it
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,  # neither Ctrl-C nor the killing of our group reaches it
    )
    assert keeper.stdin is not None
    kept = False
    try:
        yield folder
        if keep:
            (folder / KEPT_NOTE).touch(mode=0o600)
            keeper.stdin.write(_KEEP)
            kept = True
    finally:
        keeper.stdin.close()
        keeper.wait()
        if not kept and folder.exists():  # the keeper itself was killed
            clear(folder)


def _place(keep: bool) -> str | None:
    """TMPDIR where it can be used, else memory where it is plentiful, else the system's temporary folder.

    Copying a database takes 10 ms in memory, and up to 300 ms on a busy disk; what is kept must not fill the memory.
    """
    asked = os.environ.get("TMPDIR")
    if asked and _passable(Path(asked)):
        return None
    if not keep and os.access(SHARED_MEMORY, os.W_OK):
        found = os.statvfs(SHARED_MEMORY)
        roomy = found.f_bavail * found.f_frsize >= MEMORY_WANTED
        if roomy and not found.f_flag & os.ST_NOEXEC:
            return SHARED_MEMORY
    return SYSTEM_FOLDER if asked else None


def _passable(folder: Path) -> bool:
    """Whether PostgreSQL gets through: it refuses to run as root, and then belongs to another user."""
    if os.geteuid() != 0:
        return True
    folder = folder.resolve()
    return all(path.is_dir() and path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def kept_folders() -> list[Path]:
    """The folders of this user that were kept, and whose run is over."""
    bases = {Path(tempfile.gettempdir()).resolve(), Path(SYSTEM_FOLDER)}
    found = (note.parent for base in bases for note in base.glob(f"{PREFIX}*/{KEPT_NOTE}"))
    return sorted(folder for folder in found if _is_ours(folder))


def _is_ours(folder: Path) -> bool:
    """Everybody can write to a temporary folder."""
    with suppress(OSError):
        return all(os.lstat(path).st_uid == os.getuid() for path in (folder, folder / KEPT_NOTE)) and not (
            folder.is_symlink()
        )
    return False


def reap() -> int:
    """Remove what was kept, and end what runs there; how many folders."""
    found = kept_folders()
    for folder in found:
        clear(folder)
    return len(found)


def clear(folder: Path) -> None:
    """End every process that lives in ``folder``, then remove it."""
    _stop_postgres(folder)
    end_residents(folder)
    remove_tree(folder)


def _stop_postgres(folder: Path) -> None:
    """Ask PostgreSQL to end at once: killed outright it would leave a System V memory segment for ever."""
    asked = [file for file in folder.glob(f"*/*/{POSTMASTER_FILE}") if _ask_to_quit(file, folder)]
    deadline = time.monotonic() + SETTLE_S
    while any(file.exists() for file in asked) and time.monotonic() < deadline:
        time.sleep(0.005)


def _ask_to_quit(postmaster_file: Path, folder: Path) -> bool:
    with suppress(OSError, ValueError, IndexError):
        postmaster = int(postmaster_file.read_text().splitlines()[0])
        if _lives_in(postmaster, folder):
            os.kill(postmaster, signal.SIGQUIT)
            return True
    return False


def end_residents(folder: Path) -> None:
    """Kill every process that lives in ``folder``; they may be forking while we look."""
    deadline = time.monotonic() + SETTLE_S
    while (found := residents(folder)) and time.monotonic() < deadline:
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def residents(folder: Path) -> list[int]:
    """Processes that work in ``folder`` or were started with its name in their environment."""
    pids = (int(name) for name in os.listdir("/proc") if name.isdigit()) if os.path.isdir("/proc") else ()
    return [pid for pid in pids if pid != os.getpid() and _lives_in(pid, folder)]


def _lives_in(pid: int, folder: Path) -> bool:
    inside = os.fsencode(folder) + b"/"
    with suppress(OSError):
        if (os.readlink(f"/proc/{pid}/cwd".encode()) + b"/").startswith(inside):
            return True
    with suppress(OSError):
        return inside in Path(f"/proc/{pid}/environ").read_bytes()
    return False


def remove_tree(folder: Path) -> None:
    """Remove a folder, however deep and however unreadable its maker made it; what cannot be removed stays.

    Nothing is followed. Folders are lifted to the top before they are emptied, so that no path grows too long.
    """
    mark, count = os.urandom(8).hex(), 0
    with suppress(OSError):
        while entries := _entries(folder):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                for below in _entries(entry.path):
                    if below.is_dir(follow_symlinks=False):
                        os.chmod(below.path, 0o700)  # a folder that we may not write to cannot be moved
                        os.rename(below.path, folder / f"{mark}-{count}")
                        count += 1
                    else:
                        os.unlink(below.path)
                os.rmdir(entry.path)
        os.rmdir(folder)


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    os.chmod(folder, 0o700)
    with os.scandir(folder) as entries:
        return list(entries)


def main() -> None:
    """The child: wait for the pipe to close."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() == _KEEP:
        return
    clear(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
