"""Every download the engine knows, in queue order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.queue.entries import entry_of
from tui_downloader.engine.queue.queue_order import (
    arranged,
    give_places,
    moved,
    put_among,
    reordered,
)
from tui_downloader.engine.queue.scheduler import Scheduler
from tui_downloader.engine.queue.snapshots import Snapshots
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.download import Hold
from tui_downloader.model.status import Event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tui_downloader.engine.network.hosts import Hosts
    from tui_downloader.engine.options import Move
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.store.entry import Entry


class Roster:
    """The list of downloads. Methods that change it return the ids whose position has changed.

    Args:
        jobs: how many downloads run at once.
        hosts: how many of them one host serves, and which wants none now.

    Attributes:
        downloads: by id, in queue order.
        next_id: of the next new one; no id is used twice.
        scheduler: kept up to date with every change of the list.
        snapshots: takes them of it.
    """

    def __init__(self, jobs: int, hosts: Hosts) -> None:
        self.downloads: dict[int, Download] = {}
        self.next_id = 1
        self.snapshots = Snapshots()
        self._hosts = hosts
        self.scheduler = Scheduler(self.downloads, jobs, hosts.shares)

    def known(self, ids: Iterable[int]) -> Iterator[Download]:
        """Return those of the ids that are in the list."""
        for download_id in tuple(ids):
            download = self.downloads.get(download_id)
            if download is not None:
                yield download

    def entry_of(self, download_id: int) -> Entry | None:
        """Return what the queue on disk keeps of a download, None when it is not in the list."""
        download = self.downloads.get(download_id)
        return entry_of(download) if download is not None else None

    def first_folder(self) -> str:
        """Return the folder of the first download that is not over, else of the first of all.

        "" when there is none.
        """
        all_ = self.downloads.values()
        first = next((each for each in all_ if not each.status.is_ended), next(iter(all_), None))
        return "" if first is None else first.request.folder

    def holds(self, now: float) -> dict[str, Hold]:
        """Return why downloads are held in the queue, by host or folder; most are not.

        Args:
            now: wall clock, seconds.
        """
        full, closed = self.scheduler.full_hosts(), self._hosts.closed_until(now)
        limit = self._hosts.shares.per_host
        of_hosts = {
            host: Hold(full.get(host, 0), limit if host in full else 0, closed.get(host))
            for host in full.keys() | closed.keys()
        }
        # A folder begins with a root, and no host does.
        return of_hosts | dict.fromkeys(self.scheduler.no_folders, Hold(is_disk=True))

    def bring_back(self, download: Download) -> None:
        """Add a download of an earlier run, which has its position, at the end."""
        self.downloads[download.download_id] = download
        self.snapshots.joined((download,))

    def add(
        self, requests: Iterable[DownloadRequest], now: float, *, paused: bool, first: bool
    ) -> list[Download]:
        """Make downloads of requests, at the end or before all others, and return them.

        Args:
            now: wall clock, seconds.
        """
        new = []
        for request in requests:
            download = Download(self.next_id, request, now)
            self.next_id += 1
            if paused:
                download.apply(Event.PAUSE, now)
            new.append(download)
        self.join(new, first=first)
        return new

    def join(self, new: list[Download], *, first: bool) -> None:
        """Add downloads at the end or before all others."""
        give_places(new, self.downloads, first=first)
        self.snapshots.joined(new)
        added = {download.download_id: download for download in new}
        if first:
            self._reorder(added | self.downloads)
        else:
            self.downloads.update(added)
            self.scheduler.joined(new)

    def leave(self, download: Download) -> None:
        """Remove a download."""
        del self.downloads[download.download_id]
        self.scheduler.left(download.download_id)
        download.tell_change = None
        self.snapshots.outdate()

    def put_back(self, returned: Iterable[Download]) -> list[int]:
        """Add downloads again at the positions that they had."""
        downloads, displaced = put_among(self.downloads, returned)
        self._reorder(downloads)
        return displaced

    def move(
        self, ids: Iterable[int], where: Move, among: Collection[int] | None = None
    ) -> list[int]:
        """Move downloads; their order among themselves stays."""
        return self._rearrange(moved(list(self.downloads), frozenset(ids), where, among))

    def arrange(self, ids: Iterable[int]) -> list[int]:
        """Put downloads in this order, in the places they have together."""
        return self._rearrange(arranged(list(self.downloads), ids))

    def _rearrange(self, order: list[int]) -> list[int]:
        downloads, displaced = reordered(self.downloads, order)
        self._reorder(downloads)
        return displaced

    def _reorder(self, downloads: dict[int, Download]) -> None:
        self.downloads = downloads
        self.snapshots.outdate()
        self.scheduler.reorder(downloads)
