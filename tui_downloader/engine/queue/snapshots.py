"""The whole queue as one frozen snapshot, for display.

It is taken several times a second, and merely reading ten thousand downloads scattered over memory
takes milliseconds. So while nothing else has changed, only those that run and those that were added
at the end are read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.queue.ended_throughput import EndedThroughput
from tui_downloader.model.download import LAST_PLACE, QueueSnapshot
from tui_downloader.model.speed import share_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.download import Hold, Snapshot

_QUEUED = Status.QUEUED  # looking a member up costs a call in Python 3.11


class Snapshots:
    """Takes snapshots, and reuses the unchanged parts of the last one.

    Attributes:
        ended: told of each change of a status.
    """

    def __init__(self) -> None:
        self.ended = EndedThroughput()
        self._is_outdated = True
        self._holds: Mapping[str, Hold] = {}
        self._snapshots: list[Snapshot] = []
        self._new: list[Download] = []  # not looked at yet
        self._running: list[tuple[int, Download]] = []  # with their places among the snapshots
        self._line = 0  # how many stand in it
        self._queued_bytes = 0
        self._has_untold = False  # the size of one in line is not known
        self._scheduled = 0

    def outdate(self) -> None:
        """Something other than the progress of a run has changed: read everything again."""
        self._is_outdated = True

    def joined(self, new: Iterable[Download]) -> None:
        """Downloads were added at the end of the list; all others are unchanged."""
        self._new.extend(new)

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
        if self._is_outdated or holds != self._holds:
            self._is_outdated, self._holds = False, holds
            self._forget_all()
            self._look_at(downloads, now)
        else:
            self._look_at(self._new, now)
        self._new = []
        rate, left_bytes, slowest_s = 0.0, self._queued_bytes, 0.0
        has_untold = self._has_untold
        paces, pace = self._paces(now, limit_bytes_per_s)
        for (place, download), its_pace in zip(self._running, paces, strict=True):
            snapshot = self._snapshots[place] = download.snapshot(now, 0, pace=its_pace)
            rate += snapshot.bytes_per_s
            left_bytes += _left_bytes(snapshot)
            has_untold = has_untold or snapshot.total_bytes is None
            slowest_s = max(slowest_s, snapshot.eta_s or 0.0)
        if self._running:
            rate += self.ended.rate(now)
        # If no size is known, no time can be estimated.
        is_reckoned = pace > 0 and (left_bytes > 0 or not has_untold)
        return QueueSnapshot(
            downloads=tuple(self._snapshots),
            bytes_per_s=rate,
            limit_bytes_per_s=limit_bytes_per_s,
            # All together are done no sooner than the slowest one.
            eta_s=max(left_bytes / pace, slowest_s) if is_reckoned else None,
            is_eta_least=has_untold,
            scheduled=self._scheduled,
            taken_at=now,
        )

    def _paces(self, now: float, limit_bytes_per_s: int | None) -> tuple[list[float], float]:
        """Return the expected bytes per second of each running download, and of all together.

        A limit that they still exceed is divided in proportion to their current speeds.
        """
        paces = [download.pace(now) for _, download in self._running]
        pace = sum(paces) + self.ended.pace(now)
        share = share_of(limit_bytes_per_s, pace)
        return [each * share for each in paces], pace * share

    def _forget_all(self) -> None:
        self._snapshots, self._running = [], []
        self._line = self._scheduled = self._queued_bytes = 0
        self._has_untold = False

    def _look_at(self, downloads: Iterable[Download], now: float) -> None:
        """Read the downloads behind those that were read before."""
        snapshots, line = self._snapshots, self._line
        for download in downloads:
            status, snapshot, start_at = download.status, download.shown, download.request.start_at
            if status is _QUEUED and start_at is not None and start_at > now:
                self._scheduled += 1
                snapshot = download.snapshot(now, 0)
            elif status is _QUEUED:
                line += 1
                place = min(LAST_PLACE, line)
                hold = self._hold_of(download)
                if snapshot is None or snapshot.queue_place != place or snapshot.hold is not hold:
                    snapshot = download.snapshot(now, place, hold)
                self._queued_bytes += _left_bytes(snapshot)
                self._has_untold = self._has_untold or snapshot.total_bytes is None
            elif status.is_running:
                self._running.append((len(snapshots), download))
            if snapshot is None:
                snapshot = download.snapshot(now, 0)
            snapshots.append(snapshot)
        self._line = line

    def _hold_of(self, download: Download) -> Hold | None:
        if not self._holds:
            return None
        hold = self._holds.get(download.request.folder) or self._holds.get(download.host)
        if hold is not None or download.needed_host == download.host:
            return hold
        # Where it is led to matters for getting there alone.
        beyond = self._holds.get(download.needed_host)
        return beyond if beyond is not None and beyond.is_silent else None


def _left_bytes(snapshot: Snapshot) -> int:
    return 0 if snapshot.total_bytes is None else snapshot.total_bytes - snapshot.done_bytes
