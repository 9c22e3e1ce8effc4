"""From an answer's body to the partial: compare what is here already, write what is new."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DownloadError, TruncatedError
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from tui_downloader.engine.body import Body, Piece
    from tui_downloader.engine.disk import Disk
    from tui_downloader.engine.partial import Partial
    from tui_downloader.model.answers import Take

_COLLECT_S = 1.0


class OverlapDiffers(Exception):
    """The server's bytes are not those on disk although everything else agreed."""


@dataclass(frozen=True, slots=True)
class Early:
    """What came of a small body while it was gathered in memory.

    Attributes:
        data: the bytes so far.
        fault: what ended the body too early, to be raised once `data` is on disk.
    """

    data: bytes = b""
    fault: DownloadError | None = None

    def is_whole(self, total_bytes: int | None) -> bool:
        """Every byte of a file of this size is in memory."""
        return total_bytes == len(self.data)


async def collect(body: Body, total_bytes: int) -> Early:
    """Gather a small body for up to a second; whatever came by then is returned."""
    data = bytearray()
    fault: DownloadError | None = None
    try:
        async with asyncio.timeout(_COLLECT_S):
            while len(data) < total_bytes and (piece := await body.next()) is not None:
                data += piece
                body.recycle(piece)
    except TimeoutError:
        pass  # slow: it goes on with a partial on disk
    except DownloadError as error:
        fault = error
    return Early(bytes(data), fault)


async def splice(
    body: Body, early: Early, take: Take, partial: Partial, disk: Disk
) -> AsyncGenerator[tuple[int, int], None]:
    """Write a body to its place and yield each range [start, end) once it is on disk.

    Raises:
        OverlapDiffers: bytes that are here already came out different; nothing was written.
        TruncatedError: the body ended before what was promised.
        DownloadError: the network or the disk failed; what was yielded is safe.
    """
    compare_until = partial.done.prefix_end(take.at)
    position, to_skip = take.at, take.skip
    end = None if take.limit is None else take.at + take.limit
    async for piece in _pieces(body, early):
        view = memoryview(piece)[to_skip:]
        to_skip = max(0, to_skip - len(piece))
        if end is not None:
            view = view[: end - position]
        known = view[: max(0, compare_until - position)]
        if known and await disk.run(partial.part_path, partial.read, position, len(known)) != known:
            raise OverlapDiffers
        fresh = view[len(known) :]
        start = position + len(known)
        position += len(view)
        if fresh:
            await disk.run(partial.part_path, partial.write, fresh, start)
            yield start, position
        body.recycle(piece)
        if position == end:
            return
    if end is not None:
        raise TruncatedError(
            f"the server closed the connection {format_bytes(end - position)} before the end"
        )


async def _pieces(body: Body, early: Early) -> AsyncIterator[Piece]:
    if early.data:
        yield early.data
    if early.fault is not None:
        raise early.fault
    while (piece := await body.next()) is not None:
        yield piece
