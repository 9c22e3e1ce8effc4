"""Which downloads are marked: a set of ids, and a range that may still be open. Pure.

Marks belong to downloads, not to rows: they survive sorting, filtering and views. A range covers
the rows between its first download and the highlight, wherever these two stand now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


class Marks:
    """The marked downloads."""

    def __init__(self) -> None:
        self._fixed: set[int] = set()
        self._expected: set[int] = set()  # marked as soon as they are in the list again
        self._first: int | None = None  # where the open range began
        self._range: frozenset[int] = frozenset()

    def __repr__(self) -> str:
        return f"<Marks {sorted(self._fixed)} and {sorted(self._range)}>"

    @property
    def ids(self) -> frozenset[int]:
        """All of them, the open range included."""
        return self._range.union(self._fixed)

    @property
    def is_drawing(self) -> bool:
        """A range is open."""
        return self._first is not None

    @property
    def is_empty(self) -> bool:
        """Nothing is marked or about to be."""
        return not (self._fixed or self._range or self._expected)

    def expect(self, returning: Collection[int]) -> None:
        """Mark these downloads as soon as they are in the list again."""
        self._expected.update(returning)

    def toggle(self, download_id: int) -> None:
        """Mark a download, or unmark it."""
        self.end_range()
        self._fixed ^= {download_id}

    def toggle_all(self, rows: Sequence[int]) -> None:
        """Mark all of these, or unmark them when all are marked already."""
        self.end_range()
        if self._fixed.issuperset(rows):
            self._fixed.difference_update(rows)
        else:
            self._fixed.update(rows)

    def begin_range(self, download_id: int) -> None:
        """Open a range, which follows the highlight from now on."""
        self._first, self._range = download_id, frozenset({download_id})

    def stretch(self, rows: Sequence[int], highlighted: int | None) -> None:
        """Extend the open range to the highlight; it stays as it was while either end is hidden.

        Args:
            rows: ids in the order in which they are shown.
        """
        if self._first is None or highlighted is None:
            return
        try:
            ends = sorted((rows.index(self._first), rows.index(highlighted)))
        except ValueError:
            return
        self._range = frozenset(rows[ends[0] : ends[1] + 1])

    def end_range(self) -> None:
        """Close the range; what it covers stays marked."""
        self._fixed |= self._range
        self.drop_range()

    def drop_range(self) -> None:
        """Forget the range."""
        self._first, self._range = None, frozenset()

    def clear(self) -> None:
        """Unmark everything."""
        self._fixed.clear()
        self._expected.clear()
        self.drop_range()

    def keep_only(self, present: Collection[int]) -> None:
        """Drop marks of downloads that are not in the list; expected ones are set once they are."""
        self._fixed |= self._expected.intersection(present)
        self._expected.difference_update(present)
        self._fixed.intersection_update(present)
        self._range = self._range.intersection(present)
        if self._first is not None and self._first not in present:
            self.end_range()

    def hidden(self, shown: Iterable[int]) -> int:
        """How many marked downloads are not among the rows shown."""
        marked = self.ids
        return len(marked.difference(shown)) if marked else 0
