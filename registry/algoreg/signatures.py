"""Signs a file's bytes and says who signed them, by ssh-keygen: no cryptography and no keys of our own.

The only module that starts it. What a missing signature means is decided by who asks.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from algoreg import files
from algoreg.errors import AlgoregError

NAMESPACE = "io.algoreg.certificate"
"""A signature made for something else does not count here, nor this one elsewhere."""
SUFFIX = ".sig"
"""Of the file beside the one that is signed."""
KEY_MAX_BYTES = 64 * 1024
_ALLOWED_MAX_BYTES = 1024 * 1024
"""Of a file of allowed signers."""
_TOOL = "ssh-keygen"
_PATIENCE_S = 120.0


class SigningError(AlgoregError):
    """Nothing could be signed, or no signature checked."""

    default_hint = f"Install OpenSSH 8.2 or newer, which brings {_TOOL}."


def beside(signed: Path | str) -> Path:
    """Where the signature of a file is looked for."""
    return Path(f"{signed}{SUFFIX}")


def ensure_available() -> None:
    """Raises SigningError, before long work, when the tool is absent."""
    if shutil.which(_TOOL) is None:
        raise SigningError(f"{_TOOL} is not installed, and signatures are its work")


def ensure_checkable(allowed: Path) -> None:
    """Raises SigningError without the tool, UsageError for a file of allowed signers that cannot be read."""
    ensure_available()
    files.read(allowed, most=_ALLOWED_MAX_BYTES)


def sign(data: bytes, key: Path) -> str:
    """The detached signature of ``data`` by an SSH key; a passphrase is asked for on the terminal."""
    done = _run("sign", "-f", str(key), "-n", NAMESPACE, data=data)
    if done.returncode != 0 or not done.stdout:
        raise SigningError(
            f"{_TOOL} did not sign with {key}: {_said(done)}",
            hint="Name a private key, or a public one whose private half the agent holds.",
        )
    return done.stdout.decode("ascii", "replace")


def signer(data: bytes, signature: Path, allowed: Path) -> str | None:
    """Which principal of an allowed-signers file signed ``data``; None where it is nobody of these."""
    found = _run("find-principals", "-s", str(signature), "-f", str(allowed), data=data)
    names = found.stdout.decode("utf-8", "replace").splitlines() if found.returncode == 0 else []
    return next((name for name in names if _verified(data, name, signature, allowed)), None)


def _verified(data: bytes, name: str, signature: Path, allowed: Path) -> bool:
    options = ("-f", str(allowed), "-I", name, "-n", NAMESPACE, "-s", str(signature))
    return _run("verify", *options, data=data).returncode == 0


def _run(action: str, *options: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    ensure_available()
    try:
        return subprocess.run(
            [_TOOL, "-Y", action, *options],
            input=data,
            capture_output=True,
            check=False,
            timeout=_PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SigningError(f"{_TOOL} did not answer: {error}") from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    text = done.stderr.decode("utf-8", "replace").strip()
    return " ".join(text.split())[:300] or f"exit code {done.returncode}"
