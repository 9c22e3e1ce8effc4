"""What a short list lends to the details below it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.ui.view.room import LOANS, lent_rows


@pytest.mark.parametrize(
    ("list_rows", "downloads", "lent"),
    [
        (20, 0, 0),  # the empty list has a text to show
        (20, 1, 14),
        (20, 5, 14),
        (20, 6, 8),
        (20, 11, 8),
        (20, 12, 0),
        (20, 10_000, 0),
        (46, 1, 28),
        (46, 17, 28),
        (46, 18, 20),
        (46, 38, 0),
        (9, 1, 0),
        (3, 1, 0),
    ],
)
def test_few_downloads_lend_what_they_do_not_need(
    list_rows: int, downloads: int, lent: int
) -> None:
    assert lent_rows(list_rows, downloads) == lent


@given(st.integers(0, 100), st.integers(1, 200))
def test_what_is_lent_never_hides_a_row(list_rows: int, downloads: int) -> None:
    lent = lent_rows(list_rows, downloads)
    assert lent == 0 or list_rows - lent > downloads


@given(st.integers(0, 100))
def test_while_downloads_are_added_it_changes_few_times_and_only_downwards(list_rows: int) -> None:
    lent = [lent_rows(list_rows, downloads) for downloads in range(1, 120)]
    assert lent == sorted(lent, reverse=True)
    assert len(set(lent)) <= len(LOANS) + 1
