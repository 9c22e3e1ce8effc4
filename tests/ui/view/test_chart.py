"""The chart of speeds: what stands where, its scale, and its colours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_downloader.ui.view.chart import (
    GRADES,
    chart_lines,
    graded,
    graded_bar,
    scale_top,
    total_lines,
)
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import ASCII, UNICODE, Glyphs
from tui_downloader.ui.view.pieces import text_of

MB = 1e6
WIDTH = 120 + 14  # a column for each second beside the scale


def drawn(
    values: tuple[float, ...],
    average: float = 0.0,
    size: tuple[int, int] = (WIDTH, 9),
    glyphs: Glyphs = UNICODE,
) -> list[str]:
    lines = chart_lines(values, average, size, Figures(), glyphs)
    return [text_of(line) for line in lines]


@pytest.mark.parametrize(
    ("highest", "end"),
    [
        (0.0, 0.0),
        (7.0, 8.0),
        (500e3, 500e3),
        (9.5 * MB, 10 * MB),
        (10 * MB, 10 * MB),
        (10.1 * MB, 12 * MB),
        (55.4 * MB, 60 * MB),
        (999 * MB, 1000 * MB),
    ],
)
def test_a_scale_ends_with_a_round_number(highest: float, end: float) -> None:
    assert scale_top(highest, is_binary=False) == end


def test_a_scale_has_room_for_the_highest_speed_that_stands_beside_it() -> None:
    lines = chart_lines((40 * MB,) * 120, 0, (WIDTH, 9), Figures(), UNICODE, highest=41 * MB)
    assert text_of(lines[0]).startswith("  50.0 MB/s ┤")


@pytest.mark.parametrize("width", [30, 66])
def test_a_scale_is_that_of_the_seconds_where_a_column_is_of_several(width: int) -> None:
    values = (0.0, 0.0, 40 * MB, *(0.0,) * 7) * 12
    assert drawn(values, size=(width, 9))[0].startswith("  40.0 MB/s ┤")


def test_a_scale_of_binary_units_ends_with_a_round_number_of_them() -> None:
    assert Figures(is_binary=True).rate(scale_top(50 * MB, is_binary=True)) == "50.0 MiB/s"


@given(st.floats(1e-3, 1e15), st.booleans())
def test_nothing_is_above_the_scale_and_little_of_it_is_empty(
    highest: float, is_binary: bool
) -> None:
    assert highest <= scale_top(highest, is_binary=is_binary) <= 1.34 * max(highest, 1.0)


def test_the_newest_second_stands_at_the_right_in_steps_of_an_eighth() -> None:
    lines = drawn((0.5 * MB, 0.5 * MB, 1.0 * MB))
    assert [line[-3:] for line in lines[:8]] == ["▔▔█"] + ["  █"] * 3 + ["███"] * 4
    lines = drawn((1 * MB, 1 * MB / 64))
    assert lines[7][-2:] == "█▁"


def test_the_scale_is_written_at_its_end_its_half_and_its_foot() -> None:
    lines = drawn((40 * MB,) * 120)
    assert lines[0].startswith("  40.0 MB/s ┤")
    assert lines[4].startswith("  20.0 MB/s ┤")
    assert lines[8].startswith("          0 └")


def test_an_average_is_a_line_through_the_columns_and_beyond() -> None:
    lines = drawn((40 * MB,) * 60, 30 * MB)
    assert lines[2] == "        avg ┤" + "▔" * 60 + "▇" * 60
    assert "avg" not in "".join(drawn((40 * MB,) * 60))


def test_how_long_ago_it_was_stands_below() -> None:
    last = drawn((MB,) * 120)[-1]
    assert last.endswith("──── now")
    for ago in (30, 60, 90):
        place = last.index(f"-{ago} s")
        assert abs(place + len(f"-{ago} s") / 2 - (WIDTH - ago)) <= 1


@pytest.mark.parametrize("width", [30, 66, 79, 80, 94, 100, 103, 104, 119, 134, 200])
@pytest.mark.parametrize("until_s", [7, 8])
def test_it_reaches_back_as_far_as_speeds_are_kept_and_no_further(width: int, until_s: int) -> None:
    lines = chart_lines((MB,) * 120, 0, (width, 9), Figures(), UNICODE, until_s)
    foot = text_of(lines[-2])
    assert set(foot[13:]) == {"█"}
    assert "-150 s" not in text_of(lines[-1])


@pytest.mark.parametrize("width", [100, 113, 120, 170])
def test_what_all_downloads_bring_keeps_its_height_as_time_goes_by(width: int) -> None:
    rates = tuple(second % 7 * MB for second in range(121))
    before = total_lines(rates[:120], Figures(), UNICODE, (width, 9))
    after = total_lines(rates[1:], Figures(), UNICODE, (width, 9))
    assert text_of(before[-2])[14:] == text_of(after[-2])[13:-1]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("width", [30, 66, 79, 104, 119, 200])
@pytest.mark.parametrize("height", [3, 4, 9, 27])
def test_it_has_the_size_that_was_asked_for(width: int, height: int, glyphs: Glyphs) -> None:
    values = tuple(second % 7 * MB for second in range(120))
    lines = drawn(values, 3 * MB, (width, height), glyphs)
    assert len(lines) == height
    assert all(cell_len(line) <= width for line in lines)
    assert glyphs is UNICODE or "".join(lines).isascii()
    assert len({cell_len(line) for line in lines}) == 1


def test_peaks_have_another_colour_than_what_they_stand_on() -> None:
    assert graded(0.01) == "graph-1"
    assert graded(1.0) == f"graph-{GRADES}"
    lines = chart_lines((MB,) * 120, 0, (WIDTH, 19), Figures(), UNICODE)
    roles = [role for line in lines[:-1] for text, role in line if "█" in text]
    assert roles == sorted(roles, reverse=True)
    assert set(roles) == {f"graph-{grade}" for grade in range(1, GRADES + 1)}


@pytest.mark.parametrize("filled", ["", "▍", "▇▇▇▎", "▇" * 40])
def test_a_graded_bar_has_all_cells_of_the_bar(filled: str) -> None:
    pieces = graded_bar(filled, 40)
    assert text_of(pieces) == filled
    assert pieces[-1] == (filled[-1:], "tip")


def test_the_chart_of_all_downloads_tells_the_average_and_the_highest() -> None:
    rates = (0.0, 0.0, 10 * MB, 30 * MB)
    title, *chart = total_lines(rates, Figures(), UNICODE, (WIDTH, 9))
    assert text_of(title).startswith("── All downloads ───")
    assert text_of(title).endswith(" avg 20.0 MB/s  max 30.0 MB/s ──")
    assert cell_len(text_of(title)) == WIDTH
    assert len(chart) == 8


def test_without_a_speed_the_chart_of_all_downloads_has_a_title_and_no_numbers() -> None:
    title, *chart = total_lines((), Figures(), UNICODE, (WIDTH, 9))
    assert "avg" not in text_of(title)
    assert cell_len(text_of(title)) == WIDTH
    assert "MB/s" not in "".join(map(text_of, chart))
