"""Bytes that several answers delivered for the same place: two versions of a file differ there.

Without validators only bytes tell versions apart. Each request includes some bytes before its
range; those that another connection has not written yet are kept here until it has. Bytes that
contradict a sample are never recorded as done, so that a mix of two versions cannot pass for a
file, even after a crash at that moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.ranges import RangeSet


class OverlapDiffers(Exception):
    """The server's bytes differ from those on disk although everything else agreed."""


class Samples:
    """Bytes that the file must have, where they are not written yet.

    Args:
        read: returns so many bytes of the file from an offset.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._waiting: dict[int, bytes] = {}  # by offset

    def agree(self, offset: int, sample: bytes, there: RangeSet) -> bool:
        """Compare bytes with those of the file; keep them while some of those are missing."""
        if there.covers(offset, offset + len(sample)):
            return self._read(offset, len(sample)) == sample
        self._waiting[offset] = sample
        return True

    def heed(self, there: RangeSet) -> None:
        """Compare the samples whose bytes are all written by now.

        Args:
            there: what is in the file; what a sample contradicts is taken out of it.

        Raises:
            OverlapDiffers: something does not agree.
        """
        for at, sample in list(self._waiting.items()):
            if there.covers(at, at + len(sample)):
                if self._read(at, len(sample)) != sample:
                    there.discard(at, at + len(sample))
                    raise OverlapDiffers
                del self._waiting[at]

    def forget(self) -> None:
        """Drop all samples: everything is fetched again."""
        self._waiting.clear()
