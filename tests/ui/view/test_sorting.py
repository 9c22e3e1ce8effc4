"""The order of the list: every column, ties, what is not known, and when rows may move."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.fake_engine import download
from tui_downloader.model.download import Snapshot
from tui_downloader.model.status import Status
from tui_downloader.ui.view.sort_keys import Sort, SortKey
from tui_downloader.ui.view.sorting import QUIET_S, RESORT_S, Sorter, sorted_rows

ROWS = (
    download(
        3,
        Status.DOWNLOADING,
        name="part-10.zip",
        url="https://b.example/10",
        total_bytes=100,
        done_bytes=50,
        bytes_per_s=7.0,
        eta_s=9.0,
        added_at=30.0,
    ),
    download(
        1,
        Status.COMPLETED,
        name="Part-9.zip",
        url="https://a.example/9",
        total_bytes=300,
        done_bytes=300,
        added_at=10.0,
    ),
    download(
        4,
        Status.DOWNLOADING,
        name="part-9.zip",
        url="https://B.example/9",
        total_bytes=200,
        done_bytes=50,
        bytes_per_s=9.0,
        eta_s=4.0,
        added_at=40.0,
    ),
    download(
        2,
        Status.FAILED,
        name="other",
        url="https://c.example/",
        added_at=20.0,
    ),
)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (SortKey.QUEUE, [3, 1, 4, 2]),
        (SortKey.NAME, [2, 1, 4, 3]),
        (SortKey.SIZE, [1, 4, 3, 2]),
        (SortKey.PERCENT, [1, 3, 4, 2]),
        (SortKey.SPEED, [4, 3, 1, 2]),
        (SortKey.LEFT, [4, 3, 1, 2]),
        (SortKey.ADDED, [4, 3, 2, 1]),
        (SortKey.HOST, [1, 3, 4, 2]),
        (SortKey.STATE, [3, 4, 2, 1]),
    ],
)
def test_a_column_begins_with_its_interesting_end(key: SortKey, expected: list[int]) -> None:
    assert [row.download_id for row in sorted_rows(ROWS, Sort(key))] == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (SortKey.QUEUE, [2, 4, 1, 3]),
        (SortKey.NAME, [3, 1, 4, 2]),
        (SortKey.SIZE, [3, 4, 1, 2]),
        (SortKey.SPEED, [3, 4, 1, 2]),
        (SortKey.LEFT, [3, 4, 1, 2]),
        (SortKey.HOST, [2, 3, 4, 1]),
    ],
)
def test_reversed_the_other_end_comes_first_and_the_unknown_stays_last(
    key: SortKey, expected: list[int]
) -> None:
    assert [row.download_id for row in sorted_rows(ROWS, Sort(key, True))] == expected


def test_choosing_a_column_again_reverses_it() -> None:
    by_name = Sort().chosen(SortKey.NAME)
    assert by_name == Sort(SortKey.NAME)
    assert by_name.chosen(SortKey.NAME) == Sort(SortKey.NAME, True)
    assert by_name.chosen(SortKey.NAME).chosen(SortKey.NAME) == by_name
    assert by_name.reversed().chosen(SortKey.SIZE) == Sort(SortKey.SIZE)


@pytest.mark.parametrize(
    ("sort", "descends"),
    [
        (Sort(), False),
        (Sort(SortKey.NAME), False),
        (Sort(SortKey.NAME, True), True),
        (Sort(SortKey.SPEED), True),
        (Sort(SortKey.SPEED, True), False),
    ],
)
def test_the_direction_is_known(sort: Sort, descends: bool) -> None:
    assert sort.descends is descends


_ANY_ROW = st.builds(
    lambda status, total, done, speed, eta: {
        "status": status,
        "total_bytes": total,
        "done_bytes": done,
        "bytes_per_s": speed,
        "eta_s": eta,
        "name": "same",
        "url": "https://same.example/",
        "added_at": 5.0,
    },
    st.sampled_from(list(Status)),
    st.none() | st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([0.0, 1.0]),
    st.none() | st.sampled_from([0.0, 1.0]),
)
_ANY_SORT = st.builds(Sort, st.sampled_from([k for k in SortKey if k is not SortKey.QUEUE]))


@given(st.lists(_ANY_ROW, max_size=12), _ANY_SORT, st.booleans(), st.randoms())
def test_ties_go_by_id_whatever_the_queue(
    facts: list[dict[str, Any]], sort: Sort, is_reversed: bool, chance: random.Random
) -> None:
    rows = [download(number, **each) for number, each in enumerate(facts, 1)]
    wanted = Sort(sort.key, is_reversed)
    first = sorted_rows(rows, wanted)
    chance.shuffle(rows)
    assert sorted_rows(rows, wanted) == first
    assert sorted(row.download_id for row in first) == list(range(1, len(facts) + 1))
    if sort.key in (SortKey.NAME, SortKey.HOST, SortKey.ADDED):
        assert [row.download_id for row in first] == list(range(1, len(facts) + 1))


# When rows may move.


def speeds(*bytes_per_s: float) -> tuple[Snapshot, ...]:
    """Running downloads 1, 2, ... with these speeds, and now with another picture."""
    return tuple(
        download(number, Status.DOWNLOADING, bytes_per_s=rate)
        for number, rate in enumerate(bytes_per_s, 1)
    )


def by(key: SortKey) -> Sorter:
    sorter = Sorter()
    sorter.choose(Sort(key))
    return sorter


def ids(rows: tuple[Snapshot, ...]) -> list[int]:
    return [row.download_id for row in rows]


def test_the_queue_itself_is_handed_through() -> None:
    rows = speeds(1, 2)
    assert Sorter().arrange(rows, 0.0) is rows
    assert Sorter().due_in_s(rows, 0.0) is None


def test_live_columns_sort_again_at_most_every_2_seconds() -> None:
    sorter = by(SortKey.SPEED)
    sorter.touched(-100.0)
    assert ids(sorter.arrange(speeds(1, 2, 3), 0.0)) == [3, 2, 1]
    assert ids(sorter.arrange(speeds(9, 2, 3), RESORT_S - 0.1)) == [3, 2, 1]
    assert ids(sorter.arrange(speeds(9, 2, 3), RESORT_S)) == [1, 3, 2]


def test_live_columns_never_sort_within_3_seconds_of_a_key() -> None:
    sorter = by(SortKey.SPEED)
    sorter.arrange(speeds(1, 2, 3), 0.0)
    sorter.touched(10.0)
    assert ids(sorter.arrange(speeds(9, 2, 3), 10.0 + QUIET_S - 0.1)) == [3, 2, 1]
    assert ids(sorter.arrange(speeds(9, 2, 3), 10.0 + QUIET_S)) == [1, 3, 2]


def test_the_users_own_choice_sorts_at_once() -> None:
    sorter = by(SortKey.SPEED)
    sorter.arrange(speeds(1, 2, 3), 0.0)
    sorter.touched(0.1)
    sorter.choose(Sort(SortKey.SPEED, True))
    assert ids(sorter.arrange(speeds(1, 2, 3), 0.1)) == [1, 2, 3]


def test_rows_show_their_latest_picture_while_they_wait_for_their_place() -> None:
    sorter = by(SortKey.SPEED)
    sorter.arrange(speeds(1, 2), 0.0)
    assert [row.bytes_per_s for row in sorter.arrange(speeds(5, 6), 1.0)] == [6, 5]


def test_new_rows_wait_at_the_end_of_a_live_column() -> None:
    sorter = by(SortKey.SPEED)
    sorter.touched(0.0)
    sorter.arrange(speeds(1, 2), 0.0)
    assert ids(sorter.arrange(speeds(1, 2, 9), 0.5)) == [2, 1, 3]
    assert ids(sorter.arrange(speeds(1, 9)[1:], 0.6)) == [2]


def test_new_rows_go_to_their_place_at_once_where_nothing_moves_by_itself() -> None:
    sorter = by(SortKey.NAME)
    sorter.touched(0.0)
    rows = tuple(download(number, name=f"{9 - number}") for number in (1, 2, 3))
    assert ids(sorter.arrange(rows[:2], 0.0)) == [2, 1]
    assert ids(sorter.arrange(rows, 0.1)) == [3, 2, 1]


def test_it_is_known_when_changed_rows_may_move() -> None:
    sorter = by(SortKey.SPEED)
    sorter.touched(1.0)
    before, after = speeds(1, 2), speeds(3, 2)
    sorter.arrange(before, 1.0)
    assert sorter.due_in_s(before, 1.5) is None
    assert sorter.due_in_s(after, 1.5) == pytest.approx(2.5)
    assert sorter.due_in_s(after, 9.0) == 0.0


@given(st.lists(st.floats(0, 9), min_size=1, max_size=6), st.lists(st.floats(0, 20), max_size=8))
def test_nothing_is_lost_or_doubled_at_any_time(rates: list[float], times: list[float]) -> None:
    sorter = by(SortKey.SPEED)
    for now in sorted(times):
        rows = speeds(*rates)
        assert sorted(ids(sorter.arrange(rows, now))) == ids(rows)
        rates.append(now)
