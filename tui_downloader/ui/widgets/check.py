"""A choice of yes or no whose state can be read without colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Checkbox

if TYPE_CHECKING:
    from textual.geometry import Size

_BOX_WIDTH = 3


class Check(Checkbox):
    """Textual's checkbox, drawn as "[x] label" or "[ ] label"."""

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
