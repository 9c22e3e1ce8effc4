"""The steady clock for waits: it cannot be set, and it goes on while the machine sleeps.

Waits do not outlive a run. What does, such as a start time, uses the wall clock.
"""

from __future__ import annotations

import contextlib
import functools
import time
from typing import TYPE_CHECKING

from tui_downloader.model.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable

# Linux, then macOS, where it counts sleep, too. `time.monotonic` does that on Windows only.
_CLOCKS = ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC")


def _clock() -> Callable[[], float]:
    for name in _CLOCKS:
        clock = getattr(time, name, None)
        if clock is not None:
            with contextlib.suppress(OSError):  # an old kernel
                time.clock_gettime(clock)
                return functools.partial(time.clock_gettime, clock)
    return time.monotonic


_read = _clock()


def steady() -> float:
    """Return seconds since an arbitrary moment."""
    return _read()


def ends_in(wait_s: float) -> Deadline:
    """Return the end of a wait that begins now."""
    return Deadline(wait_s, time.time(), steady())


def on_the_wall(deadline: Deadline) -> float:
    """Return when a wait ends by the wall clock, seconds."""
    return deadline.shown(time.time(), steady())
