"""Hosts that do not answer connection attempts: one download at a time tries each of them.

Where packets are dropped, connecting takes 15 s, with a slot occupied for part of that. So others
start first, and the rest of the downloads of such a host wait for the result of the one that tries.
A download needs the host that its address led to the last time. If it learns of another one from a
redirect, and that does not answer either, it gives its slot back.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import ends_in, steady
from tui_downloader.engine.queue.line import Turn
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.queue.slow_connects import SlowConnects
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.deadline import Deadline

# After a download has used up its tries, others of the host try only once for so long.
GIVEN_UP_S = 60.0
BETWEEN_S = 30.0  # so often one of them starts in its order, and not after all of other hosts


class SilentHosts:
    """Knows the hosts (name and port) that could not be connected to, until they answer.

    Args:
        roster: all downloads.
        slow: who gets no connection, also to hosts of which nothing is known yet.
    """

    def __init__(self, roster: Roster, slow: SlowConnects) -> None:
        self._roster = roster
        self._slow = slow
        self._ends: dict[str, Deadline] = {}  # when a download that has not met it may try
        self._given_up: dict[str, Deadline] = {}  # until when
        self._stuck: dict[str, set[int]] = {}  # ids of those that met it and try again
        self._in_order_at = 0.0

    def lost(self, host: str, until: Deadline, download_id: int) -> None:
        """No connection to a host could be made; the download that met that tries again then.

        A planned attempt that is still to come stays: a new download does not bring it forward, and
        those that have times of their own do not put it off for ever.
        """
        end = self._ends.get(host)
        if end is None or not end.left_s(steady()):
            self._ends[host] = until
        self._stuck.setdefault(host, set()).add(download_id)

    def answered(self, host: str) -> None:
        """A host has answered: nothing waits for it any longer."""
        self.try_now(host)
        for download in self._roster.known(self._stuck.pop(host, ())):
            if download.status is Status.WAITING and download.needed_host == host:
                download.note(time.time(), f"{clean(host, 120)} answers again")
                download.wait_end = ends_in(0.0)
                self._roster.scheduler.note_wait(download)
                download.changed()

    def try_now(self, host: str) -> None:
        """Allow any download to ask a host again, as the user wants it."""
        self._ends.pop(host, None)
        self._given_up.pop(host, None)

    def give_up(self, host: str) -> None:
        """A download has failed because no connection could be made in all of its tries."""
        self._given_up[host] = ends_in(GIVEN_UP_S)

    def is_given_up(self, host: str) -> bool:
        """Tell whether one try is enough: another download of the host has used up the rest."""
        end = self._given_up.get(host)
        return end is not None and end.left_s(steady()) > 0

    def started(self, download: Download) -> None:
        """A download was given a slot."""
        if download.needed_host in self._ends:
            self._in_order_at = steady() + BETWEEN_S

    def closed(self) -> set[str]:
        """Return the hosts that no further download is to try now."""
        at = steady()
        return self.tried() | {host for host, end in self._ends.items() if end.left_s(at)}

    def tried(self, but: Download | None = None) -> set[str]:
        """Return the hosts that a download other than `but` is connecting to now."""
        slow = self._slow.hosts(but)
        if not self._ends:
            return slow
        running = self._roster.known(self._roster.scheduler.slots)
        connecting = (each for each in running if each.status is Status.CONNECTING)
        others = (each for each in connecting if each is not but and self._concerns(each))
        return slow | {each.needed_host for each in others}

    def turn_of(self, download: Download, tried: set[str]) -> Turn:
        """Tell whether a download may start; one that met its host before has a time of its own.

        Args:
            tried: what `tried` returns.
        """
        at, host = steady(), download.needed_host
        if host in tried and not download.request.mirrors:
            return Turn.HELD
        if not self._concerns(download):
            return Turn.IN_ORDER
        if download.retry is None and self._ends[host].left_s(at):
            return Turn.HELD
        return Turn.LAST if at < self._in_order_at else Turn.IN_ORDER

    def lets_on(self, download: Download, host: str) -> bool:
        """Tell whether a download may connect to the host that a redirect leads to."""
        download.led_to(host)
        return self.turn_of(download, self.tried(but=download)) is not Turn.HELD

    def _concerns(self, download: Download) -> bool:
        """Tell whether a download needs this host, and not only a mirror on it."""
        return download.needed_host in self._ends and not download.request.mirrors

    def next_end_s(self) -> float | None:
        """Return the seconds until a host may be tried again; None when no host is waited for."""
        at = steady()
        return min(
            (left_s for each in self._ends.values() if (left_s := each.left_s(at))), default=None
        )
