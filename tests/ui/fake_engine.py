"""An engine of plain data: it shows what a test gives it and records what it is asked."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from tui_downloader.engine import Engine, EngineEvent, EventFeed, EventKind, Move
from tui_downloader.model.download import (
    Details,
    DownloadRequest,
    OnConflict,
    QueueSnapshot,
    Snapshot,
)
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui_downloader.model.errors import Failure
    from tui_downloader.model.links.addresses import Origin

NOW = 1_790_000_000.0


_DEFAULTS = Snapshot(
    download_id=0,
    version=1,
    url="",
    name="",
    folder="/downloads",
    status=Status.QUEUED,
    added_at=NOW - 600,
    phase_since=NOW - 2,
)


def download(download_id: int, status: Status = Status.QUEUED, **facts: Any) -> Snapshot:
    """Make a snapshot with plausible values for everything that is not given."""
    known: dict[str, Any] = {
        "url": f"https://host{download_id}.example/files/file-{download_id}.bin",
        "name": f"file-{download_id}.bin",
    }
    return _DEFAULTS._replace(download_id=download_id, status=status, **(known | facts))


# It has secrets: nothing that is shown or exported may hold them.
REQUEST = DownloadRequest(
    "https://host.example/files/old.iso",
    "/downloads",
    headers=(("Cookie", "session=1"),),
    credentials=("me", "secret"),
)


def past(number: int, **facts: Any) -> Entry:
    """Make an entry of the history with plausible values for everything that is not given."""
    entry = Entry(
        download_id=number,
        position=number,
        request=replace(REQUEST, url=f"https://host.example/files/old-{number}.iso"),
        status=Status.COMPLETED,
        name=f"old-{number}.iso",
        total_bytes=5_000_000,
        done_bytes=5_000_000,
        kept_bytes=0,
        added_at=NOW - 900,
        finished_at=NOW - 600,
        active_s=3.0,
        failure=None,
        assurance=None,
        checked_by="",
        final_url="",
        path=f"/downloads/old-{number}.iso",
    )
    return entry._replace(**facts)


@dataclass(frozen=True)
class Added:
    """One call of `add`."""

    requests: tuple[DownloadRequest, ...]
    paused: bool
    first: bool


class FakeEngine(Engine):
    """Shows `downloads`; wishes are kept in `calls` as names and arguments, and in `adds`."""

    def __init__(self, downloads: Iterable[Snapshot] = ()) -> None:
        self.downloads = tuple(downloads)
        self.calls: list[tuple[object, ...]] = []
        self.adds: list[Added] = []
        self.details_by_id: dict[int, Details] = {}
        self.limit: int | None = None
        self.bytes_per_s = 0.0
        self.eta_s: float | None = None
        self.free_bytes: int | None = None
        self.at_once = 0
        self.is_at_the_end = False  # where what is moved would have to go
        self.is_entered = False
        self.is_left = False
        self.idle = asyncio.Event()
        self.snapshots_taken = 0
        self._listed: list[Snapshot | int] = []  # what is shown, and those that run by their ids
        self._edition = 1
        self.opened: list[str] = []
        self.opener_problem = ""
        self.requests: dict[int, DownloadRequest] = {}
        self.moving: dict[int, str] = {}  # the file is on its way there
        self.past: list[Entry] = []
        self.sizes: dict[str, int] = {}
        self.size_requests: list[DownloadRequest] = []
        self.size_gate = asyncio.Event()  # answers wait for it
        self.size_gate.set()
        self._fake_feeds: list[EventFeed] = []
        self._ids = deque(range(10_001, 99_999))

    async def __aenter__(self) -> Self:
        self.is_entered = True
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.is_left = True
        for feed in self._fake_feeds:
            feed.close()

    def tell(self, kind: EventKind, download_id: int = 0, name: str = "", words: str = "") -> None:
        """Report an event to whoever follows."""
        for feed in self._fake_feeds:
            feed.put(EngineEvent(kind, download_id, name, words))

    async def forget_hosts(self) -> int:
        self.calls.append(("forget_hosts",))
        return 3

    @property
    def added(self) -> list[DownloadRequest]:
        """All requests, in the order they came."""
        return [request for call in self.adds for request in call.requests]

    def open_path(self, path: str) -> str:
        """Stand in for the desktop: record what is opened."""
        self.opened.append(path)
        return self.opener_problem

    def change(self, download_id: int, **facts: Any) -> None:
        """Change what one download shows."""
        self.downloads = tuple(
            each._replace(version=each.version + 1, **facts)
            if each.download_id == download_id
            else each
            for each in self.downloads
        )

    def drop(self, *ids: int) -> None:
        """Take downloads out of the list."""
        self.downloads = tuple(each for each in self.downloads if each.download_id not in ids)

    def add(
        self, requests: Sequence[DownloadRequest], *, paused: bool = False, first: bool = False
    ) -> list[int]:
        self.adds.append(Added(tuple(requests), paused, first))
        ids = [self._ids.popleft() for _ in requests]
        new = tuple(
            download(download_id, url=request.url, folder=request.folder, start_at=request.start_at)
            for download_id, request in zip(ids, requests, strict=True)
        )
        self.downloads = new + self.downloads if first else self.downloads + new
        return ids

    def pause(self, ids: Iterable[int]) -> None:
        self.calls.append(("pause", *ids))

    def resume(self, ids: Iterable[int]) -> None:
        self.calls.append(("resume", *ids))

    def fail_again(self, failures: Mapping[int, Failure]) -> None:
        self.calls.append(("fail_again", failures))

    def restart(self, ids: Iterable[int]) -> None:
        self.calls.append(("restart", *ids))

    def keep_finished(self, finished_at: Mapping[int, float | None]) -> None:
        self.calls.append(("keep_finished", *finished_at))

    def cancel(self, ids: Iterable[int], *, keep: bool, grace_s: float = 0.0) -> None:
        self.calls.append(("cancel", *ids, "keep" if keep else "delete"))

    def remove(
        self,
        ids: Iterable[int],
        *,
        delete_file: bool = False,
        grace_s: float = 0,
        gives_back: bool = False,
    ) -> None:
        self.calls.append(("remove", *ids, *(["delete"] if delete_file else [])))

    async def deleted(self, ids: Iterable[int]) -> None:
        for call in self.calls:
            if call[0] == "remove":
                self.drop(*self._numbers(call))
            elif call[0] == "cancel":
                for download_id in self._numbers(call):
                    self.change(download_id, done_bytes=0, kept_bytes=0, set_aside_bytes=0)

    def _numbers(self, call: tuple[object, ...]) -> list[int]:
        """The downloads whose files a wish deletes."""
        return [each for each in call if isinstance(each, int) and "delete" in call]

    def give_back(self, ids: Iterable[int]) -> None:
        self.calls.append(("give_back", *ids))

    def resolve_conflict(self, ids: Iterable[int], choice: OnConflict) -> None:
        self.calls.append(("resolve_conflict", *ids, choice))

    def move(
        self, ids: Iterable[int], where: Move, *, among: Collection[int] | None = None
    ) -> bool:
        self.calls.append(("move", *ids, where, *([] if among is None else [sorted(among)])))
        return not self.is_at_the_end

    def arrange(self, ids: Iterable[int]) -> None:
        self.calls.append(("arrange", *ids))

    def put_back(self, ids: Iterable[int]) -> None:
        self.calls.append(("put_back", *ids))

    def request_of(self, download_id: int) -> DownloadRequest | None:
        found = next((each for each in self.downloads if each.download_id == download_id), None)
        if found is None:
            return None
        return self.requests.get(download_id, DownloadRequest(found.url, found.folder))

    def edit(self, download_id: int, request: DownloadRequest) -> bool:
        self.calls.append(("edit", download_id, request))
        before = self.requests.get(download_id)
        self.requests[download_id] = request
        is_moving = before is not None and before.name != request.name
        if is_moving:
            self.moving[download_id] = f"{request.folder}/{request.name}"
        return is_moving

    def path_to_be(self, download_id: int) -> str:
        return self.moving.get(download_id, "")

    async def size_of(self, request: DownloadRequest) -> int | None:
        self.size_requests.append(request)
        await self.size_gate.wait()
        return self.sizes.get(request.url)

    def verify(self, ids: Iterable[int]) -> None:
        self.calls.append(("verify", *ids))

    def set_jobs(self, jobs: int) -> None:
        self.calls.append(("set_jobs", jobs))

    def set_connections(self, most: int, per_host: int, total: int) -> None:
        self.calls.append(("set_connections", most, per_host, total))

    def set_limit(self, bytes_per_s: int | None) -> None:
        self.calls.append(("set_limit", bytes_per_s))
        self.limit = bytes_per_s

    def set_unchecked(self, hosts: frozenset[Origin]) -> None:
        self.calls.append(("set_unchecked", hosts))

    def look_at_space(self) -> None:
        self.calls.append(("look_at_space",))

    def as_wished(self, shown: Iterable[Snapshot]) -> list[Snapshot]:
        statuses = {each.download_id: each.status for each in self.downloads}
        there = [each for each in shown if each.download_id in statuses]
        return [each._replace(status=statuses[each.download_id]) for each in there]

    def snapshot(self) -> QueueSnapshot:
        self.snapshots_taken += 1
        listed = [each.download_id if each.status.is_running else each for each in self.downloads]
        self._edition += listed != self._listed
        self._listed = listed
        return QueueSnapshot(
            self.downloads,
            bytes_per_s=self.bytes_per_s,
            limit_bytes_per_s=self.limit,
            eta_s=self.eta_s,
            free_bytes=self.free_bytes,
            at_once=self.at_once,
            scheduled=sum(each.start_at is not None for each in self.downloads),
            taken_at=NOW,
            edition=self._edition,
        )

    def details(self, download_id: int) -> Details:
        return self.details_by_id.get(download_id, Details(path=f"/downloads/{download_id}"))

    def events(self, *kinds: EventKind) -> EventFeed:
        feed = EventFeed(lambda _: None, kinds)
        self._fake_feeds.append(feed)
        return feed

    async def wait_idle(self) -> None:
        await self.idle.wait()

    async def history(self) -> list[Entry]:
        return self.past

    async def flush(self) -> None:
        self.calls.append(("flush",))
