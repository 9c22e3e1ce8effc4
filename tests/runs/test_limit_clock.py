"""The speed limit follows the times of day, and leaves the user's own word alone between them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from tests.ui.fake_engine import FakeEngine
from tui_downloader.model.daytimes import parse_limit_times
from tui_downloader.runs import limit_clock
from tui_downloader.runs.limit_clock import LimitClock, keeping_to_the_day, limit_now
from tui_downloader.store.settings import Settings

MIDNIGHT = time.mktime((2026, 11, 25, 0, 0, 0, 0, 0, -1))
HOUR = 3600.0
SETTINGS = Settings(limit_rate=9, limit_times=parse_limit_times("08:00-18:00 2, 23:00-07:00 off"))


class Day:
    """A clock that is set by hand, and the limits that were set."""

    def __init__(self, hour: float) -> None:
        self.hour = hour
        self.limits: list[int | None] = []
        self.clock = LimitClock(self.limits.append, self.now, SETTINGS)

    def now(self) -> float:
        return MIDNIGHT + self.hour * HOUR


def test_a_limit_is_set_when_its_time_begins_and_when_it_ends() -> None:
    day = Day(7.5)
    for hour in (7.9, 8.0, 12.0, 17.9, 18.0, 22.9, 23.0, 30.9, 31.0):
        day.hour = hour
        day.clock.look(SETTINGS)
    assert day.limits == [2, 9, None, 9]


def test_what_held_at_the_start_is_not_set_again() -> None:
    day = Day(12.0)
    day.clock.look(SETTINGS)
    assert day.limits == []


def test_changed_settings_hold_at_once() -> None:
    day = Day(12.0)
    day.clock.obey(replace(SETTINGS, limit_times=()))
    day.clock.look(replace(SETTINGS, limit_times=()))
    assert day.limits == [9]


@pytest.mark.parametrize(
    ("times", "limit"), [("", 9), ("00:00-24:00 3", 3), ("0:00-0:00 off", None)]
)
def test_a_run_begins_with_the_limit_of_its_time(times: str, limit: int | None) -> None:
    settings = replace(SETTINGS, limit_times=parse_limit_times(times))
    assert limit_now(settings, time.time())[1] == limit


async def test_a_run_without_the_interface_follows_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limit_clock, "LOOK_EVERY_S", 0.0)
    engine = FakeEngine()
    hours = iter((MIDNIGHT + 30 * HOUR, *[MIDNIGHT + 12 * HOUR] * 1000))
    monkeypatch.setattr(time, "time", lambda: next(hours))

    async def work() -> int:
        while not engine.calls:
            await asyncio.sleep(0)
        return 7

    assert await keeping_to_the_day(work(), engine, SETTINGS) == 7
    assert engine.calls == [("set_limit", 2)]


async def test_nothing_is_kept_where_no_times_are_set() -> None:
    async def work() -> int:
        return 3

    assert await keeping_to_the_day(work(), FakeEngine(), Settings()) == 3
