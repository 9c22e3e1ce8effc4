"""Turns that are fair by bytes, whatever is taken in each."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.fairness import FairTurns

TURN = 100
TAKEN = st.integers(0, TURN)


def fair_turns() -> FairTurns:
    turns = FairTurns()
    turns.turn_bytes = TURN
    return turns


@given(waiting=st.integers(1, 6), sizes=st.lists(TAKEN, max_size=200))
def test_those_who_always_wait_never_differ_by_more_than_a_turn(
    waiting: int, sizes: list[int]
) -> None:
    turns, taken = fair_turns(), dict.fromkeys(range(waiting), 0)
    for size in sizes:
        whose = turns.give(list(taken))
        assert isinstance(whose, int)
        turns.took(whose, size)
        taken[whose] += size
        assert max(taken.values()) - min(taken.values()) <= TURN


def test_of_equals_the_one_goes_on_who_waits_longest() -> None:
    turns = fair_turns()
    assert turns.give("ba") == "b"


def test_who_wants_little_goes_before_all_who_want_more() -> None:
    turns, given_to = fair_turns(), ""
    for round_ in range(1, 40):
        whose = turns.give("bcde" if round_ % 2 else "bcdea")
        turns.took(whose, 1 if whose == "a" else TURN)
        given_to += str(whose)
    assert given_to[9::2] == "a" * 15
    assert all(one != other for one, other in pairwise(given_to[8::2]))


def test_nobody_saves_up_more_than_a_turn() -> None:
    turns = fair_turns()
    turns.took("a", TURN)
    for _ in range(50):
        turns.took(turns.give("b"), TURN)
    given_to = ""
    for _ in range(8):
        whose = turns.give("ba")
        turns.took(whose, TURN)
        given_to += str(whose)
    assert given_to == "aababab" + "a"


def test_what_was_taken_while_there_was_enough_is_held_against_nobody() -> None:
    turns = fair_turns()
    turns.took("a", 10**9)
    assert turns.give("ab") == "b"
    turns.forget()
    assert turns.give("ab") == "a"


def test_who_is_gone_is_forgotten_and_who_waits_is_not() -> None:
    turns = fair_turns()
    turns.took("waiting", 10 * TURN)
    for number in range(1000):
        assert turns.give(["waiting", number]) == number
        turns.took(number, 1)
    assert len(turns._taken) < 100
