"""The token bucket: what is earned over time is spent, never more than the burst at once."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVarTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.engine.network.limiter import BURST_S, Limits, TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

Args = TypeVarTuple("Args")
_LATE_S = 1e-6  # no timer is on time


class Clock(asyncio.SelectorEventLoop):
    """A loop whose time is set by hand, or passes from timer to timer; it never runs."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._timers: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        return self.now

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Args], object],
        *args: *Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(self.now + delay, callback, args, self, context)
        self._timers.append(timer)
        return timer

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        raise context["exception"]

    def pass_until(self, condition: Callable[[], bool]) -> None:
        """Let the time pass until a condition holds.

        Raises:
            ValueError: it never will, for nobody waits any more.
        """
        while not condition():
            timer = min(self._timers, key=asyncio.TimerHandle.when)
            self._timers.remove(timer)
            self.now = timer.when() + _LATE_S
            timer._run()


@given(
    rate=st.integers(1000, 10**8),
    steps=st.lists(st.tuples(st.floats(0, 2), st.integers(0, 10**6)), max_size=50),
)
def test_over_any_time_no_more_than_rate_and_burst_is_granted(
    rate: int, steps: list[tuple[float, int]]
) -> None:
    clock = Clock()
    bucket = TokenBucket(clock, rate)
    granted = 0
    for wait_s, n_bytes in steps:
        clock.now += wait_s
        granted += n_bytes
        if not bucket.spend(n_bytes):
            clock.now += bucket.debt_s
    clock.close()
    assert granted <= rate * (clock.now + BURST_S) + 1


def test_no_limit_never_waits() -> None:
    clock = Clock()
    bucket = TokenBucket(clock)
    assert bucket.spend(10**12)
    clock.close()


@pytest.mark.parametrize(("rate", "least", "most"), [(1, 1024, 1024), (10**9, 2**20, 2**20)])
def test_slices_are_bounded(rate: int, least: int, most: int) -> None:
    clock = Clock()
    assert least <= TokenBucket(clock, rate).slice_bytes <= most
    clock.close()


def test_what_nobody_wanted_is_not_made_up_for_in_a_gust() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 100_000)
    clock.now += 60.0
    assert bucket.spend(100_000 // 16)
    assert not bucket.spend(1)
    bucket.set_rate(None)
    clock.now += 60.0
    bucket.set_rate(100_000)
    assert not bucket.spend(1)
    clock.close()


def test_time_in_which_the_turn_of_those_who_wait_came_late_is_made_up_for() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 100_000)
    assert not bucket.spend(10_000)
    bucket.when_free(lambda: None)
    clock.now += 0.1 + BURST_S
    assert bucket.debt_s == 0
    assert bucket.spend(100_000 // 5)
    clock.close()


def test_who_comes_while_others_are_in_debt_takes_little() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1_600_000)
    assert bucket.slice_bytes == 100_000
    for _ in range(16):
        assert not bucket.spend(bucket.slice_bytes)
    assert bucket.debt_s < 2.5 / 16
    assert bucket.slice_bytes == 6250
    clock.now += bucket.debt_s
    clock.close()
    assert bucket.slice_bytes == 100_000
    bucket.set_rate(1)
    assert not bucket.spend(1)
    assert bucket.slice_bytes == 1024


async def test_a_waiting_reader_is_freed_by_a_new_limit() -> None:
    bucket = TokenBucket(asyncio.get_running_loop(), 1)
    assert not bucket.spend(10**6)
    freed = asyncio.Event()
    bucket.when_free(freed.set)
    bucket.set_rate(None)
    assert freed.is_set()


def test_who_was_freed_by_a_new_limit_waits_under_that() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1)
    taken: list[float] = []

    def take() -> None:
        assert len(taken) < 3
        taken.append(clock.now)
        assert not bucket.spend(10_000)
        bucket.when_free(take)

    take()
    bucket.set_rate(100_000)
    assert len(taken) == 2
    clock.pass_until(lambda: len(taken) == 3)
    clock.close()
    assert clock.now == pytest.approx(0.1, abs=0.01)


def test_what_was_taken_under_one_limit_is_no_debt_under_the_next() -> None:
    """A moment of a fast one would be minutes of a slow one."""
    clock = Clock()
    bucket = TokenBucket(clock, 10**8)
    assert not bucket.spend(10**6)
    bucket.set_rate(1000)
    clock.close()
    assert bucket.debt_s == 0
    assert bucket.slice_bytes == TokenBucket(clock, 1000).slice_bytes


