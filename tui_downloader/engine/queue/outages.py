"""Hosts that cannot be reached or serve no more: who waits for one holds no slot, few try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.queue.crowded_hosts import CrowdedHosts
from tui_downloader.engine.queue.line import Turn
from tui_downloader.engine.queue.offline import Offline
from tui_downloader.engine.queue.silent_hosts import SilentHosts
from tui_downloader.engine.queue.slow_connects import SlowConnects
from tui_downloader.model.download import Hold
from tui_downloader.model.links.addresses import host_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.network.network import Network
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.status import Event

_OFFLINE = Hold(is_offline=True)
_SILENT = Hold(is_silent=True)
_CROWDED = Hold(is_crowded=True)


class Outages:
    """Combines what is known of the machine's network and of single hosts.

    Args:
        roster: all downloads.
        network: tells of the ways out.
        apply: changes the status of a download by an event, and reports it.

    Attributes:
        offline: who waits for the network.
        silent: hosts to which no connection comes about.
        slow: who has had none for too long.
        crowded: hosts that serve no more downloads at once.
    """

    def __init__(
        self, roster: Roster, network: Network, apply: Callable[[Download, Event], None]
    ) -> None:
        self._roster = roster
        self._network = network
        self.offline = Offline(roster, network, apply)
        self.slow = SlowConnects(roster)
        self.silent = SilentHosts(roster, self.slow)
        self.crowded = CrowdedHosts(roster)

    def reached(self, url: str, peer: str = "") -> None:
        """The host of `url` has answered.

        Args:
            peer: from which IP address, "" when that is not known.
        """
        self._network.reached(url, peer)
        self.silent.answered(host_of(url))

    def holds(self) -> dict[str, Hold]:
        """Return the hosts, name and port, that serve no downloads in line now, and why."""
        silent, offline = self.silent.closed(), self._offline_hosts()
        crowded = dict.fromkeys(self.crowded.hosts(), _CROWDED)
        return crowded | dict.fromkeys(silent, _SILENT) | dict.fromkeys(offline, _OFFLINE)

    def turns(self) -> Callable[[Download], Turn]:
        """Return a function that tells whether a download may start, until the next one has."""
        offline, tried = self._offline_hosts(), self.silent.tried()
        crowded = self.crowded.hosts()

        def turn(download: Download) -> Turn:
            if download.host in offline and not download.request.mirrors:
                return Turn.HELD
            if not self.crowded.may_ask(download, crowded):
                return Turn.HELD
            return self.silent.turn_of(download, tried)

        return turn

    def _offline_hosts(self) -> set[str]:
        if not self.offline.somebody_waits:
            return set()
        return self.offline.hosts(self._roster.scheduler.hosts_in_line)
