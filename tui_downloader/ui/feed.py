"""Samples the queue for the screen: one snapshot of all downloads at a bounded rate.

It samples while something moves, slower while the window has no focus, and not at all while the
queue stands still; an action of the user or an event of the engine wakes it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import nullcontext
from math import inf
from typing import TYPE_CHECKING

from tui_downloader.ui.view.board import Board, look_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tui_downloader.model.download import QueueSnapshot

_MAX_HZ = 10.0
_UNFOCUSED_HZ = 1.0
_NO_GUARD = nullcontext()


class Feed:
    """Samples the queue and passes boards on.

    Args:
        take: returns a snapshot of the queue.
        post: is given each sample; must return at once.
        hz: samples a second while the window is focused.
        look: makes a board of a snapshot, as the user wants to see it.
        is_jammed: tells that the terminal is not keeping up; such samples are left out.
        guard: entered for each sample; knows what to do with what goes wrong in it.
    """

    def __init__(
        self,
        take: Callable[[], QueueSnapshot],
        post: Callable[[Board], None],
        *,
        hz: float,
        look: Callable[[QueueSnapshot], Board] = look_at,
        is_jammed: Callable[[], bool] = lambda: False,
        guard: AbstractContextManager[None] = _NO_GUARD,
    ) -> None:
        self._take = take
        self._look = look
        self._post = post
        self._is_jammed = is_jammed
        self._guard = guard
        self._focused_hz = min(hz, _MAX_HZ)
        self._hz = self._focused_hz
        self._is_focused = True
        self._timer: asyncio.TimerHandle | None = None
        self._last: QueueSnapshot | None = None
        self._is_stopped = False
        self._sampled_at = deque([float("-inf")] * 2, maxlen=2)

    @property
    def is_resting(self) -> bool:
        """No sample is due: nothing moves."""
        return self._timer is None

    @property
    def due_in_s(self) -> float | None:
        """Seconds until the next sample; None while resting."""
        if self._timer is None:
            return None
        return self._timer.when() - asyncio.get_running_loop().time()

    def wake(self) -> None:
        """The user did something: sample at once, and go on while something moves."""
        # One wish is looked at now, also right after a sample; many together ten times a second.
        free_at = self._sampled_at[0] + len(self._sampled_at) / _MAX_HZ
        self._schedule(max(0.0, free_at - asyncio.get_running_loop().time()))

    def hint(self) -> None:
        """The engine reported something: sample at the next regular time."""
        if self._timer is None:
            self._schedule(1 / self._hz)

    def set_focused(self, *, is_focused: bool) -> None:
        """The window got or lost the focus."""
        self._is_focused = is_focused
        self._hz = self._focused_hz if is_focused else min(_UNFOCUSED_HZ, self._focused_hz)
        due_in_s = inf if self.due_in_s is None else self.due_in_s
        if is_focused and due_in_s > 1 / self._hz:
            self._schedule(1 / self._hz)

    def rest(self) -> None:
        """Do not sample until the next action or event."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def set_rate(self, hz: float) -> None:
        """Set the number of samples per second while the window has the focus."""
        self._focused_hz = min(hz, _MAX_HZ)
        self.set_focused(is_focused=self._is_focused)

    def stop(self) -> None:
        """Do not sample any more."""
        self._is_stopped = True
        self.rest()

    def _schedule(self, delay_s: float) -> None:
        if self._is_stopped:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._sample)

    def _sample(self) -> None:
        self._timer = None
        with self._guard:
            if self._is_jammed():
                self._schedule(1 / self._hz)
            else:
                self._look_now()

    def _look_now(self) -> None:
        self._sampled_at.append(asyncio.get_running_loop().time())
        snapshot = self._take()
        board = self._look(snapshot)
        before, self._last = self._last, snapshot
        self._post(board)
        # One look more than seems needed: wishes are carried out a little later.
        if board.is_moving or before is None or before.downloads != snapshot.downloads:
            self._schedule(1 / self._hz)
