"""Undoing a Content-Encoding that came although none was asked for. Blocks.

The bytes are stored as sent and decoded once at the end, in bounded pieces. An archive that is
merely labelled gzip stays as it is.
"""

from __future__ import annotations

import os
import stat
import zlib
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.part_files import create, delete, open_found
from tui_downloader.model.errors import FramingError
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.text import clean
from tui_downloader.store.atomic import temporary_path
from tui_downloader.store.identities import identity_of
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.model.passport import Passport

_GZIP = ("gzip", "x-gzip")
_ARCHIVES = (".gz", ".tgz", ".svgz", ".z")
BLOCK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
# 32 + 15: zlib or gzip, told by the header (zlib manual, inflateInit2).
_ANY_WRAPPER = 47


def cut_surplus(partial: Partial, encoding: str) -> bool:
    """Cut off what lies behind the last byte of the file, if another program has put it there.

    Returns:
        False for a file that is longer than what was sent and does not begin as that did: it is
        another file.
    """
    return not partial.trim() or encoding not in _GZIP or _is_gzip(partial)


def decode(partial: Partial, encoding: str, record: Passport) -> None:
    """Decode the whole partial (through a second file), if it really is encoded.

    `partial.done` then covers the decoded file, and the passport says that it is decoded. That is
    written when the second file is whole and has not taken the partial's name yet, so whenever a
    crash comes there is no doubt: see `take_up`.

    Args:
        record: of the partial as it was sent.

    Raises:
        FramingError: an encoding that we never offered and cannot undo, or damaged data.
    """
    if encoding in ("", "identity") or partial.name.lower().endswith(_ARCHIVES):
        return
    if encoding not in (*_GZIP, "deflate"):
        words = clean(encoding, 40)
        raise FramingError(f"the server sent the file {words}-encoded without being asked")
    if encoding == "deflate" or _is_gzip(partial):
        _replace_by_decoded(partial, record)


def _is_gzip(partial: Partial) -> bool:
    return partial.read(0, 2) == _GZIP_MAGIC


def _replace_by_decoded(partial: Partial, record: Passport) -> None:
    decoded_path = temporary_path(partial.part_path)
    delete((decoded_path,))  # of a run that was killed; never followed, should it be a link
    fd = create(decoded_path)
    try:
        lock_partial(fd)
        _inflate(partial, fd)
        os.fsync(fd)
        whole = RangeSet()
        whole.add(0, os.fstat(fd).st_size)
        partial.save(_of_decoded(record, whole)._replace(file=identity_of(os.fstat(fd))))
        os.replace(decoded_path, partial.part_path)
    except BaseException:
        os.close(fd)
        os.unlink(decoded_path)
        raise
    partial.adopt_content(fd, whole)


def _of_decoded(record: Passport, whole: RangeSet) -> Passport:
    ranges = whole.as_tuple()
    return record._replace(
        total_bytes=whole.total,
        done=ranges,
        durable=ranges,
        content_encoding="",
        decoded=True,
    )


def take_up(part_path: str, fd: int, record: Passport) -> None:
    """Finish a decoding that a crash interrupted before the decoded file had the partial's name.

    Args:
        fd: of the partial, locked; leads to the decoded file, locked, where that takes its place.
        record: says that the partial is decoded.
    """
    decoded_path = temporary_path(part_path)
    try:
        decoded = open_found(decoded_path)
    except OSError:
        return  # it has its name already
    try:
        facts = os.fstat(decoded)
        is_file = stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1
        if is_file and facts.st_size == record.total_bytes and lock_partial(decoded):
            os.replace(decoded_path, part_path)
            os.dup2(decoded, fd, inheritable=False)
    finally:
        os.close(decoded)


def _inflate(partial: Partial, fd: int) -> None:
    """Decode member after member, as gzip does; anything else behind them is ignored as padding."""
    with open(fd, "wb", closefd=False) as decoded:
        inflater = zlib.decompressobj(_ANY_WRAPPER)
        offset = 0
        rest = b""
        while True:
            if len(rest) < len(_GZIP_MAGIC):  # the mark of the next member may lie on a border
                more = partial.read(offset, BLOCK_BYTES)
                rest, offset = rest + more, offset + len(more)
            if inflater.eof:
                if not rest.startswith(_GZIP_MAGIC):
                    return
                inflater = zlib.decompressobj(_ANY_WRAPPER)
            try:
                piece = inflater.decompress(rest, BLOCK_BYTES)
            except zlib.error as error:
                raise _damaged(f"the encoded file is damaged ({error})") from error
            if not (rest or piece):
                raise _damaged("the encoded file ends early")
            decoded.write(piece)
            rest = inflater.unconsumed_tail or inflater.unused_data


def _damaged(words: str) -> FramingError:
    return FramingError(words, hint="start again from 0")
