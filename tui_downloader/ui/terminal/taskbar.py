"""Progress of the whole queue in the taskbar or the terminal's tab (OSC 9;4)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.board import Board

# Terminals forget a report after a while, in case its program died.
_REPEATED_S = 5.0


class Bar(IntEnum):
    """What the bar says; the values are those of the sequence."""

    NONE = 0
    RUNNING = 1
    FAILED = 2
    UNKNOWN = 3
    PAUSED = 4


class _Batch(NamedTuple):
    """What had ended before the current work began, and does not count as progress."""

    completed: int
    failed: int


def progress_sequence(bar: Bar, percent: int = 0) -> str:
    """Compose the report, terminated by ST as some terminals require."""
    return f"\x1b]9;4;{int(bar)};{percent}\x1b\\"


CLEAR_PROGRESS = progress_sequence(Bar.NONE)


class Taskbar:
    """Reports progress when it has changed, and every 5 s while something runs.

    Args:
        write: sends a sequence to the terminal, past the picture.
        clock: monotonic seconds.
    """

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._write = write
        self._clock = clock
        self._batch: _Batch | None = None
        self._shown = CLEAR_PROGRESS
        self._shown_at = float("-inf")

    def show(self, board: Board) -> None:
        """Report what a sample shows."""
        self._follow_batch(board)
        sequence = self._sequence(board)
        now = self._clock()
        is_due = sequence != CLEAR_PROGRESS and now - self._shown_at >= _REPEATED_S
        if sequence != self._shown or is_due:
            self._shown, self._shown_at = sequence, now
            self._write(sequence)

    def forget(self) -> None:
        """The terminal was reset: report again with the next sample."""
        self._shown = CLEAR_PROGRESS

    def _follow_batch(self, board: Board) -> None:
        """A batch begins when something runs, and ends when nothing is left to do."""
        counts = board.counts
        if board.running and self._batch is None:
            self._batch = _Batch(counts.get(Status.COMPLETED, 0), counts.get(Status.FAILED, 0))
        elif not (board.running or board.in_line or counts.get(Status.PAUSED, 0)):
            self._batch = None

    def _sequence(self, board: Board) -> str:
        batch = self._batch
        if batch is None:
            return CLEAR_PROGRESS
        counts = board.counts
        done = max(0, counts.get(Status.COMPLETED, 0) - batch.completed)
        waiting = board.in_line
        paused = counts.get(Status.PAUSED, 0)
        percent = _percent(board, done, waiting)
        if counts.get(Status.FAILED, 0) > batch.failed:
            return progress_sequence(Bar.FAILED, percent)
        if not (board.running or waiting) and paused:
            return progress_sequence(Bar.PAUSED, percent)
        if not (done or waiting) and all(each.total_bytes is None for each in board.active):
            return progress_sequence(Bar.UNKNOWN)
        return progress_sequence(Bar.RUNNING, percent)


def _percent(board: Board, done: int, waiting: int) -> int:
    """The fraction done of the batch; all downloads count equally, as most sizes come late."""
    parts = board.active or _paused(board)
    fractions = sum(
        1.0 if each.stage is Status.VERIFYING else each.done_bytes / each.total_bytes
        for each in parts
        if each.total_bytes
    )
    return int(100 * min(1.0, (done + fractions) / max(1, done + waiting + len(parts))))


def _paused(board: Board) -> tuple[Snapshot, ...]:
    return tuple(each for each in board.snapshot.downloads if each.status is Status.PAUSED)
