"""Removes downloads from the list, and remembers them for this session so that it can be undone."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.events import Announcer
from tui_downloader.engine.queue.entries import entry_of
from tui_downloader.engine.queue.wish import Wish
from tui_downloader.model.events import EventKind
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_downloader.engine.disk.names import Names
    from tui_downloader.engine.queue.download_tasks import DownloadTasks
    from tui_downloader.engine.queue.journal import Journal
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.errors import DiskError

_KEPT = 10_000


class Removals:
    """Takes downloads out of the list, and brings them back.

    Args:
        roster: the list.
        tasks: stops what runs.
        journal: the queue on disk follows.
        names: a name is free when its download has left.
        announcer: others are told.
        welcome: a download is in the list again.
    """

    def __init__(
        self,
        roster: Roster,
        tasks: DownloadTasks,
        journal: Journal,
        names: Names,
        announcer: Announcer,
        welcome: Callable[[Download], None],
    ) -> None:
        self._roster = roster
        self._tasks = tasks
        self._journal = journal
        self._names = names
        self._announcer = announcer
        self._welcome = welcome
        self._kept: dict[int, tuple[Download, Wish]] = {}  # with what undoes it
        self._deleted: dict[str, Download] = {}  # by the finished files that are just to go

    def remove(
        self, ids: Iterable[int], *, delete_file: bool, grace_s: float, gives_back: bool
    ) -> None:
        """See `Engine.remove`."""
        gone = list(self._roster.known(ids))
        for download in gone:
            self._roster.leave(download)
            self._names.release(download.request.folder, download.name, download.download_id)
            is_whole = download.status is Status.COMPLETED
            # The user may not have seen yet that it is complete, and may want it back.
            deletes = delete_file and not (grace_s and is_whole)
            if deletes and is_whole:
                self._deleted[download.final_path] = download
            else:
                self._keep(download)
            also = self._tasks.let_go(
                download, delete_file=deletes, grace_s=grace_s, gives_back=gives_back
            )
            self._journal.clean_up(also, download.final_path)
            self._announcer.tell(EventKind.REMOVED, download)
        self._journal.remove([entry_of(download) for download in gone])

    def _keep(self, download: Download) -> None:
        """Remember a removed download; the oldest ones are forgotten."""
        self._kept[download.download_id] = (download, self._tasks.way_back(download))
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]

    async def deleted(self, ids: Iterable[int]) -> None:
        """See `Engine.deleted`."""
        wanted = set(ids)
        tasks = [task for key in wanted if (task := self._tasks.ids.get(key)) is not None]
        if tasks:
            await asyncio.wait(tasks)
        files = [path for path, gone in self._deleted.items() if gone.download_id in wanted]
        for path in files:
            if path in self._deleted:  # the ones before may have been waited for with it
                await self._journal.settle(path)

    def ended(self, path: str, error: DiskError | None) -> None:
        """A finished file has been deleted, or not: then its download comes back."""
        download = self._deleted.pop(path, None)
        if error is None:
            return
        removed = (each for each, _ in self._kept.values() if each.final_path == path)
        download = download or next(removed, None)
        words = f"not deleted: {error.message}"
        if download is None:
            self._announcer.say(f"{os.path.basename(path)}: {words}")
            return
        self.come_back(download)
        self._announcer.note(download, words)

    def come_back(self, download: Download) -> None:
        """A download that left the list to be deleted still has files: it is in the list again.

        What would go on by itself is cancelled: nobody wants it any more.
        """
        if download.download_id in self._roster.downloads:
            return
        if not (download.status.is_ended or download.status is Status.PAUSED):
            download.apply(Event.CANCEL, time.time())
        self._kept[download.download_id] = (download, Wish(None))
        self.put_back((download.download_id,))

    def put_back(self, ids: Iterable[int]) -> None:
        """See `Engine.put_back`."""
        found = (self._kept.pop(download_id, None) for download_id in tuple(ids))
        returned = dict(each for each in found if each is not None)
        displaced = self._roster.put_back(returned)
        self._journal.put_back(download.download_id for download in returned)
        self._journal.touch(displaced)
        for download, way_back in returned.items():
            self._welcome(download)
            self._tasks.welcome_back(download, way_back)
            self._announcer.tell(EventKind.ADDED, download)
