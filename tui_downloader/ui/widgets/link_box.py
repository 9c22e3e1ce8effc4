"""Boxes for several lines: for any, and for links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.widgets import TextArea

from tui_downloader.model.links.found_addresses import begins_address
from tui_downloader.model.links.link_options import option_in
from tui_downloader.model.text import clean_lines

if TYPE_CHECKING:
    from textual.events import Key, Paste
    from textual.geometry import Offset


_BLANK = re.compile(r"\s")
# What an address may stand between within a line.
_OPENERS = " \t\"'`<>([{,;"
_CLOSERS = " \t\"'`<>)]},;"


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
        self._shows_beginnings = self._shows_top = False

    def show(self, text: str, *, from_top: bool = False) -> None:
        """Replace everything.

        Args:
            from_top: its first lines are in sight until the box has the focus, although the cursor
                is behind the last one.
        """
        self._shows_beginnings, self._shows_top = True, from_top
        self.text = clean_lines(text)
        self.go_to_end()

    def take(self, text: str) -> None:
        """Insert a pasted text in place of what is selected."""
        self._shows_beginnings, self._shows_top = True, False
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
            y = 0 if self._shows_top else None
            self.scroll_to(x=0, y=y, animate=False, immediate=True)
        return scrolled

    def on_focus(self) -> None:
        """Whoever goes here goes to the cursor."""
        if self._shows_top:
            self._shows_top = False
            self.scroll_cursor_visible()

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

    Browsers copy links without a line break: two that are pasted one after the other are two lines,
    and no paste tears the link that the cursor stands in.

    Attributes:
        tells_pastes: keys that come as fast as a paste are one; see `key_burst`.
    """

    tells_pastes = True

    def paste(self, text: str) -> None:
        """Take a pasted text where the cursor is; links get lines of their own."""
        text = clean_lines(text)
        before, behind = self._beside()
        if begins_address(text):
            self._take_lines(text, before, behind)
        elif _is_prose(text) and not self.selected_text and "://" in _word(before, behind):
            self._take_below(text)
        else:
            self.take(text)

    def append(self, text: str) -> None:
        """Add lines below the others."""
        self.go_to_end()
        self._take_lines(clean_lines(text), *self._beside())

    def _beside(self) -> tuple[str, str]:
        """Return what stands in the line before what is selected, and behind it."""
        (row, column), (last_row, last_column) = sorted(self.selection)
        return self.document.get_line(row)[:column], self.document.get_line(last_row)[last_column:]

    def _take_lines(self, text: str, before: str, behind: str) -> None:
        is_within = bool(before.strip() and behind.strip())
        if is_within and (self.selected_text or _is_room(before, behind)):
            self.take(text)
        elif before.strip():
            self._take_below(text)
        else:
            self.take(text.removesuffix("\n") + "\n" if behind.strip() else text)

    def _take_below(self, text: str) -> None:
        """Insert lines below that of the cursor and the options that belong to it."""
        if not self.selected_text:
            row, _ = self.cursor_location
            while row + 1 < self.document.line_count and option_in(self.document.get_line(row + 1)):
                row += 1
            self.go_to_line(row + 1)
        self.take("\n" + text.removeprefix("\n"))


def _is_room(before: str, behind: str) -> bool:
    """Tell whether what comes between the two becomes no part of a word."""
    return before[-1] in _OPENERS and behind[0] in _CLOSERS


def _is_prose(text: str) -> bool:
    """Tell whether a text begins with several words, which no address holds."""
    line = text.partition("\n")[0]
    return not line[:1].isspace() and len(line.split()) > 1


def _word(before: str, behind: str) -> str:
    """Return the word that the cursor stands in or at."""
    return _BLANK.split(before)[-1] + _BLANK.split(behind, maxsplit=1)[0]
