"""Bytes that several answers delivered for the same place: two versions of a file differ there.

Without validators only bytes tell versions apart. Each request includes some bytes before its
range; those that another connection has not written yet are kept here until it has. Bytes that
contradict a sample are never recorded as done, so that a mix of two versions cannot pass for a
file, even after a crash at that moment.

Zeros are the same in every version: where a sample tells nothing, another place is looked for.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_downloader.model.ranges import Range, RangeSet

SAMPLE_BYTES = 64 * 1024
# Of a sample that tells something this much is left when it is compressed, beside what any needs.
_LEAST_BYTES, _LEAST_SHARE = 32, 1 / 64


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


def tells_versions_apart(sample: bytes) -> bool:
    """Tell whether bytes are hardly those of another version too, as zeros and patterns are.

    Images of disks, archives and databases have long runs of them.
    """
    left_bytes = len(zlib.compress(sample, 1))
    return left_bytes > _LEAST_BYTES + _LEAST_SHARE * len(sample)


def telling_place(fd: int, end: int, n_bytes: int, floor: int = 0) -> Range | None:
    """Look back from the end of a run of bytes on disk for some that tell versions apart.

    Args:
        n_bytes: so many before `end` are compared anyway.
        floor: where the run begins.

    Returns:
        None where those do; else the nearest place, at distances that double, or the beginning.
    """
    if tells_versions_apart(os.pread(fd, n_bytes, end - n_bytes)):
        return None
    place_end, distance = end, SAMPLE_BYTES
    while True:
        start = max(floor, place_end - SAMPLE_BYTES)
        is_told = tells_versions_apart(os.pread(fd, place_end - start, start))
        if is_told or start == floor:
            is_new = (start, place_end) != (end - n_bytes, end)
            return (start, place_end) if is_new else None
        place_end = max(floor + SAMPLE_BYTES, end - distance)
        distance *= 2
