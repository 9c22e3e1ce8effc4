"""The end of a wait, unaffected by changes of the wall clock."""

from __future__ import annotations


class Deadline:
    """When a wait ends.

    Args:
        wait_s: how long it takes from now on.
        now: wall clock, seconds.
        steady: a clock that nobody sets, seconds.

    Attributes:
        at: its end by the steady clock.
    """

    __slots__ = ("_shown", "at")

    def __init__(self, wait_s: float, now: float, steady: float) -> None:
        self.at = steady + wait_s
        self._shown = now + wait_s

    def left_s(self, steady: float) -> float:
        """Return how many seconds of the wait are left, 0 when it is over."""
        return max(0.0, self.at - steady)

    def shown(self, now: float, steady: float) -> float:
        """Return its end by the wall clock: the same number until that clock is set."""
        set_by_s = now + self.at - steady - self._shown
        # Less than a second is how the clocks drift apart, or the moment between reading them.
        return self._shown + round(set_by_s)
