"""The application's log, newest last, updated while it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.screens.listing import ListingScreen
from tui_downloader.ui.view.log_lines import latest_of, log_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.view.pieces import Piece

_LOOK_EVERY_S = 1.0
_ROLES = {"ERROR": "error", "CRITICAL": "error", "WARNING": "warning"}


class LogScreen(ListingScreen[str]):
    """Shows lines.

    Args:
        read: returns the lines of now, cleaned; may block.
        copy: puts a text on the clipboard.
    """

    heading = "Log"
    hints = ("y copy line · / filter · esc close", "y copy · / filter · esc close")
    empty_text = "nothing was logged yet"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", show=False)]

    def __init__(self, read: Callable[[], list[str]], copy: Callable[[str], None]) -> None:
        super().__init__()
        self._read = read
        self._copy = copy
        self._latest = ""

    def on_mount(self) -> None:
        self._look()
        self.set_interval(_LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        begin(self, self._fill, group="fill", exclusive=True)

    async def _fill(self) -> None:
        lines = await in_thread(self._read)
        if not is_closed(self) and lines != self._items:
            self._latest = latest_of(lines)
            self.show_items(lines, at_end=self.is_at_end)

    def words_of(self, item: str) -> str:
        return item

    def pieces_of(self, item: str, width: int) -> list[Piece]:
        level = next((word for word in item.split()[:3] if word in _ROLES), "")
        row = log_row(item, self._latest, width - 2)
        return [(f" {row}", _ROLES.get(level, "text"))]

    def in_full(self, item: str) -> str:
        return item

    def action_copy(self) -> None:
        """Copy the highlighted line."""
        if self.highlighted is not None:
            self._copy(self.highlighted)
