"""How many connections over a line with a round trip, where TCP takes its time to get going."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.gusts import Gusts
from tui_downloader.model.ramp import Ramp

MB = 1_000_000
TICK_S = 0.01
ROUND_TRIP_S = 0.05

# Bytes per second of a connection, by its age in seconds, its index, and how many there are.
Line = Callable[[float, int, int], float]


class Far:
    """A download over a far line: each connection brings what the line gives one of its age."""

    def __init__(self, line: Line, ramp: Ramp | None = None) -> None:
        self.ramp = ramp or Ramp(16)
        self.line = line
        self.now = 100.0
        self.is_gusty = False
        self.paused_at = -math.inf
        self.left_bytes = float("inf")
        self.seen = [self.ramp.wanted]
        self._opened_at = [self.now]
        self._received = [0.0]
        self._elders = 0

    def go_on(self, seconds: float) -> list[int]:
        """Return every number of connections that was wanted so far."""
        until = self.now + seconds
        while self.now < until:
            self._tick()
        return self.seen

    def _tick(self) -> None:
        ramp = self.ramp
        self.now += TICK_S
        for index in range(ramp.wanted):
            age_s = self.now - self._opened_at[index]
            self._received[index] += self.line(age_s, index, ramp.wanted) * TICK_S
        elder_bytes = int(sum(self._received[: self._elders]))
        before = ramp.wanted
        ramp.observe(
            self.now,
            int(sum(self._received)),
            before,
            ROUND_TRIP_S,
            self.left_bytes,
            elder_bytes=elder_bytes,
            is_gusty=self.is_gusty,
            paused_at=self.paused_at,
        )
        if ramp.wanted > before:
            self._elders = before
        if ramp.wanted != before:
            self.seen.append(ramp.wanted)
            del self._opened_at[ramp.wanted :]
            self._opened_at += [self.now] * (ramp.wanted - len(self._opened_at))
            self._received += [0.0] * (ramp.wanted - len(self._received))


def limited_each(age_s: float, index: int, connections: int) -> float:
    """The server gives each connection the same."""
    return 1.0 * MB


def shared(age_s: float, index: int, connections: int) -> float:
    """One connection fills the line."""
    return 8.0 * MB / connections


def slowly_filled(age_s: float, index: int, connections: int) -> float:
    """The first fills the line by itself, but only after it seemed to be at its speed."""
    if index:
        return 0.2 * MB
    return 2.0 * MB if connections == 1 and age_s < 0.3 else 4.0 * MB


def with_gain(share: float) -> Line:
    """Each further connection brings that share of the first one's speed."""
    return lambda age_s, index, connections: (
        6.0 * MB * (1 + share * (connections - 1)) / connections
    )


def lossy(age_s: float, index: int, connections: int) -> float:
    """Each falls to what the losses leave it; the first one does so as it had just been judged."""
    return 5.0 * MB if not index and age_s < 0.15 else 0.7 * MB


def with_a_burst(age_s: float, index: int, connections: int) -> float:
    """One connection fills the line, which brings more for a moment only."""
    return (8.0 if not index and age_s < 0.15 else 5.0) * MB / connections


def with_a_burst_and_a_greedy_one(age_s: float, index: int, connections: int) -> float:
    """The same, but what others take of the line is not an equal share."""
    if connections == 1:
        return with_a_burst(age_s, index, connections)
    return (1.1 if index else 3.9) * MB


def late(age_s: float, index: int, connections: int) -> float:
    """All but two take more than a window until anything comes."""
    return 10.0 * MB if index < 2 or age_s > 0.15 else 0.0


def never(age_s: float, index: int, connections: int) -> float:
    return 10.0 * MB if index < 2 else 0.0


def test_a_small_try_goes_first_and_when_it_pays_off_fully_large_steps_follow() -> None:
    assert Far(limited_each).go_on(3.0) == [1, 2, 8, 16]


@pytest.mark.parametrize(("share", "next_one"), [(0.55, 8), (0.3, 4)])
def test_a_try_that_pays_off_by_half_is_followed_by_a_large_step_and_by_less_a_small_one(
    share: float, next_one: int
) -> None:
    assert Far(with_gain(share)).go_on(0.5)[:3] == [1, 2, next_one]


def test_later_a_gain_by_less_is_kept_but_not_followed() -> None:
    far = Far(shared)
    far.go_on(0.6)
    far.line = with_gain(0.3)
    assert far.go_on(5.0) == [1, 2, 1, 2]


def test_what_the_first_loses_by_itself_is_no_loss_by_the_others() -> None:
    assert Far(lossy).go_on(2.0) == [1, 2, 8, 16]


