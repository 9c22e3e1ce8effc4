"""What the list can be sorted by, and in which direction."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class SortKey(Enum):
    """What to sort by; the value is its word."""

    QUEUE = "queue"
    NAME = "name"
    SIZE = "size"
    PERCENT = "percent"
    SPEED = "speed"
    LEFT = "left"
    ADDED = "added"
    HOST = "host"
    STATE = "state"


SORT_LETTERS = {
    "q": SortKey.QUEUE, "n": SortKey.NAME, "s": SortKey.SIZE, "p": SortKey.PERCENT,
    "v": SortKey.SPEED, "l": SortKey.LEFT, "a": SortKey.ADDED, "h": SortKey.HOST,
    "t": SortKey.STATE,
}  # fmt: skip

# The interesting end of these is the large one: it comes first.
_LARGE_FIRST = frozenset({SortKey.SIZE, SortKey.PERCENT, SortKey.SPEED, SortKey.ADDED})


class Sort(NamedTuple):
    """A column and its direction.

    Attributes:
        key: the column.
        is_reversed: against the direction that the column has by itself.
    """

    key: SortKey = SortKey.QUEUE
    is_reversed: bool = False

    @property
    def descends(self) -> bool:
        """The largest comes first."""
        return (self.key in _LARGE_FIRST) is not self.is_reversed

    @property
    def is_queue_order(self) -> bool:
        """The list shows the order of the queue."""
        return self == Sort()

    def reversed(self) -> Sort:
        """The same column the other way round."""
        return Sort(self.key, not self.is_reversed)

    def chosen(self, key: SortKey) -> Sort:
        """Sort by a column; by the same column again, in reverse."""
        return self.reversed() if key is self.key else Sort(key)
