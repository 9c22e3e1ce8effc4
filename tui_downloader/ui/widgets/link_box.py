"""The box that links are typed and pasted into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

from tui_downloader.model.text import clean_lines

if TYPE_CHECKING:
    from textual.events import Key, Paste
    from textual.geometry import Offset


class LinkBox(TextArea):
    """A text area that cleans pasted text before it shows it.

    After a paste it is scrolled to the beginning of lines, although the cursor is at an end.

    Args:
        offer: what stands in it while it is empty: what it takes.
    """

    def __init__(self, widget_id: str, offer: str = "") -> None:
        super().__init__(
            id=widget_id, soft_wrap=False, highlight_cursor_line=False, placeholder=offer
        )
        self._shows_beginnings = False

    def show(self, text: str) -> None:
        """Replace everything."""
        self._shows_beginnings = True
        self.text = clean_lines(text)
        self.go_to_end()

    def take(self, text: str) -> None:
        """Insert a pasted text in place of what is selected."""
        self._shows_beginnings = True
        start, end = self.selection
        result = self.replace(clean_lines(text), start, end)
        self.move_cursor(result.end_location)

    def append(self, text: str) -> None:
        """Add lines below the others."""
        self.go_to_end()
        above = "" if self.cursor_location[1] == 0 else "\n"
        self.take(above + text)

    def go_to_end(self) -> None:
        """Put the cursor behind the text."""
        self.move_cursor(self.document.end)

    def go_to_line(self, line_no: int) -> None:
        """Put the cursor at the end of a line, counted from 1."""
        row = min(line_no, self.document.line_count) - 1
        self.move_cursor((row, len(self.document.get_line(row))))

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scroll to the cursor; after a paste only vertically."""
        scrolled = super().scroll_cursor_visible(center, animate)
        if self._shows_beginnings:
            self.scroll_to(x=0, animate=False, immediate=True)
        return scrolled

    def on_key(self, event: Key) -> None:
        """Insert a line break for the line feed that some terminals send in a paste."""
        self._shows_beginnings = False
        if event.key == "ctrl+j":
            event.stop()
            event.prevent_default()
            self.take("\n")

    def on_paste(self, event: Paste) -> None:
        """Replace the widget's own handling of a paste."""
        event.stop()
        event.prevent_default()
        self.take(event.text)
