"""A download as it is requested, and as it is shown.

`DownloadRequest` is what the user wants (one row of the queue). `Snapshot`, `QueueSnapshot` and
`Details` are frozen snapshots for whoever shows them; they hold no secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from tui_downloader.model.digests import Checksum
from tui_downloader.model.errors import Failure, is_skip
from tui_downloader.model.identity import KeptFile
from tui_downloader.model.proxy import Proxy
from tui_downloader.model.retry import Retry
from tui_downloader.model.slowness import Cause
from tui_downloader.model.speed import average
from tui_downloader.model.status import Status

# The phase of VERIFYING in which nothing is left but to give the file its name.
SAVING = "saving"
LAST_PLACE = 1000  # in line, as snapshots tell it
ALL_OF_IT_AGAIN = "all of it is fetched once more"  # what a wrong digest has led to
# While small files of unknown size come, a shorter time comes and goes, and is no news.
_LEAST_WORTH_S = 10


class OnConflict(Enum):
    """What to do when a file of the final name exists already."""

    RENAME = "rename"
    OVERWRITE = "overwrite"
    SKIP = "skip"
    ASK = "ask"


class Assurance(Enum):
    """How far a completed file has been checked (laws.md, words)."""

    VERIFIED = "verified"  # a strong digest fitted
    CHECKED = "checked"  # an MD5, SHA-1 or CRC fitted: finds accidents, not attacks
    COMPLETE = "complete"  # every byte of an announced size arrived
    UNCHECKED = "unchecked"  # the server announced no size: nobody can know
    DIFFERS = "differs"  # it was compared when it had its name already, and another was expected

    @classmethod
    def of(cls, fitted: Checksum) -> Assurance:
        """Return how much a matching digest proves."""
        return cls.VERIFIED if fitted.is_strong else cls.CHECKED


# What a request asks for is the program's own business: asked twice it would be anybody's guess.
OWN_REQUESTS = frozenset(
    {"range", "if-range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"}
)


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """What the user asked for.

    Attributes:
        url: the address exactly as given, less user and password.
        folder: destination folder, absolute.
        name: file name the user wants, or None for the server's.
        mirrors: other addresses of the same file.
        headers: extra request headers, sent to the origin of `url` only.
        credentials: user and password, for the origin of `url` only.
        checksum: the digest the finished file must have.
        on_conflict: what to do when the final name is taken on disk.
        limit_bytes_per_s: speed limit of this download alone, None for none.
        connections: most connections for this file, 0 for automatic.
        insecure: accept any certificate of this address's host.
        trusted: addresses of other hosts of which any certificate is accepted where a redirect or a
            mirror leads there.
        start_at: wall clock, seconds; it does not start before. None for at once.
        proxy: for all of its requests, None to take the environment's.
    """

    url: str
    folder: str
    name: str | None = None
    mirrors: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    checksum: Checksum | None = None
    on_conflict: OnConflict = OnConflict.RENAME
    limit_bytes_per_s: int | None = None
    connections: int = 0
    insecure: bool = False
    trusted: tuple[str, ...] = ()
    start_at: float | None = None
    proxy: Proxy | None = None

    @property
    def unproven(self) -> tuple[str, ...]:
        """Addresses of all hosts of which any certificate is accepted."""
        return (self.url, *self.trusted) if self.insecure else self.trusted


class Hold(NamedTuple):
    """What keeps the downloads of a host or a folder in the queue, apart from those before them.

    Attributes:
        running, limit: downloads that use the host, which is as many as its connections allow;
            both 0 when there is room.
        until: wall clock, seconds; the host wants no request before (Retry-After).
        is_disk: the disk of the folder does not answer.
        is_silent: no connection to the host comes about; another download tries it again.
        is_crowded: the host serves others, and has refused to serve more at once.
        is_offline: the machine has no network to the host.
    """

    running: int = 0
    limit: int = 0
    until: float | None = None
    is_disk: bool = False
    is_silent: bool = False
    is_crowded: bool = False
    is_offline: bool = False


class Snapshot(NamedTuple):
    """One download at one moment. Text from outside in it is already cleaned for display.

    Attributes:
        download_id: stable while the entry exists; never used again.
        version: grows whenever anything shown changed.
        url: the address asked for (`***` where user and password were).
        name: the final file name, or the best guess before the server answered.
        folder: destination folder, absolute.
        phase: what CONNECTING or VERIFYING is doing, in a word or two ("TLS", "sha-256"); of one
            that has ended, the digest that its file is compared with again.
        phase_since: wall clock, seconds; when the current status or phase began.
        done_bytes: bytes on disk, or bytes hashed while a digest is compared.
        total_bytes: the announced size, None when the server tells none.
        bytes_per_s: throughput, smoothed over 3 s.
        eta_s: seconds left, of receiving or of hashing; None when unknown.
        connections: open connections.
        wanted_connections: how many there should be now, 0 when it does not run.
        limit_bytes_per_s: its own speed limit, None for none.
        heard_at: wall clock; when bytes last came, or the program itself (a speed limit, a slow
            disk) last kept it from receiving. None before the first.
        resumable: whether the server can go on from the middle; None before it answered.
        retry: the last one that was granted, None when what it waits for counts as none (WAITING).
        resume_at: wall clock when WAITING goes on.
        failure: why it is WAITING or FAILED; also a note on a pause that was not the user's.
        assurance: what COMPLETED means here.
        checked_by: the digest that was compared, e.g. "sha-256".
        added_at, finished_at: wall clock, seconds.
        active_s: seconds of receiving since it was added or started again from 0; neither pauses
            nor waits count.
        received_bytes: what came in that time.
        kept_bytes: bytes of a partial that a PAUSED, FAILED or CANCELLED download still has.
        set_aside_bytes: of an earlier part, as far as it is known; it is kept until the new one is
            worth more, and deleted with it.
        parts_go_at: wall clock, seconds; when the parts of a CANCELLED one are deleted, unless it
            goes on before. None when they stay.
        kept_as: files with a wrong digest that were kept of it, the latest last; their paths are as
            they are on the disk.
        queue_place: 1 for the next to start; `LAST_PLACE` there and further back; 0 when it does
            not stand in line.
        hold: why its host or disk keeps it QUEUED; None when only those before it do.
        start_at: wall clock; the time that it waits for before it stands in line. None for none.
        disk_silent_since: wall clock, seconds; since when the disk that it waits for has not
            answered. None when it does not wait for one.
        moving_to: the folder that its files are being moved to, "" when they are not.
    """

    download_id: int
    version: int
    url: str
    name: str
    folder: str
    status: Status
    phase: str = ""
    phase_since: float = 0.0
    done_bytes: int = 0
    total_bytes: int | None = None
    bytes_per_s: float = 0.0
    eta_s: float | None = None
    connections: int = 0
    wanted_connections: int = 0
    limit_bytes_per_s: int | None = None
    heard_at: float | None = None
    resumable: bool | None = None
    retry: Retry | None = None
    resume_at: float | None = None
    failure: Failure | None = None
    assurance: Assurance | None = None
    checked_by: str = ""
    added_at: float = 0.0
    finished_at: float | None = None
    active_s: float = 0.0
    received_bytes: int = 0
    kept_bytes: int = 0
    set_aside_bytes: int = 0
    parts_go_at: float | None = None
    kept_as: tuple[KeptFile, ...] = ()
    queue_place: int = 0
    hold: Hold | None = None
    start_at: float | None = None
    disk_silent_since: float | None = None
    moving_to: str = ""

    @property
    def average_bytes_per_s(self) -> float:
        """Bytes received over the time spent receiving, a second at least."""
        return average(self.received_bytes, self.active_s)

    @property
    def is_wrong(self) -> bool:
        """The file is complete, and hashing it later gave another digest than the expected one."""
        is_known = self.assurance is Assurance.DIFFERS and not self.phase
        return is_known and self.status is Status.COMPLETED

    @property
    def is_skipped(self) -> bool:
        """The file existed, and the user had said to skip such files."""
        return self.status is Status.CANCELLED and is_skip(self.failure)

    @property
    def is_checked_again(self) -> bool:
        """It has ended, and the file that it left is compared with a digest now."""
        return bool(self.phase) and self.status.is_ended

    @property
    def stage(self) -> Status:
        """Where it stands, or VERIFYING while its file is checked again."""
        return Status.VERIFYING if self.is_checked_again else self.status

    @property
    def standing(self) -> Status:
        """The state that it is counted, sorted and found by: a wrong file is a failure."""
        return Status.FAILED if self.is_wrong else self.stage


class QueueSnapshot(NamedTuple):
    """Everything the main screen shows, at one moment.

    Attributes:
        downloads: in queue order.
        bytes_per_s: throughput of all downloads together, smoothed over 3 s.
        limit_bytes_per_s: global limit, None when off.
        eta_s: seconds until everything active and queued of known size is done, None if unknown.
        is_eta_least: some of them are of unknown size, and take time besides.
        free_bytes: free space where downloads go, None while unknown.
        free_folder: the folder of which that is known, as it is on disk.
        scheduled: how many downloads are QUEUED and wait for a time.
        at_once: how many run at once, when that is what lets nobody else start; 0 while there is
            room for more.
        taken_at: wall clock, seconds.
        edition: those of the same edition, which is not 0, have the same downloads in the same
            order and states: what runs has merely gone on.
    """

    downloads: tuple[Snapshot, ...]
    bytes_per_s: float = 0.0
    limit_bytes_per_s: int | None = None
    eta_s: float | None = None
    is_eta_least: bool = False
    free_bytes: int | None = None
    free_folder: str = ""
    scheduled: int = 0
    at_once: int = 0
    taken_at: float = 0.0
    edition: int = 0

    @property
    def told_eta_s(self) -> float | None:
        """The time left, None also when it is short and the least: that says nothing."""
        is_brief = self.eta_s is not None and self.eta_s < _LEAST_WORTH_S
        return None if is_brief and self.is_eta_least else self.eta_s


class ConnectionSnapshot(NamedTuple):
    """One connection of a running download.

    Attributes:
        number: stable while it lives, from 1.
        start, position, end: bytes: where its range began, the next byte to come, and where it ends
            (None when the size is unknown).
        bytes_per_s: smoothed over 3 s.
        retries: how often it had to ask again.
        peer: address and port at the other end, "" before it is known.
        state: "connecting", "receiving" or "retrying".
    """

    number: int
    start: int
    position: int
    end: int | None
    bytes_per_s: float = 0.0
    retries: int = 0
    peer: str = ""
    state: str = "receiving"


class Details(NamedTuple):
    """What only the panel of the highlighted download shows.

    Attributes:
        final_url: where the bytes came from after redirects.
        path: where the file is or will be.
        throughput: bytes per second, one value a second, oldest first, at most 120.
        throughput_until: the wall clock's second that follows the last of them.
        max_bytes_per_s: the highest since this program began: of all seconds, of what was shown,
            and never below the average.
        max_at: the wall clock of that moment.
        done_ranges: half-open byte ranges that are on disk.
        connections: what each connection works on, by number.
        slowed_by: what limits the speed now; nothing when it does not run.
        request_headers: as they were sent last; before that, those of its own that will be. Secrets
            are masked.
        proxy: host and port of its own one, "none" for no proxy; "" when the environment says.
        server: facts of the answer, label and text, in the order to show them.
        resume: "yes (ETag)", or why not.
        checksum: expected digest and its source, "" when there is none.
        computed_checksum: the digest that the finished file had, "" when none was computed.
        log: recent events, wall clock and words, oldest first, at most 200.
        retry_rule: one sentence: what the retries of a WAITING download are counted by, else "".
    """

    final_url: str = ""
    path: str = ""
    throughput: tuple[float, ...] = ()
    throughput_until: int = 0
    max_bytes_per_s: float = 0.0
    max_at: float = 0.0
    done_ranges: tuple[tuple[int, int], ...] = ()
    connections: tuple[ConnectionSnapshot, ...] = ()
    slowed_by: Cause = Cause()
    request_headers: tuple[tuple[str, str], ...] = ()
    proxy: str = ""
    server: tuple[tuple[str, str], ...] = ()
    resume: str = ""
    checksum: str = ""
    computed_checksum: str = ""
    log: tuple[tuple[float, str], ...] = ()
    retry_rule: str = ""
