"""Sets of bytes, as half-open ranges [start, end)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Range = tuple[int, int]
# The largest offset that a file system and the queue on disk can hold.
LARGEST_BYTES = (1 << 63) - 1


class RangeSet:
    """Sorted, disjoint, merged ranges. Adding at the end of the last one costs constant time."""

    __slots__ = ("_ends", "_starts", "total")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self.total = 0  # bytes covered

    @classmethod
    def from_pairs(cls, pairs: Iterable[Iterable[int]]) -> Self:
        """Make a set of `pairs`.

        Raises:
            ValueError: a pair is not two integers with 0 <= start < end.
        """
        made = cls()
        for pair in pairs:
            start, end = pair
            if type(start) is not int or type(end) is not int or not 0 <= start < end:
                raise ValueError(f"not a byte range: {start!r}-{end!r}")
            made.add(start, end)
        return made

    def add(self, start: int, end: int) -> None:
        """Cover [start, end); an empty range changes nothing."""
        if start >= end:
            return
        last_end = self._ends[-1] if self._ends else -1
        if last_end <= start:  # behind all others, as usual
            if last_end == start:
                self._ends[-1] = end
            else:
                self._starts.append(start)
                self._ends.append(end)
            self.total += end - start
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._replace(first, last, [(start, end)])

    def discard(self, start: int, end: int) -> None:
        """Uncover [start, end)."""
        if start >= end:
            return
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end)
        if first >= last:
            return
        rest = [(self._starts[first], start), (end, self._ends[last - 1])]
        self._replace(first, last, [(a, b) for a, b in rest if a < b])

    def _replace(self, first: int, last: int, ranges: list[Range]) -> None:
        gone = sum(self._ends[i] - self._starts[i] for i in range(first, last))
        self._starts[first:last] = [start for start, _ in ranges]
        self._ends[first:last] = [end for _, end in ranges]
        self.total += sum(end - start for start, end in ranges) - gone

    def covers(self, start: int, end: int) -> bool:
        """Tell whether every byte of [start, end) is in the set; an empty range always is."""
        return start >= end or self.prefix_end(start) >= end

    def prefix_end(self, position: int) -> int:
        """Return where the run of covered bytes that holds `position` ends, else `position`."""
        place = bisect_right(self._starts, position) - 1
        return max(position, self._ends[place]) if place >= 0 else position

    def gaps(self, total: int) -> list[Range]:
        """Return what of [0, total) is not covered."""
        found = []
        position = 0
        for start, end in self:
            if start >= total:
                break
            if start > position:
                found.append((position, start))
            position = end
        if position < total:
            found.append((position, total))
        return found

    def first_gap(self, total: int | None) -> tuple[int, int | None] | None:
        """Return the first gap; without a total the last one has no end."""
        position = self.prefix_end(0)
        following = next((start for start in self._starts if start > position), None)
        if total is None:
            return position, following
        if position >= total:
            return None
        return position, total if following is None else min(following, total)

    def intersect(self, other: RangeSet) -> RangeSet:
        """Return what both sets cover."""
        both = RangeSet()
        for start, end in self:
            for a, b in other:
                both.add(max(start, a), min(end, b))
        return both

    def as_tuple(self) -> tuple[Range, ...]:
        """Return the ranges, ordered."""
        return tuple(self)

    def copy(self) -> RangeSet:
        """Return an independent set of the same bytes."""
        twin = RangeSet()
        twin._starts, twin._ends, twin.total = self._starts[:], self._ends[:], self.total
        return twin

    def __iter__(self) -> Iterator[Range]:
        return zip(self._starts, self._ends, strict=True)

    def __repr__(self) -> str:
        return f"<RangeSet {' '.join(f'{start}-{end}' for start, end in self) or 'empty'}>"
