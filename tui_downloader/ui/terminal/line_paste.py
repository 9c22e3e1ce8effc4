"""Pastes of several lines into a field that has one: the first of them counts, which is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key, Paste
from textual.widgets import Input

from tui_downloader.ui.terminal.key_burst import BurstApp

if TYPE_CHECKING:
    from collections.abc import Sequence


class LinePasteApp(BurstApp):
    """An app whose fields of one line take the first line with something in it."""

    def say(self, text: str) -> None:
        """Show a short message."""

    def decide(self, event: Key | Paste) -> Sequence[Key | Paste]:
        field = self.focused
        # One that has a handler of its own makes something of all lines.
        is_of_one_line = isinstance(field, Input) and not hasattr(field, "on_paste")
        if isinstance(event, Paste) and is_of_one_line:
            lines = [line for line in event.text.splitlines() if line.strip()]
            if len(lines) > 1:
                self.say(f"Only the first of {len(lines)} lines is pasted here")
            event = Paste(lines[0] if lines else "")
        return super().decide(event)
