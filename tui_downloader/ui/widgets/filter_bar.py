"""The field that a filter is typed into, at the right edge of the line of views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.app import ComposeResult

_SIGN = " / "


class FilterBar(Horizontal):
    """Tells every change of the text, and how the typing ended."""

    BINDINGS: ClassVar = [Binding("escape", "give_up", "Clear", show=False)]
    DEFAULT_CSS = """
    FilterBar { width: 22%; min-width: 18; max-width: 60; height: 1; }
    FilterBar Lines { width: 3; }
    FilterBar Input { width: 1fr; }
    """

    @dataclass
    class Typed(Message):
        """The text changed.

        Attributes:
            text: as it stands in the field.
        """

        text: str

    @dataclass
    class Ended(Message):
        """The user is done with the field.

        Attributes:
            is_kept: the filter stays.
        """

        is_kept: bool

    def compose(self) -> ComposeResult:
        sign = Lines("filter-sign")
        sign.show([(_SIGN, "key")])
        yield sign
        yield Input(id="filter", compact=True, select_on_focus=False)

    @property
    def is_opening(self) -> bool:
        """It is shown, and has not got the focus yet."""
        return self.display and not isinstance(self.screen.focused, Input)

    def open(self, text: str) -> None:
        """Take the focus, with this text to go on with."""
        field = self.query_one(Input)
        with self.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)
        field.focus()

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(event.value))

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Ended(is_kept=True))

    def action_give_up(self) -> None:
        """Leave without a filter."""
        self.post_message(self.Ended(is_kept=False))

    def on_descendant_blur(self) -> None:
        if self.screen.is_current:
            self.post_message(self.Ended(is_kept=True))
