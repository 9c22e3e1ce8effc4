"""Speed limits by time of day."""

from __future__ import annotations

import pytest

from tui_downloader.model.daytimes import LimitTime, limit_at, parse_limit_times


def test_times_and_rates_are_read() -> None:
    assert parse_limit_times("08:00-18:30 2M, 23:00-7:00 off,") == (
        LimitTime(480, 1110, 2_000_000),
        LimitTime(1380, 420, None),
    )


def test_nothing_is_no_limit_time() -> None:
    assert parse_limit_times(" ") == ()


@pytest.mark.parametrize("text", ["08:00-18:00 2M", "23:00-07:00 off", "00:00-24:00 512Ki"])
def test_what_was_read_is_written_the_same(text: str) -> None:
    written = str(parse_limit_times(text)[0])
    assert written == text.replace("24:00", "00:00")
    assert parse_limit_times(written) == parse_limit_times(text)


@pytest.mark.parametrize(
    "text",
    ["8-18 2M", "08:00-18:00", "25:00-26:00 1M", "08:60-09:00 1M", "0:00-24:30 1M", "1:00 2"],
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"08:00-18:00 2M|24:00"):
        parse_limit_times(text)


def test_a_rate_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        parse_limit_times("08:00-18:00 fast")


@pytest.mark.parametrize(
    ("minute", "limit"),
    [(479, 9), (480, 2), (1079, 2), (1080, 9), (1379, 9), (1380, None), (0, None), (420, 9)],
)
def test_the_part_of_the_day_decides(minute: int, limit: int | None) -> None:
    times = (LimitTime(480, 1080, 2), LimitTime(1380, 420, None))
    assert limit_at(times, minute, otherwise=9)[1] == limit


def test_the_first_part_that_fits_counts() -> None:
    times = (LimitTime(0, 60, 1), LimitTime(0, 120, 2))
    assert limit_at(times, 30, None) == (times[0], 1)


def test_equal_ends_are_the_whole_day() -> None:
    assert all(LimitTime(0, 0, 1).holds(minute) for minute in (0, 700, 1439))
