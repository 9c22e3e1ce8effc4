"""Keeps long-lived objects out of Python's garbage collections.

A full collection visits every object: with ten thousand downloads a key would wait a tenth of a
second for it. So long-lived objects are frozen; few others are created.
"""

from __future__ import annotations

import gc

_MANY = 500
# A run of `get` makes hardly any circle, and ends soon.
_RARE_THRESHOLDS = (400_000, 50, 50)
# New objects, young collections and middle ones between collections of each generation. Opening a
# dialog makes tens of thousands of objects: a middle collection would find all of them alive.
_THRESHOLDS = (2_000, 50, 20)


class GarbageCollector:
    """Freezes objects whenever there are many more downloads."""

    def __init__(self) -> None:
        self._settled: int | None = None

    def clear_away(self) -> None:
        """Collect garbage while the program is idle and little has to be visited.

        After start-up and after each dialog: left alone, forty of them would be collected at once.
        """
        gc.collect()

    def keep(self) -> None:
        """Freeze all current objects."""
        gc.freeze()

    def look(self, downloads: int) -> None:
        """Freeze the current objects if there are many more downloads.

        The first look, when the queue has been read and painted, begins to collect by itself.
        """
        if self._settled is None:
            gc.set_threshold(*_THRESHOLDS)
            gc.enable()
        elif downloads < self._settled + _MANY:
            return
        self._settled = downloads
        self.keep()


def collect_rarely() -> None:
    """Freeze all current objects, and begin to collect, seldom: for a run without a list."""
    gc.freeze()
    gc.set_threshold(*_RARE_THRESHOLDS)
    gc.enable()
