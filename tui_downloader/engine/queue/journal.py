"""The only writer of the queue on disk: it batches changes, in a thread of its own.

A change is on disk within one write of being made; nothing else waits for SQLite.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.disk import settled
from tui_downloader.engine.queue.entries import download_of
from tui_downloader.engine.queue.leftovers import Leftovers
from tui_downloader.store.entry import Entry, QueueError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.queue.leftovers import Ended
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.store.queue import QueueStore

_log = logging.getLogger(__name__)
_RETRY_S = 5.0
_REPAIRED_AT_ONCE = 128
_NOT_KEPT = "until it can, the next start will not know what is added or changed now"
_KEPT_AGAIN = "the queue is saved again"


class Journal:
    """Records entries in `queue.db`; `run` is a task of the engine.

    Args:
        store: the queue on disk, None when nothing is to be recorded (`get`).
        entry_of: the current entry of a download, None when it was removed meanwhile.
        disk: deletes what is left over of what is recorded.
        tell: tells the user, once, that nothing is recorded any more, and that it is again.
        ended: see `Leftovers`.
    """

    def __init__(
        self,
        store: QueueStore | None,
        entry_of: Callable[[int], Entry | None],
        disk: Disk,
        tell: Callable[[str], None],
        ended: Ended = lambda *_: None,
    ) -> None:
        self._store = store
        self._entry_of = entry_of
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._dirty: set[int] = set()
        self._removed: dict[int, Entry] = {}
        self._leftovers = Leftovers(disk, ended)
        self._unrepaired: set[str] = set()
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._troubled_by = ""

    async def load(self) -> tuple[list[Download], int]:
        """Return the downloads of earlier runs, in queue order, and the first free id."""
        store = self._store
        if store is None:
            return [], 1

        def load() -> tuple[list[Download], int]:
            return store.load_as(download_of), store.next_id()

        return await settled(asyncio.get_running_loop().run_in_executor(self._thread, load))

    async def history(self) -> list[Entry]:
        """Return what was finished or removed, the latest first; empty when nothing is recorded.

        Raises:
            QueueError: the store refused.
        """
        if self._store is None:
            return []
        await self.flush()
        loop = asyncio.get_running_loop()
        return await settled(loop.run_in_executor(self._thread, self._store.history))

    def touch(self, download_ids: Iterable[int]) -> None:
        """Record these downloads: they have changed."""
        if self._store is not None:
            self._dirty.update(download_ids)
            self._wake.set()

    def remove(self, entries: Iterable[Entry]) -> None:
        """Move these downloads to the history as they are now."""
        if self._store is not None:
            self._removed.update((entry.download_id, entry) for entry in entries)
            self._wake.set()

    def put_back(self, download_ids: Iterable[int]) -> None:
        """Record these downloads again, which takes them out of the history."""
        returned = list(download_ids)
        for download_id in returned:
            self._removed.pop(download_id, None)
        self.touch(returned)

    async def record(self, download_id: int) -> None:
        """Wait until all of this download is on disk, unless the queue cannot be written."""
        self.touch((download_id,))
        with contextlib.suppress(QueueError):  # `run` will hear of it, too
            await self.flush()

    async def settle(self, final_path: str) -> None:
        """Wait until nothing at these names is still to be deleted.

        Otherwise a new run of a download could lose its files to the clean-up of the last one, or
        take what is left of a finished one for its own.
        """
        if final_path in self._unrepaired:
            await self._repair((final_path,))
        if self._leftovers.due_of(final_path):
            try:
                await self.flush()
            except QueueError:
                # The queue is in trouble and will hear of it later; these names are needed now.
                self._leftovers.delete(self._leftovers.due_of(final_path))
        await self._leftovers.gone(final_path)

    async def tidied(self) -> None:
        """Wait until nothing is being deleted any more, and record what came back by that."""
        before = set(self._dirty)
        await self._leftovers.gone()
        if self._dirty - before:
            with contextlib.suppress(QueueError):  # the last flush has told that
                await self.flush()

    def clean_up(self, paths: tuple[str, ...], final_path: str = "") -> None:
        """Delete these files once everything touched so far is recorded; see `Leftovers.add`."""
        self._leftovers.add(paths, final_path)
        self._wake.set()

    def may_need_repair(self, final_paths: Iterable[str]) -> None:
        """Note finished files that an earlier run may have left something beside."""
        self._unrepaired.update(final_paths)

    async def repair(self) -> None:
        """Delete what an earlier run left beside finished files."""
        while batch := tuple(islice(self._unrepaired, _REPAIRED_AT_ONCE)):
            await self._repair(batch)
        self._wake.set()

    async def _repair(self, final_paths: Collection[str]) -> None:
        found = await self._leftovers.found(final_paths)
        for path in self._unrepaired.intersection(found):
            self._leftovers.add(found[path], path)
        # Others have been looked at meanwhile: what is there now may be a new run's.
        self._unrepaired.difference_update(final_paths)

    async def run(self) -> None:
        """Write whenever something has changed, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.flush()
            except QueueError as error:
                self._trouble(str(error))
                await asyncio.sleep(_RETRY_S)
                self._wake.set()
            else:
                self._trouble("")

    def _trouble(self, words: str) -> None:
        """Tell the user while something can still be done about it, and again when it is over."""
        if words == self._troubled_by:
            return
        if words:
            _log.error("%s", words)
            self._tell(f"{words}; {_NOT_KEPT}")
        else:
            self._tell(_KEPT_AGAIN)
        self._troubled_by = words

    async def flush(self) -> None:
        """Write until nothing is left to write.

        Raises:
            QueueError: the store refused; what was to be written is kept for the next try.
        """
        async with self._writing:
            while self._dirty or self._removed or self._leftovers.due:
                due = self._leftovers.due
                await self._write_changes()
                self._leftovers.delete(due)

    async def _write_changes(self) -> None:
        dirty, self._dirty = self._dirty, set()
        removed, self._removed = self._removed, {}
        entries = [e for i in dirty if (e := self._entry_of(i)) is not None]
        if self._store is None or not (entries or removed):
            return
        loop = asyncio.get_running_loop()
        try:
            await settled(loop.run_in_executor(self._thread, _write, self._store, entries, removed))
        except QueueError:
            self._dirty |= dirty
            gone = {i: e for i, e in removed.items() if self._entry_of(i) is None}
            self._removed = gone | self._removed
            raise

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()


def _write(store: QueueStore, entries: list[Entry], removed: dict[int, Entry]) -> None:
    store.save(chain(entries, removed.values()))
    if removed:
        store.remove(removed, time.time())
