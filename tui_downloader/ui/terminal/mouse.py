"""The mouse: the left button works in the interface, the others belong to the terminal.

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
    from textual.geometry import Offset

_LEFT, _MIDDLE, _RIGHT = 1, 2, 3
_SLIP = 1  # cells within a line that a hand moves unasked
_WORDS = {
    _MIDDLE: "Hold Shift to paste with the middle button",
    _RIGHT: "Hold Shift for what the terminal does with the right button",
}


class MouseApp(App[None]):
    """An app in which only the left button works, and only if released where it was pressed."""

    _pressed_at: Offset | None = None

    def say(self, text: str) -> None:
        """Show a short message: how to do what other buttons do in a terminal."""

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, (MouseDown, MouseUp)) or event.button <= _LEFT:
            self._look_for_drag(event)
            await super().on_event(event)
        elif isinstance(event, MouseDown) and event.button in _WORDS:
            self.say(_WORDS[event.button])

    def _look_for_drag(self, event: Event) -> None:
        """Who lets go elsewhere has dragged: a row or a key that happens to be there is not meant.

        Textual makes a click of it wherever a single widget draws both places.
        """
        if isinstance(event, MouseDown):
            self._pressed_at = event.screen_offset
        elif isinstance(event, MouseUp) and self._pressed_at is not None:
            moved = event.screen_offset - self._pressed_at
            if moved.y or abs(moved.x) > _SLIP:
                self.screen.suppress_click()
