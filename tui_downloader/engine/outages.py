"""Ways that are gone: who waits for one holds no slot, and nobody else starts only to meet it too.

Either the machine has no network, which spends no retry and is looked at until it is back, or no
connection to a host comes about, which is tried again by who met it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.engine.hosts import host_of
from tui_downloader.engine.network import Network, way_of
from tui_downloader.model.download import Hold
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from tui_downloader.engine.download import Download
    from tui_downloader.engine.roster import Roster
    from tui_downloader.model.deadline import Deadline

EVERY_S = 1.0
NO_NETWORK = Failure("no-network", "no network", "it goes on by itself")
_OFFLINE = Hold(is_offline=True)
_SILENT = Hold(is_silent=True)


class Outages:
    """Knows which ways are gone and who waits for the network; `watch` is a task of the engine.

    Args:
        roster: all downloads.
        network: tells of the ways out.
        apply: changes the status of a download by an event, and reports it.
    """

    def __init__(
        self, roster: Roster, network: Network, apply: Callable[[Download, Event], None]
    ) -> None:
        self._roster = roster
        self._network = network
        self._apply = apply
        self._offline: dict[int, tuple[Download, str]] = {}  # with the address that it asked
        self._silent: dict[str, Deadline] = {}  # hosts, and when one is tried again
        self._busy = asyncio.Event()

    def is_offline(self, url: str) -> bool:
        """Tell whether the way to the host of `url` was there and is gone."""
        return self._network.is_down(url)

    def await_network(self, download: Download, url: str) -> None:
        """A download is WAITING for the way to the host of `url`."""
        self._offline[download.download_id] = download, url
        self._busy.set()

    def lost(self, host: str, until: Deadline) -> None:
        """No connection to a host came about; whoever met that tries again then."""
        self._silent[host.lower()] = until

    def reached(self, url: str) -> None:
        """The host of `url` has answered."""
        self._network.reached(url)
        self.try_now(host_of(url))

    def try_now(self, host: str) -> None:
        """Anybody may ask a host again."""
        self._silent.pop(host, None)

    def note(self, download: Download) -> None:
        """The status of a download changed, or it is in the list again."""
        key = download.download_id
        if download.status is not Status.WAITING or download.failure != NO_NETWORK:
            self._offline.pop(key, None)
        elif key not in self._offline:
            self.await_network(download, download.request.url)

    def holds(self) -> dict[str, Hold]:
        """Return the hosts of downloads in line that cannot be reached now, and why."""
        if not (self._offline or self._silent):
            return {}
        at = steady()
        self._silent = {host: end for host, end in self._silent.items() if end.left_s(at)}
        holds = dict.fromkeys(self._silent, _SILENT)
        gone = {way_of(url) for _, url in self._offline.values()}
        if gone:
            known = self._roster.known(self._roster.scheduler.in_line)
            hosts = {each.host: each.request.url for each in known}
            holds |= {host: _OFFLINE for host, url in hosts.items() if way_of(url) in gone}
        return holds

    def held(self) -> Callable[[Download], bool] | None:
        """Return what tells who is not to start now; None when everybody may.

        Who met a silent host before tries it again at its own time.
        """
        holds = self.holds()

        def is_held(download: Download) -> bool:
            hold = holds.get(download.host)
            if hold is None or download.request.mirrors:
                return False
            return hold.is_offline or not download.attempt

        return is_held if holds else None

    def next_end_s(self) -> float | None:
        """Return the seconds until a host is tried again; None when none is waited for."""
        at = steady()
        return min((until.left_s(at) for until in self._silent.values()), default=None)

    async def watch(self, carried: Container[int]) -> None:
        """Look every second while anybody waits for the network: no system tells of all its ways.

        Args:
            carried: downloads whose task has not put its files down yet.
        """
        while True:
            await self._busy.wait()
            await asyncio.sleep(EVERY_S)
            self._look(carried)
            if not self._offline:
                self._busy.clear()

    def _look(self, carried: Container[int]) -> None:
        known = self._roster.downloads
        self._offline = {k: each for k, each in self._offline.items() if known.get(k) is each[0]}
        ways = {way_of(url) for _, url in self._offline.values()}
        back = {way for way in ways if self._network.is_up(way)}
        for key, (download, url) in tuple(self._offline.items()):
            if way_of(url) in back and key not in carried:
                download.note(time.time(), "the network is back")
                self._apply(download, Event.REQUEUE)
