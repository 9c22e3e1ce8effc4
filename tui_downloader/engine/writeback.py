"""Let the system write early what is not needed in memory any more: the final flush is short."""

from __future__ import annotations

import os

_BLOCK_BYTES = 2 << 20


class Writeback:
    """Hands each block of one file over as soon as it is full."""

    def __init__(self) -> None:
        self._filled: dict[int, int] = {}  # bytes written in each block that is not full

    def wrote(self, fd: int, start: int, end: int) -> None:
        """Count what was written; Linux begins to write full blocks out, without waiting."""
        for block in range(start // _BLOCK_BYTES, -(-end // _BLOCK_BYTES)):
            first, last = block * _BLOCK_BYTES, (block + 1) * _BLOCK_BYTES
            filled = self._filled.get(block, 0) + min(end, last) - max(start, first)
            self._filled[block] = filled
            if filled >= _BLOCK_BYTES:
                del self._filled[block]  # else a file of a terabyte would fill the memory
                _write_out(fd, first)

    def forget(self) -> None:
        """Everything will be written anew."""
        self._filled.clear()


def _write_out(fd: int, first: int) -> None:
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(fd, first, _BLOCK_BYTES, os.POSIX_FADV_DONTNEED)
