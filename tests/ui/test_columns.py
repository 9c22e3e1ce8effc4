"""Columns appear as the list gets wider (ux.md section 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.ui.columns import columns_for, heads


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
    assert len(heads(columns_for(width))) == width


def test_heads_stand_over_their_columns() -> None:
    line = heads(columns_for(79))
    assert line.index("PROGRESS") == 36
    assert line.index("%") == 50
    assert line.endswith("ETA")
