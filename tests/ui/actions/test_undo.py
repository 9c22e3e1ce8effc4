"""Undo: the latest deed first, for ten seconds, and back to the state a download was in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.timers import Clock
from tui_downloader.model.status import TRANSITIONS, Event, Status
from tui_downloader.ui.actions.undo import UNDO_S, Step, Undo, way_back, ways_back


def test_the_latest_deed_is_taken_back_first() -> None:
    undone: list[int] = []
    undo = Undo(Clock())
    undo.remember("Paused 1", lambda: undone.append(1))
    undo.remember("Removed 2", lambda: undone.append(2))
    assert [undo.take_back(), undo.take_back(), undo.take_back()] == ["Removed 2", "Paused 1", None]
    assert undone == [2, 1]


def test_a_deed_can_be_taken_back_for_ten_seconds() -> None:
    clock = Clock()
    undo = Undo(clock)
    undo.remember("Paused 1", lambda: None)
    clock.now += 4
    undo.remember("Removed 2", lambda: None)
    clock.now += UNDO_S - 4
    assert undo.is_possible
    assert undo.take_back() == "Removed 2"
    assert undo.take_back() is None


def test_a_deed_is_taken_back_once() -> None:
    undo = Undo(Clock())
    undo.remember("Paused 1", lambda: None)
    undo.take_back()
    assert not undo.is_possible


def test_what_cannot_be_undone_ends_the_chain_and_says_what_it_was() -> None:
    undone: list[int] = []
    undo = Undo(Clock())
    undo.remember("Added 1", lambda: undone.append(1))
    undo.finish("Deleted 2")
    assert (undo.is_possible, undo.final) == (False, "Deleted 2")
    assert (undo.take_back(), undone) == (None, [])


def test_what_is_done_after_it_is_taken_back_up_to_there() -> None:
    clock = Clock()
    undo = Undo(clock)
    undo.finish("Deleted 2")
    undo.remember("Paused 3", lambda: None)
    assert undo.final == ""
    assert [undo.take_back(), undo.take_back()] == ["Paused 3", None]
    assert undo.final == "Deleted 2"
    clock.now += UNDO_S
    assert undo.final == ""


def test_deeds_in_a_row_about_the_same_are_one() -> None:
    undone: list[str] = []
    undo = Undo(Clock())
    undo.remember("Paused 1", lambda: undone.append("pause"))
    undo.remember("9 connections", lambda: undone.append("8"), "connections of 1")
    undo.remember("10 connections", lambda: undone.append("9"), "connections of 1")
    assert [undo.take_back(), undo.take_back()] == ["10 connections", "Paused 1"]
    assert undone == ["8", "pause"]


def test_deeds_about_the_same_with_another_between_are_two() -> None:
    undo = Undo(Clock())
    undo.remember("9 connections", lambda: None, "connections of 1")
    undo.remember("Paused 1", lambda: None)
    undo.remember("10 connections", lambda: None, "connections of 1")
    taken = [undo.take_back(), undo.take_back(), undo.take_back()]
    assert taken == ["10 connections", "Paused 1", "9 connections"]


_EVENTS = {
    Step.RESUME: Event.RESUME,
    Step.PAUSE: Event.PAUSE,
    Step.CANCEL: Event.CANCEL,
    Step.FAIL: Event.FAIL,
}
_LIKE = {
    **{status: Status.QUEUED for status in Status if status.is_running},
    Status.QUEUED: Status.QUEUED,
    Status.PAUSED: Status.PAUSED,
    Status.FAILED: Status.FAILED,
    Status.CANCELLED: Status.CANCELLED,
}


@pytest.mark.parametrize("before", list(_LIKE), ids=lambda status: status.value)
@pytest.mark.parametrize("deed", [Event.PAUSE, Event.RESUME, Event.CANCEL], ids=lambda e: e.name)
def test_a_download_gets_back_to_where_it_was(before: Status, deed: Event) -> None:
    now = TRANSITIONS[before].get(deed)
    if now is None:
        return  # nothing was done
    if (before, deed) == (Status.FAILED, Event.CANCEL):
        return  # what was cancelled has to be queued first: the engine's business
    for step in way_back(before):
        now = TRANSITIONS[now].get(_EVENTS[step], now)
    assert now is _LIKE[before]


def test_what_failed_and_has_got_bytes_since_is_paused() -> None:
    back = (Step.RESUME, Step.PAUSE)
    assert way_back(Status.FAILED, has_new_bytes=True) == back
    assert ways_back({1: Status.FAILED}, {1}) == [(step, [1]) for step in back]


def test_nothing_is_asked_of_what_was_finished() -> None:
    assert way_back(Status.COMPLETED) == (Step.KEEP,)
    assert ways_back({1: Status.COMPLETED}) == [(Step.KEEP, [1])]


@given(st.dictionaries(st.integers(1, 50), st.sampled_from(list(Status))))
def test_many_downloads_go_back_with_few_wishes(before: dict[int, Status]) -> None:
    wishes = ways_back(before)
    assert [step for step, _ in wishes] == sorted({s for s, _ in wishes}, key=list(Step).index)
    for download_id, status in before.items():
        made = tuple(step for step, ids in wishes if download_id in ids)
        assert made == way_back(status)
