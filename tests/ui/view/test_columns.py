"""Columns appear as the list gets wider (ux.md section 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.ui.view.columns import columns_for, heads, heads_text


@pytest.mark.parametrize(
    ("width", "bar", "has_left", "has_done", "has_spark", "has_host"),
    [
        (39, 0, False, False, False, False),
        (58, 0, False, False, False, False),
        (59, 0, True, False, False, False),
        (79, 10, True, False, False, False),
        (99, 12, True, True, False, False),
        (119, 12, True, True, False, False),
        (139, 16, True, True, True, False),
        (179, 24, True, True, True, True),
    ],
)
def test_a_width_shows_its_columns(
    width: int, bar: int, has_left: bool, has_done: bool, has_spark: bool, has_host: bool
) -> None:
    columns = columns_for(width)
    assert columns.bar == bar
    assert bool(columns.left) is has_left
    assert columns.has_done is has_done
    assert bool(columns.spark) is has_spark
    assert bool(columns.host) is has_host


@pytest.mark.parametrize(("width", "name"), [(79, 31), (119, 58)])
def test_the_name_takes_the_rest(width: int, name: int) -> None:
    assert columns_for(width).name == name


@given(st.integers(39, 250))
def test_heads_fill_the_width_of_the_list(width: int) -> None:
    assert len(heads_text(columns_for(width))) == width


def test_heads_stand_over_their_columns() -> None:
    line = heads_text(columns_for(79))
    assert line.index("PROGRESS") == 36
    assert line.index("%") == 50
    assert line.endswith("ETA")


@given(st.integers(39, 250), st.sampled_from(["name", "percent", "size", "speed", "left", "host"]))
def test_an_arrow_widens_nothing(width: int, sorted_by: str) -> None:
    line = heads_text(columns_for(width), sorted_by, "▲")
    assert len(line) == width
    assert line.count("▲") <= 2  # the bar and the percentage are one column to the user


@given(st.integers(39, 250))
def test_every_head_knows_its_place(width: int) -> None:
    columns = columns_for(width)
    line = heads_text(columns)
    for head in heads(columns):
        assert line[head.start : head.end] == head.text


@pytest.mark.parametrize(
    ("sorted_by", "shown"),
    [
        ("queue", "NAME  "),
        ("name", "NAME ▲"),
        ("size", "SIZE▲"),
        ("speed", "SPEED▲"),
        ("left", "ETA▲"),
        ("percent", "%▲"),
        ("percent", "PROGRESS ▲"),
        ("host", "HOST ▲"),
    ],
)
def test_the_column_that_is_sorted_by_has_the_arrow(sorted_by: str, shown: str) -> None:
    assert shown in heads_text(columns_for(179), sorted_by, "▲")
