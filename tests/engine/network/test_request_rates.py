"""Which hosts refuse requests that come too soon, and whose turn it is there."""

from __future__ import annotations

import asyncio
import time

from tui_downloader.engine.network.request_rates import RequestRates

URL, SAME_HOST = "http://host.example/file.bin", "HTTP://Host.Example/other.bin"
OTHER_HOST = "http://other.example/file.bin"


def test_one_refusal_may_be_a_busy_moment_and_two_are_not() -> None:
    rates = RequestRates()
    rates.refused(URL, time.monotonic(), is_alone=True)
    assert not rates.interval_s(URL)
    rates.refused(SAME_HOST, time.monotonic(), is_alone=True)
    assert rates.interval_s(URL) == rates.interval_s(SAME_HOST) > 0
    assert not rates.interval_s(OTHER_HOST)


def test_one_connection_too_many_says_nothing_of_the_rate() -> None:
    rates = RequestRates()
    for _ in range(5):
        rates.refused(URL, time.monotonic(), is_alone=False)
    assert not rates.interval_s(URL)


async def test_requests_of_all_downloads_are_sent_one_after_the_other() -> None:
    rates = RequestRates()
    rates.begin(URL)
    began_at, interval_s = time.monotonic(), rates.interval_s(URL)
    sent_at = await asyncio.gather(*(rates.turn(url) for url in (URL, SAME_HOST, URL)))
    assert [at >= began_at + (n + 0.9) * interval_s for n, at in enumerate(sent_at)] == [True] * 3


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    rates = RequestRates()
    rates.begin(URL)
    first = asyncio.create_task(rates.turn(URL))
    second = asyncio.create_task(rates.turn(URL))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert first.cancelled()


async def test_a_host_that_does_not_mind_any_more_is_asked_at_once() -> None:
    rates = RequestRates()
    rates.begin(URL)
    for _ in range(100):
        rates.answered(URL, is_alone=False)
    assert not rates.interval_s(URL)
    rates.refused(URL, time.monotonic(), is_alone=True)
    assert not rates.interval_s(URL)  # as at first


def test_what_is_forgotten_is_nobodys_pause() -> None:
    rates = RequestRates()
    rates.begin(URL)
    rates.forget()
    assert not rates.interval_s(URL)


def test_only_first_requests_that_were_served_since_are_progress_of_others() -> None:
    rates = RequestRates()
    assert not rates.has_served_others(URL, 1)
    rates.answered(URL, is_alone=False)
    assert not rates.has_served_others(URL, 1)
    rates.answered(SAME_HOST, is_alone=True)
    assert rates.has_served_others(URL, 1)
    assert not rates.has_served_others(URL, 1)
    assert not rates.has_served_others(URL, 2)
