"""The list of themes; the highlighted one is previewed, and typing a name finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.view.theme import in_order
from tui_downloader.ui.widgets.box import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import Key

_TITLE = "Theme, type to find"
_MOVING = "jk"


class ThemeScreen(Dialog[str | None]):
    """Returns the name of the chosen theme, None when the old one stays.

    Args:
        names: all themes.
        current: the one that is worn now.
        set_theme: changes the theme.
    """

    CSS_PATH = "themes.tcss"
    DIMS = False
    BINDINGS: ClassVar = [
        Binding("j", "focused.cursor_down", show=False),
        Binding("k", "focused.cursor_up", show=False),
    ]

    def __init__(
        self, names: Sequence[str], current: str, set_theme: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._names = in_order(names)
        self._current = current
        self._set_theme = set_theme
        self._typed = ""

    def compose(self) -> ComposeResult:
        with Box("themes", _TITLE, "enter keeps it · esc back"):
            options = [Option(name, id=name) for name in self._names]
            yield OptionList(*options, id="theme-list", compact=True, markup=False)

    def on_mount(self) -> None:
        if self._current in self._names:
            self.query_one(OptionList).highlighted = self._names.index(self._current)

    def on_key(self, event: Key) -> None:
        """Letters find a theme; the first may also be `j` or `k`, as no name begins with these."""
        char = event.character or ""
        if event.key == "backspace":
            self._find(self._typed[:-1])
        elif event.is_printable and (self._typed or char not in _MOVING):
            event.stop()
            self._find(self._typed + char.lower())
        elif event.key != "enter":
            self._tell("")

    def _find(self, typed: str) -> None:
        """Highlight the first theme that begins with what was typed, or else has it in its name."""
        found = [name for name in self._names if typed in name]
        if not typed:
            self._tell("")
        elif found:
            name = min(found, key=lambda name: not name.startswith(typed))
            self.query_one(OptionList).highlighted = self._names.index(name)
            self._tell(typed)

    def _tell(self, typed: str) -> None:
        self._typed = typed
        title = f"Theme: {typed}" if typed else _TITLE
        self.query_one("#themes", Box).border_title = title

    @on(OptionList.OptionHighlighted)
    def _try_on(self, event: OptionList.OptionHighlighted) -> None:
        if event.option.id is not None and event.option.id != self.app.theme:
            self._set_theme(event.option.id)

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_back(self) -> None:
        """Restore the previous theme."""
        self._set_theme(self._current)
        self.dismiss(None)
