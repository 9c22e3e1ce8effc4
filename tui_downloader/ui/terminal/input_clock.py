"""When keys arrived, as opposed to when a busy program handled them.

The thread that reads the terminal sometimes waits for the rest of the program, so the times at
which it creates key events say little. Keys of one read arrived together, however long handling
took; only the time between reads is time in which nothing was typed.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class InputClock(threading.Event):
    """Replaces the event that ends the reading thread, because that is checked before each read.

    Args:
        now: seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._time = self._last_at = now()
        self._is_new_read = True
        self.is_reading = False

    def is_set(self) -> bool:
        """Note that all keys read so far have been passed on."""
        self._is_new_read = True
        self.is_reading = False
        return super().is_set()

    def stamp(self) -> float:
        """Return the time (seconds) of a key that is passed on now: one for all keys of a read."""
        now = self._now()
        if self._is_new_read:
            self._time += now - self._last_at
            self._is_new_read = False
        self._last_at = now
        self.is_reading = True
        return self._time
