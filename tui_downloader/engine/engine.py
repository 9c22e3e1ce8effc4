"""The engine as others know it: what can be wished of downloads, and what can be seen of them.

Wishes (`add`, `pause`, ...) are plain calls that decide at once. A download that is being carried
out belongs to its task: a wish for it cancels the task and notes what is to follow when the task
has put its files down. Everything else changes on the spot. Whoever shows downloads pulls
`snapshot`. The parts that carry all of it out, in one event loop, are joined in `parts`. They are
half of the program and loaded late: the first picture of the interface does without them.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from tui_downloader.engine.events import EventFeed
from tui_downloader.engine.queue.wish import Wish
from tui_downloader.model.download import Details, DownloadRequest, OnConflict, QueueSnapshot
from tui_downloader.model.errors import EXISTS, code_of
from tui_downloader.model.events import EventKind
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.speed import share_of
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.store.entry import QueueError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui_downloader.engine.options import EngineOptions, Move
    from tui_downloader.engine.parts import EngineParts
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.errors import Failure
    from tui_downloader.model.links.addresses import Origin
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
        self._options, self._queue, self._start_paused = options, queue, start_paused
        self._limit_bytes_per_s = options.limit_bytes_per_s

    @cached_property
    def _parts(self) -> EngineParts:
        """What it consists of, made when it is entered or asked for something."""
        from tui_downloader.engine.parts import EngineParts

        return EngineParts(self._options, self._queue, start_paused=self._start_paused)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(importlib.import_module, "tui_downloader.engine.parts")
        await self._parts.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._parts.__aexit__(*exc)

    # Wishes.

    def add(
        self, requests: Sequence[DownloadRequest], *, paused: bool = False, first: bool = False
    ) -> list[int]:
        """Queue downloads, at the end or before all others; return their ids."""
        new = self._parts.roster.add(requests, time.time(), paused=paused, first=first)
        ids = [download.download_id for download in new]
        self._parts.journal.touch(ids)
        for download in new:
            self._parts.announcer.tell(EventKind.ADDED, download)
        self._parts.dispatcher.look()
        return ids

    def pause(self, ids: Iterable[int]) -> None:
        """Stop for now; everything received stays."""
        for download in self._parts.roster.known(ids):
            if self._parts.full_disks.leave_to_user(download):
                self._parts.report(download)
            self._wish(download, Wish(Event.PAUSE))

    def resume(self, ids: Iterable[int]) -> None:
        """Go on: PAUSED, FAILED, CANCELLED; what is WAITING tries again now."""
        for download in self._parts.roster.known(ids):
            if download.status is Status.WAITING:
                hosts = self._parts.hosts.by(download.request.proxy)
                hosts.open(host_of(download.request.url), download.busy_host)
            for host in (download.host, download.needed_host):
                self._parts.outages.silent.try_now(host)
            self._parts.outages.crowded.try_now(download)
            download.grant_tries()
            if self._parts.has_task(download):
                tasks = self._parts.tasks
                if tasks.is_stopping(download) or allows(download.status, Event.RESUME):
                    tasks.stop(download, Wish(Event.REQUEUE, Event.RESUME))
            elif allows(download.status, Event.RESUME):
                self._parts.apply(download, Event.RESUME)
        self._parts.dispatcher.look()  # who is in line may be held no more

    def fail_again(self, failures: Mapping[int, Failure]) -> None:
        """Undo `resume` of what had FAILED for these reasons, unless it has ended since."""
        for download in self._parts.roster.known(failures):
            self._parts.tasks.fail(download, failures[download.download_id])

    def restart(self, ids: Iterable[int]) -> None:
        """Start again from byte 0; the old partial is kept until the new file is whole."""
        for download in self._parts.roster.known(ids):
            self._parts.restarts.begin(download)
            self._parts.journal.touch((download.download_id,))
            if self._parts.has_task(download):
                self._parts.tasks.stop(download, Wish(Event.PAUSE, Event.RESTART))
            elif allows(download.status, Event.RESTART):
                self._parts.apply(download, Event.RESTART)

    def keep_finished(self, finished_at: Mapping[int, float | None]) -> None:
        """Undo `restart` of what had finished at these times, while the file from before is there.

        What was not restarted since then stays as it is.
        """
        for download in self._parts.roster.known(finished_at):
            at = finished_at[download.download_id]
            self._parts.restarts.take_back(download, at, self._parts.tasks)

    def cancel(self, ids: Iterable[int], *, keep: bool, grace_s: float = 0.0) -> None:
        """Stop for good; `keep` leaves the partial on disk, else it goes after so many seconds."""
        for download in self._parts.roster.known(ids):
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

        With `grace_s` only what is unfinished is deleted: a file that is whole stays.
        With `gives_back`, as an undo of `add`, what was replaced has its name again.
        """
        self._parts.removals.remove(
            ids, delete_file=delete_file, grace_s=grace_s, gives_back=gives_back
        )
        self._parts.dispatcher.look()

    async def deleted(self, ids: Iterable[int]) -> None:
        """Return when the files of removed downloads are deleted, as far as they were to be.

        Those of which the disk did not delete everything are in the list again by then.
        """
        await self._parts.removals.deleted(ids)

    def give_back(self, ids: Iterable[int]) -> None:
        """Let files that were replaced have their names again, while they are kept."""
        for download in self._parts.roster.known(ids):
            self._parts.tasks.give_back(download)

    def put_back(self, ids: Iterable[int]) -> None:
        """Undo `remove`: bring downloads back at their old places; what ran is queued.

        A finished file that was deleted stays deleted, and so does its download.
        """
        self._parts.removals.put_back(ids)
        self._parts.dispatcher.look()

    def resolve_conflict(self, ids: Iterable[int], choice: OnConflict) -> None:
        """Answer the question of a download that FAILED because its name exists on disk."""
        for download in self._parts.roster.known(ids):
            if code_of(download.failure) == EXISTS:
                download.ask(replace(download.request, on_conflict=choice), time.time())
                self._parts.apply(download, Event.RESUME)

    def request_of(self, download_id: int) -> DownloadRequest | None:
        """Return what was asked for, secrets included; None when it is not in the list."""
        download = self._parts.roster.downloads.get(download_id)
        if download is None:
            return None
        pending = self._parts.tasks.pending_edit(download)
        return download.request if pending is None else pending.request

    def path_to_be(self, download_id: int) -> str:
        """Return where an edit moves a file that is not there yet; "" if none does."""
        download = self._parts.roster.downloads.get(download_id)
        pending = None if download is None else self._parts.tasks.pending_edit(download)
        return "" if pending is None else pending.new_path

    def edit(self, download_id: int, request: DownloadRequest) -> bool:
        """Want a download differently: its bytes stay, its files move, connections follow.

        At another address it keeps its name, also one that only its old address told.

        Returns True when files move first: nothing counts before, and how it went is told.
        """
        known = self._parts.roster.known((download_id,))
        return any(self._parts.editor.edit(download, request) for download in known)

    async def size_of(self, request: DownloadRequest) -> int | None:
        """Ask a server, without downloading, how large a file is; None when it does not say.

        Raises:
            Unreachable: nobody knows its host.
            HttpStatusError: there is no such file.
        """
        # aiohttp is behind this import; it was loaded when the engine was entered.
        from tui_downloader.engine.transfer.sizes import announced_bytes

        return await announced_bytes(request, self._parts.tools)

    def verify(self, ids: Iterable[int]) -> None:
        """Compare finished files, and those that FAILED by it, with the expected digests again."""
        for download in self._parts.roster.known(ids):
            self._parts.editor.verify(download)

    def move(
        self, ids: Iterable[int], where: Move, *, among: Collection[int] | None = None
    ) -> bool:
        """Change the place of downloads in the queue; their order among themselves stays.

        Args:
            among: a step goes past the next one of these, such as those the user sees.

        Returns:
            False when they are there already.
        """
        displaced = self._parts.roster.move(ids, where, among)
        self._parts.journal.touch(displaced)
        return bool(displaced)

    def arrange(self, ids: Iterable[int]) -> None:
        """Put downloads in this order, on the places they have together (undo of `move`)."""
        self._parts.journal.touch(self._parts.roster.arrange(ids))

    def set_jobs(self, jobs: int) -> None:
        """Change how many downloads run at once; running ones go on."""
        self._parts.roster.scheduler.jobs = jobs
        self._parts.dispatcher.look()

    def set_connections(self, most: int, per_host: int, total: int) -> None:
        """Change the most for one file (0: automatic), to one host and in all; it holds at once."""
        self._parts.hosts.set_connections(most, per_host, total)
        self._parts.dispatcher.look()

    def set_unchecked(self, hosts: frozenset[Origin]) -> None:
        """Accept any certificate of these hosts from now on, wherever a request leads there."""
        self._parts.trust.unchecked = hosts

    def set_limit(self, bytes_per_s: int | None) -> None:
        """Change the global speed limit at once; None for no limit."""
        self._limit_bytes_per_s = bytes_per_s
        self._parts.limiter.set_rate(bytes_per_s)
        now, running = time.time(), tuple(self._parts.roster.known(self._parts.tasks.ids))
        ended = self._parts.roster.snapshots.ended
        pace = sum(download.pace(now) for download in running) + ended.pace(now)
        share = share_of(bytes_per_s, pace)
        ended.limits_changed(now, share)
        for download in running:
            download.limits_changed(now, share)

    def _wish(self, download: Download, wish: Wish) -> None:
        if self._parts.has_task(download):
            self._parts.tasks.stop(download, wish)
        elif wish.event is not None and allows(download.status, wish.event):
            self._parts.apply(download, wish.event)
            if wish.discard:
                self._parts.tasks.discard(download, wish.grace_s)

    # What others see.

    def snapshot(self) -> QueueSnapshot:
        """Return what everything looks like now, also before it is entered.

        Unchanged downloads are the identical objects.
        """
        limit, roster, now = self._limit_bytes_per_s, self._parts.roster, time.time()
        holds = roster.holds(now) | self._parts.outages.holds()
        snapshot = roster.snapshots.take(roster.downloads.values(), now, limit, holds)
        return snapshot._replace(
            free_bytes=self._parts.space.free_bytes,
            free_folder=self._parts.space.folder,
            at_once=roster.scheduler.at_once,
        )

    def look_at_space(self) -> None:
        """Look soon at how much space is free: the user is back, and may have made some."""
        self._parts.space.look_soon()

    def as_wished(self, shown: Iterable[Snapshot]) -> list[Snapshot]:
        """Return those still in the list, with the status that the wishes so far lead to.

        A task takes a while to end. What is wished next is to be judged by what was wished before.
        """
        wished = map(self._parts.as_wished, shown)
        return [each for each in wished if each is not None]

    def details(self, download_id: int) -> Details:
        """Return what only the panel of the highlighted download shows; empty when unknown."""
        from tui_downloader.engine.transfer.details import details_of  # as late as the parts

        download = self._parts.roster.downloads.get(download_id)
        return details_of(download, time.time()) if download is not None else Details()

    def events(self, *kinds: EventKind) -> EventFeed:
        """Open a stream of rare facts, of these kinds or of all; close it when done."""
        return self._parts.announcer.open(kinds)

    async def forget_hosts(self) -> int:
        """Forget what was learnt of hosts; return how many there were."""
        return await asyncio.to_thread(self._parts.hosts.forget)

    async def wait_idle(self) -> None:
        """Return when nothing is queued, running or waiting."""
        await self._parts.dispatcher.until_idle()

    async def flush(self) -> None:
        """Return when everything decided so far is in the queue on disk, if that can be saved."""
        with suppress(QueueError):  # it is in the log, and tried again
            await self._parts.journal.flush()

    async def history(self) -> list[Entry]:
        """Return what was finished or removed, the latest first; names and addresses as given."""
        return await self._parts.journal.history()
