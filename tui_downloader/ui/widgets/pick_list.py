"""A long list to choose from, drawn line by line: settings, history, log."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView

from tui_downloader.ui.widgets.roles import Styles

if TYPE_CHECKING:
    from textual.events import Click, Resize
    from textual.strip import Strip

    from tui_downloader.ui.view.pieces import Piece

Draw = Callable[[int, int], "list[Piece]"]


class PickList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows, one line each, and moves a highlight over them.

    Args:
        draw: given a row's place and a width, returns the pieces of its line.
        empty_text: what stands in an empty list.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    PickList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("home,g", "go(0)", show=False),
        Binding("end,G", "go(-1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    @dataclass
    class Highlighted(Message):
        """The highlight is on another row, or on none.

        Attributes:
            index: the row's place, -1 for none.
        """

        index: int

    @dataclass
    class Chosen(Message):
        """Enter was pressed on a row, or it was double-clicked.

        Attributes:
            index: the row's place.
        """

        index: int

    def __init__(self, widget_id: str, draw: Draw, empty_text: str = "") -> None:
        super().__init__(id=widget_id)
        self._draw = draw
        self._empty_text = empty_text
        self._styles = Styles(self)
        self._count = 0
        self._index = -1

    @property
    def index(self) -> int:
        """The highlighted row's place, -1 for none."""
        return self._index

    def say_when_empty(self, text: str) -> None:
        """Show another text where there are no rows."""
        self._empty_text = text
        self.refresh()

    def show(self, count: int, index: int) -> None:
        """Show other rows.

        Args:
            count: how many there are.
            index: the one to highlight.
        """
        self._count = count
        self.virtual_size = Size(self.scrollable_content_region.width, count)
        self._index = max(-1, min(index, count - 1))
        self.refresh()
        self.call_after_refresh(self._reveal)
        self.post_message(self.Highlighted(self._index))

    def go_to(self, index: int) -> None:
        """Highlight a row by its place, and not beyond the ends."""
        index = max(0, min(index, self._count - 1))
        if not self._count or index == self._index:
            return
        self._index = index
        self._reveal()
        self.refresh()
        self.post_message(self.Highlighted(index))

    def action_move(self, rows: int) -> None:
        """Move the highlight."""
        self.go_to(self._index + rows)

    def action_page(self, pages: int) -> None:
        """Move the highlight by as many rows as are on the screen."""
        self.go_to(self._index + pages * max(1, self.size.height - 1))

    def action_go(self, index: int) -> None:
        """Highlight the first row, or the last."""
        self.go_to(index if index >= 0 else self._count - 1)

    def action_choose(self) -> None:
        """Choose the highlighted row."""
        if self._index >= 0:
            self.post_message(self.Chosen(self._index))

    def _reveal(self) -> None:
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if self._index < top:
            self.scroll_to(y=max(0, self._index), animate=False, immediate=True)
        elif self._index >= top + height:
            self.scroll_to(y=self._index - height + 1, animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= self._count:
            return self._styles.strip([(self._empty_line(y, width), "muted")], width)
        under = ""
        if index == self._index:
            under = "highlight" if self.has_focus else "highlight-blurred"
        sign = ">" if under else " "
        return self._styles.strip([(sign, "cursor"), *self._draw(index, width - 1)], width, under)

    def _empty_line(self, y: int, width: int) -> str:
        """A line of what stands in an empty list, broken where it is narrow."""
        lines = [] if self._count else textwrap.wrap(self._empty_text, max(1, width - 2))
        return f" {lines[y]}" if y < len(lines) else ""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_resize(self, _: Resize) -> None:
        """Keep the highlighted row on the screen."""
        self.virtual_size = Size(self.scrollable_content_region.width, self._count)
        self._reveal()

    def on_click(self, event: Click) -> None:
        index = event.y + self.scroll_offset.y
        if index >= self._count or event.x >= self.scrollable_content_region.width:
            return
        self.go_to(index)
        if event.chain == 2:
            self.post_message(self.Chosen(index))
