"""Bytes that several answers brought: where two versions of a file met, they differ.

Without validators only bytes tell versions apart. Each request asks for some bytes before those it
is for; what another connection has not written yet is kept here until it has. Nothing is recorded
as done that contradicts a sample: a mix of two versions must not pass for a file, not even after a
crash at that instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.ranges import RangeSet


class OverlapDiffers(Exception):
    """The server's bytes are not those on disk although everything else agreed."""


class Samples:
    """What the whole file must have, as far as it is not there yet.

    Args:
        read: returns so many bytes of the file from an offset.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._waiting: dict[int, bytes] = {}  # by offset

    def agree(self, offset: int, sample: bytes, there: RangeSet) -> bool:
        """Compare bytes with those of the file; keep them when not all of those are there yet."""
        if there.covers(offset, offset + len(sample)):
            return self._read(offset, len(sample)) == sample
        self._waiting[offset] = sample
        return True

    def heed(self, there: RangeSet) -> None:
        """Compare what has become whole.

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
        """Everything comes anew."""
        self._waiting.clear()