def test_a_debt_is_paid_by_time() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 10_000)
    assert not bucket.spend(500)
    freed = asyncio.Event()
    bucket.when_free(freed.set)
    clock.pass_until(freed.is_set)
    clock.close()
    assert clock.now >= 0.05
    assert bucket.debt_s == 0


def test_those_who_wait_go_on_in_turn_and_each_pays_before_the_next() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1_000_000)
    taken: list[int] = []
    debts_s: list[float] = []

    def take(reader: int) -> None:
        debts_s.append(bucket.debt_s)
        taken.append(reader)
        assert not bucket.spend(20_000)
        bucket.when_free(partial(take, reader))

    for reader in range(3):
        assert not bucket.spend(1000)
        bucket.when_free(partial(take, reader))
    clock.pass_until(lambda: len(taken) == 9)
    clock.close()
    assert taken == [0, 1, 2] * 3
    assert max(debts_s) == 0


def test_each_download_has_its_turn_however_many_connections_it_has() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1_000_000)
    limits = {name: Limits(TokenBucket(clock), bucket) for name in "abc"}
    taken: list[str] = []

    def take(name: str) -> None:
        taken.append(name[0])
        assert not limits[name[0]].spend(20_000)
        limits[name[0]].when_free(partial(take, name))

    for name in ("a1", "a2", "a3", "b1", "c1", "c2"):
        assert not limits[name[0]].spend(1000)
        limits[name[0]].when_free(partial(take, name))
    clock.pass_until(lambda: len(taken) == 9)
    clock.close()
    assert taken == ["b", "c", "a"] * 3  # least has come to the one with the fewest connections


def in_turn(bucket: TokenBucket, clock: Clock) -> list[str]:
    """Have two wait, and return who went on first."""
    taken: list[str] = []
    assert not bucket.spend(100_000, of="c")
    for name in "ab":
        bucket.when_free(partial(taken.append, name), of=name)
    clock.pass_until(lambda: len(taken) == 2)
    return taken


def test_what_was_taken_while_there_was_enough_costs_nobody_a_turn() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1_000_000)
    for _ in range(100):
        clock.now += 1.0
        assert bucket.spend(50_000, of="a")
    taken = in_turn(bucket, clock)
    clock.close()
    assert taken == ["a", "b"]


def test_what_was_taken_under_another_limit_costs_nobody_a_turn() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1_000_000)
    assert not bucket.spend(200_000, of="a")
    bucket.set_rate(500_000)
    taken = in_turn(bucket, clock)
    clock.close()
    assert taken == ["a", "b"]


def test_who_is_gone_does_not_cost_its_download_the_turn() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1_000_000)
    taken: list[str] = []
    assert not bucket.spend(1000)
    gone = partial(taken.append, "a1")
    bucket.when_free(gone, of="a")
    bucket.when_free(partial(taken.append, "b1"), of="b")
    bucket.when_free(partial(taken.append, "a2"), of="a")
    bucket.forget(gone)
    clock.pass_until(lambda: len(taken) == 2)
    clock.close()
    assert taken == ["a2", "b1"]


def test_a_download_that_is_gone_holds_up_nobody() -> None:
    """Such as one that is paused while a speed limit is on."""
    clock = Clock()
    bucket = TokenBucket(clock, 1_000_000)
    taken: list[str] = []
    assert not bucket.spend(1000)
    gone = partial(taken.append, "a1")
    bucket.when_free(gone, of="a")
    bucket.when_free(partial(taken.append, "b1"), of="b")
    bucket.when_free(partial(taken.append, "b2"), of="b")
    bucket.when_free(also_gone := partial(taken.append, "c1"), of="c")
    bucket.forget(gone)
    bucket.forget(also_gone)
    with pytest.raises(ValueError, match="empty"):  # nobody waits any more
        clock.pass_until(lambda: False)
    clock.close()
    assert taken == ["b1", "b2"]
    bucket.forget(gone)


def test_of_several_limits_each_is_kept() -> None:
    clock = Clock()
    own, common = TokenBucket(clock, 1000), TokenBucket(clock, 100_000)
    limits = Limits(own, common)
    assert limits.slice_bytes == own.slice_bytes < common.slice_bytes
    assert not limits.spend(500)
    clock.close()
    assert own.debt_s == pytest.approx(0.5)
    assert common.debt_s == pytest.approx(0.005)
    assert not limits.is_off
    own.set_rate(None)
    assert not limits.is_off
    common.set_rate(None)
    assert (limits.is_off, limits.spend(10**9)) == (True, True)


