"""Starts downloads while there are free slots, and knows when nothing is left to do."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.model.status import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.queue.download_tasks import DownloadTasks
    from tui_downloader.engine.queue.full_disks import FullDisks
    from tui_downloader.engine.queue.outages import Outages
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download


class Dispatcher:
    """Gives downloads that may start their tasks; `run` is a task of the engine.

    Args:
        roster: all downloads; its scheduler chooses.
        apply: changes the status of a download by an event, and reports it.
    """

    def __init__(self, roster: Roster, apply: Callable[[Download, Event], None]) -> None:
        self._roster = roster
        self._apply = apply
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def look(self) -> None:
        """Wake `run`: something may have become startable."""
        self._idle.clear()
        self._wake.set()

    async def until_idle(self) -> None:
        """Wait until nothing is queued, running or waiting."""
        await self._idle.wait()

    async def run(
        self,
        tasks: DownloadTasks,
        full_disks: FullDisks,
        outages: Outages,
        report: Callable[[Download], None],
    ) -> None:
        """Start what may run whenever something has changed or a wait is over, until cancelled."""
        scheduler, loop = self._roster.scheduler, asyncio.get_running_loop()
        while True:
            self._wake.clear()
            scheduler.admit(time.time())
            for download in self._roster.known(scheduler.due(steady())):
                self._apply(download, Event.REQUEUE)
            outages.slow.look()
            while (key := scheduler.next_to_start(tasks.ids, outages.turns())) is not None:
                download = self._roster.downloads[key]
                outages.silent.started(download)
                tasks.start(download)
                report(download)
            self._wake.clear()  # that these have started was seen just now
            if scheduler.is_done and not (tasks.ids or full_disks.somebody_waits):
                self._idle.set()
            due_s = scheduler.next_due_s(time.time(), steady())
            waits_s = [due_s, outages.silent.next_end_s(), outages.slow.next_look_s()]
            known_s = [each for each in waits_s if each is not None]
            timer = loop.call_later(min(known_s), self._wake.set) if known_s else None
            try:
                await self._wake.wait()
            finally:
                if timer is not None:
                    timer.cancel()
