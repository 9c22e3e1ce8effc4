"""Silences that no network makes by itself."""

from __future__ import annotations

import math

import pytest

from tui_downloader.model.gusts import Gusts

NEAR_S, FAR_S = 0.002, 0.2


def silent(seconds: float, round_trip_s: float, *, is_held: bool = False) -> bool:
    """Tell what is said after bytes have come, and then none for so long."""
    gusts = Gusts()
    gusts.look(100.0, {1: 5000}, round_trip_s, is_held=False)
    gusts.look(100.0 + seconds / 2, {1: 5000}, round_trip_s, is_held=is_held)
    gusts.look(100.0 + seconds, {1: 5000}, round_trip_s, is_held=False)
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
        gusts.look(100.0 + second, {1: 0}, NEAR_S, is_held=False)
    assert not gusts.were_seen


def test_bytes_that_keep_coming_are_none() -> None:
    gusts = Gusts()
    for tick in range(100):
        gusts.look(100.0 + tick * 0.4, {1: 1000 * (tick + 1)}, NEAR_S, is_held=False)
    assert not gusts.were_seen


@pytest.mark.parametrize(("silent_s", "is_gusty"), [(0.2, False), (0.6, True)])
def test_a_hitch_now_and_then_is_none_but_much_silence_is(silent_s: float, is_gusty: bool) -> None:
    gusts, now = Gusts(), 100.0
    for gust in range(1, 6):
        for part in range(10):
            now += 0.1
            gusts.look(now, {1: gust * 1000 + part}, NEAR_S, is_held=False)
        now += silent_s
        gusts.look(now, {1: gust * 1000 + 9}, NEAR_S, is_held=False)  # nothing new
    assert gusts.were_seen is is_gusty


def test_what_was_seen_stays_seen() -> None:
    gusts = Gusts()
    for now, received_bytes in ((0.0, 10), (1.0, 10), (1.1, 20), (1.2, 30)):
        gusts.look(100.0 + now, {1: received_bytes}, NEAR_S, is_held=False)
    assert gusts.were_seen


def in_turn(gust_s: float, silence_s: float, received: dict[int, int], now: float) -> None:
    """Let each connection have its gusts, whose silences are those of the others."""
    for number in received:
        shift_s = number * (gust_s + silence_s) / len(received)
        if (now + shift_s) % (gust_s + silence_s) < gust_s:
            received[number] += 1000


@pytest.mark.parametrize(
    ("gust_s", "silence_s", "are_gusts"), [(0.1, 0.4, True), (0.4, 0.1, False)]
)
def test_silences_that_others_fill_are_seen_at_each_connection(
    gust_s: float, silence_s: float, are_gusts: bool
) -> None:
    gusts, received = Gusts(), dict.fromkeys(range(1, 6), 1)
    for tick in range(200):
        before = sum(received.values())
        in_turn(gust_s, silence_s, received, tick * 0.02)
        assert sum(received.values()) > before, "all together are never silent"
        gusts.look(100.0 + tick * 0.02, received, NEAR_S, is_held=False)
    assert gusts.were_seen is are_gusts


def test_one_of_several_that_gets_hardly_anything_is_no_gust() -> None:
    gusts = Gusts()
    for tick in range(200):
        received = {1: tick + 1, 2: tick + 1, 3: tick + 1, 4: 1 + tick // 50}
        gusts.look(100.0 + tick * 0.05, received, NEAR_S, is_held=False)
    assert not gusts.were_seen


def follow(gusts: Gusts, number: int, began_at: float, *parts: tuple[float, bool]) -> None:
    """Let one connection bring something, or nothing, for so many seconds each."""
    now, received_bytes = began_at, 1
    for seconds, is_silence in parts:
        for _ in range(round(seconds / 0.02)):
            now, received_bytes = now + 0.02, received_bytes + (not is_silence)
            gusts.look(now, {number: received_bytes}, NEAR_S, is_held=False)


@pytest.mark.parametrize("before", [0, 1])
def test_what_was_steady_for_long_has_no_gusts_for_one_silence_on_another_connection(
    before: int,
) -> None:
    gusts = Gusts()
    follow(gusts, 1, 100.0, (5.0 * before, False))
    follow(gusts, 2, 105.0, (0.5, False), (0.3, True))
    assert gusts.were_seen is not bool(before)


@pytest.mark.parametrize("silence_s", [0.1, 0.35])
def test_silences_of_connections_that_have_ended_count(silence_s: float) -> None:
    gusts = Gusts()
    follow(gusts, 1, 100.0, *[(1.0, False), (silence_s, True)] * 4, (0.2, False))
    assert not gusts.were_seen
    follow(gusts, 2, 107.0, (0.2, False), (0.8, True))
    assert gusts.were_seen is (silence_s > 0.25)


def test_a_first_head_that_took_long_is_no_measure_of_the_round_trip() -> None:
    gusts = Gusts()
    gusts.look(100.0, {1: 10}, FAR_S, is_held=False)
    gusts.look(100.1, {1: 20}, 0.05, is_held=False)
    gusts.look(100.4, {1: 20}, FAR_S, is_held=False)
    assert gusts.were_seen


@pytest.mark.parametrize(
    ("seconds", "is_held", "is_pause"),
    [(0.3, False, True), (0.1, False, False), (0.3, True, False)],
)
def test_a_pause_is_longer_than_an_answer_takes_and_not_our_own(
    seconds: float, is_held: bool, is_pause: bool
) -> None:
    gusts = Gusts()
    gusts.look(100.0, {1: 10, 2: 10}, FAR_S, is_held=False)
    for part in (1, 2, 3):
        now = 100.0 + seconds * part / 3
        gusts.look(now, {1: 10 + part, 2: 10}, FAR_S, is_held=is_held)
    assert (gusts.paused_at([1, 2, 3]) == now) is is_pause
    assert gusts.paused_at([1, 3]) == -math.inf


def test_a_connection_without_a_byte_does_not_pause() -> None:
    gusts = Gusts()
    for second in range(5):
        gusts.look(100.0 + second, {1: 0}, FAR_S, is_held=False)
    assert gusts.paused_at([1]) == -math.inf


def test_nor_does_one_that_is_held() -> None:
    gusts = Gusts()
    gusts.look(100.0, {1: 10}, FAR_S, is_held=False)
    gusts.look(100.3, {1: 10}, FAR_S, is_held=True)
    assert gusts.paused_at([1]) == -math.inf
