"""Boxes for several lines: for any, and for links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

from tui_downloader.model.links.found_addresses import begins_address
from tui_downloader.model.text import clean_lines

if TYPE_CHECKING:
    from textual.events import Key, Paste
    from textual.geometry import Offset


class LinesBox(TextArea):
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
        self.paste(event.text)

    def action_paste(self) -> None:
        """Insert what was copied in this program: a paste, too."""
        self.paste(self.app.clipboard)

    def paste(self, text: str) -> None:
        """Take a pasted text where the cursor is."""
        self.take(text)


class LinkBox(LinesBox):
    """The box that links are typed and pasted into.

    Browsers copy links without a line break: two that are pasted one after the other are two lines.

    Attributes:
        tells_pastes: keys that come as fast as a paste are one; see `key_burst`.
    """

    tells_pastes = True

    def paste(self, text: str) -> None:
        """Take a pasted text where the cursor is; links get lines of their own."""
        self.take(self._parted(text) if begins_address(text) else text)

    def append(self, text: str) -> None:
        """Add lines below the others."""
        self.go_to_end()
        self.take(self._parted(text))

    def _parted(self, text: str) -> str:
        """Return a text with the line break that parts it from what is before or behind it.

        There is none within a line, which is being edited.
        """
        (row, column), (last_row, last_column) = sorted(self.selection)
        is_behind = bool(self.document.get_line(row)[:column].strip())
        is_before = bool(self.document.get_line(last_row)[last_column:].strip())
        if is_behind == is_before:
            return text
        text = clean_lines(text)
        return "\n" + text.removeprefix("\n") if is_behind else text.removesuffix("\n") + "\n"
