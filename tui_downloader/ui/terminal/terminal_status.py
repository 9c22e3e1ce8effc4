"""The status outside of the window: title, taskbar and notifications, each with a setting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine import EventKind
from tui_downloader.ui.terminal.notices import Notifier, notice_sequence
from tui_downloader.ui.terminal.taskbar import CLEAR_PROGRESS, Taskbar
from tui_downloader.ui.terminal.window_title import RESTORE_TITLE, SAVE_TITLE, Title, window_title

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import EngineEvent
    from tui_downloader.store.settings import Settings
    from tui_downloader.ui.terminal.terminal_kind import TerminalKind
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.view.glyphs import Glyphs


class TerminalStatus:
    """Shows samples and events in the title, the taskbar and notifications.

    Args:
        settings: which of it is wanted.
        kind: what the terminal understands.
        write: sends a sequence to the terminal, past the picture.
        call_later: calls back after that many seconds.
        glyphs: what the title is written with.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        settings: Settings,
        kind: TerminalKind,
        write: Callable[[str], None],
        call_later: Callable[[float, Callable[[], None]], object],
        figures: Figures,
        glyphs: Glyphs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write, self._call_later, self._clock = write, call_later, clock
        self._figures, self._glyphs = figures, glyphs
        self._kind = kind
        self._title: Title | None = None
        self._taskbar: Taskbar | None = None
        self._obey(settings)
        self._notifier = Notifier(self._notify, call_later, clock)

    def _obey(self, settings: Settings) -> None:
        if not settings.title:
            if self._title is not None:
                self._title.stop()
            self._title = None
        elif self._title is None:
            self._title = Title(self._write, self._call_later, self._clock)
        allowed = {"always": True, "never": False}
        if not allowed.get(settings.taskbar, self._kind.shows_progress):
            self._taskbar = None
        elif self._taskbar is None:
            self._taskbar = Taskbar(self._write, self._clock)
        self._notice = self._kind.notice if settings.notify else None

    def obey(self, settings: Settings) -> None:
        """Apply changed settings; what is switched off is reset."""
        had_title, had_progress = self._title is not None, bool(self.parting)
        self._obey(settings)
        if had_title and self._title is None:
            # The title of before comes back, and stays kept for the end.
            self._write(RESTORE_TITLE + SAVE_TITLE)
        if had_progress and not self.parting:
            self._write(CLEAR_PROGRESS)

    def reformat(self, figures: Figures) -> None:
        """Format numbers in another way from now on."""
        self._figures = figures

    def show(self, board: Board) -> None:
        """A sample was taken."""
        if self._title is not None:
            self._title.show(window_title(board, self._figures, self._glyphs))
        if self._taskbar is not None:
            self._taskbar.show(board)
        self._notifier.look(board)

    def note(self, event: EngineEvent) -> None:
        """The engine reported something."""
        if event.kind in (EventKind.COMPLETED, EventKind.FAILED):
            self._notifier.note_end(event.download_id)

    def set_focused(self, *, is_focused: bool) -> None:
        """The window got or lost the focus."""
        self._notifier.is_focused = is_focused

    @property
    def parting(self) -> str:
        """The sequence that resets everything when the terminal is given back, except the title."""
        return CLEAR_PROGRESS if self._taskbar is not None else ""

    def begin_again(self) -> None:
        """The terminal was given back and taken over again: send everything anew."""
        if self._title is not None:
            self._title.forget()
        if self._taskbar is not None:
            self._taskbar.forget()

    def _notify(self, text: str) -> None:
        if self._notice is not None:
            self._write(notice_sequence(self._notice, text))
