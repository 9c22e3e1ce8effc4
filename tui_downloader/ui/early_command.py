"""A command that is wished for before the engine is there: it is run as soon as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.ui.background import begin
from tui_downloader.ui.commands.commands import BY_ID
from tui_downloader.ui.commands.situation import Situation

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from textual.screen import Screen

# Commands about downloads are not kept: the user has not seen the list yet.
_NOTHING_LISTED = Situation(is_ready=True)


class EarlyCommand:
    """Keeps the last such command.

    Args:
        screen: whose commands these are; in front of another one they are not meant any more.
        is_ready: set when the engine takes wishes.
        run: runs a command.
    """

    def __init__(
        self, screen: Screen[None], is_ready: asyncio.Event, run: Callable[[str], None]
    ) -> None:
        self._screen = screen
        self._is_ready = is_ready
        self._run = run
        self._wanted = ""

    @property
    def is_waiting(self) -> bool:
        """What was wished for is still to come."""
        return bool(self._wanted) and self._screen.is_active

    def may_wait(self, command_id: str) -> bool:
        """Tell whether a command can be kept until the engine is there."""
        return not self._is_ready.is_set() and BY_ID[command_id].applies(_NOTHING_LISTED)

    def keep(self, command_id: str) -> None:
        """Run a command later, instead of the one that was kept before."""
        self._wanted = command_id
        begin(self._screen, self._run_when_ready, group="early", exclusive=True)

    def forget(self) -> None:
        """Something else was wished for since."""
        self._wanted = ""

    async def _run_when_ready(self) -> None:
        await self._is_ready.wait()
        wanted, is_meant = self._wanted, self.is_waiting
        self.forget()
        if is_meant:
            self._run(wanted)
