"""Speed limits by time of day for runs without the interface, which keeps to them by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tui_downloader.engine import Engine
    from tui_downloader.store.settings import Settings


def first_limit(settings: Settings) -> int | None:
    """Return the limit that a run begins with, in bytes per second."""
    if not settings.limit_times:
        return settings.limit_rate
    from tui_downloader.ui.limit_clock import limit_now

    return limit_now(settings, time.time())[1]


async def keeping_to_the_day(
    work: Coroutine[Any, Any, int], engine: Engine, settings: Settings
) -> int:
    """Return the result of `work`, which runs the engine, while the limit follows the clock."""
    if not settings.limit_times:
        return await work
    keeper = asyncio.create_task(_keep(engine, settings))
    try:
        return await work
    finally:
        keeper.cancel()


async def _keep(engine: Engine, settings: Settings) -> None:
    from tui_downloader.ui.limit_clock import LOOK_EVERY_S, LimitClock

    clock = LimitClock(engine.set_limit, time.time, settings)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        clock.look(settings)
