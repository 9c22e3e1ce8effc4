"""Silences that no network makes by itself."""

from __future__ import annotations

import pytest

from tui_downloader.model.gusts import Gusts

NEAR_S, FAR_S = 0.002, 0.2


def silent(seconds: float, round_trip_s: float, *, is_held: bool = False) -> bool:
    """Tell what is said after bytes have come, and then none for so long."""
    gusts = Gusts()
    gusts.look(100.0, 5000, round_trip_s, is_held=False)
    gusts.look(100.0 + seconds / 2, 5000, round_trip_s, is_held=is_held)
    gusts.look(100.0 + seconds, 5000, round_trip_s, is_held=False)
    return gusts.were_seen


@pytest.mark.parametrize(
    ("seconds", "round_trip_s", "is_gusty"),
    [(0.2, NEAR_S, False), (0.3, NEAR_S, True), (0.5, FAR_S, False), (0.7, FAR_S, True)],
)
def test_a_silence_of_several_round_trips_is_no_network(
    seconds: float, round_trip_s: float, is_gusty: bool
) -> None:
    assert silent(seconds, round_trip_s) is is_gusty


def test_a_silence_of_our_own_is_none() -> None:
    assert not silent(0.4, NEAR_S, is_held=True)


def test_waiting_for_the_first_byte_is_none() -> None:
    gusts = Gusts()
    for second in range(10):
        gusts.look(100.0 + second, 0, NEAR_S, is_held=False)
    assert not gusts.were_seen


def test_bytes_that_keep_coming_are_none() -> None:
    gusts = Gusts()
    for tick in range(100):
        gusts.look(100.0 + tick * 0.4, 1000 * (tick + 1), NEAR_S, is_held=False)
    assert not gusts.were_seen


@pytest.mark.parametrize(("silent_s", "is_gusty"), [(0.2, False), (0.6, True)])
def test_a_hitch_now_and_then_is_none_but_much_silence_is(silent_s: float, is_gusty: bool) -> None:
    gusts, now = Gusts(), 100.0
    for gust in range(1, 6):
        for part in range(10):
            now += 0.1
            gusts.look(now, gust * 1000 + part, NEAR_S, is_held=False)
        now += silent_s
        gusts.look(now, gust * 1000 + 9, NEAR_S, is_held=False)  # nothing new
    assert gusts.were_seen is is_gusty


def test_what_was_seen_stays_seen() -> None:
    gusts = Gusts()
    for now, received_bytes in ((0.0, 10), (1.0, 10), (1.1, 20), (1.2, 30)):
        gusts.look(100.0 + now, received_bytes, NEAR_S, is_held=False)
    assert gusts.were_seen
