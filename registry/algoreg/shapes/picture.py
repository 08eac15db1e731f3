"""Judges a PNG in base64: the text, the dimensions before anything is unpacked, the checksums, the pixels.

Source: base64 of RFC 4648, in lines as the command base64 and RFC 2045 write it or in one; PNG by Pillow.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import struct
import zlib

from algoreg.shapes.defects import Broken, bounded, refuse_json_string

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">8sI4sII")
"""Signature, then the length, name, width and height of the first chunk."""
_MAX_PIXELS = 16_000_000
"""Some thousand pixels square; unpacked, that is a tenth of what a small machine has."""
_LINE_ENDS = re.compile(r"[\r\n]+")


def judge(data: str) -> None:
    """Raises Broken when ``data`` is not the base64 of a whole PNG."""
    refuse_json_string(data, "base64")
    bounded(data)
    raw = _decoded(data)
    _bound_pixels(raw)
    _unpack(raw)


def _decoded(data: str) -> bytes:
    if data.lstrip().startswith("data:"):
        raise Broken("png: a data address", expected="its base64 part alone", got="data:")
    try:
        return base64.b64decode(_LINE_ENDS.sub("", data.strip()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Broken("png: it is not base64", expected="base64 of RFC 4648", got=str(error)[:100]) from error


def _bound_pixels(raw: bytes) -> None:
    if not raw.startswith(_SIGNATURE):
        raise Broken("png: no PNG", expected="the signature of PNG", got=f"bytes {raw[:8].hex(' ')}")
    if len(raw) < _HEADER.size:
        raise Broken("png: it is cut off", expected="a header", got=f"{len(raw)} bytes")
    _, _, name, width, height = _HEADER.unpack_from(raw)
    if name != b"IHDR" or width * height > _MAX_PIXELS or not width or not height:
        raise Broken(
            "png: its dimensions are out of bounds",
            expected=f"1 to {_MAX_PIXELS:,} pixels",
            got=f"{width:,} by {height:,}",
        )


def _unpack(raw: bytes) -> None:
    """Chunks and their checksums first, then the pixels: Pillow takes two passes for that."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as image:
            image.verify()
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as image:
            image.load()
    except UnidentifiedImageError as error:
        raise Broken("png: it is damaged", expected="a whole PNG", got="no readable chunks") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise Broken("png: it is damaged", expected="a whole PNG", got=str(error)[:100]) from error
    except (Image.DecompressionBombError, MemoryError, OverflowError, IndexError, KeyError) as error:
        raise Broken("png: it is damaged", expected="a whole PNG", got=type(error).__name__) from error
