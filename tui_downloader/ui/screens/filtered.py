"""A dialog with a list and a field above it that filters the list."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Item = TypeVar("Item")


class FilteredDialog(Dialog[None]):
    """Has the field, shown while it is used, and the `PickList` that it filters."""

    DEFAULT_CSS = """
    FilteredDialog #filter-words { display: none; margin-bottom: 1; }
    FilteredDialog.-filtering #filter-words { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "filter", "Filter", show=False)]

    @abstractmethod
    def show_fitting(self) -> None:
        """List the items that match again."""

    @staticmethod
    def field() -> Input:
        """Return the field, to be composed above the list."""
        return Input(placeholder="filter", id="filter-words", compact=True)

    @property
    def picks(self) -> PickList:
        """The list."""
        return self.query_one(PickList)

    @property
    def _field(self) -> Input:
        return self.query_one("#filter-words", Input)

    def fitting(self, items: Iterable[Item], texts: Callable[[], Iterable[str]]) -> list[Item]:
        """Return the items whose text has every word, in whatever case.

        Args:
            texts: returns those of the items in lower case; not asked while there are no words.
        """
        words = self._field.value.lower().split()
        if not words:
            return list(items)
        found = list(zip(items, texts(), strict=True))
        for word in words:
            found = [pair for pair in found if word in pair[1]]
        return [item for item, _ in found]

    def action_filter(self) -> None:
        """Open the field."""
        self.set_class(True, "-filtering")
        self._field.focus()

    @on(Input.Changed, "#filter-words")
    def _words_changed(self) -> None:
        self.show_fitting()

    @on(Input.Submitted, "#filter-words")
    def _words_kept(self) -> None:
        self.picks.focus()

    def action_back(self) -> None:
        """Leave the field, else the filter, else close."""
        if not self.has_class("-filtering"):
            self.dismiss(None)
            return
        self._field.value = ""
        self.set_class(False, "-filtering")
        self.picks.focus()
