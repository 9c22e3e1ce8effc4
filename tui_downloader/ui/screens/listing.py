"""A full list with a filter, on a screen of its own; history and log are such lists."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from tui_downloader.ui.dialog import Dialog
from tui_downloader.ui.widgets.box import Box
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui_downloader.ui.rows import Piece

Item = TypeVar("Item")


class ListingScreen(Dialog[None], Generic[Item]):
    """Shows items, one line each, and the highlighted one in full below.

    Attributes:
        heading: the title of the box.
        hints: its keys, from long to short.
        empty_text: what stands where nothing is to be seen.
    """

    CSS_PATH = "listing.tcss"
    AUTO_FOCUS = "#rows"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False),
    ]

    heading = ""
    hints: tuple[str, ...] = ()
    empty_text = ""

    def __init__(self) -> None:
        super().__init__()
        self._items: Sequence[Item] = ()
        self._shown: list[Item] = []

    def compose(self) -> ComposeResult:
        with Box("listing", self.heading, *self.hints):
            yield Input(placeholder="filter", id="listing-filter", compact=True)
            yield PickList("rows", self._draw, self.empty_text)
            yield Static("", id="in-full", markup=False)

    @abstractmethod
    def words_of(self, item: Item) -> str:
        """What the filter looks at, in lower case."""

    @abstractmethod
    def pieces_of(self, item: Item, width: int) -> list[Piece]:
        """The line of an item."""

    @abstractmethod
    def in_full(self, item: Item) -> str:
        """What stands below for the highlighted item."""

    def show_items(self, items: Sequence[Item], *, at_end: bool = False) -> None:
        """Show other items.

        Args:
            at_end: highlight the last one, not the one whose place was highlighted.
        """
        self._items = items
        words = self.query_one("#listing-filter", Input).value.lower().split()
        self._shown = (
            [item for item in items if all(word in self.words_of(item) for word in words)]
            if words
            else list(items)
        )
        index = len(self._shown) - 1 if at_end else max(0, self._rows.index)
        self._rows.show(len(self._shown), index)

    @property
    def is_at_end(self) -> bool:
        """The highlight is on the last row."""
        return self._rows.index == len(self._shown) - 1

    @property
    def highlighted(self) -> Item | None:
        """The item under the highlight."""
        index = self._rows.index
        return self._shown[index] if 0 <= index < len(self._shown) else None

    @property
    def _rows(self) -> PickList:
        return self.query_one("#rows", PickList)

    def _draw(self, index: int, width: int) -> list[Piece]:
        return self.pieces_of(self._shown[index], width)

    @on(PickList.Highlighted)
    def _show_in_full(self) -> None:
        item = self.highlighted
        self.query_one("#in-full", Static).update("" if item is None else self.in_full(item))

    def action_filter(self) -> None:
        """Type words that the items must have."""
        self.set_class(True, "-filtering")
        self.query_one("#listing-filter", Input).focus()

    @on(Input.Changed, "#listing-filter")
    def _filter_changed(self) -> None:
        self.show_items(self._items)

    @on(Input.Submitted, "#listing-filter")
    def _filter_kept(self) -> None:
        self._rows.focus()

    def action_back(self) -> None:
        """Leave the filter, else close."""
        if not self.has_class("-filtering"):
            self.dismiss(None)
            return
        self.query_one("#listing-filter", Input).value = ""
        self.set_class(False, "-filtering")
        self._rows.focus()
