"""In which order the list is shown: a column and its direction. Pure, told the time.

Ties go by id, and what a download cannot tell (no size, no time left) comes last either way. Values
that change by themselves must not shuffle the rows under the user's hands: the order they gave is
kept for a while, and longer after a key press.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status
from tui_downloader.ui.view.rows import fraction_of
from tui_downloader.ui.view.sort_keys import Sort, SortKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_downloader.model.download import Snapshot

RESORT_S = 2.0
QUIET_S = 3.0

_DIGITS = re.compile(r"\d+")
_DIGITS_KEPT = 20
_NAMES_KEPT = 20_000

_STATES = (
    Status.DOWNLOADING, Status.CONNECTING, Status.VERIFYING, Status.WAITING, Status.QUEUED,
    Status.PAUSED, Status.FAILED, Status.CANCELLED, Status.COMPLETED,
)  # fmt: skip
_RANK_OF_STATE = {status: rank for rank, status in enumerate(_STATES)}


_FIXED = frozenset({SortKey.NAME, SortKey.ADDED, SortKey.HOST})


def sorted_rows(downloads: Sequence[Snapshot], sort: Sort) -> list[Snapshot]:
    """Sort downloads that come in queue order."""
    if sort.key is SortKey.QUEUE:
        return list(reversed(downloads)) if sort.is_reversed else list(downloads)
    value_of = _VALUES[sort.key]
    valued = [(value_of(row), row) for row in sorted(downloads, key=attrgetter("download_id"))]
    known = [pair for pair in valued if pair[0] is not None]
    known.sort(key=itemgetter(0), reverse=sort.descends)
    unknown = (row for value, row in valued if value is None)
    return [*(row for _, row in known), *unknown]


class Sorter:
    """Keeps the list in order while its downloads change.

    Attributes:
        sort: the order that is wanted.
    """

    def __init__(self) -> None:
        self.sort = Sort()
        self._order: list[int] = []
        self._sorted: Sequence[Snapshot] = ()  # what the order was made of
        self._sorted_at = 0.0
        self._touched_at = 0.0
        self._is_fresh = False

    def choose(self, sort: Sort) -> None:
        """Sort in this way from now on, at once."""
        self.sort = sort
        self._is_fresh = False

    def touched(self, now: float) -> None:
        """The user pressed a key: nothing may move for a while."""
        self._touched_at = now

    def arrange(self, downloads: tuple[Snapshot, ...], now: float) -> tuple[Snapshot, ...]:
        """Return downloads, which come in queue order, in the order to show them."""
        if self.sort.is_queue_order:
            return downloads
        if self.sort.key is not SortKey.QUEUE and not self._must_sort(downloads, now):
            return _in_order(downloads, self._order)
        rows = sorted_rows(downloads, self.sort)
        self._order = [row.download_id for row in rows]
        self._sorted, self._sorted_at, self._is_fresh = downloads, now, True
        return tuple(rows)

    def due_in_s(self, downloads: Sequence[Snapshot], now: float) -> float | None:
        """Seconds until rows that changed may move; None when they stand right."""
        if self.sort.is_queue_order or self._sorted == downloads:
            return None
        return max(0.0, self._sorted_at + RESORT_S - now, self._touched_at + QUIET_S - now)

    def _must_sort(self, downloads: tuple[Snapshot, ...], now: float) -> bool:
        if not self._is_fresh:
            return True
        if self.sort.key in _FIXED and len(downloads) != len(self._order):
            return True
        return self.due_in_s(downloads, now) == 0.0


def _in_order(downloads: Iterable[Snapshot], order: Iterable[int]) -> tuple[Snapshot, ...]:
    """Arrange as before; what is new stands at the end."""
    left = {row.download_id: row for row in downloads}
    known = [row for key in order if (row := left.pop(key, None)) is not None]
    return (*known, *left.values())


@lru_cache(maxsize=_NAMES_KEPT)
def _natural(text: str) -> str:
    """Make names sort as people count: part 9 before part 10."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(_DIGITS_KEPT), text.casefold())


def _fraction(row: Snapshot) -> float | None:
    return 1.0 if row.status is Status.COMPLETED else fraction_of(row)


def _speed(row: Snapshot) -> float | None:
    return row.bytes_per_s if row.status.is_running else None


_VALUES: dict[SortKey, Callable[[Snapshot], str | float | None]] = {
    SortKey.NAME: lambda row: _natural(row.name),
    SortKey.SIZE: attrgetter("total_bytes"),
    SortKey.PERCENT: _fraction,
    SortKey.SPEED: _speed,
    SortKey.LEFT: attrgetter("eta_s"),
    SortKey.ADDED: attrgetter("added_at"),
    SortKey.HOST: lambda row: host_of(row.url).casefold(),
    SortKey.STATE: lambda row: _RANK_OF_STATE[row.standing],
}
