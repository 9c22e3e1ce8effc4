"""The queue at one moment, counted, filtered and sorted for the main screen in a single pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from itertools import compress
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


_RUNNING = frozenset(status for status in Status if status.is_running)

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
        active: all downloads that are being carried out, go on by themselves or are checked again.
        counts: how many downloads stand in each state, filter or not; states without any are left
            out.
        skipped: how many of the cancelled ones nobody cancelled: their names were taken.
        running_places: where those that run stand in the queue.
        wanted, sort: how the rows were chosen and ordered.
        held: the download that stays among the rows although it belongs elsewhere by now.
        has_leftover: it does belong elsewhere.
    """

    snapshot: QueueSnapshot = _UNREAD
    view: View = View.ALL
    rows: tuple[Snapshot, ...] = ()
    active: tuple[Snapshot, ...] = ()
    counts: dict[Status, int] = field(default_factory=dict)
    skipped: int = 0
    running_places: tuple[int, ...] = ()
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

    def merely_goes_on(self, before: Board) -> bool:
        """Every row stands where it stood before: nothing is new but the progress of what runs."""
        is_plain = self.sort.is_queue_order and not self.wanted.tests
        is_same_look = (self.view, self.held, self.sort, self.wanted) == (
            (before.view, before.held, before.sort, before.wanted)
        )
        return is_plain and is_same_look and _is_same_edition(self.snapshot, before.snapshot)

    @property
    def shows_all(self) -> bool:
        """No download is left out."""
        return len(self.rows) == len(self.snapshot.downloads)

    @property
    def running(self) -> int:
        """How many downloads are active."""
        return len(self.active)

    @property
    def in_line(self) -> int:
        """How many downloads are queued and do not wait for a start time."""
        return self.counts.get(Status.QUEUED, 0) - self.snapshot.scheduled

    @property
    def unsuccessful(self) -> list[tuple[str, int]]:
        """The words for what the view of failed downloads shows, and how many are of each."""
        failed, stopped = self.counts.get(Status.FAILED, 0), self.counts.get(Status.CANCELLED, 0)
        each = (
            ("failed", failed),
            ("cancelled", stopped - self.skipped),
            ("skipped", self.skipped),
        )
        return [(word, count) for word, count in each if count]

    @property
    def is_moving(self) -> bool:
        """Something is active, or about to lose its parts."""
        return bool(self.active) or any(
            each.status.is_ended and each.parts_go_at is not None
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
    before: Board | None = None,
) -> Board:
    """Count, filter and sort a snapshot; the only pass over the whole queue.

    Args:
        arrange: puts all downloads in the order to show them; None for queue order.
        narrow: leaves out rows of the view; None for none.
        held: a download that is to stay among the rows.
        before: what was seen last; what cannot have changed since is not counted again, as this is
            done for thousands, several times a second.
    """
    if before is not None and _is_same_edition(snapshot, before.snapshot):
        counts, skipped, places = before.counts, before.skipped, before.running_places
    else:
        counts, skipped, places = _count(snapshot.downloads)
    downloads = snapshot.downloads if arrange is None else arrange(snapshot.downloads)
    rows = downloads if view is View.ALL else _standing_in(downloads, view)
    fitting = rows if narrow is None else narrow(rows)
    rows = fitting if held is None else _with(held, fitting, downloads)
    return Board(
        snapshot,
        view,
        rows,
        active=tuple(snapshot.downloads[place] for place in places),
        counts=counts,
        skipped=skipped,
        running_places=places,
        held=held,
        has_leftover=len(rows) > len(fitting),
    )


def _is_same_edition(one: QueueSnapshot, other: QueueSnapshot) -> bool:
    return one.edition == other.edition != 0


def _count(downloads: Rows) -> tuple[dict[Status, int], int, tuple[int, ...]]:
    """Count the downloads in each state and those that were skipped, and find those that run."""
    standings = _standings(downloads)
    places = tuple(place for place, each in enumerate(standings) if each.is_running)
    counts, cancelled = Counter(standings), Status.CANCELLED
    stopped = compress(downloads, (each is cancelled for each in standings))
    skipped = sum(each.is_skipped for each in stopped) if counts[cancelled] else 0
    return counts, skipped, places


def _standings(downloads: Rows) -> list[Status]:
    differs = Assurance.DIFFERS
    # Asked of those alone where it may be another than the status: this is run for thousands.
    return [
        each.standing if each.phase or each.assurance is differs else each.status
        for each in downloads
    ]


def _with(held: int, rows: Rows, downloads: Rows) -> Rows:
    """Add a download to the rows, at its place, unless it is there or has left the list."""
    if len(rows) == len(downloads) or any(row.download_id == held for row in rows):
        return rows
    shown = {id(row) for row in rows}
    return tuple(each for each in downloads if id(each) in shown or each.download_id == held)


def _standing_in(downloads: Rows, view: View) -> Rows:
    statuses = view.statuses
    return tuple(compress(downloads, (each in statuses for each in _standings(downloads))))
