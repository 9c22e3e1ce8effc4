"""Decides which download runs next: plain code without `await`, clock or tasks."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from tui_downloader.engine.queue.due_times import DueTimes
from tui_downloader.engine.queue.line import Line, Turn
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable, Mapping

    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.shares import Shares

# VERIFYING needs no connection: the next download starts while a file is hashed or flushed.
_SLOT = frozenset({Status.CONNECTING, Status.DOWNLOADING, Status.WAITING})

# Sleep of the machine does not count for a timer, and its clock may be set: look again by then.
_LONGEST_S = 30.0


class Scheduler:
    """Keeps track of who holds a slot, who stands in line and who waits for a time.

    Args:
        downloads: all of them, in queue order; the engine's own mapping.
        jobs: slots, i.e. how many downloads run at once.
        shares: how many connections there may be, to one host and in all; each download has one at
            least.
    """

    def __init__(self, downloads: Mapping[int, Download], jobs: int, shares: Shares) -> None:
        self.jobs = jobs
        self._shares = shares
        self._downloads = downloads
        self._slots: set[int] = set()
        self._passed_over: Collection[int] = ()
        self._no_folders: Collection[str] = ()
        self._unconnected: Collection[int] = ()
        self._deferred = DueTimes()  # WAITING without a task
        self._scheduled = DueTimes()  # QUEUED, but not to start yet
        self._now = 0.0
        self._line = Line()
        self._is_in_line = False  # all those who are to stand there do

    def reorder(self, downloads: Mapping[int, Download]) -> None:
        """The order of the queue has changed."""
        self._downloads = downloads
        self._is_in_line = False

    def joined(self, downloads: Iterable[Download]) -> None:
        """New downloads were added at the end of the queue."""
        if self._is_in_line:
            for download in downloads:
                if download.status is Status.QUEUED:
                    self._place(download)

    def left(self, download_id: int) -> None:
        """A download was removed; its task, if any, still holds its slot."""
        self._deferred.drop(download_id)
        self._scheduled.drop(download_id)
        self._line.discard(download_id)

    def note(self, download: Download, *, has_task: bool) -> None:
        """A status has changed, or a task has ended."""
        key, status = download.download_id, download.status
        # One that stops only to go on, such as while its files move, keeps its slot.
        keeps = status is Status.QUEUED and key in self._slots
        if has_task and (keeps or status in _SLOT):
            self._slots.add(key)
        else:
            self._slots.discard(key)
        # The files of one that was removed may be put down after it has left.
        is_here = key in self._downloads
        if status is Status.WAITING and is_here and not has_task:
            self._deferred.put(key, _wait_end(download))
        else:
            self._deferred.drop(key)
        if status is not Status.QUEUED or not is_here:
            self._scheduled.drop(key)
            self._line.discard(key)
        elif self._is_in_line:
            self._place(download)

    def note_wait(self, download: Download) -> None:
        """The time that a download waits for has changed."""
        if download.download_id in self._deferred:
            self._deferred.put(download.download_id, _wait_end(download))

    def pass_over(self, ids: Collection[int], folders: Collection[str]) -> None:
        """Free the slots of these downloads, and start nothing that goes to these folders."""
        self._passed_over = ids
        self._no_folders = folders

    def let_pass(self, ids: Collection[int]) -> None:
        """Free the slots of these downloads: they have no connection yet."""
        self._unconnected = ids

    @property
    def no_folders(self) -> Collection[str]:
        """Folders for which nothing is started now."""
        return self._no_folders

    def next_to_start(
        self, with_tasks: Container[int], turn_of: Callable[[Download], Turn]
    ) -> int | None:
        """Return the download that may start next, None when none may; `note` gives it a slot.

        Args:
            with_tasks: downloads whose last task has not put its files down yet.
            turn_of: tells whose turn it is.
        """
        if self.at_once:
            return None
        full = self.full_hosts()

        def turn(download_id: int) -> Turn:
            download = self._downloads[download_id]
            return turn_of(download) if self._may_start(download, full) else Turn.HELD

        return self._standing().choose(turn, with_tasks)

    @property
    def at_once(self) -> int:
        """How many run at once, if that is why no other starts; 0 while there are free slots."""
        if len(self._slots.difference(self._passed_over, self._unconnected)) >= self.jobs:
            return self.jobs
        most = self._shares.total
        return most if len(self._slots) >= most else 0

    @property
    def slots(self) -> Collection[int]:
        """Ids of downloads that hold a slot."""
        return self._slots

    @property
    def in_line(self) -> Collection[int]:
        """Ids of downloads that are QUEUED and wait for no time, in no order."""
        return self._standing().ids

    @property
    def hosts_in_line(self) -> set[str]:
        """The first hosts (name and port) of all downloads in line."""
        return {self._host(key) for key in self._standing().one_of_each}

    def _may_start(self, download: Download, full_hosts: Container[str]) -> bool:
        if self._no_folders and download.request.folder in self._no_folders:
            return False
        return not full_hosts or all(host not in full_hosts for host in _hosts_of(download))

    def full_hosts(self) -> dict[str, int]:
        """Return the hosts at their limit whose next download has to wait, with how many run.

        One that a redirect led elsewhere runs at both: the next of its kind is led there, too.
        """
        per_host = self._shares.per_host
        if len(self._slots) < per_host:
            return {}
        known = (self._downloads[key] for key in self._slots if key in self._downloads)
        running = Counter(host for download in known for host in _hosts_of(download))
        return {host: count for host, count in running.items() if count >= per_host}

    def due(self, steady: float) -> list[int]:
        """Return the WAITING downloads whose time has come; the clock is that of deadlines."""
        return self._deferred.due(steady)

    def next_due_s(self, now: float, steady: float) -> float | None:
        """Return the seconds until the next wait may end, None when there is none."""
        self._standing()
        firsts = (self._deferred.first(), steady), (self._scheduled.first(), now)
        waits_s = [at - clock for at, clock in firsts if at is not None]
        return max(0.0, min(*waits_s, _LONGEST_S)) if waits_s else None

    @property
    def is_done(self) -> bool:
        """Nothing stands in line and nothing waits for a time."""
        return not (self._deferred or self._standing().ids or self._scheduled)

    def admit(self, now: float) -> None:
        """Move downloads whose start has come into the line, and back if the clock was set back.

        Args:
            now: wall clock, seconds: starts are meant by it.
        """
        is_back = now < self._now
        self._now = now
        come = self._downloads.keys() if is_back else self._scheduled.due(now)
        for key in tuple(come):
            download = self._downloads[key]
            if download.status is Status.QUEUED and download.request.start_at is not None:
                self._place(download)
                download.changed()  # its words do, also where it has to wait for a slot

    def _host(self, key: int) -> str:
        download = self._downloads.get(key)
        return "" if download is None else download.host

    def _standing(self) -> Line:
        if not self._is_in_line:
            self._is_in_line = True
            self._scheduled.clear()
            queued = [d for d in self._downloads.values() if d.status is Status.QUEUED]
            self._line.fill(each for each in queued if not self._is_early(each))
            for download in queued:
                if self._is_early(download):
                    self._place(download)
        return self._line

    def _is_early(self, download: Download) -> bool:
        start_at = download.request.start_at
        return start_at is not None and start_at > self._now

    def _place(self, download: Download) -> None:
        """Put a QUEUED download into the line, or let it wait for its time."""
        key, start_at = download.download_id, download.request.start_at
        if start_at is not None and self._is_early(download):
            self._line.discard(key)
            self._scheduled.put(key, start_at)
        else:
            self._scheduled.drop(key)
            self._line.add(download)


def _hosts_of(download: Download) -> set[str]:
    """Return the host of its address, and the one that this leads to, as far as that is known."""
    return {download.host, download.needed_host}


def _wait_end(download: Download) -> float:
    """Return when a wait ends by the steady clock; other modules end the others."""
    return math.inf if download.wait_end is None else download.wait_end.at
