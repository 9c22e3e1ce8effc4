"""What is remembered of a host: when it wants requests again, how many connections it allows."""

from __future__ import annotations

from tui_downloader.engine.clock import steady
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.model.errors import TruncatedError
from tui_downloader.model.statuses import status_error

URL, SAME_HOST = "http://host.example/file.bin", "HTTP://Host.Example/other.bin"
OTHER_PORT = "http://host.example:8080/file.bin"


def test_a_host_that_is_busy_is_left_alone_for_a_second_at_least() -> None:
    hosts, before = Hosts(EngineOptions()), steady()
    until = hosts.heed(URL, status_error(503, 0.0))
    assert until is not None
    assert until.at >= before + 1.0
    assert hosts.closed(SAME_HOST) == until
    assert hosts.closed(OTHER_PORT) is None


def test_what_says_no_time_closes_no_host() -> None:
    hosts = Hosts(EngineOptions())
    assert hosts.heed(URL, status_error(503)) is None
    assert hosts.heed(URL, TruncatedError("cut")) is None
    assert hosts.closed(URL) is None


def test_the_latest_end_counts_until_the_user_wants_to_try() -> None:
    hosts = Hosts(EngineOptions())
    later = hosts.heed(URL, status_error(429, 100.0))
    hosts.heed(URL, status_error(429, 10.0))
    assert hosts.closed(URL) == later
    hosts.open(SAME_HOST)
    assert hosts.closed(URL) is None


def test_one_refusal_is_no_rule_of_a_host_and_one_connection_it_always_allows() -> None:
    hosts = Hosts(EngineOptions())
    hosts.refused(URL, 3)
    assert not hosts.facts_of(URL).refused_above
    hosts.refused(URL, 3)
    assert hosts.facts_of(SAME_HOST).refused_above == 3
    hosts.refused(URL, 0)
    assert hosts.facts_of(URL).refused_above == 1
    assert not hosts.facts_of(OTHER_PORT).refused_above
