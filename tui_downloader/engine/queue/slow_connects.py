"""Downloads without a connection after a few seconds give their slots to others.

Where a host drops packets, trying to connect takes 15 s in which no byte comes. If a connection is
made after all, more downloads run than there are slots, until one of them ends; together they never
have more connections than allowed. Other downloads of such a host wait for those that try it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download

# A packet that got lost is sent again after 1 s: so long a host that is there takes at most.
PATIENCE_S = 3.0
EVERY_S = 1.0
# A host that took the request is at work, however long its answer takes.
_NO_CONNECTION = frozenset({"DNS", "TCP", "TLS"})


class SlowConnects:
    """Knows which downloads have been connecting for too long.

    Args:
        roster: all downloads; its scheduler is told.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._slow: dict[int, Download] = {}
        self._look_at = 0.0

    def look(self) -> None:
        """Update them; while there are none, no more often than once a second."""
        at = steady()
        if not self._slow and at < self._look_at:
            return
        self._look_at = at + EVERY_S
        scheduler, before = self._roster.scheduler, self._slow
        self._slow = self._find(time.time()) if scheduler.in_line else {}
        for key in self._slow.keys() - before.keys():
            words = f"no connection after {PATIENCE_S:.0f} s: others need not wait for it"
            self._slow[key].note(time.time(), words)
        scheduler.let_pass(self._slow)

    def _find(self, now: float) -> dict[int, Download]:
        running = self._roster.known(self._roster.scheduler.slots)
        return {each.download_id: each for each in running if _is_slow(each, now)}

    def hosts(self, but: Download | None = None) -> set[str]:
        """Return the hosts that downloads other than `but` get no connection to."""
        return {each.needed_host for each in self._slow.values() if each is not but}

    def next_look_s(self) -> float | None:
        """Return the seconds until a slot may become free; None while nobody waits for one."""
        scheduler = self._roster.scheduler
        is_waited_for = self._slow or (scheduler.at_once and scheduler.in_line)
        return max(0.0, self._look_at - steady()) if is_waited_for else None


def _is_slow(download: Download, now: float) -> bool:
    if download.status is not Status.CONNECTING or download.phase not in _NO_CONNECTION:
        return False
    return now - download.phase_since >= PATIENCE_S
