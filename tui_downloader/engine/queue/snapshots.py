"""The whole queue as one frozen snapshot, for display.

It is taken several times a second, and merely reading ten thousand downloads scattered over memory
takes milliseconds. So the list is read in blocks, and while nothing else has changed only those
blocks are read again in which something did.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from tui_downloader.engine.queue.ended_throughput import EndedThroughput
from tui_downloader.engine.transfer.showing import snapshot_of
from tui_downloader.model.download import LAST_PLACE, QueueSnapshot
from tui_downloader.model.speed import share_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.download import Hold, Snapshot

# Looking a member up costs a call in Python 3.11.
_QUEUED, _VERIFYING = Status.QUEUED, Status.VERIFYING
_BLOCK = 128


class Snapshots:
    """Takes snapshots, and reuses the unchanged parts of the last one.

    Attributes:
        ended: told of each change of a status.
    """

    def __init__(self) -> None:
        self.ended = EndedThroughput()
        self._is_outdated = True
        self._holds: Mapping[str, Hold] = {}
        self._blocks: list[_Block] = []
        self._edition = 0

    def outdate(self) -> None:
        """The list has other members or another order: read everything again."""
        self._is_outdated = True

    def joined(self, new: Iterable[Download]) -> None:
        """Downloads were added at the end of the list; all others are unchanged."""
        left = iter(new)
        if self._blocks:
            self._blocks[-1].add(islice(left, self._blocks[-1].room))
        while batch := list(islice(left, _BLOCK)):
            self._blocks.append(_Block())
            self._blocks[-1].add(batch)

    def take(
        self,
        downloads: Iterable[Download],
        now: float,
        limit_bytes_per_s: int | None,
        holds: Mapping[str, Hold],
    ) -> QueueSnapshot:
        """Return the snapshot; downloads that did not change are the same objects as before.

        Args:
            downloads: in queue order.
            now: wall clock, seconds.
            holds: why a host or a disk keeps downloads in the queue, by host or folder.
        """
        self._heed(downloads, now, holds)
        blocks = self._blocks
        rate, left_bytes, slowest_s = 0.0, sum(block.queued_bytes for block in blocks), 0.0
        has_untold = any(block.has_untold for block in blocks)
        running = [(block, place) for block in blocks for place in block.running]
        paces, pace = self._paces(running, now, limit_bytes_per_s)
        for (block, place), its_pace in zip(running, paces, strict=True):
            snapshot = block.look_again(place, now, its_pace)
            rate += snapshot.bytes_per_s
            left_bytes += _left_bytes(snapshot)
            has_untold = has_untold or snapshot.total_bytes is None
            slowest_s = max(slowest_s, snapshot.eta_s or 0.0)
        if running:
            rate += self.ended.rate(now)
        return QueueSnapshot(
            downloads=tuple(chain.from_iterable(block.snapshots for block in blocks)),
            bytes_per_s=rate,
            limit_bytes_per_s=limit_bytes_per_s,
            eta_s=_eta_s(left_bytes, pace, slowest_s, has_untold=has_untold),
            is_eta_least=has_untold,
            scheduled=sum(block.scheduled for block in blocks),
            taken_at=now,
            edition=self._edition,
        )

    def _heed(self, downloads: Iterable[Download], now: float, holds: Mapping[str, Hold]) -> None:
        """Have each block read again what has changed since the last snapshot."""
        is_new = self._is_outdated
        if self._is_outdated:
            self._is_outdated, self._blocks = False, []
            self.joined(downloads)
        if holds != self._holds:
            self._holds = holds
            for block in self._blocks:
                block.outdate()
        line = 0
        for block in self._blocks:
            is_new |= block.heed(now, line, holds)
            line += block.in_line
        self._edition += is_new

    def _paces(
        self, running: list[tuple[_Block, int]], now: float, limit_bytes_per_s: int | None
    ) -> tuple[list[float], float]:
        """Return the expected bytes per second of each running download, and of all together.

        A limit that they still exceed is divided in proportion to their current speeds.
        """
        paces = [block.downloads[place].pace(now) for block, place in running]
        pace = sum(paces) + self.ended.pace(now)
        share = share_of(limit_bytes_per_s, pace)
        return [each * share for each in paces], pace * share


class _Block:
    """Downloads that follow one another in the list.

    Attributes:
        downloads: in the order of the list.
        snapshots: of each of them, as of the last look.
        running: the places in here of those that run, or whose file is checked again.
        in_line: how many stand in line.
        queued_bytes: what those lack, as far as it is known.
        has_untold: the size of one of those is not known.
        scheduled: how many wait for their time.
    """

    def __init__(self) -> None:
        self.downloads: list[Download] = []
        self.snapshots: list[Snapshot] = []
        self.running: list[int] = []
        self.in_line = self.queued_bytes = self.scheduled = 0
        self.has_untold = False
        self._before = 0  # how many stood in line before these
        self._is_outdated = True

    @property
    def room(self) -> int:
        """How many more it takes."""
        return _BLOCK - len(self.downloads)

    def add(self, downloads: Iterable[Download]) -> None:
        """Add the next downloads, and hear of each change of them from now on."""
        outdate = self.outdate  # one object for all of them
        for download in downloads:
            self.downloads.append(download)
            download.tell_change = outdate
        self._is_outdated = True

    def outdate(self) -> None:
        """Something other than the progress of a run has changed: read all of them again."""
        self._is_outdated = True

    def heed(self, now: float, before: int, holds: Mapping[str, Hold]) -> bool:
        """Read them again if anything has changed, and tell whether it has.

        Args:
            now: wall clock, seconds.
            before: how many stand in line before these.
            holds: as `Snapshots.take` has them.
        """
        before = min(LAST_PLACE, before)
        is_due = self._is_outdated or before != self._before
        if is_due:
            self._is_outdated, self._before = False, before
            self._read(now, holds)
        return is_due

    def _read(self, now: float, holds: Mapping[str, Hold]) -> None:
        self.snapshots, self.running = [], []
        self.in_line = self.queued_bytes = self.scheduled = 0
        self.has_untold = False
        for download in self.downloads:
            status, snapshot, start_at = download.status, download.shown, download.request.start_at
            if status is _QUEUED and start_at is not None and start_at > now:
                self.scheduled += 1
                snapshot = snapshot_of(download, now, 0)
            elif status is _QUEUED:
                self.in_line += 1
                place = min(LAST_PLACE, self._before + self.in_line)
                hold = _hold_of(download, holds)
                if snapshot is None or snapshot.queue_place != place or snapshot.hold is not hold:
                    snapshot = snapshot_of(download, now, place, hold)
                self.queued_bytes += _left_bytes(snapshot)
                self.has_untold = self.has_untold or snapshot.total_bytes is None
            elif status.is_running or download.is_checked_again:
                self.running.append(len(self.snapshots))
            self.snapshots.append(snapshot_of(download, now, 0) if snapshot is None else snapshot)

    def look_again(self, place: int, now: float, pace: float) -> Snapshot:
        """Read one that runs, and return what it is like now.

        Args:
            pace: the expected bytes per second.
        """
        snapshot = snapshot_of(self.downloads[place], now, 0, pace=pace)
        self.snapshots[place] = snapshot
        return snapshot


def _hold_of(download: Download, holds: Mapping[str, Hold]) -> Hold | None:
    if not holds:
        return None
    hold = holds.get(download.request.folder) or holds.get(download.host)
    if hold is not None or download.needed_host == download.host:
        return hold
    # Where it is led to matters for getting there, and for how many do, alone.
    beyond = holds.get(download.needed_host)
    return beyond if beyond is not None and (beyond.is_silent or beyond.limit) else None


def _left_bytes(snapshot: Snapshot) -> int:
    if snapshot.total_bytes is None or snapshot.stage is _VERIFYING:
        return 0  # nothing that is known; or nothing that is still to come
    return snapshot.total_bytes - snapshot.done_bytes


def _eta_s(left_bytes: int, pace: float, slowest_s: float, *, has_untold: bool) -> float | None:
    """Return the seconds until all is done, which is no sooner than the slowest one.

    None when no size is known, or nothing comes of what is missing.
    """
    if left_bytes > 0:
        return max(left_bytes / pace, slowest_s) if pace > 0 else None
    is_known = slowest_s > 0 or (pace > 0 and not has_untold)
    return slowest_s if is_known else None
