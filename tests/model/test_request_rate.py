"""How far apart requests are sent to a host that refuses those which come too soon."""

from __future__ import annotations

import math

import pytest

from tui_downloader.model.errors import DownloadError, TruncatedError
from tui_downloader.model.request_rate import RequestRate, may_be_too_soon
from tui_downloader.model.statuses import status_error


@pytest.mark.parametrize(
    ("error", "may_be"),
    [
        (status_error(503), True),
        (status_error(429), True),
        (status_error(429, 3.0), False),
        (status_error(503, 0.0), False),
        (status_error(500), False),
        (status_error(403), False),
        (TruncatedError("cut"), False),
    ],
)
def test_only_a_refusal_that_does_not_say_until_when_may_be_for_coming_too_soon(
    error: DownloadError, may_be: bool
) -> None:
    assert may_be_too_soon(error) is may_be


def serve(rate: RequestRate, least_s: float, until: float) -> tuple[int, int]:
    """Let a server serve what comes no sooner than `least_s`: how many it served and refused."""
    now, served_at, served, refused = 0.0, -least_s, 0, 0
    while (now := now + rate.interval_s) < until:
        if now - served_at < least_s:
            rate.refused(now, now)
            refused += 1
        else:
            rate.answered(now)
            served, served_at = served + 1, now
    return served, refused


@pytest.mark.parametrize("least_s", [0.05, 0.2, 0.5, 1.0, 5.0])
def test_it_is_asked_about_as_often_as_it_serves_and_seldom_refuses(least_s: float) -> None:
    served, refused = serve(RequestRate(0.0), least_s, 10 + 120 * least_s)
    assert 80 < served <= 10 / least_s + 120
    assert refused < 12


def test_a_host_that_refuses_nothing_any_more_is_asked_without_pause() -> None:
    rate = RequestRate(0.0)
    for second in range(100):
        rate.answered(second)
    assert rate.is_negligible


def test_what_was_on_its_way_when_the_pauses_grew_says_nothing() -> None:
    rate = RequestRate(10.0)
    rate.refused(9.9, 10.1)
    before = rate.interval_s
    for _ in range(3):
        rate.refused(10.2, 10.5)
    assert rate.interval_s == 2 * before


@pytest.mark.parametrize(
    ("served_s", "refusals", "is_innocent"),
    [(1.2, 1, False), (1.2, 2, False), (1.2, 4, True), (math.inf, 9, False)],
)
def test_what_came_later_than_others_that_were_served_was_not_too_soon(
    served_s: float, refusals: int, is_innocent: bool
) -> None:
    rate = RequestRate(0.0, served_s)
    for at in range(refusals):
        rate.refused(at, at)
    assert rate.is_innocent is is_innocent


def test_a_refusal_after_a_pause_that_sufficed_before_was_for_another_reason() -> None:
    rate = RequestRate(0.0)
    rate.answered(0.5)
    rate.refused(1.0, 1.0)
    assert not rate.is_innocent  # it was about as soon
    rate.refused(2.0, 2.0)
    assert rate.is_innocent


def test_there_is_a_longest_pause() -> None:
    rate = RequestRate(0.0)
    for at in range(100):
        rate.refused(at, at)
    assert rate.interval_s == 15.0


def test_no_refusal_is_forgotten_at_once() -> None:
    rate = RequestRate(0.0)
    rate.refused(1.0, 1.0)
    for _ in range(100):
        rate.answered(30.0)
    assert rate.interval_s > 0.25
    for _ in range(100):
        rate.answered(31.1)
    assert rate.interval_s < 0.01


def test_refusals_for_another_reason_are_taken_back() -> None:
    rate = RequestRate(0.0)
    rate.answered(0.5)
    rate.answered(1.0)
    before = rate.interval_s
    rate.refused(2.0, 2.0)
    rate.refused(3.0, 3.0)
    rate.excuse()
    assert rate.interval_s == before
    rate.answered(3.5)
    assert rate.interval_s < before