def test_where_it_was_a_burst_that_is_found_out_with_the_next_step() -> None:
    assert Far(with_a_burst).go_on(1.0) == [1, 2, 8, 2]


def test_what_another_takes_of_the_line_after_a_burst_is_no_gain() -> None:
    assert Far(with_a_burst_and_a_greedy_one).go_on(0.6) == [1, 2, 1]


def test_a_line_that_gets_slower_later_is_left_to_one_as_before() -> None:
    far = Far(shared)
    far.go_on(0.6)
    far.line = lambda age_s, index, connections: 5.0 * MB / connections
    assert far.go_on(5.0) == [1, 2, 1, 2, 1]


@pytest.mark.parametrize(("share", "next_one"), [(0.6, 2), (0.4, 8), (0.0, 2)])
def test_a_line_that_brings_far_less_than_it_did_has_room(share: float, next_one: int) -> None:
    far = Far(shared)
    far.go_on(0.6)
    far.line = lambda age_s, index, connections: share * 8.0 * MB
    assert far.go_on(4.0)[:4] == [1, 2, 1, next_one]


def test_that_is_noticed_within_seconds_however_long_the_next_try_is_away() -> None:
    far = Far(shared)
    assert far.go_on(5.0) == [1, 2, 1, 2, 1]
    far.line = lambda age_s, index, connections: 0.4 * 8.0 * MB
    assert far.go_on(3.0)[5:] == [8]


def test_and_tried_once_where_no_number_brings_more() -> None:
    far = Far(shared)
    far.go_on(5.0)
    far.line = lambda age_s, index, connections: 0.4 * shared(age_s, index, connections)
    assert far.go_on(9.0)[5:] == [8, 1]


def test_while_connections_may_not_be_opened_nothing_falls() -> None:
    far = Far(shared)
    far.go_on(5.0)
    far.ramp.hold(far.now)
    far.now += 5.0  # of a speed limit, for instance
    far.go_on(0.5)
    assert far.ramp.is_settled


def test_where_there_is_room_a_step_that_brings_little_is_looked_at_twice() -> None:
    assert Far(late).go_on(2.0) == [1, 2, 8, 16]


def test_and_no_more_than_twice() -> None:
    assert Far(never).go_on(0.6) == [1, 2, 8, 2]


def test_a_line_that_one_connection_fills_is_left_to_it() -> None:
    far = Far(shared)
    assert far.go_on(0.6) == [1, 2, 1]
    assert far.ramp.is_settled


def test_what_the_first_wins_by_itself_is_no_gain_of_the_second() -> None:
    assert Far(slowly_filled).go_on(0.6) == [1, 2, 1]


def rising(seconds: float) -> Line:
    """It doubles with each tenth of a second for so long."""
    return lambda age_s, index, connections: (
        1.0 * MB * 2 ** (10 * min(age_s, seconds)) / connections
    )


@pytest.mark.parametrize(("rising_s", "from_s", "to_s"), [(0.0, 0.1, 0.2), (0.3, 0.3, 0.5)])
def test_one_connection_is_looked_at_until_it_is_at_its_speed(
    rising_s: float, from_s: float, to_s: float
) -> None:
    far = Far(rising(rising_s))
    while far.ramp.wanted == 1:
        far.go_on(TICK_S)
    assert from_s <= far.now - 100 <= to_s


def test_that_is_waited_for_six_windows_at_most() -> None:
    far = Far(rising(10.0))
    while far.ramp.wanted == 1:
        far.go_on(TICK_S)
    assert 0.5 <= far.now - 100 <= 0.75


def test_one_that_comes_unevenly_is_not_waited_for() -> None:
    ramp, now, received = Ramp(16), 100.0, 1
    ramp.observe(now, received, 1, ROUND_TRIP_S)
    for first_half, second_half in ((50_000, 100_000), (40_000, 90_000)):
        assert ramp.wanted == 1
        for grown in (first_half, second_half):
            now, received = now + 0.06, received + grown
            ramp.observe(now, received, 1, ROUND_TRIP_S)
    assert ramp.wanted == 2


def test_gusts_show_that_there_is_room_whatever_was_judged_before() -> None:
    far = Far(shared)
    far.go_on(0.6)
    assert far.ramp.is_settled
    far.line, far.is_gusty = (lambda age_s, index, connections: 6.0 * MB), True
    far.go_on(TICK_S)
    assert far.ramp.wanted == 8
    assert far.go_on(3.0)[-1] == 16


def test_gusts_are_no_reason_for_more_when_those_bring_nothing() -> None:
    far = Far(shared)
    far.go_on(0.6)
    far.is_gusty = True
    assert far.go_on(1.2) == [1, 2, 1, 8, 1]


