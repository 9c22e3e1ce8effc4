"""What will happen to each pasted link, one line each; enter goes to one that is in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.ui.cells import cut, cut_front, pad
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.ui.glyphs import Glyphs
    from tui_downloader.ui.preview_rows import PreviewRow
    from tui_downloader.ui.rows import Piece

_ROLES = {"new": "success", "refused": "error", "note": "warning"}
_MESSAGES = ("refused", "note")
_NOTE_WIDTH = 56


def preview_pieces(row: PreviewRow, glyphs: Glyphs, width: int) -> list[Piece]:
    """Compose one line: sign, name, host or what is wrong."""
    signs = {"new": glyphs.add, "refused": glyphs.refused, "note": "!"}
    role = _ROLES.get(row.kind, "muted")
    note_width = min(width * 11 // 20, _NOTE_WIDTH) if row.note else 0
    if row.kind == "refused":
        # What is wrong matters more than the line it is about.
        note_width = max(0, min(note_width, width - len(row.text) - 5))
    name_width = max(1, _name_width(row, width - 4, note_width))
    shorten = cut if row.kind in _MESSAGES else cut_front
    name = shorten(row.text, name_width, glyphs.ellipsis)
    return [
        (f" {signs.get(row.kind, glyphs.known)} ", role),
        (pad(name, name_width) + " ", role if row.kind in _MESSAGES else "text"),
        (cut(row.note, width - 4 - name_width, glyphs.ellipsis), "muted"),
    ]


def _name_width(row: PreviewRow, width: int, note_width: int) -> int:
    """Divide a line between name and note: neither is cut where the other leaves room."""
    name_cells, note_cells = cell_len(row.text), cell_len(row.note)
    name_width = width - note_width
    if name_cells > name_width and note_cells < note_width:
        return min(name_cells, width - note_cells)
    if note_cells > note_width and name_cells < name_width:
        return max(name_cells, width - note_cells)
    return name_width


class Preview(PickList):
    """Shows the rows of a plan."""

    def __init__(self, widget_id: str, glyphs: Glyphs) -> None:
        super().__init__(widget_id, self._compose_row)
        self._glyphs = glyphs
        self._rows: Sequence[PreviewRow] = ()

    def show_rows(self, rows: Sequence[PreviewRow]) -> None:
        """Replace the rows; the highlight stays on its line, or is on none until it is moved."""
        self._rows = rows
        self.show(len(rows), self.index if self.has_focus else -1)

    def row(self, index: int) -> PreviewRow:
        """Return a row by its place."""
        return self._rows[index]

    @property
    def text(self) -> str:
        """All rows at the width of now, without colours."""
        width = self.scrollable_content_region.width - 1
        lines = (self._compose_row(index, width) for index in range(len(self._rows)))
        return "\n".join("".join(text for text, _ in line).strip() for line in lines)

    def _compose_row(self, index: int, width: int) -> list[Piece]:
        return preview_pieces(self._rows[index], self._glyphs, width)

    def on_focus(self) -> None:
        """Begin at the first row that enter can go to."""
        if self.index < 0:
            places = range(len(self._rows))
            known = (at for at in places if self._rows[at].download_id is not None)
            self.go_to(next(known, 0))
