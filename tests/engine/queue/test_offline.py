"""Who waits for the network, and whom that concerns, without any engine."""

from __future__ import annotations

from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.network.network import NO_NETWORK, Network
from tui_downloader.engine.options import EngineOptions
from tui_downloader.engine.queue.offline import Offline
from tui_downloader.engine.queue.roster import Roster
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Event

HOSTS = {"a.invalid", "a.invalid:8000", "b.invalid"}


def waiting(url: str, mirrors: tuple[str, ...] = ()) -> tuple[Roster, Offline, Download]:
    """A download that waits for the network."""
    roster = Roster(1, Hosts(EngineOptions()))
    offline = Offline(roster, Network(lambda _: True), lambda *_: None)
    download = Download(1, DownloadRequest(url=url, folder="/tmp", mirrors=mirrors), 0.0)
    roster.join([download], first=False)
    for event in (Event.START, Event.WAIT):
        download.apply(event, 0.0)
    download.failure = NO_NETWORK
    return roster, offline, download


def test_it_concerns_those_of_the_same_name_only() -> None:
    _, offline, download = waiting("http://a.invalid/f")
    offline.add(download, download.request.url)
    assert offline.hosts(HOSTS) == {"a.invalid", "a.invalid:8000"}


def test_who_left_the_list_concerns_nobody() -> None:
    roster, offline, download = waiting("http://a.invalid/f")
    offline.note(download)
    assert offline.hosts(HOSTS)
    roster.leave(download)
    assert not offline.hosts(HOSTS)


def test_it_waits_for_the_way_to_the_address_in_use() -> None:
    mirror = "http://b.invalid/f"
    _, offline, download = waiting("http://a.invalid/f", mirrors=(mirror,))
    offline.add(download, mirror)
    offline.note(download)
    assert offline.hosts(HOSTS) == {"b.invalid"}
    download.ask(DownloadRequest(url="http://a.invalid/g", folder="/tmp"), 0.0)
    offline.note(download)
    assert offline.hosts(HOSTS) == {"a.invalid", "a.invalid:8000"}
