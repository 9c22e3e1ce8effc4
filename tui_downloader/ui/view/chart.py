"""A chart of speeds: a column a second, or two, in steps of an eighth, with scale and time.

Its colours go from the foot to the top of the scale, so that a peak is seen before a number is
read. The average is a thin line: dark where the columns are, light above them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.ui.view.cells import graph, grouped, pad_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

LONGEST_S = 120
GRADES = 9  # roles "graph-1", at the foot, to "graph-9"
_EACH_SECOND_FROM = 80  # columns; fewer show all of the time, each some seconds of it
_LABEL_WIDTH = 10
_MARK_S = 30  # between two labels of the time

# Ends of scales; the digits of their halves are as short.
_ROUND = (1.0, 1.2, 1.4, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)


def graded(share: float) -> str:
    """The role of what stands so high on a scale, 0 to 1."""
    return f"graph-{min(GRADES, 1 + int(share * GRADES))}"


def graded_bar(filled: str, width: int) -> list[Piece]:
    """Colour the filled part of a bar of `width` cells from its beginning on, and its last cell."""
    body = filled[:-1]
    edges = [-(-grade * width // GRADES) for grade in range(GRADES + 1)]
    parts = [body[start:end] for start, end in pairwise(edges)]
    graded = [(part, f"graph-{grade}") for grade, part in enumerate(parts, 1) if part]
    return [*graded, (filled[-1:], "tip")]


def scale_top(highest: float, *, is_binary: bool) -> float:
    """Return the end of a scale for speeds up to `highest`: a round number, not much above it."""
    if highest <= 0:
        return 0.0
    unit = 1.0
    while highest >= unit * 1000:
        unit *= 1024 if is_binary else 1000
    decade = 1.0
    while highest > unit * decade * _ROUND[-1] and decade < 100:
        decade *= 10
    ends = (unit * decade * digits for digits in (*_ROUND, 10.0))
    return next((end for end in ends if end >= highest), highest)


def chart_lines(
    values: tuple[float, ...],
    average: float,
    size: tuple[int, int],
    figures: Figures,
    glyphs: Glyphs,
    until_s: int = 0,
    last: str = "now",
    highest: float = 0.0,
) -> Sequence[list[Piece]]:
    """Draw speeds, one a second, oldest first, over a line of how long ago they were.

    Args:
        average: drawn as a line if it is on the scale; 0 for none.
        size: cells and lines, with scale and time.
        until_s: the second that follows the last of them.
        last: what that moment is called.
        highest: what stands beside the chart as that; 0 where no column is higher.
    """
    width, height = size[0] - _LABEL_WIDTH - 4, size[1] - 1
    each_s = 1 if width >= _EACH_SECOND_FROM else -(-LONGEST_S // max(1, width))
    columns = max(1, min(-(-LONGEST_S // each_s), width))  # further back nothing is known
    shown = tuple(grouped(values[-LONGEST_S:], columns, each_s, until_s))
    # Columns of several seconds are lower: of all of them, whichever share one now.
    highest = max(highest, *values[-LONGEST_S:], 0.0)
    top = scale_top(highest, is_binary=figures.is_binary)
    level = height - round(average / top * height) if 0 < average < top else 0
    return _drawn(shown, top, level, (height, columns * each_s), figures, glyphs, last)


@lru_cache(maxsize=4)  # they change once a second, and are asked for with each sample
def _drawn(
    shown: tuple[float, ...],
    top: float,
    level: int,
    size: tuple[int, int],
    figures: Figures,
    glyphs: Glyphs,
    last: str,
) -> Sequence[list[Piece]]:
    """Draw columns on a scale that ends at `top`.

    Args:
        level: the row with the average above it; 0 for none.
        size: rows, and the seconds that all columns are of.
    """
    height, seconds = size
    labels = {0: figures.rate(top)} if top else {}
    if top and height % 2 == 0:
        labels[height // 2] = figures.rate(top / 2)
    if level:
        labels.setdefault(level, "avg")
    lines: list[list[Piece]] = []
    for row, drawn in enumerate(graph(shown, height, glyphs, top)):
        role = graded((height - row - 0.5) / height)
        mark = glyphs.scale if row in labels else glyphs.side
        label = pad_left(labels.get(row, ""), _LABEL_WIDTH)
        line: list[Piece] = [(f" {label} {mark}", "muted")]
        if level and row == level:
            line += _ruled(drawn, glyphs, role, "muted")
        elif row in labels:
            line += _ruled(drawn, glyphs, role, "track", is_behind=True)
        else:
            line.append((drawn, role))
        lines.append(line)
    return [*lines, _time_line(len(shown), seconds, glyphs, last)]


def total_lines(
    rates: tuple[float, ...], figures: Figures, glyphs: Glyphs, size: tuple[int, int]
) -> list[list[Piece]]:
    """Draw what all downloads bring together, under a title with the highest and the average."""
    width, height = size
    begun = next((place for place, rate in enumerate(rates) if rate), len(rates))
    counted = rates[begun:]
    average = sum(counted) / len(counted) if counted else 0.0
    told = [f"avg {figures.rate(average)}  max {figures.rate(max(counted))}"] if counted else []
    line = _title("All downloads", told, width, glyphs)
    return [line, *chart_lines(rates, average, (width, height - 1), figures, glyphs)]


def _title(title: str, told: Sequence[str], width: int, glyphs: Glyphs) -> list[Piece]:
    words = "".join(f" {each} " for each in told)
    rule = glyphs.rule * (width - cell_len(title) - cell_len(words) - 6)
    return [
        (f"{glyphs.rule * 2} ", "track"),
        (title, "strong"),
        (f" {rule}", "track"),
        (words, "muted"),
        (glyphs.rule * 2, "track"),
    ]


def _ruled(
    drawn: str, glyphs: Glyphs, role: str, line_role: str, *, is_behind: bool = False
) -> list[Piece]:
    """Draw a thin line over the top of a row of the chart.

    Args:
        is_behind: columns hide it.
    """
    full, notched = (glyphs.levels or glyphs.bar_parts)[-1], glyphs.notched
    pieces: list[Piece] = []
    start = 0
    for end in range(1, len(drawn) + 1):
        if end < len(drawn) and (drawn[end] == " ") == (drawn[start] == " "):
            continue
        part = drawn[start:end]
        if part.isspace():
            pieces.append((glyphs.over * len(part), line_role))
        else:
            pieces.append((part if is_behind else part.replace(full, notched), role))
        start = end
    return pieces


def _time_line(columns: int, seconds: int, glyphs: Glyphs, last: str) -> list[Piece]:
    """How long ago, under the columns."""
    rule = [glyphs.rule] * columns
    names = {0: last} | {ago: f"-{ago} s" for ago in range(_MARK_S, seconds + 1, _MARK_S)}
    for ago, name in names.items():
        end = min(columns, columns - ago * columns // seconds + (cell_len(name) + 1) // 2)
        start = end - len(name)
        if start > 0:
            rule[start - 1 : end] = f" {name}"
            if end < columns:
                rule[end] = " "
    return [(f" {pad_left('0', _LABEL_WIDTH)} {glyphs.corner}", "muted"), *_quiet(rule, glyphs)]


def _quiet(cells: list[str], glyphs: Glyphs) -> list[Piece]:
    """The rule is quieter than the words in it."""
    pieces: list[Piece] = []
    for cell in cells:
        role = "track" if cell == glyphs.rule else "muted"
        if pieces and pieces[-1][1] == role:
            pieces[-1] = (pieces[-1][0] + cell, role)
        else:
            pieces.append((cell, role))
    return pieces
