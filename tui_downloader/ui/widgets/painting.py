"""Only those cells are painted that look different: a terminal may be at the end of a slow line.

A line is a row of pieces, each a text and how it looks. A widget asks to have painted where a piece
stands that did not stand there before, and Textual is made to write no more than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.control import Control
from textual import _compositor
from textual.geometry import Region
from textual.strip import Strip

from tui_downloader.ui.view.glyphs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    _Piece = tuple[str, *tuple[object, ...]]
    Pieces = Iterable[_Piece]

_SOFT_HYPHEN = "\xad"
# Every terminal gives these one cell. Of others some count the cells in their own way, and then
# what stands behind them in a line moves with them.
_ONE_CELL = frozenset(map(chr, range(0x300))) - {_SOFT_HYPHEN} | UNICODE.characters


def changed_regions(before: Pieces, after: Pieces, y: int, width: int) -> Iterator[Region]:
    """Yield what is to be painted of line `y`, `width` cells wide, now that other pieces are in it.

    Behind its last piece a line is empty.
    """
    stood, end_before, known_before = _placed(before)
    stand, end, known = _placed(after)
    known = min(known, known_before)
    changed = stand - stood
    if end < end_before or any(start >= known for start, _ in changed):
        rest = min(known, end)
        yield Region(rest, y, width - rest, 1)
    for start, piece in changed:
        if start < known:
            yield Region(start, y, cell_len(piece[0]), 1)


def _placed(pieces: Pieces) -> tuple[set[tuple[int, _Piece]], int, int]:
    """Return the pieces with the cells where they begin, and two further cells.

    They are the one where the last piece ends, and the one up to which terminals agree.
    """
    placed = set()
    cell, known = 0, None
    for piece in pieces:
        text = piece[0]
        if known is None and not _ONE_CELL.issuperset(text):
            known = cell
        placed.add((cell, piece))
        cell += cell_len(text)
    return placed, cell, cell if known is None else known


class ExactUpdate(_compositor.ChopsUpdate):
    """What is to be painted, and nothing left of it: Textual's own goes back to the widget's edge.

    `chops` are the parts of all lines, by the column where they begin; `chop_ends` where they end;
    `spans` are line, first and last column of what is to be painted.
    """

    def render_segments(self, console: Console) -> str:
        """Return what the terminal is told."""
        told: list[str] = []
        for y, left, right in self.spans:
            parts = zip(self.chops[y].items(), self.chop_ends[y], strict=True)
            for (x, strip), end in parts:
                start, stop = max(left, x), min(right, end)
                if strip is not None and start < stop:
                    # Of a copy: a strip keeps whatever was cut out of it.
                    cut = Strip(strip, strip.cell_length).crop(start - x, stop - x)
                    told += Control.move_to(start, y).segment.text, cut.render(console)
        return "".join(told)


# The only place where another update can be put: the name that the compositor looks up.
vars(_compositor)["ChopsUpdate"] = ExactUpdate
