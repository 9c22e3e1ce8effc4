"""From an answer's body to the partial: compare bytes that are here already, write new ones."""

from __future__ import annotations

import asyncio
import functools
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.direct_io import PartlyWritten
from tui_downloader.engine.disk.samples import OverlapDiffers
from tui_downloader.engine.network.body_faults import early
from tui_downloader.engine.network.direct_body import WORTH_WRITING, DirectBody
from tui_downloader.model.errors import DiskError, DownloadError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.network.answer import Answer
    from tui_downloader.engine.network.body import Body
    from tui_downloader.engine.network.buffers import Piece
    from tui_downloader.model.answers import Take
    from tui_downloader.model.segments import Lease, Segments

_COLLECT_S = 1.0


@dataclass(slots=True)
class Early:
    """The beginning of a body that was received in memory.

    Attributes:
        data: the bytes so far; none once they are taken.
        fault: what ended the body too early, to be raised once `data` is on disk.
    """

    data: bytes = b""
    fault: DownloadError | None = None

    def take(self) -> bytes:
        """Hand out the bytes and let go of them: they would stay as long as the download runs."""
        data, self.data = self.data, b""
        return data

    def is_whole(self, total_bytes: int | None) -> bool:
        """Every byte of a file of this size is in memory."""
        return total_bytes == len(self.data)


async def begin(body: Body, small_bytes: int | None) -> Early:
    """Read the first piece of a body; of a small one, everything that comes within a second.

    Args:
        small_bytes: size of a small body, None for a large one.
    """
    if small_bytes is not None:
        return await _collect(body, small_bytes)
    try:
        piece = await body.next()
    except DownloadError as error:
        return Early(fault=error)
    data = b"" if piece is None else bytes(piece)
    if piece is not None:
        body.recycle(piece)
    return Early(data)


async def _collect(body: Body, total_bytes: int) -> Early:
    data = bytearray()
    fault: DownloadError | None = None
    # What is here already needs no clock: small files come with their heads.
    is_here = body.arrived_bytes >= total_bytes
    try:
        async with nullcontext() if is_here else asyncio.timeout(_COLLECT_S):
            while len(data) < total_bytes and (piece := await body.next()) is not None:
                data += piece
                body.recycle(piece)
    except TimeoutError:
        pass  # slow: it goes on with a partial on disk
    except DownloadError as error:
        fault = error
    return Early(bytes(data), fault)


@dataclass(slots=True)
class Splice:
    """An accepted answer that is being received into the range of a lease.

    Attributes:
        answer: its body is read up to the lease's end, wherever that moves meanwhile.
        take: where the answer's bytes belong.
        early: bytes of it that were read before.
    """

    answer: Answer
    take: Take
    early: Early = field(default_factory=Early)

    @property
    def reach(self) -> int | None:
        """Where the answer ends in the file, None when that is unknown."""
        return None if self.take.limit is None else self.take.at + self.take.limit

    def is_whole(self, received_bytes: int) -> bool:
        """Tell whether so many bytes of its body are all that the server sends."""
        return self.take.limit is not None and received_bytes >= self.take.skip + self.take.limit

    def trim(self, lease: Lease) -> None:
        """Stop receiving at the current end of the lease."""
        if lease.end is not None:
            self.answer.body.want(self.take.skip + max(0, lease.end - self.take.at))

    async def run(
        self,
        lease: Lease,
        segments: Segments,
        partial: Partial,
        disk: Disk,
        count: Callable[[int], None],
        bridge_bytes: Callable[[], int],
    ) -> None:
        """Write the body to its place.

        Args:
            count: told after each write how many bytes were new, whatever ends the receiving.
            bridge_bytes: so many bytes that are here are read again, rather than that an answer
                ends before free ones behind them.

        Raises:
            OverlapDiffers: bytes that are here already came out different; nothing was written.
            TruncatedError: the body ended before what was promised.
            DownloadError: the network or the disk failed; what was counted is safe.
        """
        position, to_skip = self.take.at, self.take.skip
        self.trim(lease)
        async for piece in self._pieces():
            view = memoryview(piece)[to_skip:]
            to_skip = max(0, to_skip - len(piece))
            while view and self._goes_on(lease, segments, bridge_bytes):
                if known := view[: max(0, lease.position - position)]:
                    await self._compare(position, known, partial, disk)
                    position += len(known)
                    view = view[len(known) :]
                    continue
                fresh = view if lease.end is None else view[: lease.end - lease.position]
                view = view[len(fresh) :]
                await self._write(fresh, lease, segments, partial, disk, count)
                position = lease.position
            self.answer.body.recycle(piece)
            if not self._goes_on(lease, segments, bridge_bytes) or position == self.reach:
                return
        if lease.end is not None and not lease.is_over:
            raise early(min(lease.end, self.reach or lease.end) - lease.position)

    async def _write(
        self,
        piece: memoryview,
        lease: Lease,
        segments: Segments,
        partial: Partial,
        disk: Disk,
        count: Callable[[int], None],
    ) -> None:
        """Write a piece, and what the socket has behind it.

        Bytes on disk are counted even when the download is paused meanwhile, or the disk fills up
        half way through.
        """
        lease.arrived = lease.position + len(piece)
        lender = self._lender(piece, partial)
        tap = None
        if lender is not None and lease.end is not None:
            tap = lender.lend(lease.end - lease.arrived)
        lease.arrived += 0 if tap is None else tap.most_bytes

        def written(n_bytes: int) -> None:
            lease.arrived = lease.position + n_bytes
            count(segments.advance(lease, lease.arrived))

        write = functools.partial(partial.write, piece, lease.position, tap)
        try:
            if tap is not None and lender is not None:
                await lender.left_alone()
            await disk.acquire(partial.part_path, written, write)
        except (DiskError, asyncio.CancelledError) as error:
            if isinstance(error.__cause__, PartlyWritten):
                written(error.__cause__.written_bytes)
            raise
        finally:
            if tap is not None and lender is not None:
                lender.take_back(tap)

    def _lender(self, piece: memoryview, partial: Partial) -> DirectBody | None:
        """Return the body to borrow its socket, which pays off behind a large piece only."""
        is_worth_it = len(piece) >= WORTH_WRITING and partial.differing is None
        return self.answer.body.lender if is_worth_it else None

    async def _compare(
        self, position: int, known: memoryview, partial: Partial, disk: Disk
    ) -> None:
        """Compare with the bytes on disk; those not there yet are kept and compared later."""
        sample = bytes(known)
        if not await disk.run(partial.part_path, partial.agrees, position, sample):
            raise OverlapDiffers

    def _goes_on(self, lease: Lease, segments: Segments, bridge_bytes: Callable[[], int]) -> bool:
        """Tell whether more is wanted, after extending the lease over free bytes behind it."""
        if not lease.is_over:
            return True
        if not segments.extend(lease, self.reach, bridge_bytes()):
            return False
        self.trim(lease)
        return not lease.is_over

    async def _pieces(self) -> AsyncIterator[Piece]:
        if self.early.data:
            yield self.early.take()
        if self.early.fault is not None:
            raise self.early.fault
        body = self.answer.body
        while (piece := await body.next()) is not None:
            yield piece
