"""Moments before which a download does not start."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, time, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.start_times import parse_start, start_phrase, start_words

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 22, 30, tzinfo=BERLIN).timestamp()


def at(text: str, *, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("02:00", "2026-11-27 02:00"),
        ("2:00", "2026-11-27 02:00"),
        (" 23:00 ", "2026-11-26 23:00"),
        ("22:30", "2026-11-27 22:30"),
        ("tomorrow 23:00", "2026-11-27 23:00"),
        ("Tomorrow  2:00", "2026-11-27 02:00"),
        ("in 2h", "2026-11-27 00:30"),
        ("in 30m", "2026-11-26 23:00"),
        ("in 1h 30m", "2026-11-27 00:00"),
        ("2026-11-26 22:31", "2026-11-26 22:31"),
        ("2028-02-29 02:00", "2028-02-29 02:00"),
    ],
)
def test_a_text_means_the_next_such_moment(text: str, moment: str) -> None:
    assert parse_start(text, NOW, BERLIN) == at(moment)


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_text_means_at_once(text: str) -> None:
    assert parse_start(text, NOW, BERLIN) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", "02:00, tomorrow 02:00"),
        ("24:00", "02:00, tomorrow 02:00"),
        ("02:60", "02:00, tomorrow 02:00"),
        ("in", "02:00, tomorrow 02:00"),
        ("in 2", "02:00, tomorrow 02:00"),
        ("in -2h", "02:00, tomorrow 02:00"),
        ("tomorrow", "02:00, tomorrow 02:00"),
        ("٠٢:٠٠", "02:00, tomorrow 02:00"),
        ("2027-02-29 02:00", "no day 2027-02-29"),
        ("2026-11-26 22:30", "is over"),
    ],
)
def test_a_wrong_text_is_refused_with_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_start(text, NOW, BERLIN)


@pytest.mark.parametrize("text", ["2:30", "tomorrow 2:30", "2027-03-28 2:30"])
def test_a_time_that_clocks_jump_over_is_as_much_later(text: str) -> None:
    assert parse_start(text, at("2027-03-27 12:00"), BERLIN) == at("2027-03-28 03:30")


def test_a_time_that_comes_twice_is_the_first_that_is_still_to_come() -> None:
    first, second = (at("2026-10-25 02:30", fold=fold) for fold in (0, 1))
    for text in ("02:30", "2026-10-25 02:30"):
        assert parse_start(text, first - 1, BERLIN) == first
        assert parse_start(text, first, BERLIN) == second


def test_hours_are_hours_also_where_clocks_jump() -> None:
    assert parse_start("in 24h", at("2027-03-27 12:00"), BERLIN) == at("2027-03-28 13:00")


@pytest.mark.parametrize(
    ("moment", "now", "words"),
    [
        ("2026-11-27 02:00", "2026-11-26 22:30", "02:00"),
        ("2026-11-27 22:30", "2026-11-26 22:30", "tomorrow 22:30"),
        ("2026-11-27 17:00", "2026-11-26 17:22", "tomorrow 17:00"),
        ("2026-11-27 22:31", "2026-11-26 22:30", "2026-11-27 22:31"),
        ("2026-11-26 22:30", "2026-11-26 22:30:20", "22:30"),
        # 23.5 hours, but a clock shows 12:30 before that too.
        ("2027-03-28 12:30", "2027-03-27 12:00", "2027-03-28 12:30"),
    ],
)
def test_the_day_is_told_where_the_time_alone_means_another(
    moment: str, now: str, words: str
) -> None:
    assert start_words(at(moment), at(now), BERLIN) == words
    phrase = words if "tomorrow" in words else f"at {words}"
    assert start_phrase(at(moment), at(now), BERLIN) == phrase


_ZONES = st.sampled_from(
    [UTC, BERLIN, *map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"))]
)
_NOWS = st.integers(int(at("2026-01-01 00:00")), int(at("2036-01-01 00:00")))


@given(_NOWS, st.integers(1, 400 * 24 * 60), _ZONES)
def test_what_is_shown_means_what_it_was_made_from(now: int, minutes: int, zone: tzinfo) -> None:
    moment = now - now % 60 + minutes * 60
    read = parse_start(start_words(moment, now, zone), now, zone)
    assert read is not None
    # Of two moments that look the same the first is meant.
    looks = [datetime.fromtimestamp(each, zone).replace(tzinfo=None) for each in (read, moment)]
    assert looks[0] == looks[1]
    assert read <= moment


@given(_NOWS, st.times(), _ZONES)
def test_a_time_of_day_comes_within_a_day_and_a_jump(now: int, clock: time, zone: tzinfo) -> None:
    read = parse_start(f"{clock:%H:%M}", now, zone)
    assert read is not None
    assert now < read <= now + 26 * 3600


@given(st.text(max_size=40) | st.from_regex(r"in \d{1,5}[hm]|20\d\d-\d\d-\d\d \d\d:\d\d"))
def test_any_text_is_a_moment_to_come_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        read = parse_start(text, NOW, BERLIN)
        assert read is None or read >= NOW
