"""What will happen to each pasted link, one line each; enter goes to the download or the line."""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.ui.view.cells import cut, cut_front, fitting, pad, wrap
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.events import Resize

    from tui_downloader.ui.adding.preview_rows import PreviewRow
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

_ROLES = {"new": "success", "refused": "error", "note": "warning"}
_MESSAGES = ("refused", "note")
_NOTE_WIDTH = 56
_SIGN_WIDTH, _MARGIN = 3, 4  # cells before the text; all that are not the text's
# So many messages are broken into lines; of thousands nobody reads the ends.
_MOST_BROKEN = 100
_MOST_MEASURED = 200  # rows that say where notes begin
_ALIGNED_FROM = 60  # cells; in less, each row uses all that it has


def preview_lines(row: PreviewRow, glyphs: Glyphs, width: int) -> list[list[Piece]]:
    """Compose the lines of a row; a long message takes several."""
    room = width - _MARGIN
    if row.kind not in _MESSAGES or room < 1 or cell_len(row.text) <= room:
        return [preview_pieces(row, glyphs, width)]
    role = _ROLES[row.kind]
    sign = f" {_sign(row, glyphs)} "
    indents = (sign, *[" " * _SIGN_WIDTH] * len(row.text))
    words = wrap(row.text, room)
    lines: list[list[Piece]] = [
        [(indent, role), (f"{line} ", role)] for indent, line in zip(indents, words, strict=False)
    ]
    lines[-1].append((cut(row.note, room - cell_len(words[-1]), glyphs.ellipsis), "muted"))
    return lines


def preview_pieces(row: PreviewRow, glyphs: Glyphs, width: int, name_width: int = 0) -> list[Piece]:
    """Compose one line: sign, name, host or what is wrong.

    Args:
        name_width: cells of the name, 0 for as many as suit this row alone.
    """
    role = _ROLES.get(row.kind, "muted")
    room = width - _MARGIN
    if row.kind in _MESSAGES:
        # What is wrong matters more than the line it is about.
        note_width = max(0, min(_note_width(width), room - cell_len(row.text) - 1))
        name_width = room - note_width if row.note else room
    least, left = _note_width(width), room - cell_len(row.text)
    note_room = room - name_width if name_width else max(left, least)
    note = fitting((row.note, *row.briefer), note_room, glyphs.ellipsis)
    name_width = max(1, name_width or shared_name_width([row._replace(note=note)], width))
    shorten = cut if row.kind in _MESSAGES else cut_front
    name = shorten(row.text, name_width, glyphs.ellipsis)
    return [
        (f" {_sign(row, glyphs)} ", role),
        (pad(name, name_width) + " ", role if row.kind in _MESSAGES else "text"),
        (note, "muted"),
    ]


def _note_width(width: int) -> int:
    return min(width * 11 // 20, _NOTE_WIDTH)


def _sign(row: PreviewRow, glyphs: Glyphs) -> str:
    signs = {"new": glyphs.add, "refused": glyphs.refused, "note": "!"}
    return signs.get(row.kind, glyphs.known)


def shared_name_width(rows: Iterable[PreviewRow], width: int) -> int:
    """Divide lines between names and notes, all at the same cell.

    Long names or long notes get more where the others leave room; a note rather gives way in a
    briefer form than a name is cut.
    """
    name_cells = note_cells = brief_cells = 0
    for row in rows:
        name_cells = max(name_cells, cell_len(row.text))
        note_cells = max(note_cells, cell_len(row.note))
        brief_cells = max(brief_cells, cell_len((*row.briefer, row.note)[0]))
    room = width - _MARGIN
    name_width = max(1, room - _note_width(width))
    if name_cells > name_width:
        return max(name_width, min(name_cells, room - brief_cells))
    return min(name_width, max(name_cells, room - note_cells))


class Preview(PickList):
    """Shows the rows of a plan; messages come first and are shown in full."""

    def __init__(self, widget_id: str, glyphs: Glyphs) -> None:
        super().__init__(widget_id, self._compose_line)
        self._glyphs = glyphs
        self._rows: Sequence[PreviewRow] = ()
        self._broken: list[tuple[int, list[Piece]]] = []  # lines of messages, with their rows
        self._broken_rows = 0
        self._broken_width = self._name_width = 0

    def show_rows(self, rows: Sequence[PreviewRow]) -> None:
        """Replace the rows; the highlight stays on its line, or there is none until it is moved."""
        self._rows = rows
        self._break_lines()
        self._show_lines(self.index if self.has_focus else -1)

    def row(self, index: int) -> PreviewRow:
        """Return the row that a line is of."""
        return self._rows[self._place(index)]

    @property
    def leads_somewhere(self) -> bool:
        """Enter has something to go to from the highlighted row."""
        return self.has_focus and self.index >= 0 and self.row(self.index).leads_somewhere

    @property
    def text(self) -> str:
        """All lines at the width of now, without colours."""
        lines = (self._compose_line(index, self._line_width) for index in range(self._line_count))
        return "\n".join(text_of(line).strip() for line in lines)

    @property
    def _line_width(self) -> int:
        return self.scrollable_content_region.width - 1

    @property
    def _line_count(self) -> int:
        return len(self._rows) - self._broken_rows + len(self._broken)

    def _show_lines(self, index: int) -> None:
        self.show(self._line_count, index)

    def _place(self, index: int) -> int:
        """Return the place of the row that a line is of."""
        more = index - len(self._broken)
        return self._broken[index][0] if more < 0 else self._broken_rows + more

    def _break_lines(self) -> None:
        self._broken_width = self._line_width
        messages = takewhile(lambda row: row.kind in _MESSAGES, self._rows)
        broken = [
            preview_lines(row, self._glyphs, self._broken_width)
            for row in islice(messages, _MOST_BROKEN)
        ]
        self._broken = [(place, line) for place, lines in enumerate(broken) for line in lines]
        self._broken_rows = len(broken)
        self._name_width = 0
        if self._broken_width >= _ALIGNED_FROM:
            links = [row for row in self._rows[:_MOST_MEASURED] if row.kind not in _MESSAGES]
            self._name_width = shared_name_width(links, self._broken_width)

    def _compose_line(self, index: int, width: int) -> list[Piece]:
        if index < len(self._broken):
            return self._broken[index][1]
        return preview_pieces(self._rows[self._place(index)], self._glyphs, width, self._name_width)

    def on_resize(self, _: Resize) -> None:
        """Break messages again for the new width; the highlight stays on its row."""
        if self._line_width != self._broken_width:
            place = self._place(self.index) if self.index >= 0 else -1
            self._break_lines()
            lines = range(self._line_count)
            self._show_lines(next((line for line in lines if self._place(line) == place), -1))

    def on_focus(self) -> None:
        """Highlight the first row from which enter goes somewhere."""
        if self.index < 0:
            lines = range(self._line_count)
            known = (at for at in lines if self.row(at).download_id is not None)
            self.go_to(next(known, 0))
