"""When a file system is full, everything on it pauses, and goes on when there is space again.

Downloads that wait for space are PAUSED with the failure "disk-full", in the queue on disk too.
Each file system is checked on its own, so that one that hangs delays no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.room import HARDLY_ANY_BYTES, RESERVE_BYTES, full_words
from tui_downloader.model.errors import DiskError, DiskFull, Failure, code_of
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.queue.download_tasks import DownloadTasks
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download

EVERY_S = 1.0
RETRY_S = 5.0
_LONGEST_RETRY_S = 300.0
_FORGOTTEN_S = 60.0  # fullness that comes back sooner is the same one
_MOST_LOOKS = 16  # at a time: each needs a thread
_HINT = "it goes on by itself when there is space; or choose another folder"
_BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system's own is


class Room(NamedTuple):
    """The space on the file system of a folder; `device` tells file systems apart."""

    device: int
    free_bytes: int


@dataclass(slots=True)
class Look:
    """The folders and partials to be checked together.

    Attributes:
        ran_into: who had no room before this look. What it finds tells nothing of who had none
            since, nor of who stands in line then.
        parts: paths of partials, by the id of their download.
    """

    ran_into: frozenset[int]
    folders: set[str] = field(default_factory=set)
    parts: dict[int, str] = field(default_factory=dict)


class Sight(NamedTuple):
    """The result of a check.

    Attributes:
        rooms: by folder.
        allocated: bytes that a download's partial occupies already, by id.
    """

    rooms: Mapping[str, Room]
    allocated: Mapping[int, int]


@dataclass(slots=True)
class Full:
    """A file system that was found full.

    Attributes:
        since: when it began, loop time in seconds.
        hit_at: the last time somebody had no room.
        waited_at: the last time somebody waited for room.
        free_bytes: what was free then.
        retry_s: after so long it is tried again though no more is free: quotas, short squeezes.
    """

    since: float
    hit_at: float
    waited_at: float
    free_bytes: int
    retry_s: float


class FullDisks:
    """Knows who writes and who waits for space; `watch` is a task of the engine.

    Args:
        roster: all downloads.
        tasks: stops them, and lets them go on.
        patience_s: how long a download waits for space before it fails; None: for ever.
    """

    def __init__(self, roster: Roster, tasks: DownloadTasks, patience_s: float | None) -> None:
        self._roster = roster
        self._tasks = tasks
        self._patience_s = patience_s
        self._writing: dict[int, Download] = {}
        self._waiting: dict[int, Download] = {}
        self._held: set[int] = set()  # they wait for what others ran into
        self._ran_into: set[int] = set()  # and no look that began after that has come back yet
        self._full: dict[int, Full] = {}  # by device
        self._looking: set[int | str] = set()  # where a look has not come back yet
        self._again: set[int | str] = set()  # where it was too early
        self._busy = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def somebody_waits(self) -> bool:
        """A download will go on by itself when there is space."""
        return any(self._is_known(download) for download in self._waiting.values())

    def _is_known(self, download: Download) -> bool:
        return self._roster.downloads.get(download.download_id) is download

    def bring_back(self, download: Download) -> None:
        """Add a download of an earlier run, which may have waited for space."""
        if _waits(download):
            self._held.add(download.download_id)
            self.note(download)

    def note(self, download: Download) -> None:
        """The status of a download changed."""
        key = download.download_id
        if download.status.is_writing:
            self._writing[key] = download
            self._busy.set()
        else:
            self._writing.pop(key, None)
        if _waits(download):
            if key not in self._waiting and key not in self._held:
                self._ran_into.add(key)
                self._hurry.set()
            self._held.discard(key)
            self._waiting[key] = download
            self._busy.set()
        else:
            self._waiting.pop(key, None)

    def leave_to_user(self, download: Download) -> bool:
        """Turn a pause for lack of space into an ordinary one; return whether it was one."""
        if not _waits(download):
            return False
        download.failure = None
        download.changed()
        return True

    async def watch(self, disk: Disk) -> None:
        """Check every second while any download writes or waits, at once when one had no room."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._busy.wait()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(EVERY_S):
                        await self._hurry.wait()
                self._waiting = {k: d for k, d in self._waiting.items() if self._is_known(d)}
                self._ran_into &= self._waiting.keys()
                if not (self._writing or self._waiting):
                    self._busy.clear()
                for where, look in self._due_looks(disk):
                    self._looking.add(where)
                    group.create_task(self._look(disk, where, look))
                self._hurry.clear()

    def _due_looks(self, disk: Disk) -> Iterator[tuple[int | str, Look]]:
        """Choose what to check: nothing whose last check still hangs, not too much at a time."""
        looks = self._looks(disk)
        for where in sorted(looks, key=lambda where: isinstance(where, str)):
            if where in self._looking:
                if self._hurry.is_set():
                    self._again.add(where)
            elif len(self._looking) < _MOST_LOOKS:
                yield where, looks[where]

    def _looks(self, disk: Disk) -> Mapping[int | str, Look]:
        """Group downloads by file system; a folder whose file system is unknown is by itself."""
        ran_into = frozenset(self._ran_into)
        looks: defaultdict[int | str, Look] = defaultdict(lambda: Look(ran_into))

        def look_at(folder: str) -> Look:
            file_system = disk.known_file_system(folder)
            look = looks[folder if file_system is None else file_system]
            look.folders.add(folder)
            return look

        for download in (*self._writing.values(), *self._waiting.values()):
            look = look_at(download.request.folder)
            if download.final_path:
                look.parts[download.download_id] = download.final_path + SUFFIX
        if self._ran_into:
            for download in self._queued():
                look_at(download.request.folder)
        return looks

    async def _look(self, disk: Disk, where: int | str, look: Look) -> None:
        here = os.path.join(next(iter(look.folders)), "")
        try:
            sight = await disk.run(here, _seen, look.folders, look.parts)
        except DiskError:
            return  # no file system has such a folder: who wants to write there is told
        finally:
            self._looking.discard(where)
        self._judge(sight, look.ran_into, asyncio.get_running_loop().time())
        if where in self._again:
            self._again.discard(where)
            self._hurry.set()

    def _queued(self) -> list[Download]:
        """Downloads that would write next; one that waits for a time is not among them."""
        return list(self._roster.known(self._roster.scheduler.in_line))

    def _judge(self, sight: Sight, ran_into: frozenset[int], now: float) -> None:
        """Hold everything on a full file system; release what fits on one that is not full now."""
        full = self._found_full(sight, ran_into)
        for room in full:
            self._full[room.device] = _hit_again(self._still_full(room, now), room, now)
            self._hold_all(room, sight)
        for room in _rooms(self._waiting.values(), sight) - full:
            self._release(room, sight, now)

    def _still_full(self, room: Room, now: float) -> Full | None:
        full = self._full.get(room.device)
        return full if full is not None and now - full.waited_at < _FORGOTTEN_S else None

    def _found_full(self, sight: Sight, ran_into: frozenset[int]) -> set[Room]:
        """Find full file systems: a write failed that should have fitted, or hardly any is left.

        A download larger than all the free space waits alone: it is no reason to stop others.
        """
        seen = {k: d for k, d in self._waiting.items() if k in ran_into and _room(d, sight)}
        self._ran_into -= seen.keys()
        hit = seen.values()
        misjudged = [each for each in hit if _fits(each, sight)]
        hit_rooms = {r for r in _rooms(hit, sight) if r.free_bytes < HARDLY_ANY_BYTES}
        written_to = _rooms(self._writing.values(), sight)
        full = {r for r in written_to if r.free_bytes < RESERVE_BYTES}
        return _rooms(misjudged, sight) | hit_rooms | full

    def _hold_all(self, room: Room, sight: Sight) -> None:
        """Pause what writes there, and what would start there next."""
        for download in (*self._writing.values(), *self._queued()):
            if _room(download, sight) == room:
                self._held.add(download.download_id)
                place = f"disk full on {clean(download.request.folder, 200)}"
                is_known = download.total_bytes is not None
                needed_bytes = _need(download, sight) if is_known else None
                words = full_words(place, needed_bytes, room.free_bytes)
                self._tasks.hold(download, Failure(DiskFull.code, words, _HINT))

    def _release(self, room: Room, sight: Sight, now: float) -> None:
        """Let as many go on as fit, in queue order."""
        full = self._still_full(room, now) or Full(now, now, now, -RESERVE_BYTES, RETRY_S)
        full.waited_at = now
        self._full[room.device] = full
        known = self._roster.downloads.items()
        waits = self._waiting.keys() - self._ran_into
        waiting = [d for key, d in known if key in waits and _room(d, sight) == room]
        if self._patience_s is not None and now - full.since >= self._patience_s:
            for download in waiting:
                self._tasks.give_up(download)
            return
        more = room.free_bytes >= full.free_bytes + RESERVE_BYTES
        if not (more or now - full.hit_at >= full.retry_s):
            return
        left_bytes = room.free_bytes - RESERVE_BYTES
        writing = [each for each in self._writing.values() if _room(each, sight) == room]
        left_bytes -= sum(_need(download, sight) for download in writing)
        for download in waiting:
            need = _need(download, sight)
            if need <= left_bytes:
                left_bytes -= need
                self._tasks.let_go_on(download)


