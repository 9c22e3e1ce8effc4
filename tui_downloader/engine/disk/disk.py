"""Worker threads for everything that blocks: file writes, hashing, directory scans.

`run` waits for its thread even when it is cancelled: otherwise a descriptor could be closed, or a
buffer reused, while the thread still works with it.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tui_downloader.engine.disk.disk_faults import disk_error, refuse_impossible

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8  # of each file system; made as they are needed
_UNUSABLE = -1


def device_of(folder: str) -> int:
    """Return the number of the file system that `folder` is, or will be made, on. Blocks."""
    path = os.path.abspath(folder)
    while True:
        try:
            return os.stat(path).st_dev
        except (FileNotFoundError, NotADirectoryError):
            path = os.path.dirname(path)
        except OSError:
            return _UNUSABLE


class Threads:
    """The threads of one file system, or of one folder whose file system is not known yet."""

    def __init__(self, most: int) -> None:
        self._executor = ThreadPoolExecutor(most, thread_name_prefix="disk")
        self._calls: dict[asyncio.Future[Any], tuple[str, float]] = {}

    def submit(self, path: str, call: Callable[[], T]) -> asyncio.Future[T]:
        """Call it in a thread; see `Disk.run` for `path`."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, call)
        self._calls[future] = path, loop.time()
        future.add_done_callback(self._calls.pop)
        return future

    def unanswered(self, before: float) -> list[tuple[str, float]]:
        """Return the calls made before this loop time that have not returned: path, and when."""
        return [call for call in self._calls.values() if call[1] <= before]

    def answer_for(self, other: Threads) -> None:
        """Count the calls of other threads among these too."""
        for future, call in other._calls.items():
            self._calls[future] = call
            future.add_done_callback(self._calls.pop)

    def shutdown(self, *, wait: bool) -> None:
        """End the threads once they have finished their calls."""
        self._executor.shutdown(wait)


class Disk:
    """Threads for blocking calls, apart from the event loop's own (name lookups).

    Each file system has a pool of its own, so that one that hangs, such as a dead network mount,
    blocks nothing elsewhere. Even asking which file system a folder is on may hang: until that is
    known the folder has a thread of its own, which asks first.

    Args:
        device_of: tells the file system of a folder, in a thread.
    """

    def __init__(self, device_of: Callable[[str], int] = device_of) -> None:
        self._device_of = device_of
        self._pools: dict[int, Threads] = {}
        self._of_folder: dict[str, Threads] = {}
        self._devices: dict[str, int] = {}  # by folder
        self._asked: dict[str, asyncio.Future[int]] = {}

    def close(self) -> None:
        """Wait for running calls and end the threads."""
        for pool in {*self._pools.values(), *self._of_folder.values()}:
            pool.shutdown(wait=True)

    def known_file_system(self, folder: str) -> int | None:
        """Return the number of the file system a folder is on, None while nobody knows it."""
        return self._devices.get(folder)

    async def file_system(self, folder: str) -> int:
        """Return the number of the file system a folder is on, when that is known."""
        device = self._devices.get(folder)
        if device is None:
            self._pool_of(folder)
            device = await asyncio.shield(self._asked[folder])
        return device

    def neighbours(self, folder: str) -> set[str]:
        """Return this folder and every other one known to be on the same file system."""
        pool = self._of_folder.get(folder)
        return {other for other, its in self._of_folder.items() if its is pool} | {folder}

    def unanswered(self, folder: str, before: float) -> list[tuple[str, float]]:
        """Return a file system's calls from before a loop time that have not returned.

        Returns:
            The path of each call (see `run`), and when it was made.
        """
        pool = self._of_folder.get(folder)
        return [] if pool is None else pool.unanswered(before)

    async def run(
        self, path: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function` in a thread.

        Args:
            path: what the call is about, for its threads and the words of an error; a folder ends
                with a separator.

        Raises:
            DiskError: an OSError, translated.
        """
        try:
            return await settled(self._submit(path, lambda: function(*args, **kwargs)))
        except OSError as error:
            raise disk_error(error, path) from error

    async def land(
        self, path: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `run`, for a step that cannot be taken back: its result outranks a cancellation."""
        try:
            return await landed(self._submit(path, lambda: function(*args, **kwargs)))
        except OSError as error:
            raise disk_error(error, path) from error

    async def acquire(self, path: str, own: Callable[[T], None], function: Callable[[], T]) -> None:
        """Like `run`, for a call whose result needs an owner even after a cancellation.

        Args:
            own: takes the result over, in the event loop, before anything else happens.
        """
        call = self._submit(path, function)
        cancelled = await _ended(call)
        if cancelled and call.exception() is not None:  # the cancellation outranks it
            raise asyncio.CancelledError from call.exception()
        try:
            own(call.result())
        except OSError as error:
            raise disk_error(error, path) from error
        if cancelled:
            raise asyncio.CancelledError

    def begin(
        self, path: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[T]:
        """Call `function` in a thread without waiting for it; it must not raise."""
        return self._submit(path, lambda: function(*args, **kwargs))

    def _submit(self, path: str, call: Callable[[], T]) -> asyncio.Future[T]:
        return self._pool_of(os.path.dirname(path)).submit(path, call)

    def _pool_of(self, folder: str) -> Threads:
        return self._of_folder.get(folder) or self._meet(folder)

    def _meet(self, folder: str) -> Threads:
        """Return a thread for a folder whose file system is unknown, and let it find out.

        Raises:
            DiskError: no file system can have a folder of that name.
        """
        refuse_impossible(folder)
        own = self._of_folder[folder] = Threads(1)
        here = os.path.join(folder, "")
        asked = self._asked[folder] = own.submit(here, lambda: self._device_of(folder))
        asked.add_done_callback(lambda _: self._join(folder, own, asked.result()))
        return own

    def _join(self, folder: str, own: Threads, device: int) -> None:
        """Let the folder share the threads of its file system from now on."""
        if device not in self._pools:
            self._pools[device] = Threads(_THREADS)
        self._of_folder[folder] = self._pools[device]
        self._pools[device].answer_for(own)
        self._devices[folder] = device
        del self._asked[folder]
        own.shutdown(wait=False)  # what it was given already it still does


async def settled(call: asyncio.Future[T]) -> T:
    """Await a thread's future; a cancellation is raised only once the thread has ended."""
    if await _ended(call):
        call.exception()  # marked as seen: the cancellation outranks it
        raise asyncio.CancelledError
    return call.result()


async def landed(call: asyncio.Future[T]) -> T:
    """Await a step that cannot be taken back, such as a rename; cancelling has no effect on it."""
    await _ended(call)
    return call.result()


async def _ended(call: asyncio.Future[T]) -> bool:
    """Wait for `call`; True when the waiting task was cancelled meanwhile."""
    cancelled = False
    while not call.done():
        # A future of our own rather than `asyncio.wait`: that takes five times as long, and every
        # piece of every file passes here.
        ended = call.get_loop().create_future()
        resolve = _resolver(ended)
        call.add_done_callback(resolve)
        try:
            await ended
        except asyncio.CancelledError:
            cancelled = True
        finally:
            call.remove_done_callback(resolve)
    return cancelled


def _resolver(waiting: asyncio.Future[None]) -> Callable[[object], None]:
    def resolve(_: object) -> None:
        if not waiting.done():
            waiting.set_result(None)

    return resolve
