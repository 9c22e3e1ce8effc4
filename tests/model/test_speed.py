"""Throughput and time left, told the time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.speed import History, Meter, eta_s, is_of_whole

ARRIVALS = st.lists(st.tuples(st.floats(0, 5), st.integers(0, 10**9)), min_size=1, max_size=50)


def fed(window_s: float, rate: int, seconds: float, *, start: float = 100.0) -> Meter:
    """A meter that got `rate` bytes a second, in ten pieces a second."""
    meter = Meter(window_s)
    for tenth in range(round(seconds * 10) + 1):
        meter.add(rate // 10, start + tenth / 10)
    return meter


@pytest.mark.parametrize("seconds", [1, 3, 10])
def test_a_steady_rate_is_shown(seconds: float) -> None:
    assert fed(3.0, 5_000_000, seconds).rate(100 + seconds) == pytest.approx(5e6, rel=0.11)


def test_nothing_is_no_speed() -> None:
    assert Meter().rate(0) == 0.0


def test_after_a_window_of_silence_it_is_exactly_zero() -> None:
    meter = fed(3.0, 1_000_000, 5)
    assert 0 < meter.rate(107.9) < 100_000
    assert meter.rate(108.1) == 0.0


def test_a_first_large_piece_is_not_a_huge_speed() -> None:
    meter = Meter()
    meter.add(1_000_000, 50.0)
    assert meter.rate(50.0) == 5_000_000
    assert meter.rate(51.0) == 1_000_000


def test_with_a_whole_second_nothing_is_shown_that_did_not_come_in_one() -> None:
    meter = Meter(shortest_s=1.0)
    meter.add(1_000_000, 50.0)
    assert meter.rate(50.0) == meter.rate(51.0) == 1_000_000


def test_it_starts_afresh_after_silence() -> None:
    meter = fed(3.0, 1_000_000, 5)
    meter.add(500_000, 200.0)
    assert meter.rate(200.5) == 1_000_000


def test_the_window_forgets() -> None:
    meter = fed(1.0, 10_000_000, 5)
    for tenth in range(1, 21):
        meter.add(0, 105 + tenth / 10)
    assert meter.rate(107) == 0.0


def test_it_can_be_told_to_look_back_no_further_than_a_moment() -> None:
    meter = fed(10.0, 1_000_000, 10)
    meter.look_back(0.5, 110.0)
    assert meter.rate(110.0) == pytest.approx(1e6, rel=0.2)
    for tenth in range(1, 11):
        meter.add(1_000, 110 + tenth / 10)
    assert meter.rate(111.0) < 400_000


def test_what_never_received_anything_has_nothing_to_look_back_to() -> None:
    meter = Meter()
    meter.look_back(0.5, 10.0)
    assert meter.rate(10.0) == 0.0


def test_a_clock_that_is_put_back_begins_the_measuring_anew() -> None:
    meter = fed(3.0, 1_000_000, 5, start=5000.0)
    for tenth in range(601):
        meter.add(100_000, 1400 + tenth / 10)
    assert meter.rate(1460.0) == pytest.approx(1e6, rel=0.11)
    assert meter.rate(1470.0) == 0.0


def test_a_clock_that_falters_stands_still() -> None:
    meter = Meter()
    meter.add(1000, 100.0)
    meter.add(1000, 99.95)
    assert meter.rate(99.95) == 10_000
    assert meter.rate(101.0) == 2000


@given(ARRIVALS)
def test_the_rate_is_never_more_than_all_bytes_in_the_shortest_span(
    arrivals: list[tuple[float, int]],
) -> None:
    meter = Meter()
    now, total = 0.0, 0
    for pause_s, n_bytes in arrivals:
        now += pause_s
        total += n_bytes
        meter.add(n_bytes, now)
        assert 0 <= meter.rate(now) <= total / 0.2
    assert meter.rate(now + 3.2) == 0.0


@pytest.mark.parametrize(
    ("remaining", "rate", "seconds"),
    [(100, 50.0, 2.0), (0, 50.0, 0.0), (0, 0.0, 0.0), (-5, 1.0, 0.0), (100, 0.0, None)],
)
def test_the_time_left_is_unknown_while_nothing_moves(
    remaining: int, rate: float, seconds: float | None
) -> None:
    assert eta_s(remaining, rate) == seconds


def test_a_history_has_whole_seconds_from_the_first_with_bytes() -> None:
    history = History()
    history.add(5, 10.0)
    history.add(5, 10.9)
    history.add(7, 12.0)
    history.add(9, 13.0)
    assert history.values(13.5) == (10.0, 0.0, 7.0)
    assert history.values(10.5) == ()


def test_a_history_without_bytes_is_empty() -> None:
    assert History().values(100.0) == ()


def test_a_history_is_two_minutes_long_unless_told_otherwise() -> None:
    history = History()
    for second in range(500):
        history.add(1, float(second))
    assert len(history.values(500.0)) == 120


def test_a_history_is_bounded() -> None:
    history = History(seconds=5)
    for second in range(1000):
        history.add(second, float(second))
    assert history.values(1000.0) == (995.0, 996.0, 997.0, 998.0, 999.0)
    assert history.values(1003.0) == (998.0, 999.0, 0.0, 0.0, 0.0)
    assert len(history._bins) <= 6


def test_a_history_forgets_what_was_before_a_clock_was_put_back() -> None:
    history = History(seconds=5)
    history.add(7, 5000.0)
    for second in range(10):
        history.add(1, 1000.0 + second)
    assert history.values(1010.0) == (1.0,) * 5
    assert max(history._bins) < 5000


@given(ARRIVALS)
def test_a_history_loses_and_invents_no_byte(arrivals: list[tuple[float, int]]) -> None:
    history = History(seconds=1000)
    now = 0.0
    for pause_s, n_bytes in arrivals:
        now += pause_s
        history.add(n_bytes, now)
    assert sum(history.values(now + 1)) == sum(n_bytes for _, n_bytes in arrivals)


@pytest.mark.parametrize(
    ("received", "done", "is_it"),
    [
        (0, 0, True),
        (24_000_000, 24_000_000, True),
        (23_967_232, 24_000_000, True),  # a last piece that nobody counted
        (99_000_000_000, 100_000_000_000, True),
        (90_000_000, 210_000_000, False),
        (148_000_000, 126_000_000, True),  # some of it came twice
    ],
)
def test_what_is_here_came_in_the_time_that_was_counted_or_not(
    received: int, done: int, *, is_it: bool
) -> None:
    assert is_of_whole(received, done) is is_it


LATE = st.lists(st.tuples(st.floats(2.5, 5), st.integers(0, 10**9)), min_size=1, max_size=50)


@given(LATE, LATE)
def test_taking_over_what_another_counted_is_having_counted_all_of_it(
    ours: list[tuple[float, int]], theirs: list[tuple[float, int]]
) -> None:
    heir, other, whole = Meter(), Meter(), Meter()
    for meter, arrivals in ((heir, ours), (other, theirs), (whole, ours + theirs)):
        for at, n_bytes in sorted(arrivals):
            meter.add(n_bytes, at)
    heir.take_over(other, 5.0)
    assert other.rate(5.0) == 0.0
    for now in (5.0, 6.5, 9.0):
        assert heir.rate(now) == pytest.approx(whole.rate(now))


def test_nothing_to_take_over_changes_nothing() -> None:
    meter = fed(3.0, 1_000_000, 2)
    before = meter.rate(102.0)
    meter.take_over(Meter(), 102.0)
    meter.take_over(fed(3.0, 5_000_000, 1, start=50.0), 102.0)
    assert meter.rate(102.0) == before


def test_what_is_taken_over_is_forgotten_in_its_time() -> None:
    heir = Meter(shortest_s=1.0)
    heir.take_over(fed(3.0, 1_000_000, 3), 103.0)
    assert heir.rate(103.0) == pytest.approx(1e6, rel=0.11)
    assert 0 < heir.rate(105.0) < 500_000
    assert heir.rate(106.1) == 0.0
