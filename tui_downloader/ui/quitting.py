"""Leaving while downloads run: asked first, and what was chosen can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.ui.background import begin
from tui_downloader.ui.screens.ask import Ask, Choice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.worker import Worker

    from tui_downloader.ui.app import DownloaderApp

_PAUSE_AND_QUIT, _QUIT_WHEN_DONE, _STAY = "quit", "when-done", "stay"
_NOTE = "quits when done"


class Quitting:
    """Asks how to leave, and leaves at once or when nothing runs any more.

    Args:
        app: asks, says in its header what will happen, and leaves.
        wait_idle: returns when nothing runs.
    """

    def __init__(self, app: DownloaderApp, wait_idle: Callable[[], Awaitable[None]]) -> None:
        self._app = app
        self._wait_idle = wait_idle
        self._waiting: Worker[None] | None = None

    def ask(self, running: int) -> None:
        """Ask about so many running downloads."""
        now = Choice(("y", "q", "ctrl+q"), "or q: pause and quit", _PAUSE_AND_QUIT)
        if self._waiting is None:
            question = f"{running} running."
            other = Choice(("w",), "quit when done", _QUIT_WHEN_DONE)
        else:
            question = f"{running} running; {_NOTE}."
            other = Choice(("s", "w"), "stay open", _STAY)
        self._app.push_screen(Ask(question, (now, other)), self._answered)

    def _answered(self, answer: str | None) -> None:
        if answer == _PAUSE_AND_QUIT:
            self._app.leave()
        elif answer == _QUIT_WHEN_DONE:
            self._say_in_header(_NOTE)
            self._waiting = begin(self._app, self._leave_when_done, group="leave")
        elif answer == _STAY and self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._say_in_header("")

    def _say_in_header(self, note: str) -> None:
        self._app.main.note = note
        self._app.main.show_note()

    async def _leave_when_done(self) -> None:
        await self._wait_idle()
        self._app.leave()
