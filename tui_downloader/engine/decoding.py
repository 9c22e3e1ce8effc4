"""Undoing a Content-Encoding that came although none was asked for. Blocks.

The bytes are counted and stored as sent and decoded once at the end, in bounded pieces. An archive
that is merely labelled gzip stays as it is.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

from tui_downloader.engine.partial import create, delete
from tui_downloader.model.errors import FramingError
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.text import clean
from tui_downloader.store.atomic import temporary_path
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from tui_downloader.engine.partial import Partial

_ARCHIVES = (".gz", ".tgz", ".svgz", ".z")
_BLOCK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
# 32 + 15: zlib or gzip, told by the header (zlib manual, inflateInit2).
_ANY_WRAPPER = 47


def decode(partial: Partial, encoding: str) -> None:
    """Decode the whole partial in place (through a second file), if it really is encoded.

    `partial.done` then covers the decoded file.

    Raises:
        FramingError: an encoding that we never offered and cannot undo, or damaged data.
    """
    if encoding in ("", "identity") or partial.name.lower().endswith(_ARCHIVES):
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        words = clean(encoding, 40)
        raise FramingError(f"the server sent the file {words}-encoded without being asked")
    if encoding != "deflate" and partial.read(0, 2) != _GZIP_MAGIC:
        return
    if os.fstat(partial.fd).st_size == partial.done.total:
        _replace_by_decoded(partial)
    # Else it is not as it was sent any more: a run that was killed here had decoded it.
    partial.done = RangeSet()
    partial.done.add(0, os.fstat(partial.fd).st_size)


def _replace_by_decoded(partial: Partial) -> None:
    decoded_path = temporary_path(partial.part_path)
    delete((decoded_path,))  # of a run that was killed; never followed, should it be a link
    fd = create(decoded_path)
    try:
        lock_partial(fd)
        _inflate(partial, fd)
    except BaseException:
        os.close(fd)
        os.unlink(decoded_path)
        raise
    os.replace(decoded_path, partial.part_path)
    partial.adopt_content(fd)


def _inflate(partial: Partial, fd: int) -> None:
    """Decode member after member, as gzip does; what follows and is none is padding."""
    with open(fd, "wb", closefd=False) as decoded:
        inflater = zlib.decompressobj(_ANY_WRAPPER)
        offset = 0
        rest = b""
        while True:
            if not rest:
                rest = partial.read(offset, _BLOCK_BYTES)
                offset += len(rest)
            if inflater.eof:
                if not rest.startswith(_GZIP_MAGIC):
                    return
                inflater = zlib.decompressobj(_ANY_WRAPPER)
            try:
                piece = inflater.decompress(rest, _BLOCK_BYTES)
            except zlib.error as error:
                raise _damaged(f"the encoded file is damaged ({error})") from error
            if not (rest or piece or inflater.eof):
                raise _damaged("the encoded file ends early")
            decoded.write(piece)
            rest = inflater.unconsumed_tail or inflater.unused_data


def _damaged(words: str) -> FramingError:
    return FramingError(words, hint="start again from 0")
