"""Throughput that no row has any more, and the queue still has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.speed import Throughput
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download


class EndedThroughput:
    """What came lately of downloads that have all their bytes by now.

    Small files come in no time: going by the rows alone, a queue that gets a thousand of them a
    second would stand still. Times are wall clock, in seconds.
    """

    def __init__(self) -> None:
        self._throughput = Throughput()
        self._checked: dict[int, Throughput] = {}  # of what may turn out to be wrong

    def note(self, download: Download, now: float) -> None:
        """A status changed: what has all its bytes has no throughput of its own any more.

        What is fetched once more has one again, and what came before is no part of that.
        """
        key = download.download_id
        if download.status is Status.VERIFYING:
            if key not in self._checked:  # else it is reported again
                self._checked[key] = taken = Throughput()
                taken.take_over(download.progress.throughput, now)
                self._throughput.count(taken, now)
        elif key in self._checked:
            taken = self._checked.pop(key)
            if download.status.is_running:
                self._throughput.discount(taken, now)

    def rate(self, now: float) -> float:
        """Return bytes per second as they are shown."""
        return self._throughput.shown.rate(now)

    def pace(self, now: float) -> float:
        """Return the bytes per second that may come of others like them; see `Download.pace`."""
        return self._throughput.expected.rate(now) if self.rate(now) else 0.0

    def limits_changed(self, now: float, share: float) -> None:
        """Another speed limit holds from now on, which leaves this share of the speed."""
        for each in (self._throughput, *self._checked.values()):
            each.limits_changed(now, share)
