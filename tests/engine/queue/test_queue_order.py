"""Moving and putting back, as pure rules over lists: nothing is lost, the rest keeps its order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.engine.options import Move
from tui_downloader.engine.queue.queue_order import (
    arranged,
    give_places,
    moved,
    put_among,
    reordered,
)
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.download import DownloadRequest

IDS = st.lists(st.integers(1, 12), unique=True)
CHOSEN = st.frozensets(st.integers(1, 12))


def downloads(*positions: int) -> dict[int, Download]:
    """Downloads 1, 2, ... at these positions."""
    made = {}
    for download_id, position in enumerate(positions, 1):
        made[download_id] = Download(download_id, DownloadRequest("http://a/x", "/d"), 0.0)
        made[download_id].position = position
    return made


@pytest.mark.parametrize(
    ("where", "chosen", "among", "expected"),
    [
        (Move.UP, {5}, {1, 3, 5}, [1, 2, 5, 4, 3]),
        (Move.DOWN, {1}, {1, 3, 5}, [3, 2, 1, 4, 5]),
        (Move.DOWN, {1, 3}, {1, 3, 5}, [5, 2, 1, 4, 3]),
        (Move.UP, {1}, {1, 3, 5}, [1, 2, 3, 4, 5]),
        (Move.DOWN, {2}, {1, 3, 5}, [1, 3, 2, 4, 5]),
        (Move.TOP, {5}, {3, 5}, [5, 1, 2, 3, 4]),
        (Move.BOTTOM, {1}, {1, 3}, [2, 3, 4, 5, 1]),
    ],
)
def test_a_step_goes_past_the_next_one_the_user_sees(
    where: Move, chosen: set[int], among: set[int], expected: list[int]
) -> None:
    assert moved([1, 2, 3, 4, 5], chosen, where, among) == expected


@given(IDS, CHOSEN, st.sampled_from(list(Move)), st.none() | CHOSEN)
def test_moving_loses_nothing_and_keeps_both_orders(
    order: list[int], chosen: frozenset[int], where: Move, among: frozenset[int] | None
) -> None:
    after = moved(order, chosen, where, among)
    assert sorted(after) == sorted(order)
    assert [i for i in after if i in chosen] == [i for i in order if i in chosen]
    if among is None:
        rest = [i for i in order if i not in chosen]
        assert [i for i in after if i not in chosen] == rest


@given(IDS, IDS)
def test_arranging_moves_only_what_was_named(order: list[int], wanted: list[int]) -> None:
    after = arranged(order, wanted)
    named = set(wanted) & set(order)
    assert [i for i in after if i in named] == [i for i in wanted if i in named]
    for before_id, after_id in zip(order, after, strict=True):
        assert (before_id in named) == (after_id in named)
        assert before_id in named or before_id == after_id


@given(IDS, CHOSEN, st.sampled_from(list(Move)))
def test_arranging_takes_a_move_back(order: list[int], chosen: frozenset[int], where: Move) -> None:
    assert arranged(moved(order, chosen, where), order) == order


@given(st.lists(st.integers(-50, 50), unique=True, max_size=12), CHOSEN)
def test_what_is_put_back_stands_where_it_stood(positions: list[int], gone: frozenset[int]) -> None:
    everyone = downloads(*sorted(positions))
    left = {key: each for key, each in everyone.items() if key not in gone}
    back = [each for key, each in everyone.items() if key in gone]
    together, displaced = put_among(left, back)
    assert list(together) == list(everyone)
    assert displaced == []


def test_what_took_the_place_meanwhile_moves_behind() -> None:
    one, two, new = downloads(1, 2, 2).values()
    together, displaced = put_among({1: one, 3: new}, [two])
    assert list(together) == [1, 2, 3]
    assert [each.position for each in together.values()] == [1, 2, 3]
    assert displaced == [3]


@given(st.lists(st.integers(-50, 50), unique=True, max_size=8), st.integers(0, 5), st.booleans())
def test_new_downloads_stand_before_or_behind_all_others(
    positions: list[int], count: int, first: bool
) -> None:
    others = downloads(*sorted(positions))
    new = list(downloads(*[0] * count).values())
    give_places(new, others, first=first)
    places = [each.position for each in new]
    assert places == sorted(set(places))
    for place in places:
        assert all((place < other.position) is first for other in others.values())


@given(st.permutations(range(1, 7)))
def test_positions_are_handed_out_again_along_an_order(order: list[int]) -> None:
    known = downloads(3, 5, 8, 13, 21, 34)
    before = {key: each.position for key, each in known.items()}
    after, displaced = reordered(known, order)
    assert list(after) == order
    assert [each.position for each in after.values()] == [3, 5, 8, 13, 21, 34]
    assert set(displaced) == {key for key in known if known[key].position != before[key]}
