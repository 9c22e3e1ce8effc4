"""The frame of a dialog: its title, and as many of its keys as fit."""

from __future__ import annotations

from textual.containers import Vertical

from tui_downloader.ui.view.cells import fitting

_CORNERS = 6  # cells of the lower edge that are not for words


class Box(Vertical):
    """Draws a frame around a dialog's widgets.

    Args:
        title: stands in the upper edge.
        hints: the keys, for the lower edge, from long to short.
    """

    def __init__(self, box_id: str, title: str, *hints: str) -> None:
        super().__init__(id=box_id)
        self.border_title = title
        self._hints = hints

    def tell(self, *hints: str) -> None:
        """Show other keys from now on."""
        self._hints = hints
        self.on_resize()

    def on_resize(self) -> None:
        """Show the longest hint that fits."""
        self.border_subtitle = fitting(self._hints, self.outer_size.width - _CORNERS)
