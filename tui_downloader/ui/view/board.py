"""The queue at one moment, counted, filtered and sorted for the main screen in a single pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from tui_downloader.model.download import Assurance, QueueSnapshot
from tui_downloader.model.status import Status
from tui_downloader.ui.view.filtering import Filter
from tui_downloader.ui.view.sort_keys import Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tui_downloader.model.download import Snapshot


class View(Enum):
    """A part of the list; the value is its title."""

    ALL = "All"
    ACTIVE = "Active"
    QUEUED = "Queued"
    DONE = "Done"
    FAILED = "Failed"

    @property
    def statuses(self) -> Collection[Status]:
        """The states it shows."""
        return _STATUSES[self]

    @property
    def command_id(self) -> str:
        """The command that shows it."""
        return f"view_{self.name.lower()}"


_RUNNING = tuple(status for status in Status if status.is_running)

_STATUSES: dict[View, Collection[Status]] = {
    View.ALL: frozenset(Status),
    View.ACTIVE: frozenset(_RUNNING),
    View.QUEUED: frozenset({Status.QUEUED, Status.PAUSED}),
    View.DONE: frozenset({Status.COMPLETED}),
    View.FAILED: frozenset({Status.FAILED, Status.CANCELLED}),
}


# What there is to see until the queue was read, which is not the same as an empty one.
_UNREAD = QueueSnapshot(())


@dataclass(frozen=True, slots=True)
class Board:
    """The queue, counted and narrowed to what the user wants to see.

    Attributes:
        snapshot: all of it, in queue order.
        view: the part that is shown.
        rows: the downloads of the view that pass the filter, in the order to show them.
        active: all downloads that are being carried out or go on by themselves.
        counts: how many downloads stand in each state, filter or not; states without any are left
            out.
        wanted, sort: how the rows were chosen and ordered.
        held: the download that stays among the rows although it belongs elsewhere by now.
        has_leftover: it does belong elsewhere.
    """

    snapshot: QueueSnapshot = _UNREAD
    view: View = View.ALL
    rows: tuple[Snapshot, ...] = ()
    active: tuple[Snapshot, ...] = ()
    counts: dict[Status, int] = field(default_factory=dict)
    wanted: Filter = field(default_factory=Filter)
    sort: Sort = field(default_factory=Sort)
    held: int | None = None
    has_leftover: bool = False

    @property
    def matching(self) -> int:
        """How many downloads of the view pass the filter."""
        return len(self.rows) - self.has_leftover

    @property
    def is_read(self) -> bool:
        """It is known what is in the queue."""
        return self.snapshot is not _UNREAD

    @property
    def shows_all(self) -> bool:
        """No download is left out."""
        return len(self.rows) == len(self.snapshot.downloads)

    @property
    def running(self) -> int:
        """How many downloads are being carried out or go on by themselves."""
        return len(self.active)

    @property
    def in_line(self) -> int:
        """How many downloads are queued and do not wait for a start time."""
        return self.counts.get(Status.QUEUED, 0) - self.snapshot.scheduled

    @property
    def is_moving(self) -> bool:
        """Something runs, is hashed again although it has ended, or is about to lose its parts."""
        return bool(self.active) or any(
            each.status.is_ended and (each.phase or each.parts_go_at is not None)
            for each in self.snapshot.downloads
        )

    def among(self, ids: Collection[int]) -> list[Snapshot]:
        """Return the downloads with these ids, in queue order, shown or not."""
        if not ids:
            return []
        return [each for each in self.snapshot.downloads if each.download_id in ids]

    def count(self, view: View) -> int:
        """How many downloads a view shows."""
        return sum(self.counts.get(status, 0) for status in view.statuses)


Rows = tuple["Snapshot", ...]


def look_at(
    snapshot: QueueSnapshot,
    view: View = View.ALL,
    *,
    arrange: Callable[[Rows], Rows] | None = None,
    narrow: Callable[[Rows], Rows] | None = None,
    held: int | None = None,
) -> Board:
    """Count, filter and sort a snapshot; the only pass over the whole queue.

    Args:
        arrange: puts all downloads in the order to show them; None for queue order.
        narrow: leaves out rows of the view; None for none.
        held: a download that is to stay among the rows.
    """
    downloads = snapshot.downloads if arrange is None else arrange(snapshot.downloads)
    by_status: dict[Status, list[Snapshot]] = {status: [] for status in Status}
    differs = Assurance.DIFFERS
    for download in downloads:
        # Asked of those alone where it may be another than the status: this is run for thousands.
        is_plain = download.assurance is not differs
        by_status[download.status if is_plain else download.standing].append(download)
    counts = {status: len(found) for status, found in by_status.items() if found}
    active = tuple(chain.from_iterable(by_status[status] for status in _RUNNING))
    rows = downloads if view is View.ALL else _in_list_order(downloads, by_status, view)
    fitting = rows if narrow is None else narrow(rows)
    rows = fitting if held is None else _with(held, fitting, downloads)
    has_leftover = len(rows) > len(fitting)
    return Board(snapshot, view, rows, active, counts, held=held, has_leftover=has_leftover)


def _with(held: int, rows: Rows, downloads: Rows) -> Rows:
    """Add a download to the rows, at its place, unless it is there or has left the list."""
    if len(rows) == len(downloads) or any(row.download_id == held for row in rows):
        return rows
    shown = {id(row) for row in rows}
    return tuple(each for each in downloads if id(each) in shown or each.download_id == held)


def _in_list_order(downloads: Rows, by_status: dict[Status, list[Snapshot]], view: View) -> Rows:
    """Merge the states of a view in queue order; a single state is in order already."""
    found = [by_status[status] for status in view.statuses if by_status[status]]
    if len(found) <= 1:
        return tuple(chain.from_iterable(found))
    wanted = {id(download) for download in chain.from_iterable(found)}
    return tuple(download for download in downloads if id(download) in wanted)
