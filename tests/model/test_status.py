"""The states and how they follow each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest

from tui_downloader.model.errors import IllegalTransition
from tui_downloader.model.status import TRANSITIONS, Event, Status, allows, next_status

Q, C, D, V = Status.QUEUED, Status.CONNECTING, Status.DOWNLOADING, Status.VERIFYING
W, P, DONE, F, X = (
    Status.WAITING,
    Status.PAUSED,
    Status.COMPLETED,
    Status.FAILED,
    Status.CANCELLED,
)
# Columns: the events of one row; "" is impossible. Written apart from the code on purpose.
EXPECTED = {
    Event.START: {Q: C, D: C, V: C, W: C},
    Event.ANSWERED: {C: D},
    Event.RECEIVED: {C: V, D: V, F: V},
    Event.FINISHED: {V: DONE},
    Event.WAIT: {C: W, D: W, V: W},
    Event.FAIL: {Q: F, C: F, D: F, V: F, W: F},
    Event.PAUSE: {Q: P, C: P, D: P, V: P, W: P},
    Event.RESUME: {W: Q, P: Q, F: Q, X: Q},
    Event.RESTART: {P: Q, DONE: Q, F: Q, X: Q},
    Event.CANCEL: {Q: X, C: X, D: X, V: X, W: X, P: X, F: X},
    Event.KEEP: {X: DONE},
    Event.REQUEUE: {C: Q, D: Q, V: Q, W: Q},
}


@pytest.mark.parametrize(
    ("status", "event"), list(product(Status, Event)), ids=lambda each: each.name.lower()
)
def test_each_event_in_each_state(status: Status, event: Event) -> None:
    expected = EXPECTED[event].get(status)
    assert allows(status, event) == (expected is not None)
    if expected is not None:
        assert next_status(status, event) is expected
        return
    with pytest.raises(IllegalTransition, match=f"{event.name}.*{status.name}"):
        next_status(status, event)


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(Status)


def follow(status: Status, events: Iterable[Event]) -> Status:
    for event in events:
        status = next_status(status, event)
    return status


def test_the_usual_way() -> None:
    way = [Event.START, Event.ANSWERED, Event.RECEIVED, Event.FINISHED]
    assert follow(Status.QUEUED, way) is Status.COMPLETED


def reachable(start: Status) -> set[Status]:
    found = {start}
    while new := {after for each in found for after in TRANSITIONS[each].values()} - found:
        found |= new
    return found


@pytest.mark.parametrize("start", Status)
def test_no_state_is_a_dead_end(start: Status) -> None:
    assert reachable(start) == set(Status)


def test_completed_comes_only_after_verifying_or_once_more() -> None:
    before = {
        (status, event)
        for status, steps in TRANSITIONS.items()
        for event, after in steps.items()
        if after is DONE
    }
    assert before == {(V, Event.FINISHED), (X, Event.KEEP)}


def test_what_runs_can_be_paused_and_cancelled_and_what_ended_cannot() -> None:
    for status in Status:
        assert not (status.is_running and status.is_ended)
        if status.is_running:
            assert allows(status, Event.PAUSE)
            assert allows(status, Event.CANCEL)
        if status.is_ended:
            assert not allows(status, Event.PAUSE)
            assert allows(status, Event.RESTART)


def test_which_states_run_and_which_have_ended() -> None:
    assert {status for status in Status if status.is_running} == {C, D, V, W}
    assert {status for status in Status if status.is_ended} == {DONE, F, X}


def test_persisted_values_are_the_names() -> None:
    assert all(status.value == status.name for status in Status)
