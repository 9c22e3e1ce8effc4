"""A filtered list that fills a screen; history and log are such lists."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on
from textual.widgets import Static

from tui_downloader.ui.screens.filtered import FilteredDialog
from tui_downloader.ui.widgets.box import Box
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_downloader.ui.view.pieces import Piece

Item = TypeVar("Item")

_NO_MATCH = "nothing matches; esc shows all"


class ListingScreen(FilteredDialog, Generic[Item]):
    """Shows items, one line each, and the highlighted one in full below.

    Attributes:
        heading: the title of the box.
        hints: its keys, from long to short.
        empty_text: what stands where there are no items.
    """

    CSS_PATH = "listing.tcss"
    AUTO_FOCUS = "#rows"

    heading = ""
    hints: tuple[str, ...] = ()
    empty_text = ""

    def __init__(self) -> None:
        super().__init__()
        self._items: Sequence[Item] = ()
        self._texts: list[str] = []  # theirs, once there is something to look for
        self._shown: list[Item] = []

    def compose(self) -> ComposeResult:
        with Box("listing", self.heading, *self.hints):
            yield self.field()
            yield PickList("rows", self._draw, self.empty_text)
            yield Static("", id="in-full", markup=False)

    @abstractmethod
    def words_of(self, item: Item) -> str:
        """The text that the filter searches."""

    @abstractmethod
    def pieces_of(self, item: Item, width: int) -> list[Piece]:
        """The line of an item."""

    @abstractmethod
    def in_full(self, item: Item) -> str:
        """The text below the list for the highlighted item."""

    def show_items(self, items: Sequence[Item], *, at_end: bool = False) -> None:
        """Show other items.

        Args:
            at_end: highlight the last one, not the one whose place was highlighted.
        """
        if items is not self._items:
            self._items, self._texts = items, []
        self._shown = self.fitting(items, self._texts_of_items)
        index = len(self._shown) - 1 if at_end else max(0, self.picks.index)
        self.picks.say_when_empty(_NO_MATCH if items else self.empty_text)
        self.picks.show(len(self._shown), index)

    def _texts_of_items(self) -> list[str]:
        """Made once: each key asks for all of them, and there may be ten thousand."""
        self._texts = self._texts or [self.words_of(item).lower() for item in self._items]
        return self._texts

    def show_fitting(self) -> None:
        self.show_items(self._items)

    @property
    def is_at_end(self) -> bool:
        """The highlight is on the last row."""
        return self.picks.index == len(self._shown) - 1

    @property
    def highlighted(self) -> Item | None:
        """The item under the highlight."""
        index = self.picks.index
        return self._shown[index] if 0 <= index < len(self._shown) else None

    def _draw(self, index: int, width: int) -> list[Piece]:
        return self.pieces_of(self._shown[index], width)

    @on(PickList.Highlighted)
    def _show_in_full(self) -> None:
        item = self.highlighted
        self.query_one("#in-full", Static).update("" if item is None else self.in_full(item))
