"""Holds the hashing of a file, so that a test can look at what is told meanwhile."""

from __future__ import annotations

import asyncio
import threading

from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk.direct_io import leave_cache


class Hashing:
    """Holds the hashing of files at a slice until it may go on.

    Args:
        at: the slice, counted from 1; it is the one that is not told as hashed.
    """

    def __init__(self, at: int = 1) -> None:
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()
        self.times = 0
        self._at = at

    def slow(self, *slice_: int) -> None:
        self.times += 1
        if self.times >= self._at:
            self.has_begun.set()
            assert self.may_go_on.wait(PATIENCE_S)
        leave_cache(*slice_)

    async def begins(self) -> None:
        assert await asyncio.to_thread(self.has_begun.wait, PATIENCE_S)
