"""What has been written to one partial, shared by the threads that write it.

The record of a download lags behind on purpose; this account is exact at any moment: which bytes
are in the file, how long it must be, whether several answers agree.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.direct_io import leave_cache
from tui_downloader.engine.disk.samples import Samples
from tui_downloader.model.ranges import RangeSet
from tui_downloader.store.progress_notes import Notes

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_BLOCK_BYTES = 2 << 20


class Written:
    """An exact account of the writes to one partial.

    Args:
        there: what is in the file already.
        size_bytes: how long it is.
        seal: of the passport beside it, "" for none.

    Attributes:
        size_bytes: it is no shorter than this.
        differing: while everything is fetched a second time: where it came out differently.
    """

    def __init__(self, there: RangeSet, size_bytes: int, seal: str = "") -> None:
        self.size_bytes = size_bytes
        self.differing: RangeSet | None = None
        self._there = there.copy()
        self._samples = Samples()
        self._notes = Notes(seal)
        self._writeback = Writeback()
        self._lock = threading.Lock()

    def wrote(self, fd: int, start: int, end: int) -> None:
        """Account for written bytes, and note the progress on the file itself now and then.

        Raises:
            OverlapDiffers: what is here now is not what another answer had there.
        """
        with self._lock:
            self._there.add(start, end)
            self._samples.heed(fd, self._there)
            self.size_bytes = max(self.size_bytes, end)
            self._writeback.wrote(fd, start, end)
            self._notes.heed(fd, self._there)

    def differs(self, start: int, end: int) -> None:
        """These bytes differ from those on disk."""
        with self._lock:
            if self.differing is not None:
                self.differing.add(start, end)

    def agrees(self, fd: int, offset: int, sample: bytes) -> bool:
        """Compare bytes of another answer with those on disk, now or as soon as all are there."""
        with self._lock:
            return self._samples.agree(fd, offset, sample, self._there)

    def sealing(self) -> AbstractContextManager[str]:
        """Yield the seal of a passport to be written."""
        return self._notes.sealing()

    def forget(self) -> None:
        """Forget all of it: everything is fetched again."""
        self._there = RangeSet()
        self._writeback = Writeback()


class Writeback:
    """Starts writing each block out as soon as it is full, so that the final flush is short."""

    def __init__(self) -> None:
        self._filled: dict[int, int] = {}  # bytes written in each block that is not full

    def wrote(self, fd: int, start: int, end: int) -> None:
        """Count written bytes; Linux starts to write full blocks out, without waiting."""
        for block in range(start // _BLOCK_BYTES, -(-end // _BLOCK_BYTES)):
            first, last = block * _BLOCK_BYTES, (block + 1) * _BLOCK_BYTES
            filled = self._filled.get(block, 0) + min(end, last) - max(start, first)
            self._filled[block] = filled
            if filled >= _BLOCK_BYTES:
                del self._filled[block]  # else a file of a terabyte would fill the memory
                leave_cache(fd, first, _BLOCK_BYTES)
