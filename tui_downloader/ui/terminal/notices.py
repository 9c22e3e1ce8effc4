"""Desktop notifications while the window has no focus, at most one every 10 seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.ui.terminal.terminal_kind import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.board import Board

_TITLE = "tui-downloader"
_APART_S = 10.0
_LONG_S = 60.0
_LONGEST_TEXT = 120


def notice_sequence(notice: Notice, text: str) -> str:
    """Compose the sequence that asks the terminal for a notification; the text is cleaned here."""
    # A semicolon parts the fields of these sequences.
    plain = clean(text, _LONGEST_TEXT).replace(";", ",")
    if notice is Notice.OSC777:
        return f"\x1b]777;notify;{_TITLE};{plain}\x1b\\"
    if notice is Notice.OSC99:
        return f"\x1b]99;i=1:d=0;{_TITLE}\x1b\\\x1b]99;i=1:p=body;{plain}\x1b\\"
    if notice is Notice.OSC9:
        return f"\x1b]9;{_TITLE}: {plain}\x1b\\"
    return "\a"


class Notifier:
    """Reports that the queue, or a long download, has ended.

    Args:
        send: makes a notification of a sentence.
        call_later: calls back after that many seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        send: Callable[[str], None],
        call_later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float],
    ) -> None:
        self.is_focused = True
        self._send = send
        self._call_later = call_later
        self._clock = clock
        self._sent_at = float("-inf")
        self._waiting: list[str] = []
        self._noted: set[int] = set()
        self._was_busy = False

    def note_end(self, download_id: int) -> None:
        """A download completed or failed; the next sample tells how long it took."""
        self._noted.add(download_id)

    def look(self, board: Board) -> None:
        """Judge a sample."""
        noted, self._noted = self._noted, set()
        is_busy = bool(board.running or board.in_line)
        is_over = self._was_busy and not is_busy
        self._was_busy = is_busy
        if self.is_focused:
            self._waiting.clear()
        elif is_over:
            # The end of everything says it all.
            self._waiting.clear()
            self._tell(_over(board))
        elif noted:
            for download in board.snapshot.downloads:
                if download.download_id in noted and download.active_s >= _LONG_S:
                    self._tell(_ended(download))

    def _tell(self, text: str) -> None:
        if self._waiting:
            self._waiting.append(text)
            return
        wait_s = self._sent_at + _APART_S - self._clock()
        if wait_s <= 0:
            self._put(text)
        else:
            self._waiting.append(text)
            self._call_later(wait_s, self._flush)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting and not self.is_focused:
            more = f", and {len(waiting) - 1} more" if len(waiting) > 1 else ""
            self._put(waiting[-1] + more)

    def _put(self, text: str) -> None:
        self._sent_at = self._clock()
        self._send(text)


def _over(board: Board) -> str:
    told = ((Status.COMPLETED, "completed"), (Status.FAILED, "failed"), (Status.PAUSED, "paused"))
    counts = [f"{board.counts[status]} {word}" for status, word in told if status in board.counts]
    if board.snapshot.scheduled:
        counts.append(f"{board.snapshot.scheduled} scheduled")
    return "Nothing is running any more: " + (", ".join(counts) or "all cancelled")


def _ended(download: Snapshot) -> str:
    word = "failed" if download.status is Status.FAILED else "is done"
    return f"{download.name} {word}"
