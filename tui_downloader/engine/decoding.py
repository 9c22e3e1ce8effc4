"""Undoing a Content-Encoding that came although none was asked for. Blocks.

The bytes are counted and stored as sent and decoded once at the end, in bounded pieces. An archive
that is merely labelled gzip stays as it is.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

from tui_downloader.model.errors import FramingError, TruncatedError

if TYPE_CHECKING:
    from tui_downloader.engine.partial import Partial

_ARCHIVES = (".gz", ".tgz", ".svgz", ".z")
_BLOCK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
# 32 + 15: zlib or gzip, told by the header (zlib manual, inflateInit2).
_ANY_WRAPPER = 47


def decode(partial: Partial, encoding: str) -> None:
    """Decode the whole partial in place (through a second file), if it really is encoded.

    Raises:
        FramingError: an encoding that we never offered and cannot undo.
        TruncatedError: the encoded data ends early.
    """
    if encoding in ("", "identity") or partial.name.lower().endswith(_ARCHIVES):
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FramingError(f"the server sent the file {encoding}-encoded without being asked")
    if encoding != "deflate" and partial.read(0, 2) != _GZIP_MAGIC:
        return
    decoded_path = partial.part_path + ".decoded"
    fd = os.open(decoded_path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        _inflate(partial, fd)
    except BaseException:
        os.close(fd)
        os.unlink(decoded_path)
        raise
    os.replace(decoded_path, partial.part_path)
    partial.adopt_content(fd)


def _inflate(partial: Partial, fd: int) -> None:
    inflater = zlib.decompressobj(_ANY_WRAPPER)
    offset = 0
    while not inflater.eof:
        block = inflater.unconsumed_tail
        if not block:
            block = partial.read(offset, _BLOCK_BYTES)
            offset += len(block)
        if not block:
            raise TruncatedError("the encoded file ends early")
        try:
            os.write(fd, inflater.decompress(block, _BLOCK_BYTES))
        except zlib.error as error:
            raise FramingError(f"the encoded file is damaged ({error})") from error
