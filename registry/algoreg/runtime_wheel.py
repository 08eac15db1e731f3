"""Packs the installed runtime as a wheel, so that an image gets the very runtime that the host has.

Byte for byte the same for the same sources: an unchanged runtime leaves the image's layer in the cache.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Final

from algoreg import __version__

PACKAGE: Final = Path(__file__).parent
PARTS: Final = ("__init__.py", "contract.py", "runtime/**/*.py")
"""What of algoreg goes into an image; the rest is the host's."""
REQUIREMENTS: Final = PACKAGE / "templates" / "requirements.txt"
FILE_NAME: Final = f"algoreg_runtime-{__version__}-py3-none-any.whl"

_DIST_INFO: Final = f"algoreg_runtime-{__version__}.dist-info"
_WHEEL: Final = "Wheel-Version: 1.0\nGenerator: algoreg\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can tell."""


def lines_of(requirements: str) -> list[str]:
    """The requirements of a file, without comments and empty lines."""
    stripped = (line.partition(" #")[0].strip() for line in requirements.splitlines())
    return [line for line in stripped if line and not line.startswith("#")]


def _metadata() -> str:
    needs = "".join(f"Requires-Dist: {line}\n" for line in lines_of(REQUIREMENTS.read_text(encoding="utf-8")))
    return f"Metadata-Version: 2.1\nName: algoreg-runtime\nVersion: {__version__}\n{needs}"


def _record(files: dict[str, bytes]) -> str:
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    return "".join(lines) + f"{_DIST_INFO}/RECORD,,\n"


def runtime_wheel() -> bytes:
    """The wheel ``FILE_NAME``: ``PARTS`` of the algoreg that is running now."""
    sources = sorted(path for pattern in PARTS for path in PACKAGE.glob(pattern))
    files = {f"algoreg/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in sources}
    files[f"{_DIST_INFO}/METADATA"] = _metadata().encode()
    files[f"{_DIST_INFO}/WHEEL"] = _WHEEL.encode()
    files[f"{_DIST_INFO}/RECORD"] = _record(files).encode()
    archive = io.BytesIO()
    # Stored, not deflated: another zlib would give other bytes.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as wheel:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = 0o100644 << 16
            wheel.writestr(entry, content)
    return archive.getvalue()