class Gusty(Far):
    """Each connection gets what the server has for it twice a second, and begins slowly.

    Args:
        late_s: after how long the first byte of each one comes.
    """

    def __init__(self, late_s: list[float]) -> None:
        super().__init__(self._sent)
        self._late_s = late_s
        self._gusts = Gusts()

    def _sent(self, age_s: float, index: int, connections: int) -> float:
        age_s -= self._late_s[index]
        allowed = 0.5 * MB * (1 + age_s // 0.5)
        if age_s < 0 or self._received[index] >= allowed:
            return 0.0
        return MB * min(4.0, 0.2 * 2 ** (age_s / ROUND_TRIP_S))

    def _tick(self) -> None:
        received = dict(enumerate(map(int, self._received)))
        self._gusts.look(self.now, received, 2 * ROUND_TRIP_S, is_held=False)
        self.is_gusty = self._gusts.were_seen
        self.paused_at = self._gusts.paused_at(range(self._elders))
        super()._tick()


@given(st.lists(st.floats(0.05, 0.3), min_size=16, max_size=16))
def test_where_each_connection_is_sent_gusts_all_are_there_soon(late_s: list[float]) -> None:
    gusty = Gusty(late_s)
    gusty.go_on(5.0)
    assert gusty.ramp.wanted == 16


def paused_with(seconds: float) -> Line:
    """The server gives each the same, but for so long after the second has come hardly anything."""
    return lambda age_s, index, connections: (
        0.3 * MB if connections > 1 and age_s < (seconds if index else 0.1 + seconds) else 2.0 * MB
    )


def silent(far: Far) -> Far:
    far.paused_at = math.inf
    return far


def test_a_step_that_seems_to_bring_nothing_in_a_silence_is_looked_at_longer() -> None:
    assert Far(paused_with(0.2)).go_on(0.6) == [1, 2, 1]
    assert silent(Far(paused_with(0.2))).go_on(1.0)[:3] == [1, 2, 4]


def test_but_not_for_ever() -> None:
    assert silent(Far(shared)).go_on(1.0) == [1, 2, 1]


def test_one_that_brings_much_in_spite_of_it_is_followed_at_once() -> None:
    assert silent(Far(limited_each)).go_on(0.6) == Far(limited_each).go_on(0.6)


def test_a_silence_before_the_step_is_none_of_it() -> None:
    far = Far(paused_with(0.2))
    far.paused_at = far.now + 0.1
    assert far.go_on(0.6) == [1, 2, 1]


def test_gusts_count_once() -> None:
    far = Far(shared)
    far.go_on(0.6)
    far.is_gusty = True
    far.go_on(1.2)
    assert far.ramp.is_settled
    assert far.go_on(5.0)[-1] == 1


@pytest.mark.parametrize("ramp", [Ramp(3, is_fixed=True), Ramp(4, start=4)])
def test_gusts_do_not_go_beyond_what_is_allowed(ramp: Ramp) -> None:
    far, wanted = Far(limited_each, ramp), ramp.wanted
    far._opened_at *= wanted
    far._received *= wanted
    far.is_gusty = True
    for _ in range(100):
        assert far.go_on(TICK_S) == [wanted]
        assert far.ramp.is_settled


def test_it_says_when_a_try_is_under_way_that_may_not_pay_off() -> None:
    far = Far(limited_each)
    tries = []
    while far.ramp.wanted < 16:
        far.go_on(TICK_S)
        tries.append((far.ramp.wanted, far.ramp.is_trying_more))
    told = [tried for before, tried in pairwise([None, *tries]) if tried != before]
    assert told == [(1, False), (2, True), (8, False), (16, False)]


def test_on_a_near_line_a_silence_is_no_reason_to_look_longer() -> None:
    ramp, now = Ramp(16), 100.0
    while not ramp.is_settled:
        now += TICK_S
        ramp.observe(now, int((now - 100) * 4 * MB), ramp.wanted, 0.002, paused_at=math.inf)
    assert now < 100.3


def test_on_a_near_line_it_never_says_so() -> None:
    ramp = Ramp(16)
    for tick in range(60):
        ramp.observe(100.0 + tick * TICK_S, tick * 40_000 * ramp.wanted, ramp.wanted, 0.002)
        assert not ramp.is_trying_more


def test_windows_stay_as_long_as_connecting_took_though_later_heads_come_sooner() -> None:
    ramp = Ramp(16)
    ramp.observe(100.0, 0, 1, 2 * ROUND_TRIP_S)
    ramp.observe(100.1, MB, 1, ROUND_TRIP_S)
    assert ramp.look_s == pytest.approx(4 * ROUND_TRIP_S / 8)
