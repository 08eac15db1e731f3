"""Whether a variable of an image's environment is a credential: by what its name says, or what its value looks like.

Names are read word by word, so that TOKENIZERS_PARALLELISM is none; a value is never repeated.
"""

from __future__ import annotations

import re
from itertools import pairwise

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
"""Words of SNAKE_CASE, kebab-case and camelCase names."""
_SECRETS = ("password", "passwd", "passphrase", "secret", "token", "credential", "credentials", "apikey")
_ENDINGS = ("password", "passwd", "passphrase")
"""Also at the end of a longer word: PGPASSWORD."""
_KEYS = ("api", "private", "access", "secret", "encryption", "signing")
"""What makes a key secret; GPG_KEY of many base images is a fingerprint."""
_SHORT = ("pass", "pwd")
"""Only as the last of several words: DB_PASS, but neither PASS nor PWD."""
_HARMLESS = re.compile(
    "file|path|dir|directory|length|limit|count|size|min|max|ttl|timeout|lifetime|expiry|expires|policy|prompt"
    "|required|provider|enabled|disabled|type|name|id|header"
)
"""A last word that says that the value is something else."""
_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off", "0", "1", "none", "null"))

_FORMATS = (
    ("an AWS access key", re.compile(r"(?:AKIA|ASIA)[0-9A-Z]{16}")),
    ("a GitHub token", re.compile(r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22}")),
    ("a GitLab token", re.compile(r"glpat-[A-Za-z0-9_-]{20}")),
    ("a Slack token", re.compile(r"xox[abprs]-[A-Za-z0-9-]{10}")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----")),
)


def why(name: str, value: str) -> str | None:
    """Why this variable is a credential, without its value; None for what is none."""
    if not value.strip():
        return None
    if _has_password(value):
        return "a password in a URL"
    kind = next((kind for kind, pattern in _FORMATS if pattern.search(value)), None)
    if kind is not None:
        return f"it has the form of {kind}"
    if _says_so(name) and not _is_harmless(value.strip()):
        return "its name says so"
    return None


def _is_harmless(value: str) -> bool:
    """A switch, or a mark in angle or square brackets such as a language model's <pad>."""
    return value.lower() in _SWITCHES or value[0] + value[-1] in ("<>", "[]")


def _says_so(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or _HARMLESS.fullmatch(words[-1]):
        return False
    keys = any(a in _KEYS and b in ("key", "keys") for a, b in pairwise(words))
    short = len(words) > 1 and words[-1] in _SHORT
    return keys or short or any(word in _SECRETS or word.endswith(_ENDINGS) for word in words)


def _has_password(value: str) -> bool:
    """``scheme://user:password@host`` somewhere in it."""
    for rest in value.split("://")[1:]:
        authority = re.split(r"[/?#\s]", rest, maxsplit=1)[0]
        user, at, _ = authority.rpartition("@")
        if at and user.partition(":")[2]:
            return True
    return False
