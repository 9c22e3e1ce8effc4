"""When an interface without a terminal has come to rest, so that a test may look at it.

Textual's own answer is a process that has used little processor time for a while: each key costs
two such whiles, and on a crowded machine little time means nothing. Here it is asked what there is
to do: no turn of the loop is due, and no timer soon. How long that may take is counted in work and
in pauses that were asked for: a process that gets little of a crowded machine is given more time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# Timers that belong to what was just done: keys that may be a paste, a picture that is due.
_SOON_S = 0.03
_AT_MOST_S = 1.0
# What looks at a disk for the interface, unless the disk hangs.
_LOOK_S = 0.2
_TURN_S = 0.001
_LOOKERS = "look"


async def settled(min_sleep: float = 0.0, max_sleep: float = _AT_MOST_S) -> None:
    """Wait until nothing is left to do but what waits for a while, or for somebody outside.

    Args:
        min_sleep: not needed; callers of Textual's own give it.
        max_sleep: seconds of work and pauses after which it counts as settled anyway.
    """
    loop = asyncio.get_running_loop()
    worked_before_s = time.thread_time()
    paused_s = looked_s = 0.0
    while time.thread_time() - worked_before_s + paused_s < max_sleep:
        if not await _is_quiet(loop):
            continue
        due_in_s = min(_due_in_s(loop), default=_SOON_S)
        if due_in_s < _SOON_S:
            pause_s = max(0.0, due_in_s)
        elif _is_looking() and looked_s < _LOOK_S:
            pause_s = _TURN_S
            looked_s += pause_s
        else:
            return
        await asyncio.sleep(pause_s)
        paused_s += pause_s


async def _is_quiet(loop: Any) -> bool:
    """Let everything that can run do so once; tell whether that left nothing to do."""
    await asyncio.sleep(0)
    return not loop._ready


def _due_in_s(loop: Any) -> Iterable[float]:
    now = loop.time()
    return (timer.when() - now for timer in loop._scheduled if not timer.cancelled())


def _is_looking() -> bool:
    return any(thread.name == _LOOKERS for thread in threading.enumerate())
