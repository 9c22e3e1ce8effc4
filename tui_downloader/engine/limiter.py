"""Speed limits: token buckets that readers overdraw a little and then wait to refill.

A reader takes what a socket gave (at most `slice_bytes`) and is told whether it may go on; if not
it pauses its socket and is called back when the debt is paid. Whoever waits goes on in turn, one
after the other: all at once would overdraw by so much that the throughput comes in gusts. Nothing
polls, and a change of the limit frees everyone at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui_downloader.model.speed import Meter

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

BURST_S = 0.25
_TURN_S = 0.001  # for who was called to take something
_LARGEST_SLICE = 1 << 20
_SMALLEST_SLICE = 1 << 10


class Limit(Protocol):
    """What a body asks of a speed limit.

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
        self._waiting: list[Callable[[], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._meter = Meter()
        self._set_slice()

    @property
    def rate(self) -> int | None:
        """Bytes per second, None for no limit."""
        return self._rate

    def set_rate(self, rate: int | None) -> None:
        """Change the limit; whoever waits goes on under the new one."""
        self._rate = rate
        self._tokens = 0.0
        self._filled_at = self._loop.time()
        self._set_slice()
        self._wake()

    @property
    def is_off(self) -> bool:
        """There is no limit at the moment."""
        return self._rate is None

    def _set_slice(self) -> None:
        # A sixteenth of a second's worth: smooth to the eye, and debts stay short.
        share = _LARGEST_SLICE if self._rate is None else self._rate // 16
        self.slice_bytes = max(_SMALLEST_SLICE, min(_LARGEST_SLICE, share))

    def spend(self, n_bytes: int) -> bool:
        """Account for received bytes; False means: pause, and wait with `when_free`."""
        if self._rate is None:
            return True
        self._meter.add(n_bytes, self._loop.time())
        self._earn(self._rate)
        self._tokens -= n_bytes
        return self._tokens >= 0

    def bytes_per_s(self, now: float) -> float:
        """Return what goes through while there is a limit."""
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
        self._tokens = min(self._tokens + (now - self._filled_at) * rate, rate * BURST_S)
        self._filled_at = now

    def when_free(self, resume: Callable[[], None]) -> None:
        """Call `resume` once when the debt is paid or the limit is changed."""
        self._waiting.append(resume)
        if self._timer is None:
            self._arm()

    def forget(self, resume: Callable[[], None]) -> None:
        """Take back a `when_free` whose reader is gone."""
        if resume in self._waiting:
            self._waiting.remove(resume)

    def _arm(self, least_s: float = 0.0) -> None:
        self._timer = self._loop.call_later(max(self.debt_s, least_s), self._call_next)

    def _call_next(self) -> None:
        """Let the first one go on, and look again soon whether it has taken anything."""
        self._timer = None
        if self.debt_s > 0:
            self._arm()
        elif self._waiting:
            resume = self._waiting.pop(0)
            if self._waiting:
                self._arm(_TURN_S)
            resume()

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        for resume in waiting:
            resume()


class Limits:
    """Several limits at once: a download's own and the whole program's."""

    def __init__(self, *buckets: TokenBucket) -> None:
        self._buckets = buckets
        self._waiting: dict[Callable[[], None], tuple[TokenBucket, Callable[[], None]]] = {}

    @property
    def slice_bytes(self) -> int:
        """The smallest of all."""
        return min(bucket.slice_bytes for bucket in self._buckets)

    @property
    def is_off(self) -> bool:
        """None of them limits anything."""
        return all(bucket.is_off for bucket in self._buckets)

    def spend(self, n_bytes: int) -> bool:
        """Account for received bytes in every bucket; False when one is in debt."""
        are_free = [bucket.spend(n_bytes) for bucket in self._buckets]  # each must know
        return all(are_free)

    def when_free(self, resume: Callable[[], None]) -> None:
        """Call `resume` once when no bucket is in debt any more."""
        deepest = max(self._buckets, key=lambda bucket: bucket.debt_s)

        def look_again() -> None:
            del self._waiting[resume]
            if any(bucket.debt_s > 0 for bucket in self._buckets):
                self.when_free(resume)
            else:
                resume()

        self._waiting[resume] = (deepest, look_again)
        deepest.when_free(look_again)

    def forget(self, resume: Callable[[], None]) -> None:
        """Take back a `when_free` whose reader is gone."""
        if (waiting := self._waiting.pop(resume, None)) is not None:
            bucket, look_again = waiting
            bucket.forget(look_again)
