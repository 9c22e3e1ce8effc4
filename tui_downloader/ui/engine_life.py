"""The engine's lifetime within the interface: from the first paint until all is saved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tui_downloader.engine import Engine

_LAST_CHANCE_S = 0.5
_SAVING_S = 1.8  # who is told to end is gone in three seconds, and so is who quits


class EngineLife:
    """Enters the engine and leaves it at the end; a disk that hangs is not waited for.

    Args:
        engine: not entered yet.
        end: ends the interface.

    Attributes:
        is_ready: set when the engine takes wishes.
        is_impatient: it ends although not all is saved: nothing may be waited for.
        is_hurried: the user did not wait, so that nothing is known of the disks.
    """

    def __init__(self, engine: Engine, end: Callable[[], None]) -> None:
        self._engine = engine
        self._end = end
        self.is_ready = asyncio.Event()
        self.is_impatient = self.is_hurried = False
        self._leaving = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def has_begun(self) -> bool:
        """The engine was entered, or is about to be."""
        return self._task is not None

    @property
    def is_leaving(self) -> bool:
        """Running downloads are being paused and saved."""
        return self._leaving.is_set()

    def begin(
        self,
        follow: Callable[[], Coroutine[Any, Any, None]],
        on_ready: Callable[[], None],
        on_leaving: Callable[[], None],
    ) -> None:
        """Enter the engine.

        Args:
            follow: goes on beside the engine, and ends by itself when that is left.
            on_ready: called once it takes wishes.
            on_leaving: called before what runs is paused.
        """
        self._task = asyncio.create_task(self._hold(follow, on_ready, on_leaving), name="engine")

    async def _hold(
        self,
        follow: Callable[[], Coroutine[Any, Any, None]],
        on_ready: Callable[[], None],
        on_leaving: Callable[[], None],
    ) -> None:
        try:
            async with self._engine:
                following = asyncio.create_task(follow(), name="events")
                # It ends before the engine only when it fails; that is raised below.
                following.add_done_callback(lambda _: self._leaving.set())
                self.is_ready.set()
                on_ready()
                await self._leaving.wait()
                on_leaving()
                self.give_up_later()
            await following
        finally:
            self._end()

    def leave(self) -> None:
        """Pause running downloads, save and end."""
        if self._task is None:
            self._end()
        self._leaving.set()

    def give_up_later(self) -> None:
        """Set a time limit for saving."""
        asyncio.get_running_loop().call_later(_SAVING_S, self.give_up)

    def give_up(self) -> None:
        """End now; the parts are valid as they are."""
        if self._task is None or not self._task.done():
            self.is_impatient = True
            self._end()

    def hurry(self) -> None:
        """End now, because the user does not want to wait."""
        self.is_hurried = True
        self.give_up()

    async def finish(self) -> None:
        """Wait until the engine has saved everything; also after a crash of the interface.

        What is saved a moment after it was given up is saved all the same.

        Raises:
            BaseException: what the engine failed with, now that the terminal is restored.
        """
        self._leaving.set()
        if self._task is None:
            return
        if self.is_impatient:
            await asyncio.wait([self._task], timeout=_LAST_CHANCE_S)
            if not self._task.done():
                self._task.cancel()
                return
        self.is_impatient = False
        await self._task
