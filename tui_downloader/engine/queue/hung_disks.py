"""Downloads that wait for a disk which does not answer: they are marked, and give up their slots.

They are not stopped, as a thread that waits for such a disk cannot be. When the disk answers,
everything goes on by itself.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from tui_downloader.model.download import SAVING
from tui_downloader.model.units import format_duration
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download

EVERY_S = 1.0
HUNG_AFTER_S = 5.0


class HungDisks:
    """Knows which downloads wait for a disk; `watch` is a task of the engine.

    Args:
        roster: all downloads; its scheduler is told.
        look: called when others may start now.
    """

    def __init__(self, roster: Roster, look: Callable[[], None]) -> None:
        self._roster = roster
        self._look = look
        self._with_tasks: dict[int, Download] = {}
        self._waiting: dict[int, Download] = {}
        self._told: tuple[frozenset[int], frozenset[str]] = frozenset(), frozenset()
        self._busy = asyncio.Event()

    def note(self, download: Download, *, has_task: bool) -> None:
        """The status of a download changed, or its task ended."""
        if has_task:
            self._with_tasks[download.download_id] = download
            self._busy.set()
        elif self._with_tasks.pop(download.download_id, None) is not None:
            self._end_wait(download)

    async def watch(self, disk: Disk) -> None:
        """Look every second while a task carries any download."""
        loop = asyncio.get_running_loop()
        while True:
            await self._busy.wait()
            await asyncio.sleep(EVERY_S)
            if not self._with_tasks:
                self._busy.clear()
            self._heed(disk, loop.time())

    def _heed(self, disk: Disk, now: float) -> None:
        folders = {download.request.folder for download in self._with_tasks.values()}
        owed = {folder: disk.unanswered(folder, now - HUNG_AFTER_S) for folder in folders}
        for download in tuple(self._with_tasks.values()):
            since = _waits_since(download, owed[download.request.folder])
            if since is None:
                self._end_wait(download)
            elif download.download_id not in self._waiting:
                self._begin_wait(download, now - since)
        hung = {d.request.folder for d in self._waiting.values()}
        told = frozenset(self._waiting), frozenset().union(*map(disk.neighbours, hung))
        if told != self._told:
            self._told = told
            self._roster.scheduler.pass_over(*told)
            self._look()

    def _begin_wait(self, download: Download, waited_s: float) -> None:
        now = time.time()
        self._waiting[download.download_id] = download
        download.disk_silent_since = now - waited_s
        download.note(now, f"waiting for the disk at {download.request.folder}")
        download.changed()

    def _end_wait(self, download: Download) -> None:
        since = download.disk_silent_since
        if self._waiting.pop(download.download_id, None) is None or since is None:
            return
        now = time.time()
        download.disk_silent_since = None
        download.note(now, f"the disk answered after {format_duration(now - since)}")
        download.changed()


def _waits_since(download: Download, calls: list[tuple[str, float]]) -> float | None:
    """Return since when, by loop time, a download has waited for its disk; None when it does not.

    Args:
        calls: what its file system should have answered by now: paths, and when it was asked.
    """
    # What VERIFYING does otherwise, hashing or decoding, takes its time on a good disk, too.
    if not download.status.is_writing and download.phase != SAVING:
        return None
    ours = (download.final_path, download.final_path + SUFFIX)
    # A call that is about a folder concerns everybody in it.
    times = [at for path, at in calls if path in ours or path.endswith(os.sep)]
    return min(times, default=None)
