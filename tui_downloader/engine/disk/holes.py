"""Finds zeros where the record says that bytes are, as in an outdated copy of a partial. Blocks.

A backup made during a download copies the partial first and its passport a little later; the
passport then lists bytes that the copy of the partial lacks. They read as whole pages of zeros. The
received file may itself contain zeros, but fetching some of it again costs little.
"""

from __future__ import annotations

import os

from tui_downloader.model.ranges import RangeSet

_PAGE_BYTES = 4096
_ZEROS = bytes(_PAGE_BYTES)
_BLOCK_BYTES = 1 << 20


def drop_holes(fd: int, sound: RangeSet) -> int:
    """Take out of `sound` what may never have been written; return how many bytes that is."""
    before = sound.total
    holes = RangeSet()
    for start, end in sound:
        for offset in range(start - start % _PAGE_BYTES, end, _BLOCK_BYTES):
            _find_holes(os.pread(fd, _BLOCK_BYTES, offset), offset, holes)
    for start, end in holes:
        sound.discard(start, end)
    return before - sound.total


def _find_holes(block: bytes, offset: int, holes: RangeSet) -> None:
    """Find pages of zeros; the pages before and behind them may have been written in part."""
    if _ZEROS not in block:
        return
    for at in range(0, len(block), _PAGE_BYTES):
        if not any(block[at : at + _PAGE_BYTES]):
            start = offset + at
            holes.add(max(0, start - _PAGE_BYTES), start + 2 * _PAGE_BYTES)