def _hit_again(before: Full | None, room: Room, now: float) -> Full:
    if before is None:
        return Full(now, now, now, room.free_bytes, RETRY_S)
    retry_s = min(2 * before.retry_s, _LONGEST_RETRY_S)
    return Full(before.since, now, now, room.free_bytes, retry_s)


def _waits(download: Download) -> bool:
    return download.status is Status.PAUSED and code_of(download.failure) == DiskFull.code


def _room(download: Download, sight: Sight) -> Room | None:
    """Return the room for a download; None when this check was not about it, as it came later."""
    return sight.rooms.get(download.request.folder)


def _rooms(downloads: Iterable[Download], sight: Sight) -> set[Room]:
    return {room for download in downloads if (room := _room(download, sight)) is not None}


def _need(download: Download, sight: Sight) -> int:
    """Estimate how many more bytes a download will occupy."""
    total_bytes = download.total_bytes
    if total_bytes is None:
        return RESERVE_BYTES
    allocated_bytes = sight.allocated.get(download.download_id, 0)
    return max(0, total_bytes - max(allocated_bytes, download.kept_bytes))


def _fits(download: Download, sight: Sight) -> bool:
    room = _room(download, sight)
    return room is not None and _need(download, sight) + RESERVE_BYTES <= room.free_bytes


def _seen(folders: set[str], parts: Mapping[int, str]) -> Sight:
    """Check. Blocks."""
    by_device: dict[int, Room] = {}
    rooms = {}
    for folder in folders:
        # One that vanishes meanwhile is looked at again, or not missed.
        with contextlib.suppress(OSError):
            path = _existing(folder)
            device = os.stat(path).st_dev
            if device not in by_device:
                by_device[device] = Room(device, shutil.disk_usage(path).free)
            rooms[folder] = by_device[device]
    return Sight(rooms, {key: _allocated(path) for key, path in parts.items()})


def _existing(folder: str) -> str:
    """Return a folder, or its nearest parent that exists."""
    path = os.path.abspath(folder)
    while not os.path.isdir(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return path


def _allocated(path: str) -> int:
    try:
        facts = os.stat(path)
    except OSError:
        return 0
    blocks: int | None = getattr(facts, "st_blocks", None)
    return facts.st_size if blocks is None else blocks * _BLOCK_BYTES
