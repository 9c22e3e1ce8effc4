"""Hosts that serve no more downloads at once: the next one starts when another one ends.

Who was refused waits without a slot, and asks again when a download of that host has ended, or
after a while, as other programs may have had the connections. Where several were refused, those
that have not been yet would be, too: they stay in the queue meanwhile.

But those may be files that are never served. So the more often they are refused, the more of the
others may ask. Whoever was refused beside fewer than the host has served holds up nobody, and what
room there is goes to others first.
"""

from __future__ import annotations

import time
from itertools import chain
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import ends_in, steady
from tui_downloader.model.crowd import Crowd
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download

_SEVERAL, _MANY = 2, 8


class CrowdedHosts:
    """Knows who waits for which host (name and port), in the order in which they were refused.

    Args:
        roster: all downloads.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._waiting: dict[str, dict[int, Crowd]] = {}

    def refused(self, download: Download, crowd: Crowd) -> None:
        """A download has to wait until another one of its host ends.

        Args:
            crowd: those that want something of that host.
        """
        self._waiting.setdefault(download.host, {})[download.download_id] = crowd
        download.may_find_room = True
        if not crowd.may_be_full(download.download_id):
            self._wake(self._asleep(download.host), "this host may have room")

    def try_now(self, download: Download) -> None:
        """Allow a download to ask its host, as the user wants it."""
        if download.host in self._waiting:
            self._waiting[download.host].setdefault(download.download_id, Crowd())
            download.may_find_room = True
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
        asleep = chain(self._asleep(host), self._asleep(host, is_full=False))
        self._wake(asleep, "another download of this host has ended")

    def _asleep(self, host: str, *, is_full: bool = True) -> Iterator[Download]:
        """Return who waits for room at a host that may be full, or is not, as they were told."""
        for each, crowd in self._known(host):
            # One that was woken just now waits until the dispatcher looks.
            is_due = each.wait_end is not None and not each.wait_end.left_s(steady())
            is_asleep = each.status is Status.WAITING and not is_due
            if is_asleep and crowd.may_be_full(each.download_id) is is_full:
                yield each

    def _known(self, host: str) -> Iterator[tuple[Download, Crowd]]:
        """Return who waits for a host, but those that have another address by now."""
        waiting = self._waiting.get(host, {})
        known = (each for each in self._roster.known(waiting) if each.host == host)
        return ((each, waiting[each.download_id]) for each in known)

    def _wake(self, asleep: Iterator[Download], why: str) -> None:
        """Let the first one try now."""
        if (download := next(asleep, None)) is not None:
            download.note(time.time(), why)
            download.wait_end = ends_in(0.0)
            self._roster.scheduler.note_wait(download)
            download.changed()

    def hosts(self) -> set[str]:
        """Return the hosts that are busy with some downloads while several wait for that."""
        if not self._waiting:
            return set()
        running = self._roster.known(self._roster.scheduler.slots)
        busy = {each.host for each in running if each.status is Status.DOWNLOADING}
        return {host for host in self._waiting if host in busy and self._is_full(host)}

    def _is_full(self, host: str) -> bool:
        """Tell whether so many of those who want to be served are refused that all would be."""
        in_line = self._roster.scheduler.in_line
        wanting, most_refusals = 0, 0
        for each, crowd in self._known(host):
            key = each.download_id
            wants = each.status in (Status.WAITING, Status.CONNECTING) or key in in_line
            if wants and crowd.may_be_full(key):
                wanting += 1
                most_refusals = max(most_refusals, crowd.refusals(key))
        return wanting >= min(max(_SEVERAL, most_refusals + 1), _MANY)

    def may_ask(self, download: Download, crowded: set[str]) -> bool:
        """Tell whether a download may start.

        Args:
            crowded: what `hosts` returns.
        """
        is_held = download.host in crowded and not download.may_find_room
        return not is_held or bool(download.request.mirrors)
