"""Marks belong to downloads: whatever the rows do, the same ones stay marked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tui_downloader.ui.view.marks import Marks

ROWS = [5, 3, 9, 1, 7]


def marked(*ids: int) -> Marks:
    marks = Marks()
    for download_id in ids:
        marks.toggle(download_id)
    return marks


def test_a_mark_is_set_and_taken_away() -> None:
    marks = marked(3)
    assert marks.ids == {3}
    marks.toggle(3)
    assert marks.ids == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [((), set(ROWS)), ((3, 9), set(ROWS)), ((3, 88), {*ROWS, 88}), ((*ROWS, 88), {88})],
)
def test_all_of_a_view_are_marked_or_unmarked(before: tuple[int, ...], after: set[int]) -> None:
    marks = marked(*before)
    marks.toggle_all(ROWS)
    assert marks.ids == after


@pytest.mark.parametrize(
    ("first", "highlighted", "covered"),
    [(3, 1, {3, 9, 1}), (1, 3, {3, 9, 1}), (9, 9, {9}), (5, 7, set(ROWS))],
)
def test_a_range_reaches_from_its_first_download_to_the_highlight(
    first: int, highlighted: int, covered: set[int]
) -> None:
    marks = marked(88)
    marks.begin_range(first)
    marks.stretch(ROWS, highlighted)
    assert marks.ids == {88, *covered}
    marks.end_range()
    assert marks.ids == {88, *covered}
    assert not marks.is_drawing


def test_a_range_that_shrinks_leaves_nothing_behind() -> None:
    marks = Marks()
    marks.begin_range(3)
    marks.stretch(ROWS, 7)
    marks.stretch(ROWS, 9)
    assert marks.ids == {3, 9}


def test_a_dropped_range_marks_nothing() -> None:
    marks = marked(1)
    marks.begin_range(3)
    marks.stretch(ROWS, 7)
    marks.drop_range()
    assert marks.ids == {1}


def test_a_range_follows_its_ends_when_the_rows_move() -> None:
    marks = Marks()
    marks.begin_range(3)
    marks.stretch(ROWS, 1)
    marks.stretch([1, 5, 7, 3, 9], 1)
    assert marks.ids == {1, 5, 7, 3}


@pytest.mark.parametrize("rows", [[9, 1], [3, 9]])
def test_a_range_with_a_hidden_end_stays_as_it_is(rows: list[int]) -> None:
    marks = Marks()
    marks.begin_range(3)
    marks.stretch(ROWS, 1)
    marks.stretch(rows, 1)
    assert marks.ids == {3, 9, 1}


def test_marking_while_a_range_is_open_keeps_what_it_covers() -> None:
    marks = Marks()
    marks.begin_range(5)
    marks.stretch(ROWS, 3)
    marks.toggle(7)
    assert marks.ids == {5, 3, 7}
    assert not marks.is_drawing


def test_downloads_that_are_gone_are_not_marked() -> None:
    marks = marked(1, 3)
    marks.begin_range(9)
    marks.stretch(ROWS, 7)
    marks.keep_only({1, 7, 5})
    assert marks.ids == {1, 7}
    assert not marks.is_drawing


def test_hidden_marks_are_counted() -> None:
    assert marked(1, 3, 88, 99).hidden(ROWS) == 2


class AnyUse(RuleBasedStateMachine):
    """Marks beside a plain set, through whatever the user and the queue may do."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()
        self.model: set[int] = set()
        self.rows = list(range(8))

    @rule(download_id=st.integers(0, 7))
    def toggle(self, download_id: int) -> None:
        self.marks.toggle(download_id)
        self.model ^= {download_id}

    @rule(first=st.integers(0, 7), last=st.integers(0, 7))
    def draw(self, first: int, last: int) -> None:
        self.marks.begin_range(first)
        self.marks.stretch(self.rows, last)
        self.marks.end_range()
        places = sorted((self.rows.index(first), self.rows.index(last)))
        self.model.update(self.rows[places[0] : places[1] + 1])

    @rule(shown=st.sets(st.integers(0, 7)))
    def toggle_all(self, shown: set[int]) -> None:
        self.marks.toggle_all([row for row in self.rows if row in shown])
        self.model = self.model - shown if shown <= self.model else self.model | shown

    @rule(order=st.permutations(range(8)))
    def sort(self, order: list[int]) -> None:
        self.rows = order
        self.marks.stretch(self.rows, order[0])

    @rule(present=st.sets(st.integers(0, 7)))
    def vanish(self, present: set[int]) -> None:
        self.marks.keep_only(present)
        self.model &= present

    @invariant()
    def agrees(self) -> None:
        assert self.marks.ids == self.model
        assert self.marks.hidden([]) == len(self.model)


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


@given(st.permutations(ROWS), st.sampled_from(ROWS), st.sampled_from(ROWS))
def test_a_range_holds_both_its_ends(rows: list[int], first: int, last: int) -> None:
    marks = Marks()
    marks.begin_range(first)
    marks.stretch(rows, last)
    assert {first, last} <= marks.ids
