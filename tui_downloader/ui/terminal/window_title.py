"""The title of the terminal's window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.view.glyphs import Glyphs

_NAME = "tui-downloader"
_APART_S = 1.0

SAVE_TITLE = "\x1b[22;2t"
RESTORE_TITLE = "\x1b[23;2t"


def window_title(board: Board, figures: Figures, glyphs: Glyphs) -> str:
    """Compose the title: speed, finished of all, name of the program."""
    if not board.snapshot.downloads:
        return _NAME
    done = board.counts.get(Status.COMPLETED, 0)
    part = f"{done}/{len(board.snapshot.downloads)}{glyphs.dot}{_NAME}"
    if not board.running:
        return part
    return f"{glyphs.down}{figures.rate(board.snapshot.bytes_per_s)} {part}"


class Title:
    """Sets the window's title when it has changed, at most once a second.

    Args:
        write: sends bytes to the terminal, past the picture.
        call_later: calls back after that many seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        call_later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float],
    ) -> None:
        self._write = write
        self._call_later = call_later
        self._clock = clock
        self._wanted = self._shown = ""
        self._shown_at = float("-inf")
        self._is_waiting = False

    def show(self, title: str) -> None:
        """Show a title now, or when a second has passed since the last one."""
        self._wanted = title
        if title == self._shown or self._is_waiting:
            return
        wait_s = self._shown_at + _APART_S - self._clock()
        if wait_s <= 0:
            self._put()
        else:
            self._is_waiting = True
            self._call_later(wait_s, self._put)

    def stop(self) -> None:
        """Show no more titles, not even one that waits for its second."""
        self._wanted = self._shown

    def forget(self) -> None:
        """The terminal has its own title again: set ours with the next sample."""
        self._shown = ""

    def _put(self) -> None:
        self._is_waiting = False
        if self._wanted != self._shown:
            self._shown, self._shown_at = self._wanted, self._clock()
            self._write(f"\x1b]2;{self._shown}\x1b\\")
