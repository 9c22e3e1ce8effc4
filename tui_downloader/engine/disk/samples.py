"""Bytes that several answers delivered for the same place: two versions of a file differ there.

Without validators only bytes tell versions apart. Each request includes some bytes before its
range; those that another connection has not written yet are kept here until it has. Bytes that
contradict a sample are never recorded as done, so that a mix of two versions cannot pass for a
file, even after a crash at that moment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_downloader.model.ranges import RangeSet


class OverlapDiffers(Exception):
    """The server's bytes differ from those on disk although everything else agreed."""


class Samples:
    """Bytes that the file must have, where they are not written yet."""

    def __init__(self) -> None:
        self._waiting: dict[int, bytes] = {}  # by offset

    def agree(self, fd: int, offset: int, sample: bytes, there: RangeSet) -> bool:
        """Compare bytes with those of the file; keep them while some of those are missing."""
        if there.covers(offset, offset + len(sample)):
            return os.pread(fd, len(sample), offset) == sample
        self._waiting[offset] = sample
        return True

    def heed(self, fd: int, there: RangeSet) -> None:
        """Compare the samples whose bytes are all written by now.

        Args:
            fd: of the file.
            there: what is in the file; what a sample contradicts is taken out of it.

        Raises:
            OverlapDiffers: something does not agree.
        """
        for at, sample in list(self._waiting.items()):
            if there.covers(at, at + len(sample)):
                if os.pread(fd, len(sample), at) != sample:
                    there.discard(at, at + len(sample))
                    raise OverlapDiffers
                del self._waiting[at]
