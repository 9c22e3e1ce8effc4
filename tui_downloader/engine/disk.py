"""Worker threads for everything that blocks: file writes, hashing, directory scans.

`run` waits for its thread even when it is cancelled: nobody may close a descriptor or reuse a
buffer that a thread still works with.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from tui_downloader.engine.disk_faults import disk_error

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 8


class Disk:
    """A pool of threads for blocking calls, apart from the loop's own (name lookups)."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="disk")

    def close(self) -> None:
        """Wait for running calls and end the threads."""
        self._pool.shutdown()

    async def run(
        self, path: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `function` in a thread.

        Args:
            path: what the call is about, for the words of an error.

        Raises:
            DiskError: an OSError, translated.
        """
        try:
            return await settled(self._submit(lambda: function(*args, **kwargs)))
        except OSError as error:
            raise disk_error(error, path) from error

    async def land(
        self, path: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `run` for a step that cannot be taken back: its result outranks a cancellation."""
        try:
            return await landed(self._submit(lambda: function(*args, **kwargs)))
        except OSError as error:
            raise disk_error(error, path) from error

    async def acquire(self, path: str, own: Callable[[T], None], function: Callable[[], T]) -> None:
        """Like `run` for a call whose result must be owned by somebody even after a cancellation.

        Args:
            own: takes the result over, in the event loop, before anything else happens.
        """
        call = self._submit(function)
        cancelled = await _ended(call)
        try:
            own(call.result())
        except OSError as error:
            raise disk_error(error, path) from error
        if cancelled:
            raise asyncio.CancelledError

    def _submit(self, call: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._pool, call)


async def settled(call: asyncio.Future[T]) -> T:
    """Await a thread's future; a cancellation takes effect only once the thread has ended."""
    if await _ended(call):
        call.exception()  # marked as seen: the cancellation outranks it
        raise asyncio.CancelledError
    return call.result()


async def landed(call: asyncio.Future[T]) -> T:
    """Await a step that cannot be taken back, such as a rename: a cancellation comes too late."""
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
