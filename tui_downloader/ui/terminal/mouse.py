"""Buttons of the mouse: the left one works in the interface, the others belong to the terminal.

A terminal whose clicks go to a program neither pastes with the middle button nor opens its menu
with the right one, and hardly any lets a program read what was selected. While Shift is held,
terminals keep those clicks for themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.events import MouseDown, MouseUp

if TYPE_CHECKING:
    from textual.events import Event

_LEFT, _MIDDLE, _RIGHT = 1, 2, 3
_WORDS = {
    _MIDDLE: "Hold Shift to paste with the middle button",
    _RIGHT: "Hold Shift for what the terminal does with the right button",
}


class MouseApp(App[None]):
    """An app in which only the left button does something."""

    def say_of_pointer(self, words: str) -> None:
        """Tell whoever clicks as in a terminal without a program how that is done here."""

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, (MouseDown, MouseUp)) or event.button <= _LEFT:
            await super().on_event(event)
        elif isinstance(event, MouseDown) and event.button in _WORDS:
            self.say_of_pointer(_WORDS[event.button])
