"""Which connections go on when there are more than are wanted: those that were opened first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.engine.transfer.connection_count import is_among_first


@pytest.mark.parametrize(
    ("open_numbers", "fewer", "going_on"),
    [
        ([1, 2, 3, 4], 2, [1, 2]),
        ([4, 3, 2, 1], 2, [1, 2]),
        ([3, 7, 12], 1, [3]),  # the numbers of those that are gone are not used again
        ([3, 7, 12], 3, [3, 7, 12]),
        ([3, 7, 12], 16, [3, 7, 12]),
        ([5], 1, [5]),
        ([1, 2], 0, []),
    ],
)
def test_those_that_were_opened_first_go_on(
    open_numbers: list[int], fewer: int, going_on: list[int]
) -> None:
    first = [each for each in open_numbers if is_among_first(each, open_numbers, fewer)]
    assert sorted(first) == going_on


@given(st.sets(st.integers(1, 1000)), st.integers(0, 20))
def test_as_many_go_on_as_are_wanted_and_none_is_younger_than_one_that_ends(
    open_numbers: set[int], fewer: int
) -> None:
    first = {each for each in open_numbers if is_among_first(each, open_numbers, fewer)}
    assert len(first) == min(fewer, len(open_numbers))
    assert max(first, default=0) < min(open_numbers - first, default=1001)
