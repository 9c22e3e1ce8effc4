"""The line under the header: the views with their counts, and how the list is shown.

Filter, order and marks stand at its right edge. What is as usual gives way first, then the titles
of the views; what is unusual about the list is never left out, only shortened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.model.status import Status
from tui_downloader.ui.bars import Target
from tui_downloader.ui.board import View
from tui_downloader.ui.cells import cut
from tui_downloader.ui.columns import heads, heads_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui_downloader.ui.board import Board
    from tui_downloader.ui.columns import Columns
    from tui_downloader.ui.glyphs import Glyphs
    from tui_downloader.ui.order import Sort
    from tui_downloader.ui.rows import Piece

_TITLES = {view: view.value for view in View}
_SHORT_TITLES = {
    View.ALL: "All",
    View.ACTIVE: "Act",
    View.QUEUED: "Que",
    View.DONE: "Done",
    View.FAILED: "Fail",
}
_GAP = 3
_LONG_FILTER = 40
_CUT_FILTER = 14
_TINY_FILTER = 6


@dataclass(frozen=True, slots=True)
class Marked:
    """How many downloads are marked.

    Attributes:
        count: all of them.
        hidden: those that the view or the filter leaves out.
        is_drawing: a range follows the highlight.
    """

    count: int = 0
    hidden: int = 0
    is_drawing: bool = False

    def words(self, *, is_long: bool) -> str:
        """ "12 marked (4 hidden)", or "12 marked"."""
        words = f"{self.count} marked"
        if is_long and self.hidden:
            words += f" ({self.hidden} hidden)"
        return f"{words}, v ends" if is_long and self.is_drawing else words


def arrow_of(sort: Sort, glyphs: Glyphs) -> str:
    """The sign of a direction."""
    return glyphs.descending if sort.descends else glyphs.ascending


def views_pieces(
    board: Board, marked: Marked, glyphs: Glyphs, width: int
) -> tuple[list[Piece], list[Target]]:
    """Compose the line, and where it can be clicked."""
    for titles, notes in _forms(board, marked, glyphs):
        pieces, targets = _views(board, titles)
        used = sum(cell_len(text) for text, _ in pieces)
        if used + _width_of(notes) < width:
            break
    # The last cell stays free, as in the header.
    start = max(used, width - 1 - _width_of(notes))
    pieces.append((" " * (start - used), "text"))
    for (text, role), command_id in notes:
        start += _GAP
        pieces += [(" " * _GAP, "text"), (text, role)]
        end = start + cell_len(text)
        targets += [Target(start, end, command_id)] if command_id else []
        start = end
    return pieces, targets


def heads_pieces(sort: Sort, columns: Columns, glyphs: Glyphs) -> tuple[list[Piece], list[Target]]:
    """Compose the line of column heads; a click on one sorts by its column."""
    arrow = arrow_of(sort, glyphs)
    targets = [
        Target(head.start, head.end, f"sort_{head.sorts_by}")
        for head in heads(columns, sort.key.value, arrow)
        if head.sorts_by
    ]
    return [(heads_text(columns, sort.key.value, arrow), "muted")], targets


_Note = tuple["Piece", str]


def _views(board: Board, titles: Mapping[View, str] | None) -> tuple[list[Piece], list[Target]]:
    """Show the views with these titles; without any, only the current one."""
    pieces: list[Piece] = []
    targets: list[Target] = []
    position = 0
    for number, view in enumerate(View, 1):
        is_current = view is board.view
        if titles is None and not is_current:
            continue
        title = view.value if is_current else (titles or {}).get(view, "")
        text = " ".join(filter(None, (str(number), title, str(board.count(view)))))
        entry: list[Piece] = (
            [(" [", "accent"), (text, "tab"), ("]", "accent")]
            if is_current
            else [("  ", "muted"), (text, _view_role(board, view)), (" ", "muted")]
        )
        end = position + cell_len(text) + 3
        targets.append(Target(position, end, f"view_{view.name.lower()}"))
        position = end
        pieces += entry
    return pieces, targets


def _view_role(board: Board, view: View) -> str:
    return "error" if view is View.FAILED and board.counts.get(Status.FAILED) else "muted"


def _forms(
    board: Board, marked: Marked, glyphs: Glyphs
) -> Iterator[tuple[Mapping[View, str] | None, list[_Note]]]:
    """Yield titles of views and what stands beside them, from long to short."""
    usual = _sort_note(board, glyphs, is_long=True) if board.sort.is_queue_order else []
    filters, orders, marks = _notes(board, marked, glyphs, is_long=True)
    yield _TITLES, [*filters, *orders, *usual, *marks]
    yield _TITLES, [*filters, *orders, *marks]
    yield _SHORT_TITLES, [*filters, *orders, *marks]
    short_filters, short_orders, short_marks = _notes(board, marked, glyphs, is_long=False)
    yield _SHORT_TITLES, [*short_filters, *short_orders, *marks]
    yield {}, [*short_filters, *short_orders, *marks]
    short = [*short_filters, *short_orders, *short_marks]
    yield {}, short
    yield None, short
    yield None, [_tiny(note) for note in short]


def _notes(
    board: Board, marked: Marked, glyphs: Glyphs, *, is_long: bool
) -> tuple[list[_Note], list[_Note], list[_Note]]:
    """What is unusual: a filter, another order than the queue's, marks."""
    filters: list[_Note] = []
    if board.wanted:
        length = _LONG_FILTER if is_long else _CUT_FILTER
        text = cut(board.wanted.text, length, glyphs.ellipsis)
        filters.append(((f"/ {text}", "warning" if board.wanted.problem else "accent"), "filter"))
    is_usual = board.sort.is_queue_order
    orders = [] if is_usual else _sort_note(board, glyphs, is_long=is_long)
    words = marked.words(is_long=is_long)
    return filters, orders, [((words, "mark"), "")] if marked.count else []


def _sort_note(board: Board, glyphs: Glyphs, *, is_long: bool) -> list[_Note]:
    role = "muted" if board.sort.is_queue_order else "accent"
    words = f"{board.sort.key.value} {arrow_of(board.sort, glyphs)}"
    return [((f"sort: {words}" if is_long else words, role), "sort")]


def _tiny(note: _Note) -> _Note:
    """The last resort of narrow windows."""
    (text, role), command_id = note
    if command_id == "filter":
        return (cut(text, _TINY_FILTER), role), command_id
    if command_id == "sort":
        return (text[-1], role), command_id
    return ("*" + text.partition(" ")[0], role), command_id


def _width_of(notes: list[_Note]) -> int:
    return sum(cell_len(text) + _GAP for (text, _), _ in notes)
