"""How the user looks at the queue: the view, the filter and the order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.ui.view.board import View, look_at
from tui_downloader.ui.view.filtering import Filter, Sieve
from tui_downloader.ui.view.sorting import Sorter

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import QueueSnapshot
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.sort_keys import Sort


class Lens:
    """Turns snapshots of the queue into boards.

    Args:
        clock: seconds that only grow.

    Attributes:
        view: the part of the list that is shown.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.view = View.ALL
        self._held: int | None = None
        self._may_leave = False
        self._clock = clock
        self._sieve = Sieve(Filter())
        self._sorter = Sorter()
        self._seen: Board | None = None

    @property
    def wanted(self) -> Filter:
        """The filter."""
        return self._sieve.wanted

    @wanted.setter
    def wanted(self, wanted: Filter) -> None:
        self._sieve = Sieve(wanted)

    @property
    def sort(self) -> Sort:
        """The order of the rows."""
        return self._sorter.sort

    @sort.setter
    def sort(self, sort: Sort) -> None:
        self._sorter.choose(sort)

    def touched(self) -> None:
        """A key was pressed: rows do not move by themselves for a while."""
        self._sorter.touched(self._clock())

    def hold(self, download_id: int | None) -> None:
        """Keep a download among the rows, whatever becomes of it by itself; None for none."""
        if download_id != self._held:
            self._held, self._may_leave = download_id, False

    def acted(self) -> None:
        """The user did something with downloads: what is held may leave by that."""
        self._may_leave = True

    @property
    def _stays(self) -> int | None:
        return None if self._may_leave else self._held

    def look(self, snapshot: QueueSnapshot) -> Board:
        """Make a board of a snapshot."""
        now = self._clock()
        board = look_at(
            snapshot,
            self.view,
            arrange=lambda downloads: self._sorter.arrange(downloads, now),
            narrow=self._sieve.narrow if self.wanted.tests else None,
            held=self._stays,
            before=self._seen,
        )
        self._seen = replace(board, wanted=self.wanted, sort=self.sort)
        return self._seen

    def saw(self, board: Board) -> bool:
        """Tell whether a board was made with the current view, filter and order."""
        look = (self.view, self.wanted, self.sort, self._stays)
        return (board.view, board.wanted, board.sort, board.held) == look

    def settles_in_s(self, snapshot: QueueSnapshot) -> float | None:
        """Seconds until changed rows may move to their places; None when all are there."""
        return self._sorter.due_in_s(snapshot.downloads, self._clock())
