"""When a change of the number of connections is logged: once it has stayed for a while."""

from __future__ import annotations

STAYS_S = 1.0
_APART_S = 10.0


class SettledCount:
    """Finds numbers worth logging: of a ramp only the last one.

    A number that keeps changing is told every ten seconds at most.
    """

    def __init__(self) -> None:
        self._told = 0
        self._seen = 0
        self._since = 0.0
        self._told_at: float | None = None

    def tell(self, number: int, now: float) -> None:
        """This number has been logged elsewhere."""
        self._told = self._seen = number
        self._told_at = now

    def is_worth_telling(self, number: int, now: float) -> bool:
        """Tell whether this number is new and has stayed; it counts as logged then.

        Args:
            now: seconds of a steady clock.
        """
        if number != self._seen:
            self._seen, self._since = number, now
        if number == self._told or now - self._since < STAYS_S:
            return False
        if self._told_at is not None and now - self._told_at < _APART_S:
            return False
        self.tell(number, now)
        return True
