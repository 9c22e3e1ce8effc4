"""A download as the queue on disk keeps it. Apart from `queue`, so that nothing loads SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.download import Assurance, DownloadRequest
    from tui_downloader.model.errors import Failure
    from tui_downloader.model.identity import KeptFile
    from tui_downloader.model.status import Status


class QueueError(Exception):
    """The queue on disk cannot be read or written; the message says why."""


class QueueDamaged(QueueError):
    """What is there is none that this program can read, today or tomorrow."""


class Entry(NamedTuple):
    """One row of the queue. Times are wall clock, in seconds; sizes are bytes.

    Attributes:
        position: orders the queue; need not be dense.
        path: of the final file once its name is known.
        other_path: while its files are moved, where they go to or came from, else "".
        active_s: seconds of receiving; received_bytes: what came in them.
        removed_at: when it was taken out of the list; None for what is in it.
        from_zero: what is here of it is not to be gone on with.
        resumable: the server can go on from the middle; None while unknown.
        kept_as: files with a wrong digest that were kept of it, the latest last.
        computed: the digest that was found, as "sha-256=…"; "" for none.
        announced: what the server said of it, if that was compared.
        set_aside_bytes: of an earlier part that was kept beside the one of `kept_bytes`.
    """

    download_id: int
    position: int
    request: DownloadRequest
    status: Status
    name: str
    total_bytes: int | None
    done_bytes: int
    kept_bytes: int
    added_at: float
    finished_at: float | None
    active_s: float
    failure: Failure | None
    assurance: Assurance | None
    checked_by: str
    final_url: str
    path: str | None
    removed_at: float | None = None
    received_bytes: int = 0
    from_zero: bool = False
    kept_as: tuple[KeptFile, ...] = ()
    other_path: str = ""
    resumable: bool | None = None
    computed: str = ""
    announced: Checksum | None = None
    set_aside_bytes: int = 0
