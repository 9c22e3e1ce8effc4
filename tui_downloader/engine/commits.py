"""Small files go to disk in batches: written together, flushed together, named together.

Flushing thousands of files one by one is what costs; asked for at the same time, flushes share one
commit of the file system's journal. While one batch is on its way the next one gathers by itself.
Each file system has a line of its own: one that hangs holds up no file elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk import landed
from tui_downloader.engine.disk_faults import disk_error
from tui_downloader.engine.opening import open_new
from tui_downloader.engine.partial import Partial
from tui_downloader.engine.place import Place, Skipped
from tui_downloader.engine.renaming import sync_folder
from tui_downloader.engine.unnamed import Unnamed, open_unnamed
from tui_downloader.model.errors import DownloadError
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from tui_downloader.engine.disk import Disk
    from tui_downloader.model.passport import Passport

SMALL_BYTES = 256 * 1024
_BATCH = 128
_FLUSHERS = 16
# What waits for one file system is in memory, and nobody waits for a slot meanwhile: a network that
# is quicker than the disk would fill it all.
MOST_HELD_BYTES = 16 << 20


class SmallFile(NamedTuple):
    """A whole file in memory, ready to be written.

    Attributes:
        name: the wanted final name.
        passport: recorded beside the data until the queue knows of the completion.
    """

    name: str
    place: Place
    url: str
    data: bytes
    passport: Passport


class Committed(NamedTuple):
    """A small file under its final name; `leftovers` are deleted once the queue knows."""

    name: str
    leftovers: tuple[str, ...]


Outcome = Committed | DownloadError | Skipped
Waiting = tuple[SmallFile, "asyncio.Future[Outcome]"]


class _Line:
    """Small files that wait for one file system.

    Attributes:
        flushers: threads to wait for it in.
        held_bytes: of files that wait or are being committed.
        has_room: there may be more of them.
        is_served: a task is committing what waits.
    """

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.held_bytes = 0
        self.has_room = asyncio.Event()
        self.has_room.set()
        self.flushers = ThreadPoolExecutor(_FLUSHERS, thread_name_prefix="flush")
        self.is_served = False

    def hold(self, n_bytes: int) -> None:
        """Count so many bytes more, or fewer."""
        self.held_bytes += n_bytes
        if self.held_bytes < MOST_HELD_BYTES:
            self.has_room.set()
        else:
            self.has_room.clear()

    def take(self) -> list[Waiting]:
        batch, self.waiting = self.waiting[:_BATCH], self.waiting[_BATCH:]
        return batch

    def close(self) -> None:
        for _, done in self.waiting:
            done.cancel()
        self.flushers.shutdown(wait=False)  # nothing is given to it any more


class Commits:
    """The gathering place. `run` is a task of the engine; `put` is called by transfers.

    Args:
        recorded: a queue on disk is told of each completion. A crash before that must leave a
            trace of the file that is whole already.
    """

    def __init__(self, disk: Disk, *, recorded: bool) -> None:
        self._disk = disk
        self._recorded = recorded
        self._lines: dict[int, _Line] = {}  # by file system
        self._wake = asyncio.Event()

    async def room(self, folder: str) -> None:
        """Return when what waits for the file system of a folder leaves room for more."""
        line = self._line(await self._disk.file_system(folder))
        while not line.has_room.is_set():
            await line.has_room.wait()

    def _line(self, file_system: int) -> _Line:
        if file_system not in self._lines:
            self._lines[file_system] = _Line()
        return self._lines[file_system]

    async def put(self, small: SmallFile) -> Committed:
        """Write, flush and name one small file.

        Raises:
            DownloadError: the disk refused. Skipped: the name exists and is to be skipped.
        """
        line = self._line(await self._disk.file_system(small.place.folder))
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        line.waiting.append((small, done))
        line.hold(len(small.data))
        self._wake.set()
        try:
            outcome = await landed(done)
        finally:
            line.hold(-len(small.data))
        if isinstance(outcome, Committed):
            return outcome
        raise outcome

    async def run(self) -> None:
        """Commit batch after batch, on all file systems at a time, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    for line in self._lines.values():
                        if line.waiting and not line.is_served:
                            line.is_served = True
                            group.create_task(self._serve(line))
        finally:
            for line in self._lines.values():
                line.close()

    async def _serve(self, line: _Line) -> None:
        while batch := line.take():
            await self._commit(batch, line.flushers)
        line.is_served = False

    async def _commit(self, batch: list[Waiting], flushers: Executor) -> None:
        files = [small for small, _ in batch]
        here = os.path.join(files[0].place.folder, "")
        try:
            outcomes = await self._disk.run(here, commit_batch, files, flushers, self._recorded)
        except BaseException:
            # A bug, or the end of the engine: nobody is to wait for ever.
            for _, done in batch:
                done.cancel()
            raise
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            done.set_result(outcome)


