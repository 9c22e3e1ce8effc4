"""Keeps the speed limit to the times of day in the settings. Knows nothing of Textual."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from tui_downloader.model.daytimes import limit_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.model.daytimes import LimitTime
    from tui_downloader.store.settings import Settings

LOOK_EVERY_S = 10.0


def limit_now(settings: Settings, now: float) -> tuple[LimitTime | None, int | None]:
    """Return the current part of the day, and the limit of the settings for it.

    Args:
        now: wall clock, seconds.
    """
    moment = time.localtime(now)
    minute = moment.tm_hour * 60 + moment.tm_min
    return limit_at(settings.limit_times, minute, settings.limit_rate)


class LimitClock:
    """Sets the limit when a part of the day begins or ends; in between, the user's limit stays.

    Args:
        set_limit: changes the limit of the whole program.
        now: wall clock, seconds.
        settings: what held when the engine was told its first limit.
    """

    def __init__(
        self,
        set_limit: Callable[[int | None], None],
        now: Callable[[], float],
        settings: Settings,
    ) -> None:
        self._set_limit = set_limit
        self._now = now
        self._part, _ = limit_now(settings, now())

    def look(self, settings: Settings) -> None:
        """Set the limit if another part of the day has begun."""
        part, limit = limit_now(settings, self._now())
        if part != self._part:
            self._part = part
            self._set_limit(limit)

    def obey(self, settings: Settings) -> None:
        """The settings changed: set the limit that they ask for now."""
        self._part, limit = limit_now(settings, self._now())
        self._set_limit(limit)


async def keeping_to_the_day(
    work: Coroutine[Any, Any, int], engine: Engine, settings: Settings
) -> int:
    """Return the result of `work`, which runs the engine, while the limit follows the clock.

    For runs without the interface, which looks at the clock by itself.
    """
    if not settings.limit_times:
        return await work
    keeper = asyncio.create_task(_keep(engine, settings))
    try:
        return await work
    finally:
        keeper.cancel()


async def _keep(engine: Engine, settings: Settings) -> None:
    clock = LimitClock(engine.set_limit, time.time, settings)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        clock.look(settings)
