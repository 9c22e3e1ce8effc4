"""The clock that waits go by: nobody sets it, and it goes on while the machine sleeps.

Waits live within a run only. What is kept across runs, such as the time that a download is
scheduled for, is a matter of the wall clock.
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
    """Return the seconds since some moment."""
    return _read()


def ends_in(wait_s: float) -> Deadline:
    """Return the end of a wait that begins now."""
    return Deadline(wait_s, time.time(), steady())


def on_the_wall(deadline: Deadline) -> float:
    """Return when a wait ends by the wall clock, seconds."""
    return deadline.shown(time.time(), steady())
