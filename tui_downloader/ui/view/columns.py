"""Which columns the list shows at a width, and where they stand (ux.md section 3)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

LEAD_WIDTH = 4  # highlight, mark, glyph, space
PERCENT_WIDTH = 4
SPEED_WIDTH = 10
LEFT_WIDTH = 7
_SIZE_WIDTH = 8
_PAIR_WIDTH = 13
_CONNECTIONS_WIDTH = 5
_SPARK_WIDTH = 12
_HOST_WIDTH = 21


class Columns(NamedTuple):
    """Widths in cells; 0 means that the column is not shown. A space stands before each column.

    Attributes:
        width: all of the list.
        name: what the other columns leave.
        bar: the progress bar.
        size: total, or done and total where `has_done` is set.
        left: time left.
    """

    width: int
    name: int
    bar: int = 0
    size: int = 0
    has_done: bool = False
    spark: int = 0
    left: int = 0
    connections: int = 0
    host: int = 0

    @property
    def message_width(self) -> int:
        """Cells from the bar's first one to the end of the numeric columns."""
        host = self.host + 1 if self.host else 0
        return self.width - LEAD_WIDTH - self.name - 1 - host

    @property
    def after_percent_width(self) -> int:
        """Cells behind the percentage, for a message beside the bar."""
        bar = self.bar + 1 if self.bar else 0
        return self.message_width - bar - PERCENT_WIDTH - 1


@lru_cache(maxsize=16)
def columns_for(width: int) -> Columns:
    """Choose the columns of a list that is `width` cells wide, its scroll bar not counted."""
    shown = _shown_at(width)
    taken = PERCENT_WIDTH + 1 + SPEED_WIDTH + 1 + sum(cells + 1 for cells in shown.values())
    return Columns(
        width=width,
        name=max(0, width - LEAD_WIDTH - taken),
        has_done="connections" in shown,
        **shown,
    )


def _shown_at(width: int) -> dict[str, int]:
    shown: dict[str, int] = {}
    if width >= 59:
        shown["left"] = LEFT_WIDTH
    if width >= 79:
        shown |= {"bar": 10, "size": _SIZE_WIDTH}
    if width >= 99:
        shown |= {"bar": 12, "size": _PAIR_WIDTH, "connections": _CONNECTIONS_WIDTH}
    if width >= 139:
        shown |= {"bar": 16, "spark": _SPARK_WIDTH}
    if width >= 179:
        shown |= {"bar": 24, "host": _HOST_WIDTH}
    return shown


class Head(NamedTuple):
    """A column's head.

    Attributes:
        text: as wide as its column.
        start: its first cell.
        sorts_by: the word for sorting by the column, "" where that makes no sense.
    """

    text: str
    start: int
    sorts_by: str

    @property
    def end(self) -> int:
        """The cell behind its last one."""
        return self.start + len(self.text)


def heads(columns: Columns, sorted_by: str = "", arrow: str = "") -> list[Head]:
    """Return the heads over their columns, from the left edge on.

    Args:
        sorted_by: the word of the column that the list is sorted by.
        arrow: one character, set behind the title of that column.
    """
    found = [Head(" " * LEAD_WIDTH, 0, "queue")]
    start = LEAD_WIDTH
    for title, width, word in _titles(columns):
        text = _aligned(title, width, arrow if word and word == sorted_by else "")
        found.append(Head(text, start, word))
        start += width + 1
    return found


def heads_text(columns: Columns, sorted_by: str = "", arrow: str = "") -> str:
    """Return the line of column heads."""
    lead, *others = heads(columns, sorted_by, arrow)
    return lead.text + " ".join(head.text for head in others)


def _titles(columns: Columns) -> list[tuple[str, int, str]]:
    """Title, width and word of each column; spaces around a title say how it is aligned."""
    size = " SIZE " if columns.has_done else " SIZE"
    found = [
        ("NAME ", columns.name, "name"),
        ("PROGRESS ", columns.bar, "percent"),
        (" %", PERCENT_WIDTH, "percent"),
        (size, columns.size, "size"),
        (" SPEED ", SPEED_WIDTH, "speed"),
        ("", columns.spark, ""),
        (" ETA", columns.left, "left"),
        (" CONNS", columns.connections, ""),
        ("HOST ", columns.host, "host"),
    ]
    return [each for each in found if each[1] or each[2] == "name"]


def _aligned(title: str, width: int, arrow: str) -> str:
    """Put a title over the left or right edge of its column, or a cell before the right one."""
    word = title.strip()
    if not title.startswith(" "):
        return f"{word} {arrow}".ljust(width)[:width]
    if title.endswith(" "):
        return (word + (arrow or " ")).rjust(width)
    return (word + arrow).rjust(width)
