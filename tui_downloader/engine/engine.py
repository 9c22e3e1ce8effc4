"""The engine: every download, every task, one event loop.

Wishes (`add`, `pause`, ...) are plain calls that decide at once. A download that is being carried
out belongs to its task: a wish for it cancels the task and notes what is to follow when the task
has put its files down. Everything else changes on the spot. Whoever shows downloads pulls
`snapshot`.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from tui_downloader.engine.carrier import Carrier, Wish
from tui_downloader.engine.commits import Commits
from tui_downloader.engine.details import details_of
from tui_downloader.engine.disk import Disk
from tui_downloader.engine.dispatcher import Dispatcher
from tui_downloader.engine.editor import Editor
from tui_downloader.engine.entries import bring_back
from tui_downloader.engine.events import Announcer, EventFeed, EventKind
from tui_downloader.engine.full_disks import FullDisks
from tui_downloader.engine.hosts import Hosts
from tui_downloader.engine.hung_disks import HungDisks
from tui_downloader.engine.journal import Journal
from tui_downloader.engine.limiter import TokenBucket
from tui_downloader.engine.names import Names
from tui_downloader.engine.network import Network
from tui_downloader.engine.orphans import Orphans
from tui_downloader.engine.outages import Outages
from tui_downloader.engine.removals import Removals
from tui_downloader.engine.replaced import ReplacedFiles
from tui_downloader.engine.restarts import Restarts
from tui_downloader.engine.roster import Roster
from tui_downloader.engine.space import FreeSpace
from tui_downloader.engine.tools import Tools
from tui_downloader.engine.trust import Trust, import_client
from tui_downloader.model.download import Details, DownloadRequest, OnConflict, QueueSnapshot
from tui_downloader.model.speed import share_of
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.store.entry import QueueError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui_downloader.engine.client import Client
    from tui_downloader.engine.download import Download
    from tui_downloader.engine.options import EngineOptions, Move
    from tui_downloader.model.errors import Failure
    from tui_downloader.store.entry import Entry
    from tui_downloader.store.queue import QueueStore


class Engine:
    """Carries downloads out. An async context manager: leaving it pauses what runs and saves all.

    Args:
        options: settings of this run.
        queue: the queue on disk, None to keep nothing (`get`).
        start_paused: bring the queue back without going on with it.
    """

    def __init__(
        self,
        options: EngineOptions,
        queue: QueueStore | None = None,
        *,
        start_paused: bool = False,
    ) -> None:
        self._options = options
        self._queue = queue
        self._start_paused = start_paused
        self._limit_bytes_per_s = options.limit_bytes_per_s
        self._hosts = Hosts(options)
        self._roster = Roster(options.jobs, self._hosts)
        self._announcer = Announcer()
        self._space = FreeSpace()
        self._dispatcher = Dispatcher(self._roster, self._apply)
        self._hung_disks = HungDisks(self._roster, self._dispatcher.look)
        self._restarts = Restarts()
        self._names = Names()
        self._outages = Outages(self._roster, Network(), self._apply)

    async def __aenter__(self) -> Self:
        trust = Trust(self._options)
        loading = asyncio.to_thread(import_client)
        client_module, _ = await asyncio.gather(loading, trust.expect_https())
        async with AsyncExitStack() as stack:
            self._limiter = TokenBucket(asyncio.get_running_loop(), self._limit_bytes_per_s)
            self._disk = Disk()
            stack.push_async_callback(asyncio.to_thread, self._disk.close)
            announce, entry_of = self._announcer.say, self._roster.entry_of
            self._journal = Journal(self._queue, entry_of, self._disk, announce)
            stack.callback(self._journal.close)
            entries, self._roster.next_id = await self._journal.load()
            await asyncio.to_thread(self._hosts.recall)
            client = await stack.enter_async_context(client_module.Client(self._options, trust))
            group = await stack.enter_async_context(asyncio.TaskGroup())
            self._tools = tools = self._tools_with(client)
            self._carrier = Carrier(group, tools)
            self._editor = Editor(self._carrier, tools)
            patience_s = self._options.space_patience_s
            self._full_disks = FullDisks(self._roster, self._carrier, patience_s)
            self._removals = Removals(
                self._roster,
                self._carrier,
                self._journal,
                self._names,
                self._announcer,
                self._welcome,
            )
            for download in bring_back(
                entries, self._roster, self._names, paused=self._start_paused
            ):
                self._full_disks.bring_back(download)
            self._dispatcher.look()
            watched = self._full_disks, self._outages
            dispatching = self._dispatcher.run(self._carrier, *watched, self._report)
            self._starter = group.create_task(dispatching)
            watches = [each.watch(self._disk) for each in (self._full_disks, self._hung_disks)]
            watches.append(self._outages.offline.watch(self._carrier.carried))
            services = [self._journal.run(), tools.commits.run(), *watches]
            if self._queue is not None:
                services.append(self._space.watch(self._disk, self._roster.first_folder))
            self._services = [group.create_task(service) for service in services]
            self._stack = stack.pop_all()
        return self

    def _tools_with(self, client: Client) -> Tools:
        return Tools(
            client=client,
            limiter=self._limiter,
            disk=self._disk,
            commits=Commits(self._disk, recorded=self._queue is not None),
            names=self._names,
            hosts=self._hosts,
            orphans=Orphans(self._disk),
            report=self._report,
            tell=self._announcer.note,
            clean_up=self._journal.clean_up_after,
            record=lambda download: self._journal.record(download.download_id),
            settle=self._journal.settle,
            restart_below_bytes=self._options.restart_below_bytes,
            checksum_scout=self._options.checksum_scout,
            outages=self._outages,
            replaced=ReplacedFiles(self._options.undo_s, self._journal.clean_up),
        )

    async def __aexit__(self, *exc: object) -> None:
        self._starter.cancel()  # nothing new begins from here on
        memorised = asyncio.create_task(asyncio.to_thread(self._hosts.memorise))
        await self._carrier.stop_all()
        try:
            await self._journal.flush()
        finally:  # a queue that cannot be saved is told, and everything ends none the less
            await self._journal.tidied()
            for service in self._services:
                service.cancel()
            await self._stack.aclose()
            self._announcer.close()
            await memorised

    # Wishes.

    def add(
        self, requests: Sequence[DownloadRequest], *, paused: bool = False, first: bool = False
    ) -> list[int]:
        """Queue downloads, at the end or before all others; return their ids."""
        new = self._roster.add(requests, time.time(), paused=paused, first=first)
        ids = [download.download_id for download in new]
        self._journal.touch(ids)
        for download in new:
            self._announcer.tell(EventKind.ADDED, download)
        self._dispatcher.look()
        return ids

    def pause(self, ids: Iterable[int]) -> None:
        """Stop for now; everything received stays."""
        for download in self._roster.known(ids):
            if self._full_disks.leave_to_user(download):
                self._report(download)
            self._wish(download, Wish(Event.PAUSE))

    def resume(self, ids: Iterable[int]) -> None:
        """Go on: PAUSED, FAILED, CANCELLED; what is WAITING tries again now."""
        for download in self._roster.known(ids):
            if download.status is Status.WAITING:
                self._hosts.open(download.request.url)
            for host in (download.host, download.needed_host):
                self._outages.silent.try_now(host)
            download.budget.reset()
            if self._is_carried(download):
                if self._carrier.is_stopping(download) or allows(download.status, Event.RESUME):
                    self._carrier.stop(download, Wish(Event.REQUEUE, Event.RESUME))
            elif allows(download.status, Event.RESUME):
                self._apply(download, Event.RESUME)
        self._dispatcher.look()  # who is in line may be held no more

    def fail_again(self, failures: Mapping[int, Failure]) -> None:
        """Undo `resume` of what had FAILED for these reasons, unless it has ended since."""
        for download in self._roster.known(failures):
            self._carrier.fail(download, failures[download.download_id])

    def restart(self, ids: Iterable[int]) -> None:
        """Start again from byte 0; the old partial is kept until the new file is whole."""
        for download in self._roster.known(ids):
            self._restarts.begin(download)
            self._journal.touch((download.download_id,))
            if self._is_carried(download):
                self._carrier.stop(download, Wish(Event.PAUSE, Event.RESTART))
            elif allows(download.status, Event.RESTART):
                self._apply(download, Event.RESTART)

    def keep_finished(self, ids: Iterable[int]) -> None:
        """Undo `restart` of finished downloads, while the file from before is there."""
        for download in self._roster.known(ids):
            self._restarts.take_back(download, self._carrier)

    def cancel(self, ids: Iterable[int], *, keep: bool, grace_s: float = 0.0) -> None:
        """Stop for good; `keep` leaves the partial on disk, else it goes after so many seconds."""
        for download in self._roster.known(ids):
            self._wish(download, Wish(Event.CANCEL, discard=not keep, grace_s=grace_s))

    def remove(
        self,
        ids: Iterable[int],
        *,
        delete_file: bool = False,
        grace_s: float = 0,
        gives_back: bool = False,
    ) -> None:
        """Take out of the list; `delete_file` also deletes the file; what runs goes as above.

        With `gives_back`, as an undo of `add`, what was replaced has its name again.
        """
        self._removals.remove(ids, delete_file=delete_file, grace_s=grace_s, gives_back=gives_back)
        self._dispatcher.look()

    def give_back(self, ids: Iterable[int]) -> None:
        """Let files that were replaced have their names again, while they are kept."""
        for download in self._roster.known(ids):
            self._carrier.give_back(download)

    def put_back(self, ids: Iterable[int]) -> None:
        """Undo `remove`: bring downloads back at their old places; what ran is queued.

        A finished file that was deleted stays deleted, and so does its download.
        """
        self._removals.put_back(ids)
        self._dispatcher.look()

    def resolve_conflict(self, ids: Iterable[int], choice: OnConflict) -> None:
        """Answer the question of a download that FAILED because its name exists on disk."""
        for download in self._roster.known(ids):
            if download.failure is not None and download.failure.code == "exists":
                download.ask(replace(download.request, on_conflict=choice), time.time())
                self._apply(download, Event.RESUME)

    def request_of(self, download_id: int) -> DownloadRequest | None:
        """Return what was asked for, secrets included; None when it is not in the list."""
        download = self._roster.downloads.get(download_id)
        return download.request if download is not None else None

    def edit(self, download_id: int, request: DownloadRequest) -> bool:
        """Want a download differently: its bytes stay, its files move, connections follow.

        Returns True when files move first: nothing counts before, and how it went is told.
        """
        known = self._roster.known((download_id,))
        return any(self._editor.edit(download, request) for download in known)

    async def size_of(self, request: DownloadRequest) -> int | None:
        """Ask a server, without downloading, how large a file is; None when it does not say."""
        # aiohttp is behind this import; it was loaded when the engine was entered.
        from tui_downloader.engine.sizes import announced_bytes

        return await announced_bytes(request, self._tools)

    def verify(self, ids: Iterable[int]) -> None:
        """Compare finished files, and those that FAILED by it, with the expected digests again."""
        for download in self._roster.known(ids):
            self._editor.verify(download)

    def move(
        self, ids: Iterable[int], where: Move, *, among: Collection[int] | None = None
    ) -> None:
        """Change the place of downloads in the queue; their order among themselves stays.

        Args:
            among: a step goes past the next one of these, such as those the user sees.
        """
        self._journal.touch(self._roster.move(ids, where, among))

    def arrange(self, ids: Iterable[int]) -> None:
        """Put downloads in this order, on the places they have together (undo of `move`)."""
        self._journal.touch(self._roster.arrange(ids))

    def set_jobs(self, jobs: int) -> None:
        """Change how many downloads run at once; running ones go on."""
        self._roster.scheduler.jobs = jobs
        self._dispatcher.look()

    def set_connections(self, most: int, per_host: int, total: int) -> None:
        """Change the most for one file (0: automatic), to one host and in all; it holds at once."""
        self._hosts.set_connections(most, per_host, total)
        self._dispatcher.look()

    def set_limit(self, bytes_per_s: int | None) -> None:
        """Change the global speed limit at once; None for no limit."""
        self._limit_bytes_per_s = bytes_per_s
        self._limiter.set_rate(bytes_per_s)
        now, running = time.time(), tuple(self._roster.known(self._carrier.carried))
        share = share_of(bytes_per_s, sum(download.pace(now) for download in running))
        for download in running:
            download.limits_changed(now, share)

    def _wish(self, download: Download, wish: Wish) -> None:
        if self._is_carried(download):
            self._carrier.stop(download, wish)
        elif wish.event is not None and allows(download.status, wish.event):
            self._apply(download, wish.event)
            if wish.discard:
                self._carrier.discard(download, wish.grace_s)

    def _apply(self, download: Download, event: Event) -> None:
        if event in (Event.RESUME, Event.RESTART, Event.PAUSE):
            download.failure = None
        download.apply(event, time.time())
        self._report(download)

    def _is_carried(self, download: Download) -> bool:
        return download.download_id in self._carrier.carried

    # Who runs.

    def _report(self, download: Download) -> None:
        """A status changed, or a task ended."""
        carried = self._is_carried(download)
        self._roster.scheduler.note(download, carried=carried)
        self._full_disks.note(download)
        self._hung_disks.note(download, carried=carried)
        self._outages.offline.note(download)
        if download.download_id in self._roster.downloads:
            self._journal.touch((download.download_id,))
            self._announcer.tell_status(download)
        self._dispatcher.look()

    def _welcome(self, download: Download) -> None:
        """A download is in the list again: it waits for what it waited for."""
        self._roster.scheduler.note(download, carried=self._is_carried(download))
        self._full_disks.bring_back(download)
        self._outages.offline.note(download)

    # What others see.

    def snapshot(self) -> QueueSnapshot:
        """Return a picture of everything, also before it is entered.

        Unchanged downloads are the identical objects.
        """
        limit, roster, now = self._limit_bytes_per_s, self._roster, time.time()
        holds = roster.holds(now) | self._outages.holds()
        picture = roster.album.take(roster.downloads.values(), now, limit, holds)
        return picture._replace(
            free_bytes=self._space.free_bytes,
            free_folder=self._space.folder,
            at_once=roster.scheduler.at_once,
        )

    def details(self, download_id: int) -> Details:
        """Return what only the panel of the highlighted download shows; empty when unknown."""
        download = self._roster.downloads.get(download_id)
        return details_of(download, time.time()) if download is not None else Details()

    def events(self, *kinds: EventKind) -> EventFeed:
        """Open a stream of rare facts, of these kinds or of all; close it when done."""
        return self._announcer.open(kinds)

    async def forget_hosts(self) -> int:
        """Forget what was learnt of hosts; return how many there were."""
        return await asyncio.to_thread(self._hosts.forget)

    async def wait_idle(self) -> None:
        """Return when nothing is queued, running or waiting."""
        await self._dispatcher.until_idle()

    async def flush(self) -> None:
        """Return when everything decided so far is in the queue on disk, if that can be saved."""
        with suppress(QueueError):  # it is in the log, and tried again
            await self._journal.flush()

    async def history(self) -> list[Entry]:
        """Return what was finished or removed, the latest first; names and addresses as given."""
        return await self._journal.history()
