"""Small files go to disk in batches: written together, flushed together, named together.

Flushing thousands of files one by one is what costs; asked for at the same time, flushes share one
commit of the file system's journal. While one batch is on its way the next one gathers by itself.
Each file system has a line of its own: one that hangs holds up no file elsewhere.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.small_files import Committed, Committer, Outcome, SmallFile

if TYPE_CHECKING:
    from tui_downloader.engine.disk.disk import Disk

_BATCH = 128
# What waits for one file system is in memory, and nobody waits for a slot meanwhile: a network that
# is quicker than the disk would fill it all, with bytes or with downloads. While a batch is on its
# way there is half of the next one.
MOST_HELD_BYTES = 16 << 20
MOST_HELD = _BATCH + _BATCH // 2
# When nothing has come for so long, what was started because many came is ended.
_REST_S = 60.0


class _Landing(asyncio.Future[Outcome]):
    """The outcome of what cannot be taken back: whoever is cancelled waits for it all the same."""

    def cancel(self, msg: object = None) -> bool:
        del msg
        return False

    def give_up(self) -> None:
        """There will be no outcome."""
        super().cancel()


Waiting = tuple[SmallFile, _Landing]


class _Line:
    """Small files that wait for one file system.

    Attributes:
        committer: brings them to disk.
        held, held_bytes: files that wait or are being committed, and how large they are together.
        has_room: there may be more of them.
        is_served: a task is committing what waits.
    """

    def __init__(self, *, recorded: bool) -> None:
        self.committer = Committer(recorded=recorded)
        self.waiting: list[Waiting] = []
        self.held = self.held_bytes = 0
        self.has_room = asyncio.Event()
        self.has_room.set()
        self.is_served = False

    def hold(self, small: SmallFile) -> None:
        """Count one more."""
        self._count(1, len(small.data))

    def release(self, small: SmallFile) -> None:
        """Count one less."""
        self._count(-1, -len(small.data))

    def _count(self, files: int, n_bytes: int) -> None:
        self.held += files
        self.held_bytes += n_bytes
        if self.held < MOST_HELD and self.held_bytes < MOST_HELD_BYTES:
            self.has_room.set()
        else:
            self.has_room.clear()

    def take(self) -> list[Waiting]:
        batch, self.waiting = self.waiting[:_BATCH], self.waiting[_BATCH:]
        return batch

    def close(self) -> None:
        for _, done in self.waiting:
            done.give_up()
        self.committer.close()


class Batches:
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
        """Return when there is room for more in front of the file system of a folder."""
        line = self._line(await self._disk.file_system(folder))
        while not line.has_room.is_set():
            await line.has_room.wait()

    def _line(self, file_system: int) -> _Line:
        if file_system not in self._lines:
            self._lines[file_system] = _Line(recorded=self._recorded)
        return self._lines[file_system]

    async def put(self, small: SmallFile) -> Committed:
        """Write, flush and name one small file.

        Raises:
            DownloadError: the disk refused. Skipped: the name exists and is to be skipped.
        """
        line = self._line(await self._disk.file_system(small.destination.folder))
        done = _Landing(loop=asyncio.get_running_loop())
        line.waiting.append((small, done))
        line.hold(small)
        self._wake.set()
        try:
            outcome = await done
        except asyncio.CancelledError:
            outcome = done.result()
        finally:
            line.release(small)
        if isinstance(outcome, Committed):
            return outcome
        raise outcome

    async def run(self) -> None:
        """Commit batch after batch, on all file systems at a time, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    comes = await self._has_come()
                    act = self._serve if comes else self._rest
                    for line in self._lines.values():
                        is_due = bool(line.waiting) if comes else line.committer.has_process
                        if is_due and not line.is_served:
                            line.is_served = True
                            group.create_task(act(line))
        finally:
            for line in self._lines.values():
                line.close()

    async def _has_come(self) -> bool:
        """Wait for files, or, while a process is ready for them, for a time without any."""
        has_process = any(line.committer.has_process for line in self._lines.values())
        try:
            async with asyncio.timeout(_REST_S if has_process else None):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    async def _serve(self, line: _Line) -> None:
        while batch := line.take():
            await self._commit(batch, line.committer)
        self._has_served(line)

    async def _rest(self, line: _Line) -> None:
        await asyncio.to_thread(line.committer.rest)
        self._has_served(line)

    def _has_served(self, line: _Line) -> None:
        line.is_served = False
        self._wake.set()  # something may have come, and a process may be there

    async def _commit(self, batch: list[Waiting], committer: Committer) -> None:
        files = [small for small, _ in batch]
        here = os.path.join(files[0].destination.folder, "")
        try:
            outcomes = await self._disk.run(here, committer.commit, files)
        except BaseException:
            # A bug, or the end of the engine: nobody is to wait for ever.
            for _, done in batch:
                done.give_up()
            raise
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            done.set_result(outcome)
