"""A choice of yes or no whose state can be read without colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Checkbox

if TYPE_CHECKING:
    from textual.geometry import Size

_BOX_WIDTH = 3


class Check(Checkbox, inherit_bindings=False):
    """Textual's checkbox, drawn as "[x] label" or "[ ] label".

    Space toggles it; enter submits the dialog, as in a text field.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", show=False),
        Binding("enter", "submit", show=False),
    ]

    @dataclass
    class Submitted(Message):
        """Enter was pressed; the choice is unchanged."""

    DEFAULT_CSS = """
    Check.-textual-compact {
        padding: 0 1;
        & > .toggle--button { color: $role-muted; background: transparent; }
        &.-on > .toggle--button { color: $primary; background: transparent; text-style: bold; }
    }
    """

    def render(self) -> Content:
        mark = "x" if self.value else " "
        return Content.assemble(
            (f"[{mark}]", self.get_visual_style("toggle--button")),
            self.label.pad(1, 1).stylize_before(self.get_visual_style("toggle--label")),
        )

    def get_content_width(self, container: Size, viewport: Size) -> int:
        del container, viewport
        return _BOX_WIDTH + 2 + self.label.cell_length

    def action_submit(self) -> None:
        """Submit the dialog."""
        self.post_message(self.Submitted())
