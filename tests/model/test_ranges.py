"""A set of ranges behaves as the plain set of the bytes in it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.ranges import RangeSet

END = 60
BOUND = st.integers(0, END)
STEPS = st.lists(st.tuples(st.booleans(), BOUND, BOUND), max_size=30)


def built(steps: list[tuple[bool, int, int]]) -> tuple[RangeSet, set[int]]:
    """Add and discard the same bytes in a RangeSet and in a set of numbers."""
    ranges, numbers = RangeSet(), set[int]()
    for is_addition, start, end in steps:
        if is_addition:
            ranges.add(start, end)
            numbers |= set(range(start, end))
        else:
            ranges.discard(start, end)
            numbers -= set(range(start, end))
    return ranges, numbers


def numbers_of(pairs: Iterable[tuple[int, int]]) -> set[int]:
    return {number for start, end in pairs for number in range(start, end)}


SETS = STEPS.map(built)


@given(SETS)
def test_it_holds_the_bytes_of_a_plain_set(both: tuple[RangeSet, set[int]]) -> None:
    ranges, numbers = both
    assert numbers_of(ranges) == numbers
    assert ranges.total == len(numbers)


@given(SETS)
def test_ranges_are_sorted_apart_and_never_empty(both: tuple[RangeSet, set[int]]) -> None:
    bounds = [bound for pair in both[0] for bound in pair]
    assert all(low < high for low, high in pairwise(bounds))


@given(SETS, BOUND, BOUND)
def test_it_covers_what_every_byte_of_is_there(
    both: tuple[RangeSet, set[int]], start: int, end: int
) -> None:
    ranges, numbers = both
    assert ranges.covers(start, end) == numbers.issuperset(range(start, end))


@given(SETS, BOUND)
def test_a_prefix_ends_at_the_first_byte_that_is_missing(
    both: tuple[RangeSet, set[int]], position: int
) -> None:
    ranges, numbers = both
    expected = next(n for n in range(position, END + 2) if n not in numbers)
    assert ranges.prefix_end(position) == expected


@given(SETS, BOUND)
def test_gaps_are_what_is_missing(both: tuple[RangeSet, set[int]], total: int) -> None:
    ranges, numbers = both
    gaps = ranges.gaps(total)
    assert numbers_of(gaps) == set(range(total)) - numbers
    assert gaps == list(RangeSet.from_pairs(gaps))


@given(SETS, BOUND)
def test_the_first_gap_is_the_first_of_the_gaps(
    both: tuple[RangeSet, set[int]], total: int
) -> None:
    ranges, _ = both
    assert ranges.first_gap(total) == next(iter(ranges.gaps(total)), None)


@given(SETS)
def test_without_a_total_the_last_gap_has_no_end(both: tuple[RangeSet, set[int]]) -> None:
    ranges, numbers = both
    first = next(n for n in range(END + 2) if n not in numbers)
    later = [n for n in numbers if n > first]
    assert ranges.first_gap(None) == (first, min(later) if later else None)


@given(SETS, SETS)
def test_an_intersection_is_what_both_cover(
    one: tuple[RangeSet, set[int]], other: tuple[RangeSet, set[int]]
) -> None:
    both = one[0].intersect(other[0])
    assert numbers_of(both) == one[1] & other[1]
    assert both.total == len(one[1] & other[1])


@given(SETS, BOUND, BOUND)
def test_a_copy_is_independent(both: tuple[RangeSet, set[int]], start: int, end: int) -> None:
    ranges, numbers = both
    twin = ranges.copy()
    assert (twin.as_tuple(), twin.total) == (ranges.as_tuple(), ranges.total)
    twin.add(start, end)
    twin.discard(0, start)
    assert numbers_of(ranges) == numbers


@given(SETS)
def test_its_pairs_make_the_same_set(both: tuple[RangeSet, set[int]]) -> None:
    ranges, _ = both
    again = RangeSet.from_pairs(ranges.as_tuple())
    assert (again.as_tuple(), again.total) == (ranges.as_tuple(), ranges.total)


def test_pairs_may_overlap_and_come_in_any_order() -> None:
    assert RangeSet.from_pairs([(20, 30), (0, 10), (5, 20)]).as_tuple() == ((0, 30),)


@pytest.mark.parametrize(
    "pair",
    [(5, 5), (6, 5), (-1, 5), (0, 1.5), ("0", "5"), (False, True), (1,), (1, 2, 3)],
)
def test_what_is_no_range_is_refused(pair: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"."):
        RangeSet.from_pairs([(0, 1), pair])


def test_ranges_larger_than_any_memory_cost_nothing() -> None:
    ranges = RangeSet.from_pairs([(0, 1 << 60)])
    ranges.discard(1, (1 << 60) - 1)
    assert ranges.as_tuple() == ((0, 1), ((1 << 60) - 1, 1 << 60))
    assert ranges.total == 2


def test_bytes_in_a_row_stay_one_range_and_cost_constant_time() -> None:
    ranges = RangeSet.from_pairs([(n, n + 1) for n in range(0, 100_000, 2)])
    started_at = time.process_time()
    for end in range(100_000, 300_000):
        ranges.add(end, end + 1)
    assert time.process_time() - started_at < 60
    assert ranges.total == 50_000 + 200_000


def test_it_shows_itself() -> None:
    assert repr(RangeSet.from_pairs([(0, 5), (7, 9)])) == "<RangeSet 0-5 7-9>"
    assert repr(RangeSet()) == "<RangeSet empty>"
