"""The parts of the engine: how they are joined, who hears of a change, how they begin and end.

What is wished goes through `Engine` to them, and what is seen comes from them. A part knows those
that it is given and no others; all of them are known here alone.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

from tui_downloader.engine.disk.batches import Batches
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.free_space import FreeSpace
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.orphans import Orphans
from tui_downloader.engine.disk.replaced import ReplacedFiles
from tui_downloader.engine.events import Announcer
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.network.limiter import TokenBucket
from tui_downloader.engine.network.loading import import_client
from tui_downloader.engine.network.network import Network
from tui_downloader.engine.network.trust import Trust
from tui_downloader.engine.queue.comparisons import lacks_verdict, was_cut_short
from tui_downloader.engine.queue.dispatcher import Dispatcher
from tui_downloader.engine.queue.download_tasks import DownloadTasks
from tui_downloader.engine.queue.editor import Editor
from tui_downloader.engine.queue.full_disks import FullDisks
from tui_downloader.engine.queue.hung_disks import HungDisks
from tui_downloader.engine.queue.journal import Journal
from tui_downloader.engine.queue.leftovers import finished_last
from tui_downloader.engine.queue.outages import Outages
from tui_downloader.engine.queue.removals import Removals
from tui_downloader.engine.queue.restarts import Restarts
from tui_downloader.engine.queue.returning import bring_back, look_for_parts
from tui_downloader.engine.queue.roster import Roster
from tui_downloader.engine.queue.wish import Wish
from tui_downloader.engine.transfer.tools import Tools
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from tui_downloader.engine.network.client import Client
    from tui_downloader.engine.options import EngineOptions
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.errors import DiskError
    from tui_downloader.store.queue import QueueStore


class EngineParts:
    """Every part of an engine. An async context manager: within it they work.

    What can be looked at before is there from the start; the rest, the tasks of downloads
    first of all, is made on entering.

    Args:
        options: settings of this run.
        queue: the queue on disk, None to keep nothing.
        start_paused: bring the queue back without going on with it.
    """

    def __init__(
        self, options: EngineOptions, queue: QueueStore | None, *, start_paused: bool
    ) -> None:
        self._options = options
        self._queue = queue
        self._start_paused = start_paused
        self.trust = Trust(options)
        self.hosts = Hosts(options)
        self.roster = Roster(options.jobs, self.hosts)
        self.space = FreeSpace()
        self.announcer = Announcer(self.space.look_soon)
        self.restarts = Restarts()
        self.dispatcher = Dispatcher(self.roster, self.apply)
        self.outages = Outages(self.roster, Network(), self.apply)
        self._hung_disks = HungDisks(self.roster, self.dispatcher.look)
        self._names = Names()

    # From the beginning to the end.

    async def __aenter__(self) -> Self:
        loading = asyncio.to_thread(import_client)
        client_module, _ = await asyncio.gather(loading, self.trust.expect_https())
        async with AsyncExitStack() as stack:
            downloads = await self._open(stack)
            client = await stack.enter_async_context(
                client_module.Client(self._options, self.trust)
            )
            group = await stack.enter_async_context(asyncio.TaskGroup())
            self._join(group, client)
            self._take_up(downloads)
            self._begin(group)
            self._stack = stack.pop_all()
        return self

    async def _open(self, stack: AsyncExitStack) -> list[Download]:
        """Make what works with files, and read what earlier runs have left."""
        self.limiter = TokenBucket(asyncio.get_running_loop(), self._options.limit_bytes_per_s)
        self._disk = Disk()
        stack.push_async_callback(asyncio.to_thread, self._disk.close)
        entry_of, announce = self.roster.entry_of, self.announcer.say
        self.journal = Journal(self._queue, entry_of, self._disk, announce, self._deleted)
        stack.callback(self.journal.close)
        downloads, self.roster.next_id = await self.journal.load()
        await asyncio.to_thread(self.hosts.recall)
        return downloads

    def _join(self, group: asyncio.TaskGroup, client: Client) -> None:
        """Make what carries downloads out, and what changes those that have tasks."""
        self.tools = self._tools_with(client)
        self.tasks = DownloadTasks(group, self.tools, self._undeleted)
        self.editor = Editor(self.tasks, self.tools)
        self.full_disks = FullDisks(self.roster, self.tasks, self._options.space_patience_s)
        self.removals = Removals(
            self.roster, self.tasks, self.journal, self._names, self.announcer, self._welcome
        )

    def _tools_with(self, client: Client) -> Tools:
        return Tools(
            client=client,
            limiter=self.limiter,
            disk=self._disk,
            batches=Batches(self._disk, recorded=self._queue is not None),
            names=self._names,
            hosts=self.hosts,
            orphans=Orphans(self._disk),
            report=self.report,
            tell=self.announcer.note,
            clean_up=self.journal.clean_up,
            record=lambda download: self.journal.record(download.download_id),
            settle=self.journal.settle,
            restart_below_bytes=self._options.restart_below_bytes,
            checksum_scout=self._options.checksum_scout,
            outages=self.outages,
            replaced=ReplacedFiles(self._options.undo_s, self.journal.clean_up),
        )

    def _take_up(self, downloads: list[Download]) -> None:
        """Bring the downloads of earlier runs back."""
        paused = self._start_paused
        goes_on = [each for each in downloads if each.status is Status.QUEUED]
        look_for_parts(goes_on, self._disk, self.has_task)
        for download in bring_back(downloads, self.roster, self._names, paused=paused):
            self.full_disks.bring_back(download)
            if download.other_path:
                self.tasks.follow(download, Wish(None))  # which sees to its files first
            elif lacks_verdict(download) or was_cut_short(download):
                self.tasks.check(download)  # the end of the program came in between
        self.journal.may_need_repair(finished_last(self.roster.downloads.values()))
        self.dispatcher.look()

    def _begin(self, group: asyncio.TaskGroup) -> None:
        """Give every part that works by itself its task."""
        watched = self.full_disks, self.outages
        self._starter = group.create_task(self.dispatcher.run(self.tasks, *watched, self.report))
        services = [
            self.journal.run(),
            self.journal.repair(),
            self.tools.batches.run(),
            self.full_disks.watch(self._disk),
            self._hung_disks.watch(self._disk),
            self.outages.offline.watch(self.tasks.ids),
        ]
        if self._queue is not None:
            told = self.roster.first_folder, self.announcer.space_changed
            services.append(self.space.watch(self._disk, *told))
        self._services = [group.create_task(service) for service in services]

    async def __aexit__(self, *exc: object) -> None:
        self._starter.cancel()  # nothing new begins from here on
        memorised = asyncio.create_task(asyncio.to_thread(self.hosts.memorise))
        await self.tasks.stop_all()
        await self.journal.repair()
        try:
            await self.journal.flush()
        finally:  # a queue that cannot be saved is told, and everything ends none the less
            await self.journal.tidied()
            for service in self._services:
                service.cancel()
            await self._stack.aclose()
            self.announcer.close()
            await memorised

    # Passing changes on.

    def has_task(self, download: Download) -> bool:
        """A task has it in hand: what is wished for it follows that."""
        return download.download_id in self.tasks.ids

    def as_wished(self, shown: Snapshot) -> Snapshot | None:
        """Return where the wishes so far lead a download, None when it is not in the list."""
        download = self.roster.downloads.get(shown.download_id)
        if download is None:
            return None
        status = self.tasks.status_as_wished(download)
        if status is shown.status:
            return shown
        start_at = download.request.start_at if status is Status.QUEUED else None
        return shown._replace(status=status, start_at=start_at)

    def apply(self, download: Download, event: Event) -> None:
        """Change the status of a download that no task carries, and report it."""
        if event in (Event.RESUME, Event.RESTART, Event.PAUSE):
            download.failure = None
        download.apply(event, time.time())
        self.report(download)

    def report(self, download: Download) -> None:
        """A status changed, or a task ended: whom that concerns takes note."""
        has_task = self.has_task(download)
        self.roster.scheduler.note(download, has_task=has_task)
        self.roster.snapshots.ended.note(download, time.time())
        self.full_disks.note(download)
        self._hung_disks.note(download, has_task=has_task)
        self.outages.offline.note(download)
        if download.download_id in self.roster.downloads:
            self.journal.touch((download.download_id,))
            self.announcer.tell_status(download)
        self.dispatcher.look()

    def _deleted(self, path: str, error: DiskError | None) -> None:
        self.removals.ended(path, error)

    def _undeleted(self, download: Download) -> None:
        self.removals.come_back(download)

    def _welcome(self, download: Download) -> None:
        """A download is in the list again: it waits for what it waited for."""
        self.roster.scheduler.note(download, has_task=self.has_task(download))
        self.full_disks.bring_back(download)
        self.outages.offline.note(download)
