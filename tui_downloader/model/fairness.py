"""Whose turn it is, so that whoever wants more gets the same number of bytes as the others.

Turns differ in size: a reader takes what its socket has, and one with a limit of its own takes
little at once. So turns are not counted but bytes, as in fair queuing: next is who has taken least.
Who comes back from elsewhere, having wanted less than an equal share, is a turn behind the others
and no more: it goes before them, however many they are, and cannot save up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

_MOST_AWAY = 64


class FairTurns:
    """Gives turns to those who wait, by the bytes that each has taken.

    Attributes:
        turn_bytes: the most that is taken in a turn.
    """

    def __init__(self) -> None:
        self.turn_bytes = 0
        self._level = 0  # what the one had taken who was furthest when its turn came
        self._taken: dict[Hashable, int] = {}  # who is not among them is a turn behind

    def took(self, of: Hashable, n_bytes: int) -> None:
        """Count what somebody took, in its turn or without one."""
        self._taken[of] = self._taken_by(of) + n_bytes

    def give(self, waiting: Collection[Hashable]) -> Hashable:
        """Return who goes on: who has taken least, of equals the first.

        Args:
            waiting: somebody, who waits longest first.
        """
        whose = min(waiting, key=self._taken_by)
        self._level = max(self._level, self._taken_by(whose))
        if len(self._taken) > 2 * len(waiting) + _MOST_AWAY:  # most of them will not come back
            self._taken = {of: self._taken_by(of) for of in waiting}
        return whose

    def forget(self) -> None:
        """Nobody is ahead of anybody: there was enough for all."""
        self._taken.clear()

    @property
    def _lowest(self) -> int:
        return self._level - self.turn_bytes

    def _taken_by(self, of: Hashable) -> int:
        return max(self._lowest, self._taken.get(of, self._lowest))