def commit_batch(files: list[SmallFile], flushers: Executor, recorded: bool) -> list[Outcome]:
    """Write, flush and name every file; one that fails harms no other. Blocks.

    Each step is done for all files before the next one: the file system's journal takes them
    together.

    Args:
        flushers: threads to wait for the disk in.
        recorded: see `Commits`.
    """
    steps = [_Step(small, recorded=recorded) for small in files]
    for act in (_Step.write, _Step.start_writeback):
        for step in steps:
            step.attempt(act)
    shares = min(len(steps), _FLUSHERS)
    list(flushers.map(_flush, (steps[n::shares] for n in range(shares))))
    for step in steps:
        step.attempt(_Step.name)
    _sync_folders([step for step in steps if isinstance(step.outcome, Committed)])
    return [step.close() for step in steps]


def _sync_folders(named: list[_Step]) -> None:
    """Make the new names survive a power cut; a folder that refuses is told to all in it."""
    for folder in {step.small.place.folder for step in named}:
        try:
            sync_folder(folder)
        except OSError as error:
            for step in named:
                if step.small.place.folder == folder:
                    step.outcome = disk_error(error, folder)


def _flush(steps: list[_Step]) -> None:
    for step in steps:
        step.attempt(_Step.flush)


class _Step:
    """One small file on its way through a batch; the first refusal ends its way."""

    def __init__(self, small: SmallFile, *, recorded: bool) -> None:
        self.small = small
        self.recorded = recorded
        self.file: Partial | Unnamed | None = None
        self.outcome: Outcome | None = None

    def attempt(self, act: Callable[[_Step], None]) -> None:
        if isinstance(self.outcome, Exception):
            return
        try:
            act(self)
        except (DownloadError, Skipped) as refused:
            self.outcome = refused
        except OSError as error:
            self.outcome = disk_error(error, self.small.place.folder)

    def write(self) -> None:
        small = self.small
        if not self.recorded:
            self.file = open_unnamed(small.name, small.place)
        if self.file is None:
            self.file = self._open_partial()
        self.file.write(small.data, 0)

    def _open_partial(self) -> Partial:
        small = self.small
        partial = self.file = open_new(small.name, small.place, small.url, len(small.data))
        if partial.record is not None:
            partial.empty()
        passports.write(partial.part_path, small.passport, flush=False)
        return partial

    def start_writeback(self) -> None:
        if self.file is not None and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self.file.fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def flush(self) -> None:
        if self.file is not None:
            self.file.flush()

    def name(self) -> None:
        if self.file is not None:
            leftovers = self.file.take_name(self.small.place)
            self.outcome = Committed(self.file.name, leftovers)

    def close(self) -> Outcome:
        assert self.outcome is not None
        # A disk that has turned read-only refuses this, too: the other files are not to suffer.
        with contextlib.suppress(OSError):
            if isinstance(self.file, Partial) and isinstance(self.outcome, Exception):
                self.file.throw_away()  # its bytes are in memory or nowhere
        with contextlib.suppress(OSError):
            if self.file is not None:
                self.file.close()
        return self.outcome
