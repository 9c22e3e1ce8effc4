"""Hosts that serve no more downloads at once: the next one starts when another one ends.

Who was refused waits without a slot, and asks again when a download of that host has ended, or
after a while, as other programs may have had the connections. Where several were refused, those
that have not been yet would be, too: they stay in the queue meanwhile. A single one may be a file
that is never served.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import ends_in
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download

_SEVERAL = 2


class CrowdedHosts:
    """Knows who waits for which host (name and port), in the order in which they were refused.

    Args:
        roster: all downloads.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._waiting: dict[str, dict[int, None]] = {}

    def refused(self, download: Download) -> None:
        """A download has to wait until another one of its host ends."""
        self._waiting.setdefault(download.host, {})[download.download_id] = None
        download.may_find_room = True

    def try_now(self, download: Download) -> None:
        """Allow a download to ask its host, as the user wants it."""
        if download.host in self._waiting:
            self.refused(download)
            self._roster.scheduler.joined((download,))  # in its place in the line

    def forget(self, download: Download) -> None:
        """A download has been served, or others are not why it was refused."""
        download.may_find_room = False
        waiting = self._waiting.get(download.host)
        if waiting is not None:
            waiting.pop(download.download_id, None)
            if not waiting:
                del self._waiting[download.host]

    def freed(self, host: str) -> None:
        """A download of a host has ended: one that waits for that tries now."""
        waiting = self._roster.known(self._waiting.get(host, ()))
        download = next((each for each in waiting if each.status is Status.WAITING), None)
        if download is not None:
            download.note(time.time(), "another download of this host has ended")
            download.wait_end = ends_in(0.0)
            self._roster.scheduler.note_wait(download)
            download.changed()

    def hosts(self) -> set[str]:
        """Return the hosts that are busy with some downloads while several wait for that."""
        if not self._waiting:
            return set()
        running = self._roster.known(self._roster.scheduler.slots)
        busy = {each.host for each in running if each.status is Status.DOWNLOADING}
        waiting = self._waiting.items()
        return {host for host, ids in waiting if host in busy and self._want(ids) >= _SEVERAL}

    def _want(self, ids: Iterable[int]) -> int:
        """Return how many of those still want to be served."""
        in_line = self._roster.scheduler.in_line
        return sum(
            each.status in (Status.WAITING, Status.CONNECTING) or each.download_id in in_line
            for each in self._roster.known(ids)
        )

    def may_ask(self, download: Download, crowded: set[str]) -> bool:
        """Tell whether a download may start.

        Args:
            crowded: what `hosts` returns.
        """
        is_held = download.host in crowded and not download.may_find_room
        return not is_held or bool(download.request.mirrors)
