"""Recognises a pickle hidden in a text (check out.pipeline-text) without ever loading one.

``pickletools.genops`` only disassembles; nothing here imports, calls or builds what a text names.
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

_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_MAX_NESTING = 4
_MAX_DECODED_BYTES = 4 * 1024 * 1024
_BINARY_PROTOCOL = re.compile(rb"^\x80[\x02-\x05]")
_ACTIVE_OPCODES = {"GLOBAL", "STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "REDUCE", "BUILD"}
_ENOUGH_OPCODES = 8
"""joblib interleaves raw arrays with opcodes, so a disassembly that goes well for this long counts."""


def is_pickle(data: bytes) -> bool:
    """Whether ``data`` disassembles as a pickle: to its STOP, or far enough in a binary protocol.

    The text protocols 0 and 1 match many innocent short texts (``N.``), so they must also call something.
    """
    binary = bool(_BINARY_PROTOCOL.match(data))
    names: list[str] = []
    try:
        for opcode, _argument, _position in pickletools.genops(io.BytesIO(data)):
            names.append(opcode.name)
    except (ValueError, UnicodeDecodeError, IndexError, OverflowError):
        return binary and len(names) >= _ENOUGH_OPCODES
    return binary or bool(_ACTIVE_OPCODES.intersection(names))


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, _MAX_DECODED_BYTES)


def _gunzip(data: bytes) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(data)).read(_MAX_DECODED_BYTES)


def _bunzip(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, _MAX_DECODED_BYTES)


def _unxz(data: bytes) -> bytes:
    return lzma.LZMADecompressor(memlimit=64 * 1024 * 1024).decompress(data, _MAX_DECODED_BYTES)


def _base64(data: bytes) -> bytes:
    compact = b"".join(data.split()).translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)


def _hex(data: bytes) -> bytes:
    return binascii.unhexlify(b"".join(data.split()))


_DECODERS: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("base64", _base64),
    ("hex", _hex),
    ("zlib", _inflate),
    ("gzip", _gunzip),
    ("bzip2", _bunzip),
    ("xz", _unxz),
)


def _decodings(data: bytes) -> Iterator[tuple[str, bytes]]:
    for name, decode in _DECODERS:
        try:
            decoded = decode(data)
        except (ValueError, zlib.error, OSError, EOFError, lzma.LZMAError):
            continue  # not of this encoding, which is what is being asked
        if decoded:
            yield name, decoded


def _search(data: bytes, nesting: int) -> str | None:
    if is_pickle(data):
        return "a pickle"
    if nesting == _MAX_NESTING:
        return None
    for name, decoded in _decodings(data):
        if found := _search(decoded, nesting + 1):
            return f"{name} of {found}"
    return None


def _candidates(text: str) -> Iterator[str]:
    yield text
    try:
        value = strictjson.parse(text.encode())
    except strictjson.NotStrictJson:
        value = []  # not JSON: its encoded-looking stretches are looked at below
    yield from (leaf for leaf in strictjson.leaves(value) if isinstance(leaf, str))
    yield from (match[0] for match in _ENCODED.finditer(text))


def find(text: str) -> str | None:
    """Words such as ``base64 of a pickle`` when ``text``, or a string inside it, is one; else None."""
    return next((found for c in _candidates(text) if (found := _search(c.encode(), 0))), None)
