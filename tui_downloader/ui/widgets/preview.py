"""What will happen to each pasted link, one line each; draws only the lines it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.scroll_view import ScrollView

from tui_downloader.ui.cells import cut, cut_front, pad
from tui_downloader.ui.widgets.roles import ROLE_CLASSES, Styles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.strip import Strip

    from tui_downloader.ui.adding import PreviewRow
    from tui_downloader.ui.glyphs import Glyphs
    from tui_downloader.ui.rows import Piece

_ROLES = {"new": "success", "known": "muted", "refused": "error", "note": "warning"}


def preview_pieces(row: PreviewRow, glyphs: Glyphs, width: int) -> list[Piece]:
    """Compose one line: sign, name, host or what is wrong."""
    signs = {"new": glyphs.add, "known": glyphs.known, "refused": glyphs.refused}
    note_width = min(width // 2, 34) if row.note else 0
    name_width = max(1, width - note_width - 4)
    shorten = cut_front if row.kind in ("new", "known") else cut
    name = shorten(row.text, name_width, glyphs.ellipsis)
    return [
        (f" {signs.get(row.kind, '!')} ", _ROLES[row.kind]),
        (pad(name, name_width) + " ", "text" if row.kind in ("new", "known") else _ROLES[row.kind]),
        (cut(row.note, note_width, glyphs.ellipsis), "muted"),
    ]


class Preview(ScrollView, can_focus=False):
    """Shows the rows of a plan."""

    COMPONENT_CLASSES = ROLE_CLASSES
    ALLOW_SELECT = False
    DEFAULT_CSS = "Preview { overflow-x: hidden; scrollbar-size-vertical: 1; }"

    def __init__(self, widget_id: str, glyphs: Glyphs) -> None:
        super().__init__(id=widget_id)
        self._glyphs = glyphs
        self._styles = Styles(self)
        self._rows: Sequence[PreviewRow] = ()

    def show(self, rows: Sequence[PreviewRow]) -> None:
        """Replace the rows."""
        self._rows = rows
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        self.refresh()

    @property
    def text(self) -> str:
        """All rows at the width of now, without colours."""
        width = self.scrollable_content_region.width
        lines = [preview_pieces(row, self._glyphs, width) for row in self._rows]
        return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        pieces: list[Piece] = []
        if index < len(self._rows):
            pieces = preview_pieces(self._rows[index], self._glyphs, width)
        return self._styles.strip(pieces, width)
