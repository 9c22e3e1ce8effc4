"""What runs next: a pure choice over the downloads in queue order; no await, no clock, no task."""

from __future__ import annotations

import math
import sys
from collections import Counter, OrderedDict
from enum import Enum, auto
from typing import TYPE_CHECKING

from tui_downloader.model.shares import Shares
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Mapping

    from tui_downloader.engine.download import Download

# VERIFYING needs no connection: the next download starts while a file is hashed or flushed.
_SLOT = frozenset({Status.CONNECTING, Status.DOWNLOADING, Status.WAITING})

# Sleep of the machine does not count for a timer, and its clock may be set: look again by then.
_LONGEST_S = 30.0


class Turn(Enum):
    """When a download in line may start."""

    IN_ORDER = auto()
    LAST = auto()  # while nobody else would
    HELD = auto()  # not now: it would only find that there is no way to its host


class Scheduler:
    """Keeps who holds a slot, who stands in line and who waits for a time.

    Args:
        downloads: all of them, in queue order; the engine's own mapping.
        jobs: slots, i.e. how many downloads run at once.
        shares: how many connections there may be, to one host and in all; each download has one at
            least. None for any number.
    """

    def __init__(
        self, downloads: Mapping[int, Download], jobs: int, shares: Shares | None = None
    ) -> None:
        self.jobs = jobs
        self._shares = shares or Shares(sys.maxsize, sys.maxsize)
        self._downloads = downloads
        self._slots: set[int] = set()
        self._passed_over: Collection[int] = ()
        self._no_folders: Collection[str] = ()
        self._unconnected: Collection[int] = ()
        self._deferred: set[int] = set()  # WAITING without a task
        self._scheduled: set[int] = set()  # QUEUED, but not to start yet
        self._now = 0.0
        self._line: OrderedDict[int, None] | None = None  # None: to be made again

    def reorder(self, downloads: Mapping[int, Download]) -> None:
        """The queue has another order now."""
        self._downloads = downloads
        self._line = None

    def joined(self, downloads: Iterable[Download]) -> None:
        """New downloads stand at the end of the queue."""
        if self._line is not None:
            for download in downloads:
                if download.status is Status.QUEUED:
                    self._place(self._line, download)

    def left(self, download_id: int) -> None:
        """A download was taken out of the list; its task, if any, still holds its slot."""
        self._deferred.discard(download_id)
        self._scheduled.discard(download_id)
        if self._line is not None:
            self._line.pop(download_id, None)

    def note(self, download: Download, *, carried: bool) -> None:
        """A status changed, or a task ended."""
        key, status = download.download_id, download.status
        # Who is put down only to go on, such as while its files move, keeps the slot that it has.
        goes_on = status is Status.QUEUED and key in self._slots
        _put(self._slots, key, carried and (status in _SLOT or goes_on))
        # The files of one that was removed may be put down after it has left.
        waits = status is Status.WAITING and key in self._downloads
        _put(self._deferred, key, waits and not carried)
        if status is Status.QUEUED:
            self._line = None
            return
        self._scheduled.discard(key)
        if self._line is not None:
            self._line.pop(key, None)

    def pass_over(self, ids: Collection[int], folders: Collection[str]) -> None:
        """Count the slots of these downloads for others, who go to none of these folders."""
        self._passed_over = ids
        self._no_folders = folders

    def let_pass(self, ids: Collection[int]) -> None:
        """Count the slots of these downloads for others, too: they have no connection yet."""
        self._unconnected = ids

    @property
    def no_folders(self) -> Collection[str]:
        """Folders to which nothing is started now."""
        return self._no_folders

    def take_next(
        self, carried: Container[int], turn_of: Callable[[Download], Turn] | None = None
    ) -> int | None:
        """Return who may start now and give it a slot; None when nobody may.

        Args:
            carried: downloads whose last task has not put its files down yet.
            turn_of: tells whose turn it is; None: all are IN_ORDER.
        """
        if self.at_once:
            return None
        chosen = self._choose(carried, turn_of)
        if chosen is not None:
            del self._standing()[chosen]
            self._slots.add(chosen)
        return chosen

    def _choose(
        self, carried: Container[int], turn_of: Callable[[Download], Turn] | None
    ) -> int | None:
        last, full = None, self.full_hosts()
        for download_id in self._standing():
            turn = turn_of(self._downloads[download_id]) if turn_of else Turn.IN_ORDER
            if turn is Turn.HELD or (turn is Turn.LAST and last is not None):
                continue
            if download_id not in carried and self._may_start(download_id, full):
                if turn is Turn.IN_ORDER:
                    return download_id
                last = download_id
        return last

    @property
    def at_once(self) -> int:
        """How many run at once, when that is what lets nobody else start; 0 while there is room."""
        if len(self._slots.difference(self._passed_over, self._unconnected)) >= self.jobs:
            return self.jobs
        most = self._shares.total
        return most if len(self._slots) >= most else 0

    @property
    def slots(self) -> Collection[int]:
        """Who holds a slot."""
        return self._slots

    @property
    def in_line(self) -> Collection[int]:
        """Who is QUEUED and waits for no time, the next one first."""
        return self._standing().keys()

    def _may_start(self, download_id: int, full_hosts: Container[str]) -> bool:
        download = self._downloads[download_id]
        if self._no_folders and download.request.folder in self._no_folders:
            return False
        return not full_hosts or download.host not in full_hosts

    def full_hosts(self) -> dict[str, int]:
        """Return the hosts whose next download waits for another one, with how many run."""
        per_host = self._shares.per_host
        if len(self._slots) < per_host:
            return {}
        running = Counter(self._host(key) for key in self._slots)
        return {host: count for host, count in running.items() if count >= per_host}

    def due(self, steady: float) -> list[int]:
        """Return the WAITING downloads whose time has come; the clock is that of deadlines."""
        return [key for key in self._deferred if self._wait_end(key) <= steady]

    def next_due_s(self, now: float, steady: float) -> float | None:
        """Return the seconds until somebody's time may come, None when nobody waits for one."""
        self._standing()
        waits_s = [self._wait_end(key) - steady for key in self._deferred]
        waits_s += [self._start_at(key) - now for key in self._scheduled]
        return max(0.0, min(*waits_s, _LONGEST_S)) if waits_s else None

    @property
    def is_done(self) -> bool:
        """Nobody stands in line and nobody waits for a time."""
        return not (self._deferred or self._standing() or self._scheduled)

    def admit(self, now: float) -> None:
        """Let those stand in line whose start has come; a clock put back lets them wait again.

        Args:
            now: wall clock, seconds: starts are meant by it.
        """
        is_back = now < self._now
        self._now = now
        if is_back or any(self._start_at(key) <= now for key in self._scheduled):
            self._line = None
            for download in self._downloads.values():
                if download.status is Status.QUEUED and download.request.start_at is not None:
                    download.changed()  # its words do, also where it has to wait for a slot

    def _host(self, key: int) -> str:
        download = self._downloads.get(key)
        return "" if download is None else download.host

    def _wait_end(self, key: int) -> float:
        """Return when a wait ends by the steady clock; what waits for no time is told otherwise."""
        download = self._downloads.get(key)
        until = None if download is None else download.wait_end
        return math.inf if until is None else until.at

    def _start_at(self, key: int) -> float:
        download = self._downloads.get(key)
        return 0.0 if download is None else download.request.start_at or 0.0

    def _standing(self) -> OrderedDict[int, None]:
        if self._line is None:
            self._line = OrderedDict()
            self._scheduled.clear()
            for download in self._downloads.values():
                if download.status is Status.QUEUED:
                    self._place(self._line, download)
        return self._line

    def _place(self, line: OrderedDict[int, None], download: Download) -> None:
        start_at = download.request.start_at
        if start_at is not None and start_at > self._now:
            self._scheduled.add(download.download_id)
        else:
            line[download.download_id] = None


def _put(group: set[int], key: int, belongs: bool) -> None:
    if belongs:
        group.add(key)
    else:
        group.discard(key)
