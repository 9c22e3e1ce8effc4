"""Which refusals may be meant for one download too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.crowd import Crowd, may_be_too_many
from tui_downloader.model.errors import DownloadError, NetworkError, TruncatedError, Unreachable
from tui_downloader.model.statuses import status_error

ME, OTHER, THIRD = 1, 2, 3
HOST = "host.invalid:8000"


@pytest.mark.parametrize(
    ("error", "may_be"),
    [
        (status_error(503), True),
        (status_error(429), True),
        (status_error(429, 3.0), True),
        (status_error(500), False),
        (status_error(403), False),
        (NetworkError("reset"), True),
        (NetworkError("reset", code="connect"), True),
        (NetworkError("silence", code="timeout"), False),
        (Unreachable("refused", host=HOST, code="connect"), True),
        (Unreachable("refused", host="other.invalid:8000", code="connect"), False),
        (Unreachable("unknown", host=HOST, code="dns"), False),
        (TruncatedError("broke off"), False),
    ],
)
def test_a_server_says_too_many_by_two_statuses_or_takes_no_connection(
    error: DownloadError, may_be: bool
) -> None:
    assert may_be_too_many(error, HOST, was_answered=False) is may_be


def test_a_connection_that_breaks_after_the_answer_is_none_too_many() -> None:
    assert not may_be_too_many(NetworkError("reset"), HOST, was_answered=True)
    assert may_be_too_many(status_error(503), HOST, was_answered=True)


def refused(crowd: Crowd) -> bool:
    crowd.ask(ME)
    return crowd.refuse(ME)


def test_who_is_refused_alone_is_not_one_too_many() -> None:
    assert not refused(Crowd())


def test_others_that_are_served_or_have_just_asked_are_a_reason() -> None:
    crowd = Crowd()
    crowd.ask(OTHER)
    assert refused(crowd)
    crowd.serve(OTHER, 2)
    assert refused(crowd)
    crowd.leave(OTHER)
    assert not refused(crowd)


def test_who_was_refused_is_no_reason_for_the_next_one() -> None:
    crowd = Crowd()
    assert not refused(crowd)
    crowd.ask(OTHER)
    assert not crowd.refuse(OTHER)


def test_others_that_have_only_asked_are_no_reason_twice() -> None:
    """A host that serves nobody refuses those, too, and each of them would excuse the other."""
    crowd = Crowd()
    crowd.ask(OTHER)
    assert refused(crowd)
    assert not refused(crowd)
    crowd.serve(OTHER, 1)
    assert refused(crowd)
    crowd.leave(OTHER)
    crowd.ask(THIRD)
    assert refused(crowd)


def test_a_host_that_served_more_since_than_at_the_last_refusal_is_not_full() -> None:
    crowd = Crowd()
    assert crowd.may_be_full(ME)  # for all that is known
    crowd.serve(OTHER, 1)
    assert refused(crowd)
    assert crowd.may_be_full(ME)
    crowd.serve(THIRD, 1)
    assert not crowd.may_be_full(ME)
    assert refused(crowd)
    assert crowd.may_be_full(ME)  # now it may be
    crowd.leave(THIRD)
    assert refused(crowd)
    assert not crowd.may_be_full(ME)


def test_refusals_are_counted_until_it_is_served() -> None:
    crowd = Crowd()
    crowd.serve(OTHER, 1)
    assert not crowd.refusals(ME)
    assert refused(crowd)
    assert refused(crowd)
    assert crowd.refusals(ME) == 2
    crowd.serve(ME, 1)
    assert not crowd.refusals(ME)


def test_others_are_counted_with_all_their_connections() -> None:
    crowd = Crowd()
    crowd.serve(OTHER, 3)
    crowd.ask(THIRD)
    crowd.serve(ME, 5)
    assert crowd.others(ME) == 4
    crowd.serve(OTHER, 0)  # between two answers
    assert crowd.others(ME) == 2


@pytest.mark.parametrize(("connections", "is_excused"), [(4, True), (5, False)])
def test_the_number_is_no_reason_where_more_than_twice_as_many_were_served_since(
    connections: int, is_excused: bool
) -> None:
    crowd = Crowd()
    crowd.serve(OTHER, 2)
    assert refused(crowd)
    crowd.serve(OTHER, connections)
    crowd.serve(OTHER, 3)
    assert refused(crowd) is is_excused


def test_the_fewest_others_at_any_refusal_are_what_others_are_compared_with() -> None:
    crowd = Crowd()
    crowd.serve(OTHER, 4)
    assert refused(crowd)
    crowd.serve(OTHER, 1)
    assert refused(crowd)
    crowd.serve(OTHER, 3)
    assert not refused(crowd)


def test_what_was_served_before_says_nothing() -> None:
    crowd = Crowd()
    crowd.serve(OTHER, 16)
    crowd.serve(OTHER, 2)
    assert refused(crowd)


def test_nor_does_an_earlier_refusal_once_it_was_served() -> None:
    crowd = Crowd()
    crowd.serve(OTHER, 1)
    assert refused(crowd)
    crowd.serve(ME, 1)
    crowd.leave(ME)
    crowd.serve(OTHER, 9)
    assert refused(crowd)


def test_room_is_made_by_who_was_served_alone() -> None:
    crowd = Crowd()
    crowd.ask(ME)
    assert not crowd.leave(ME)
    crowd.serve(ME, 1)
    crowd.ask(ME)  # for what is still missing
    assert crowd.leave(ME)
    assert not crowd.leave(ME)
    crowd.serve(ME, 0)  # between two answers
    assert crowd.leave(ME)


@given(st.integers(1, 6), st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_a_limit_is_waited_for_however_often_it_refuses(limit: int, turns: list[int]) -> None:
    """Downloads of one connection each, at a host that serves so many at once."""
    crowd, served = Crowd(), list[int]()
    for key in turns:
        if key in served:
            served.remove(key)
            assert crowd.leave(key)
            continue
        crowd.ask(key)
        if len(served) < limit:
            served.append(key)
            crowd.serve(key, 1)
        else:
            assert crowd.refuse(key)
