"""What every transfer works with, owned by the engine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui_downloader.engine.disk.destination import Destination

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tui_downloader.engine.disk.batches import Batches
    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.names import Names
    from tui_downloader.engine.disk.orphans import Orphans
    from tui_downloader.engine.disk.replaced import ReplacedFiles
    from tui_downloader.engine.network.client import Client
    from tui_downloader.engine.network.hosts import Hosts
    from tui_downloader.engine.network.limiter import TokenBucket
    from tui_downloader.engine.queue.outages import Outages
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.events import EventKind
    from tui_downloader.model.status import Event


class Tell(Protocol):
    """Shows the user a sentence about a download."""

    def __call__(self, download: Download, words: str, kind: EventKind = ...) -> None: ...


class Deferred(Exception):
    """Ends a run: the download waits, or stands in line again, without a task."""


class Tools(NamedTuple):
    """Shared by all transfers of one engine.

    Attributes:
        limiter: the speed limit of the whole program.
        report: told after each change of a download's status.
        tell: says something about a download that is no change of its status.
        clean_up: deletes leftovers of finishing, which come with the final path, once the queue on
            disk knows of the completion.
        checksum_scout: look for published checksums.
        outages: whether there is a network, and who cannot be reached.
        replaced: what finished files replaced, while that can be undone.
        record: returns when the queue on disk knows all of a download.
        settle: waits until nothing at a final path is still to be deleted.
        restart_below_bytes: a changed file is started again unasked when less than this is lost.
    """

    client: Client
    limiter: TokenBucket
    disk: Disk
    batches: Batches
    names: Names
    hosts: Hosts
    orphans: Orphans
    report: Callable[[Download], None]
    tell: Tell
    clean_up: Callable[[tuple[str, ...], str], None]
    record: Callable[[Download], Awaitable[None]]
    settle: Callable[[str], Awaitable[None]]
    restart_below_bytes: int
    checksum_scout: bool
    outages: Outages
    replaced: ReplacedFiles

    def of(self, download: Download) -> Tools:
        """Return the tools for a download: what it knows of hosts depends on its proxy."""
        return self._replace(hosts=self.hosts.by(download.request.proxy))

    def destination_of(self, download: Download) -> Destination:
        """Return where a download goes."""
        return Destination(
            download.download_id,
            download.request.folder,
            download.request.on_conflict,
            self.names,
            download.from_zero,
            undo_until=download.wished_at + self.replaced.undo_s,
        )

    def step(self, download: Download, event: Event) -> None:
        """Change the status of a download by an event, and report it.

        Raises:
            IllegalTransition: the event does not fit; nothing has changed.
        """
        download.apply(event, time.time())
        self.report(download)
