"""How many connections a server accepts: what refusals say, and when one more is asked for."""

from __future__ import annotations

import pytest

from tui_downloader.model.ceiling import Ceiling


def rises_at(ceiling: Ceiling, begin: int, end: int) -> int | None:
    """The first second in which one more is allowed."""
    return next((second for second in range(begin, end) if ceiling.rises(second)), None)


@pytest.mark.parametrize(
    ("bound", "accepted", "most"), [(16, 0, 16), (16, 4, 4), (4, 16, 4), (1, 0, 1)]
)
def test_what_is_known_of_a_server_is_a_bound_within_that_of_the_user(
    bound: int, accepted: int, most: int
) -> None:
    assert Ceiling(bound, accepted).most == most


@pytest.mark.parametrize(("working", "most"), [(0, 1), (1, 1), (4, 4), (99, 16)])
def test_as_many_are_left_as_work_but_one_at_least_and_no_more_than_allowed(
    working: int, most: int
) -> None:
    ceiling = Ceiling(16)
    ceiling.refused(0.0, working)
    assert ceiling.most == most
    assert ceiling.was_refused


def test_one_more_is_asked_for_a_moment_later_and_then_ever_more_rarely() -> None:
    ceiling, asked_at = Ceiling(16), []
    ceiling.refused(0, 4)
    for second in range(1000):
        if ceiling.rises(second):
            assert ceiling.most == 5
            asked_at.append(second)
            ceiling.refused(second, 4)
    assert asked_at == [1, 61, 181, 421, 901]


def test_the_refusals_of_one_moment_are_one() -> None:
    ceiling = Ceiling(16)
    for working in (3, 2, 1):
        ceiling.refused(0, working)
    assert ceiling.most == 1
    assert rises_at(ceiling, 0, 60) == 1


def test_a_server_that_says_how_long_is_left_alone_for_so_long() -> None:
    ceiling = Ceiling(16)
    ceiling.refused(0, 2)
    ceiling.refused(0, 1, told_s=30.0)
    assert rises_at(ceiling, 0, 60) == 30


def test_one_after_the_other_is_asked_for_while_they_are_accepted() -> None:
    ceiling = Ceiling(3)
    ceiling.refused(0, 1)
    rises = [second for second in range(600) if ceiling.rises(second)]
    assert rises == [1, 61]
    assert ceiling.most == 3


def test_what_is_recalled_is_tested_after_a_while_and_then_rarely() -> None:
    ceiling = Ceiling(16, 4)
    ceiling.begin(0)
    assert rises_at(ceiling, 0, 60) == 10
    ceiling.refused(10, 4)
    assert rises_at(ceiling, 10, 60) is None


def test_what_was_not_for_the_number_is_no_bound() -> None:
    ceiling = Ceiling(16)
    ceiling.refused(0, 1)
    ceiling.lift()
    assert (ceiling.most, ceiling.was_refused) == (16, False)
    assert rises_at(ceiling, 0, 600) is None
    ceiling.refused(600, 8)
    assert rises_at(ceiling, 600, 800) == 660


def test_another_bound_of_the_user_begins_anew() -> None:
    ceiling = Ceiling(16)
    ceiling.refused(0, 1)
    ceiling.set_bound(4)
    assert (ceiling.most, ceiling.was_refused) == (4, False)
