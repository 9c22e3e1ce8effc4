"""When keys came in, told apart from when a busy program got round to them.

The thread that reads the terminal waits for the rest of the program now and then, so the moments
at which it makes events of keys say little. Keys of one read came together, however long it took;
only the time between reads is time in which nothing was typed.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class InputClock(threading.Event):
    """Takes the place of the event that ends the reading thread: it is looked at before a read.

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
        """Answer the reading thread: what it has read so far is handed on."""
        self._is_new_read = True
        self.is_reading = False
        return super().is_set()

    def stamp(self) -> float:
        """Return the time (seconds) of a key that is handed on now: one for all keys of a read."""
        now = self._now()
        if self._is_new_read:
            self._time += now - self._last_at
            self._is_new_read = False
        self._last_at = now
        self.is_reading = True
        return self._time
