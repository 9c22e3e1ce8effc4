"""Speed limits: token buckets that readers overdraw a little and then wait to refill.

A reader takes what a socket has (at most `slice_bytes`) and is told whether it may go on; if not,
it pauses its socket and is called back when the debt is paid. Waiting readers go on one after the
other, as all at once would overdraw so much that the throughput comes in bursts. Turns are per
download, however many connections it has, and fair by bytes (`model.fairness`). Nothing polls, and
a change of the limit wakes every reader at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_downloader.model.fairness import FairTurns
from tui_downloader.model.speed import SECOND_S, Meter

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable

# What may be made up for: of a turn that came late, and of time in which nobody wanted anything.
BURST_S = 0.25
_IDLE_BURST_S = 1 / 16  # more would be a gust each time that something starts
_TURN_S = 0.001  # for who was called to take something
_LARGEST_SLICE = 1 << 20
_SMALLEST_SLICE = 1 << 10
_UNASKED = 16


class Limit(Protocol):
    """The interface of a speed limit for a body.

    Attributes:
        slice_bytes: take at most this much at once.
        is_off: there is no limit at the moment.
    """

    @property
    def slice_bytes(self) -> int: ...

    @property
    def is_off(self) -> bool: ...

    def spend(self, n_bytes: int) -> bool:
        """Account for received bytes; False means: pause, and wait with `when_free`."""

    def when_free(self, resume: Callable[[], None]) -> None:
        """Call `resume` once when the debt is paid or the limit is changed."""

    def forget(self, resume: Callable[[], None]) -> None:
        """Take back a `when_free` whose reader is gone."""


class TokenBucket:
    """Shares `rate` bytes per second between any number of readers.

    Args:
        loop: whose clock counts.
        rate: bytes per second, None for no limit.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, rate: int | None = None) -> None:
        self._loop = loop
        self._rate = rate
        self._tokens = 0.0
        self._filled_at = loop.time()
        self._waiting: dict[Hashable, list[Callable[[], None]]] = {}  # by download, longest first
        self._turns = FairTurns()
        self._timer: asyncio.TimerHandle | None = None
        self._meter = Meter(shortest_s=SECOND_S)
        self._set_slice()

    @property
    def clock(self) -> Callable[[], float]:
        """What it measures the time by, in seconds."""
        return self._loop.time

    @property
    def rate(self) -> int | None:
        """Bytes per second, None for no limit."""
        return self._rate

    def set_rate(self, rate: int | None) -> None:
        """Change the limit; waiting readers go on under the new one."""
        self._rate = rate
        self._tokens = 0.0
        self._filled_at = self._loop.time()
        self._turns.forget()
        self._set_slice()
        self._wake()

    @property
    def is_off(self) -> bool:
        """There is no limit at the moment."""
        return self._rate is None

    def _set_slice(self) -> None:
        # A sixteenth of a second's worth: smooth to the eye, and debts stay short.
        share = _LARGEST_SLICE if self._rate is None else self._rate // 16
        self._slice_bytes = max(_SMALLEST_SLICE, min(_LARGEST_SLICE, share))
        self._turns.turn_bytes = self._slice_bytes

    @property
    def slice_bytes(self) -> int:
        """The most to take at once: little for a new reader while others are in debt.

        When a limit is set, or many downloads start, all of them read before they can be told to
        wait.
        """
        if not self.debt_s:
            return self._slice_bytes
        return max(_SMALLEST_SLICE, self._slice_bytes // _UNASKED)

    def spend(self, n_bytes: int, of: Hashable = "") -> bool:
        """Account for received bytes; False means: pause, and wait with `when_free`.

        Args:
            of: the download that has received them.
        """
        if self._rate is None:
            return True
        self._meter.add(n_bytes, self._loop.time())
        self._earn(self._rate)
        self._tokens -= n_bytes
        self._turns.took(of, n_bytes)
        is_free = self._tokens >= 0
        if is_free and not self._waiting:
            self._turns.forget()
        return is_free

    def bytes_per_s(self, now: float) -> float:
        """Return the actual throughput while there is a limit."""
        return self._meter.rate(now)

    @property
    def debt_s(self) -> float:
        """Seconds until readers may go on."""
        if self._rate is None:
            return 0.0
        self._earn(self._rate)
        return max(0.0, -self._tokens / self._rate)

    def _earn(self, rate: int) -> None:
        now = self._loop.time()
        most = rate * (BURST_S if self._waiting else _IDLE_BURST_S)
        earned = min(self._tokens + (now - self._filled_at) * rate, most)
        self._tokens = max(self._tokens, earned)  # what was granted to the late stays theirs
        self._filled_at = now

    def when_free(self, resume: Callable[[], None], of: Hashable = "") -> None:
        """Call `resume` once when the debt is paid or the limit is changed.

        Args:
            of: the download that it is for; each has its turn.
        """
        self._waiting.setdefault(of, []).append(resume)
        if self._timer is None:
            self._arm()

    def forget(self, resume: Callable[[], None]) -> None:
        """Take back a `when_free` whose reader is gone."""
        of = next((of for of, waiting in self._waiting.items() if resume in waiting), None)
        if of is not None:
            self._waiting[of].remove(resume)
            if not self._waiting[of]:
                del self._waiting[of]

    def _arm(self, least_s: float = 0.0) -> None:
        self._timer = self._loop.call_later(max(self.debt_s, least_s), self._call_next)

    def _call_next(self) -> None:
        """Let the next reader go on, and check soon whether it has taken anything."""
        self._timer = None
        if self.debt_s > 0:
            self._arm()
        elif self._waiting:
            of = self._turns.give(self._waiting)
            resume, *others = self._waiting.pop(of)
            if others:
                self._waiting[of] = others  # behind those of other downloads
            if self._waiting:
                self._arm(_TURN_S)
            resume()

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for of_one in waiting.values():
            for resume in of_one:
                resume()


class _Waits:
    """How long readers have waited, by the loop's clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting = 0
        self._since = self._before_s = 0.0

    def begin(self) -> None:
        if not self._waiting:
            self._since = self._clock()
        self._waiting += 1

    def end(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            self._before_s += self._clock() - self._since

    @property
    def seconds(self) -> float:
        return self._before_s + (self._clock() - self._since if self._waiting else 0.0)


class Limits:
    """Several limits at once: a download's own and the whole program's."""

    def __init__(self, *buckets: TokenBucket) -> None:
        self._buckets = buckets
        self._waiting: dict[Callable[[], None], tuple[TokenBucket, Callable[[], None]]] = {}
        self._waits: dict[TokenBucket, _Waits] = {}  # of those that were waited for

    def held_s(self, bucket: TokenBucket) -> float:
        """Return for how many seconds readers of this download have waited for one of them."""
        waits = self._waits.get(bucket)
        return 0.0 if waits is None else waits.seconds

    @property
    def slice_bytes(self) -> int:
        """The smallest of all limits."""
        return min([bucket.slice_bytes for bucket in self._buckets])

    @property
    def is_off(self) -> bool:
        """There is none at the moment."""
        return all(bucket.is_off for bucket in self._buckets)

    def spend(self, n_bytes: int) -> bool:
        """Account for received bytes in every bucket; False when one is in debt."""
        are_free = [bucket.spend(n_bytes, of=self) for bucket in self._buckets]  # each must know
        return all(are_free)

    def when_free(self, resume: Callable[[], None]) -> None:
        """Call `resume` once when no bucket is in debt any more."""
        deepest = max(self._buckets, key=lambda bucket: bucket.debt_s)

        def recheck() -> None:
            del self._waiting[resume]
            self._waits[deepest].end()
            if any(bucket.debt_s > 0 for bucket in self._buckets):
                self.when_free(resume)
            else:
                resume()

        self._waiting[resume] = (deepest, recheck)
        self._waits.setdefault(deepest, _Waits(deepest.clock)).begin()
        deepest.when_free(recheck, of=self)

    def forget(self, resume: Callable[[], None]) -> None:
        """Take back a `when_free` whose reader is gone."""
        if (waiting := self._waiting.pop(resume, None)) is not None:
            bucket, recheck = waiting
            self._waits[bucket].end()
            bucket.forget(recheck)
