"""Time in tests of the interface: it goes on when a test says so."""

from __future__ import annotations

from typing import Any


class Timers:
    """A clock that is moved by hand, and what is to happen on it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Any]] = []

    def call(self, delay_s: float, callback: Any) -> None:
        self._due.append((self.now + delay_s, callback))

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [entry for entry in self._due if entry[0] <= self.now]
        self._due = [entry for entry in self._due if entry[0] > self.now]
        for _, callback in due:
            callback()


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
