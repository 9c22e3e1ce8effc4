"""Removes downloads from the list, and remembers them for this session so that it can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.events import Announcer, EventKind
from tui_downloader.engine.queue.entries import entry_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_downloader.engine.disk.names import Names
    from tui_downloader.engine.queue.download_tasks import DownloadTasks
    from tui_downloader.engine.queue.journal import Journal
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.queue.wish import Wish
    from tui_downloader.engine.transfer.download import Download

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
            if not (deletes and is_whole):
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
