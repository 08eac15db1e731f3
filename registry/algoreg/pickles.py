"""Recognises a pickle hidden in a text (check out.pipeline-text) without ever loading one.

``pickletools.genops`` only disassembles; nothing here imports, calls or builds what a text names. All work is
bounded, because the text may be made to cost as much as it can.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import io
import lzma
import pickletools
import re
import zlib
from collections.abc import Callable, Iterator

from algoreg import strictjson

_SHORTEST = 16
"""A pickle that names something takes a dozen bytes; encoded, no fewer than these."""
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_MAX_NESTING = 4
_BINARY_PROTOCOL = re.compile(rb"^\x80[\x02-\x05]")
_GLOBAL = re.compile(r"[A-Za-z_][\w.]* [A-Za-z_][\w.]*")
"""How ``pickletools`` shows what GLOBAL and INST name."""
_ENOUGH_OPCODES = 8
"""joblib interleaves raw arrays with opcodes, so a disassembly that goes well for this long counts."""


class _Spent(Exception):
    """The text asks for more work than an honest one."""


class _Budget:
    """What looking through one text may cost."""

    def __init__(self) -> None:
        self._opcodes = 200_000
        self._decoded = 16 * 1024 * 1024

    @property
    def decoded_left(self) -> int:
        """Bytes that may still be decoded."""
        return self._decoded

    def opcode(self) -> None:
        """One more opcode. Raises _Spent."""
        self._opcodes -= 1
        if self._opcodes < 0:
            raise _Spent

    def decoded(self, size: int) -> None:
        """So many bytes more. Raises _Spent."""
        self._decoded -= size
        if self._decoded <= 0:
            raise _Spent


def is_pickle(data: bytes) -> bool:
    """Whether ``data`` disassembles as a pickle: to its STOP, or far enough in a binary protocol.

    The text protocols 0 and 1 match many innocent short texts (``N.``), so they must also name something.
    """
    return _is_pickle(data, _Budget())


def _is_pickle(data: bytes, budget: _Budget) -> bool:
    binary = bool(_BINARY_PROTOCOL.match(data))
    count, names_something = 0, False
    try:
        for opcode, argument, _position in pickletools.genops(io.BytesIO(data)):
            budget.opcode()
            count += 1
            if binary and count >= _ENOUGH_OPCODES:
                return True
            if opcode.name in ("GLOBAL", "INST") and _GLOBAL.fullmatch(str(argument)):
                names_something = True
    except (ValueError, UnicodeDecodeError, IndexError, OverflowError):
        return False
    return binary or names_something


Decoder = Callable[[bytes, int], bytes]


def _inflate(data: bytes, limit: int) -> bytes:
    return zlib.decompressobj().decompress(data, limit)


def _gunzip(data: bytes, limit: int) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(data)).read(limit)


def _bunzip(data: bytes, limit: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, limit)


def _unxz(data: bytes, limit: int) -> bytes:
    return lzma.LZMADecompressor(memlimit=64 * 1024 * 1024).decompress(data, limit)


def _base64(data: bytes, _limit: int) -> bytes:
    compact = b"".join(data.split()).translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)


def _hex(data: bytes, _limit: int) -> bytes:
    return binascii.unhexlify(b"".join(data.split()))


_DECODERS: tuple[tuple[str, Decoder], ...] = (
    ("base64", _base64),
    ("hex", _hex),
    ("zlib", _inflate),
    ("gzip", _gunzip),
    ("bzip2", _bunzip),
    ("xz", _unxz),
)


def _decodings(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes]]:
    for name, decode in _DECODERS:
        try:
            decoded = decode(data, budget.decoded_left)
        except (ValueError, zlib.error, OSError, EOFError, lzma.LZMAError):
            continue  # not of this encoding, which is what is being asked
        if decoded:
            budget.decoded(len(decoded))
            yield name, decoded


def _search(data: bytes, nesting: int, budget: _Budget) -> str | None:
    if _is_pickle(data, budget):
        return "a pickle"
    if nesting == _MAX_NESTING:
        return None
    for name, decoded in _decodings(data, budget):
        if found := _search(decoded, nesting + 1, budget):
            return f"{name} of {found}"
    return None


def _candidates(text: str) -> Iterator[str]:
    """The whole text, the strings in it, and its stretches that look encoded; each once."""
    yield text
    try:
        value = strictjson.parse(text.encode())
    except strictjson.NotStrictJson:
        value = []  # not JSON: its encoded-looking stretches are looked at below
    strings = {leaf for leaf in strictjson.leaves(value) if isinstance(leaf, str) and len(leaf) >= _SHORTEST}
    yield from sorted(strings | {match[0] for match in _ENCODED.finditer(text)})


def find(text: str) -> str | None:
    """Words such as ``base64 of a pickle`` when ``text``, or a string inside it, is one; else None."""
    budget = _Budget()
    try:
        return next((found for c in _candidates(text) if (found := _search(c.encode(), 0, budget))), None)
    except (_Spent, strictjson.TooLarge):
        return "more encoded text than can be looked through"
