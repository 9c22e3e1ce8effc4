"""The themes; the highlighted one is worn while the list is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_downloader.ui.dialog import Dialog
from tui_downloader.ui.theme import in_order
from tui_downloader.ui.widgets.box import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult


class ThemeScreen(Dialog[str | None]):
    """Returns the name of the chosen theme, None when the old one stays.

    Args:
        names: all themes.
        current: the one that is worn now.
        wear: puts a theme on.
    """

    CSS_PATH = "themes.tcss"
    BINDINGS: ClassVar = [
        Binding("j", "focused.cursor_down", show=False),
        Binding("k", "focused.cursor_up", show=False),
    ]

    def __init__(self, names: Sequence[str], current: str, wear: Callable[[str], None]) -> None:
        super().__init__()
        self._names = in_order(names)
        self._current = current
        self._wear = wear

    def compose(self) -> ComposeResult:
        with Box("themes", "Theme", "enter keeps it · esc back"):
            options = [Option(name, id=name) for name in self._names]
            yield OptionList(*options, id="theme-list", compact=True, markup=False)

    def on_mount(self) -> None:
        if self._current in self._names:
            self.query_one(OptionList).highlighted = self._names.index(self._current)

    @on(OptionList.OptionHighlighted)
    def _try_on(self, event: OptionList.OptionHighlighted) -> None:
        if event.option.id is not None and event.option.id != self.app.theme:
            self._wear(event.option.id)

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_back(self) -> None:
        """Wear the old theme again."""
        self._wear(self._current)
        self.dismiss(None)
