"""What is painted of a line that has changed: enough to see the new one, and nothing besides."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from tui_downloader.ui.widgets.painting import ExactUpdate, changed_regions

WIDTH = 24
STYLES = {"plain": Style(), "bold": Style(bold=True), "reverse": Style(reverse=True)}
Piece = tuple[str, str]

pieces = st.tuples(
    st.sampled_from(["a", "bb", "ccc", "漢字", "1.5 MB"]), st.sampled_from([*STYLES])
)
lines = st.lists(pieces, max_size=6)


def painted(before: list[Piece], after: list[Piece]) -> set[int]:
    """Return the cells that are painted when a line changes."""
    regions = changed_regions(before, after, 0, WIDTH)
    return {cell for region in regions for cell in range(region.x, region.right)}


def test_only_what_is_new_is_painted() -> None:
    before = [("name.bin ", "text"), (" 10%", "text"), (" 1.5 MB/s", "muted"), (" 1/1", "muted")]
    after = [("name.bin ", "text"), (" 11%", "text"), (" 1.5 MB/s", "speed"), (" 1/1", "muted")]
    assert painted(before, after) == set(range(9, 22))


def test_what_moves_is_painted_with_what_pushes_it() -> None:
    assert painted([("9", "a"), (" of 12", "b")], [("10", "a"), (" of 12", "b")]) == set(range(8))


def test_what_a_shorter_line_leaves_behind_is_painted() -> None:
    assert painted([("one", "a"), ("two", "a")], [("one", "a")]) == set(range(3, WIDTH))


@pytest.mark.parametrize("name", ["漢字", "e\u0301", "♥", "so\xadft"])
def test_what_may_move_with_a_name_is_painted_with_that_name(name: str) -> None:
    before = [(">", "sign"), (name, "name"), ("9", "text"), (" of 12", "text")]
    after = [(">", "sign"), (name, "name"), ("8", "text"), (" of 12", "text")]
    assert painted(before, after) == set(range(1, WIDTH))


def test_what_stands_before_such_a_name_is_painted_alone() -> None:
    assert painted([(" ", "sign"), ("漢字", "name")], [(">", "sign"), ("漢字", "name")]) == {0}


def test_the_signs_that_are_drawn_with_do_not_count_as_such() -> None:
    before = [("↓ größe.bin", "name"), ("▋──", "bar"), (" 9%", "text")]
    after = [("↓ größe.bin", "name"), ("█──", "bar"), (" 9%", "text")]
    assert painted(before, after) == {11, 12, 13}


def test_the_same_line_is_not_painted() -> None:
    assert painted([("one", "a")], [("one", "a")]) == set()


@given(lines, lines, st.integers(0, 5))
def test_the_terminal_then_shows_the_new_line(
    before: list[Piece], after: list[Piece], column: int
) -> None:
    screen = pyte.Screen(column + WIDTH, 2)
    whole = [Region(0, 1, WIDTH, 1)]
    paint(screen, before, column, whole)
    paint(screen, after, column, list(changed_regions(before, after, 1, WIDTH)))
    fresh = pyte.Screen(column + WIDTH, 2)
    paint(fresh, after, column, whole)
    assert screen.buffer[1] == fresh.buffer[1]


def paint(screen: pyte.Screen, line: list[Piece], column: int, regions: list[Region]) -> None:
    """Paint what is asked for of the second line, which is a widget's that begins at a column."""
    segments = [Segment(text, STYLES[look]) for text, look in line]
    strip = Strip(segments).extend_cell_length(WIDTH, STYLES["plain"]).crop(0, WIDTH)
    spans = [(1, column + region.x, column + region.right) for region in regions]
    cuts = sorted({0, column, column + WIDTH})
    parts = dict.fromkeys(cuts[:-1]) | {column: strip}
    update = ExactUpdate([{}, parts], spans, [[], cuts[1:]])
    pyte.Stream(screen).feed(update.render_segments(Console(force_terminal=True)))
