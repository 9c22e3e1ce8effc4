"""What hides a dialog while the window is too small for it: the notice of the screen below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget

from tui_downloader.ui.view.room import is_too_small

if TYPE_CHECKING:
    from textual.events import Event
    from textual.geometry import Size
    from textual.strip import Strip

# What a key would do in a dialog that nobody sees is not meant; these leave it, or the program.
_ACTING_KEYS = frozenset({"escape", "ctrl+c", "ctrl+q", "ctrl+z"})


class Cover(Widget):
    """Lies over everything, the dialog under it keeps its focus, and shows a line of the list."""

    def render_line(self, y: int) -> Strip:
        return self.app.screen_stack[0].query_one("#small").render_line(y)


class CoverableModal(ModalScreen[ScreenResultType]):
    """A modal screen that is hidden while the window is too small, and comes back as it was.

    One that was opened in such a window is an answer to the only key that acts there, and is seen.
    """

    _has_had_room = False

    def follow(self, window: Size) -> None:
        """Hide when the window becomes too small, come back when it is not any more."""
        is_small = is_too_small(*window)
        self._has_had_room = self._has_had_room or not is_small
        covers = self.query_children(Cover)
        if is_small and self._has_had_room and not covers:
            self.mount(Cover())
        elif not is_small:
            covers.remove()

    def takes(self, event: Event) -> bool:
        """Tell whether a key or a paste has its effect here: it is seen, or it leaves."""
        is_leaving = isinstance(event, Key) and event.key in _ACTING_KEYS
        return is_leaving or not self.query_children(Cover)
