"""Which numbers of connections are worth a line: those that stay."""

from __future__ import annotations

from tui_downloader.model.settled_count import STAYS_S, SettledCount


def told(looks: list[tuple[float, int]]) -> list[int]:
    """Look at these times at these numbers; return those that were worth telling."""
    settled_count = SettledCount()
    return [number for at, number in looks if settled_count.is_worth_telling(number, at)]


def test_of_a_ramp_only_the_end_is_told() -> None:
    ramp = [(0.0, 1), (0.1, 2), (0.2, 4), (0.3, 8), (0.3 + STAYS_S, 8), (9.0, 8)]
    assert told(ramp) == [8]


def test_a_number_that_comes_back_at_once_was_no_change() -> None:
    assert told([(0.0, 8), (2.0, 8), (20.0, 7), (20.5, 8), (30.0, 8)]) == [8]


def test_each_number_that_stays_is_told_once() -> None:
    looks = [(float(second), 8 if second < 50 else 4) for second in range(100)]
    assert told(looks) == [8, 4]


def test_a_number_that_keeps_changing_is_told_every_ten_seconds_at_most() -> None:
    looks = [(float(second), 8 - second // 2 % 2) for second in range(120)]
    assert 2 <= len(told(looks)) <= 12


def test_what_somebody_else_has_told_is_not_told_again() -> None:
    settled_count = SettledCount()
    settled_count.tell(3, 5.0)
    assert not settled_count.is_worth_telling(3, 60.0)
    assert not settled_count.is_worth_telling(4, 61.0)
    assert settled_count.is_worth_telling(4, 61.0 + STAYS_S)
