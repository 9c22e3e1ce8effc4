"""What is remembered of a host: when it wants requests again, how many connections it allows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import ends_in, steady
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.errors import TruncatedError
from tui_downloader.model.links.link import MOST_AUTOMATIC, MOST_CONNECTIONS
from tui_downloader.model.proxy import DIRECT, Proxy
from tui_downloader.model.statuses import status_error
from tui_downloader.store import host_memory
from tui_downloader.store.host_memory import HostFacts

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.model.errors import DownloadError

URL, SAME_HOST = "http://host.example/file.bin", "HTTP://Host.Example/other.bin"
OTHER_PORT = "http://host.example:8080/file.bin"
HOST, OTHER_HOST = "host.example", "host.example:8080"


def refusal(status: int, retry_after_s: float | None = None) -> DownloadError:
    return status_error(status, retry_after_s, host=HOST)


def test_a_host_that_is_busy_is_left_alone_for_a_second_at_least() -> None:
    hosts, before = Hosts(EngineOptions()), steady()
    busy = hosts.heed(refusal(503, 0.0))
    assert busy is not None
    assert busy.until.at >= before + 1.0
    assert hosts.closed(SAME_HOST) == busy.until
    assert hosts.closed(OTHER_PORT) is None


def test_what_is_known_by_way_of_a_proxy_is_known_to_those_who_have_it(tmp_path: Path) -> None:
    file = tmp_path / "hosts.json"
    hosts, proxy = Hosts(EngineOptions(hosts_file=file)), Proxy("http://proxy.example:3128")
    assert hosts.by(None) is hosts
    assert hosts.by(proxy) is hosts.by(Proxy("http://proxy.example:3128"))
    assert hosts.by(proxy).heed(refusal(503, 10.0)) is not None
    hosts.by(proxy).worked(URL, 3)
    assert hosts.closed(URL) is None
    assert hosts.by(DIRECT).closed(URL) is None
    assert hosts.by(proxy).closed(SAME_HOST) is not None
    assert (hosts.words_of(URL), hosts.by(proxy).words_of(URL)) == (
        "",
        "3 connections served best",
    )
    hosts.set_connections(7, 8, 9)
    request = DownloadRequest(URL, "/downloads", proxy=proxy)
    assert hosts.by(proxy).named_for(request) == 7
    assert hosts.by(proxy).shares is hosts.shares
    hosts.by(proxy).memorise()
    assert not file.exists()


def test_what_says_no_time_closes_no_host() -> None:
    hosts = Hosts(EngineOptions())
    assert hosts.heed(refusal(503)) is None
    assert hosts.heed(TruncatedError("cut")) is None
    assert hosts.closed(URL) is None


def test_the_latest_end_counts_until_the_user_wants_to_try() -> None:
    hosts = Hosts(EngineOptions())
    hosts.heed(refusal(429, 10.0))
    later = hosts.heed(refusal(429, 100.0))
    hosts.heed(refusal(429, 10.0))
    assert later is not None
    assert hosts.closed(URL) == later.until
    hosts.open(HOST, OTHER_HOST)
    assert hosts.closed(URL) is None


def test_one_refusal_is_no_rule_of_a_host_and_one_connection_it_always_allows() -> None:
    hosts = Hosts(EngineOptions())
    hosts.refused(URL, 3)
    assert not hosts.facts_of(URL).refused_above
    hosts.refused(URL, 3)
    assert hosts.facts_of(SAME_HOST).refused_above == 3
    assert hosts.words_of(URL) == "it allows 3 at once"
    hosts.refused(URL, 0)
    assert hosts.facts_of(URL).refused_above == 1
    assert not hosts.facts_of(OTHER_PORT).refused_above


def test_a_wait_that_is_over_closes_nothing() -> None:
    hosts = Hosts(EngineOptions())
    hosts.close(HOST, ends_in(0.0))
    assert hosts.closed(URL) is None


def request(connections: int = 0) -> DownloadRequest:
    return DownloadRequest(url=URL, folder="/", connections=connections)


def test_a_number_of_the_user_is_taken_and_that_of_the_download_comes_first() -> None:
    hosts = Hosts(EngineOptions(connections=3))
    assert hosts.named_for(request()) == 3
    assert hosts.named_for(request(connections=5)) == 5
    assert hosts.named_for(request(connections=MOST_CONNECTIONS + 1)) == MOST_CONNECTIONS
    hosts.set_connections(7, 0, 0)
    assert hosts.named_for(request()) == 7
    assert hosts.shares.per_host == 7
    assert hosts.shares.total == 7


def test_there_are_never_more_in_all_than_can_be_open() -> None:
    hosts = Hosts(EngineOptions(connections_possible=20))
    assert (hosts.shares.per_host, hosts.shares.total) == (16, 20)
    hosts.set_connections(0, 6, 100)
    assert (hosts.shares.per_host, hosts.shares.total) == (6, 20)
    hosts.set_connections(0, 6, 10)
    assert hosts.shares.total == 10


def test_what_this_run_has_learnt_counts_more_than_what_earlier_ones_have(tmp_path: Path) -> None:
    file = tmp_path / "hosts.json"
    earlier = HostFacts(2, 0, time.time())
    host_memory.save(file, {"host.example": earlier, "host.example:8080": earlier})
    hosts = Hosts(EngineOptions(hosts_file=file))
    hosts.worked(URL, 5)
    hosts.recall()
    assert hosts.facts_of(URL).connections == 5
    assert hosts.facts_of(OTHER_PORT).connections == 2
    assert hosts.words_of(URL) == "5 connections served best"
    hosts.memorise()
    assert host_memory.load(file)["host.example"].connections == 5


def test_what_was_forgotten_does_not_come_back(tmp_path: Path) -> None:
    file = tmp_path / "hosts.json"
    hosts = Hosts(EngineOptions(hosts_file=file))
    hosts.worked(URL, 5)
    hosts.memorise()
    hosts.worked(OTHER_PORT, 4)
    assert hosts.forget() == 2
    assert hosts.facts_of(URL) == HostFacts()
    assert not file.exists()
    hosts.memorise()
    assert not file.exists()


def test_a_memory_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    hosts = Hosts(EngineOptions(hosts_file=tmp_path / "file" / "hosts.json"))
    hosts.worked(URL, 5)
    hosts.memorise()
    assert hosts.facts_of(URL).connections == 5


def test_etags_mean_nothing_on_all_of_a_host_once_they_were_dropped() -> None:
    hosts = Hosts(EngineOptions())
    assert not hosts.etags_flap(URL)
    hosts.drop_etags(SAME_HOST)
    assert hosts.etags_flap(URL)
    assert not hosts.etags_flap(OTHER_PORT)


def test_no_more_connections_are_opened_than_a_host_allowed_of_late(tmp_path: Path) -> None:
    file, now = tmp_path / "hosts.json", time.time()
    forgotten = now - host_memory.REFUSAL_FORGOTTEN_AFTER_S - 1
    host_memory.save(
        file,
        {
            "host.example": HostFacts(3, 4, now, now),
            "host.example:8080": HostFacts(3, 4, now, forgotten),
        },
    )
    hosts = Hosts(EngineOptions(hosts_file=file))
    hosts.recall()
    assert (hosts.ramp_for(request(), URL).most, hosts.ramp_for(request(), URL).wanted) == (4, 3)
    assert hosts.ramp_for(request(), OTHER_PORT).most == MOST_AUTOMATIC
    assert hosts.ramp_for(request(connections=9), URL).wanted == 4
    assert hosts.ramp_for(request(connections=2), URL).wanted == 2
    assert hosts.ramp_for(request(connections=20), OTHER_PORT).wanted == 20
    unknown = hosts.ramp_for(request(), "http://other.example/")
    assert (unknown.most, unknown.wanted) == (MOST_AUTOMATIC, 1)