def test_who_paid_one_limit_waits_for_what_another_download_owes_to_the_other() -> None:
    clock = Clock()
    own, common = TokenBucket(clock, 10_000), TokenBucket(clock, 100_000)
    limits = Limits(own, common)
    freed: list[float] = []
    assert not limits.spend(5000)
    limits.when_free(lambda: freed.append(clock.now))
    assert not common.spend(100_000)
    clock.pass_until(lambda: bool(freed))
    clock.close()
    assert common.debt_s == 0
    assert clock.now > 1


def test_for_how_long_a_download_waited_is_known_of_each_of_its_limits() -> None:
    clock = Clock()
    clock.now = 100.0
    own, common = TokenBucket(clock, 10_000), TokenBucket(clock, 100_000)
    limits, others = Limits(own, common), Limits(TokenBucket(clock), common)
    taken: list[str] = []
    assert not limits.spend(5000)
    for name in ("one", "two"):
        limits.when_free(partial(taken.append, name))
        clock.now += 0.1
    assert limits.held_s(own) == pytest.approx(0.2)
    clock.pass_until(lambda: len(taken) == 2)
    waited_s = clock.now - 100.0
    clock.now += 5.0
    clock.close()
    assert waited_s >= 0.5
    assert limits.held_s(own) == pytest.approx(waited_s)
    assert limits.held_s(common) == others.held_s(common) == 0


def test_who_is_gone_waits_no_more() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1000)
    limits = Limits(bucket)
    assert not limits.spend(5000)
    gone = partial(print, "never")
    limits.when_free(gone)
    clock.now += 1.0
    limits.forget(gone)
    clock.now += 1.0
    with pytest.raises(ValueError, match="empty"):
        clock.pass_until(lambda: False)
    clock.close()
    assert limits.held_s(bucket) == pytest.approx(1.0)
    assert not bucket._waiting


def test_who_is_gone_after_its_turn_has_not_waited_since() -> None:
    clock = Clock()
    bucket = TokenBucket(clock, 1000)
    limits = Limits(bucket)
    assert not limits.spend(1000)
    freed = asyncio.Event()
    limits.when_free(freed.set)
    clock.pass_until(freed.is_set)
    limits.forget(freed.set)
    limits.when_free(freed.set)
    clock.now += 1.0
    assert limits.held_s(bucket) == pytest.approx(2.0)
    freed.clear()
    clock.pass_until(freed.is_set)
    clock.close()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((100_000, None, None, None), (100_000, 633_333, 633_333, 633_333)),
        ((300_000, 300_000, None, None), (300_000, 300_000, 700_000, 700_000)),
        ((100_000, 400_000, 900_000, None), (100_000, 400_000, 750_000, 750_000)),
        ((1000, 2000, None), (1000, 2000, 1_997_000)),
        ((800_000, 700_000, 600_000), (700_000, 700_000, 600_000)),
        ((100_000,) * 10 + (None,), (100_000,) * 10 + (1_000_000,)),
        ((100_000,), (100_000,)),
        ((None,) * 5, (400_000,) * 5),
    ],
)
def test_who_has_a_limit_below_an_equal_share_gets_all_of_it_and_the_others_share_the_rest(
    own: tuple[int | None, ...], expected: tuple[int, ...]
) -> None:
    clock = Clock()
    common = TokenBucket(clock, 2_000_000)
    taken = [0] * len(own)

    def take(limits: Limits, number: int) -> None:
        is_free = True
        while is_free:
            n_bytes = limits.slice_bytes
            taken[number] += n_bytes
            is_free = limits.spend(n_bytes)
        limits.when_free(partial(take, limits, number))

    for number, rate in enumerate(own):
        take(Limits(TokenBucket(clock, rate), common), number)
    clock.pass_until(lambda: clock.now > 5)
    before, since = list(taken), clock.now
    clock.pass_until(lambda: clock.now > 25)
    clock.close()
    elapsed_s = clock.now - since
    got = [(now - then) / elapsed_s for now, then in zip(taken, before, strict=True)]
    assert got == pytest.approx(expected, rel=0.03)
