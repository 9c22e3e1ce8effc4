"""Python's collector of cyclic garbage, kept away from what stays.

A full collection walks over everything that was ever made: with ten thousand downloads a key would
wait a tenth of a second for it. What stays is moved out of its sight; little else is made.
"""

from __future__ import annotations

import gc

_MANY = 500
# New objects, young collections and middle ones between collections of each generation. Opening a
# dialog makes tens of thousands of objects: a middle collection would find all of them alive.
_THRESHOLDS = (2_000, 50, 20)


class GarbageCollector:
    """Told how many downloads there are, it settles whenever there are many more."""

    def __init__(self) -> None:
        self._settled: int | None = None

    def clear_away(self) -> None:
        """Collect what was left over, while nobody waits and there is little to look through.

        After start-up and after each dialog: left alone, forty of them would be collected at once.
        """
        gc.collect()

    def keep(self) -> None:
        """Move what is there now out of the collector's sight."""
        gc.freeze()

    def look(self, downloads: int) -> None:
        """Move what stays out of the collector's sight if there is much of it.

        The first look, when the queue has been read and painted, begins to collect by itself.
        """
        if self._settled is None:
            gc.set_threshold(*_THRESHOLDS)
            gc.enable()
        elif downloads < self._settled + _MANY:
            return
        self._settled = downloads
        self.keep()
