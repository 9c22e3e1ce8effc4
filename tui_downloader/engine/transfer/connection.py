"""One connection of a download: borrows a range, asks for it, receives it, borrows the next."""

from __future__ import annotations

import asyncio
import time
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from tui_downloader.engine.transfer.receiving import Splice
from tui_downloader.model.answers import AskAgain, Changed, Refuse, Take, Verdict
from tui_downloader.model.download import ConnectionSnapshot
from tui_downloader.model.errors import DownloadError
from tui_downloader.model.speed import Meter

if TYPE_CHECKING:
    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.sources import Source
    from tui_downloader.model.segments import Lease, Segments


class Reconsider(Exception):
    """An answer to one connection that concerns the whole download, which has to decide anew."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict = verdict

    @property
    def is_about_ranges(self) -> bool:
        """The file is unchanged; only requesting a part of it does not work this way."""
        is_other = isinstance(self.verdict, AskAgain) and self.verdict.other_etag is not None
        return not isinstance(self.verdict, Changed) and not is_other


class ConnectionState(Enum):
    """What a connection is doing; the value is the text in the details."""

    CONNECTING = "connecting"
    RECEIVING = "receiving"
    RETRYING = "retrying"


class Owner(Protocol):
    """What a connection asks of, and reports to, the `Connections` it belongs to."""

    @property
    def breath_s(self) -> float:
        """Seconds that the server gets to notice an answer that was closed before its end."""

    def next_lease(self, connection: Connection) -> Lease | None:
        """Lend the next range, or return None when this connection is not needed any more."""

    def bridge_bytes(self) -> int:
        """How many bytes are sooner received a second time than other ones asked for."""

    def failed(self, connection: Connection, fault: DownloadError) -> float | None:
        """Decide about a fault: seconds until the next try, or None to end the connection."""

    def received(self, connection: Connection, n_bytes: int) -> None:
        """This many new bytes are on disk."""

    def met(self) -> None:
        """An answer was received to the end of its range and contradicted nothing."""


class Connection:
    """One connection.

    Args:
        number: stable, from 1.
        source: the address that serves it.
        lease: the first range.
        splice: the answer that is open for it already, None to ask.

    Attributes:
        has_begun: its task has taken its first step.
        retries: how often it had to ask again.
        faults_in_row: faults since the last byte.
        was_cut: its last answer was closed before its end, or not waited for; the server may still
            be sending it.
    """

    def __init__(
        self, number: int, source: Source, lease: Lease, splice: Splice | None = None
    ) -> None:
        self.number = number
        self.source = source
        self.lease: Lease | None = lease
        self.state = ConnectionState.CONNECTING if splice is None else ConnectionState.RECEIVING
        self.has_begun = False
        self.retries = 0
        self.faults_in_row = 0
        self.was_cut = False
        self.peer = ""
        self._splice = splice
        self._before_bytes = 0  # received by earlier answers
        self._first_byte_at: float | None = None
        self._meter = Meter()

    def __repr__(self) -> str:
        return f"<Connection {self.number} {self.state.value} {self.lease}>"

    @property
    def received_bytes(self) -> int:
        """Bytes received by all answers of this connection."""
        now = self._splice.answer.body.received_bytes if self._splice is not None else 0
        return self._before_bytes + now

    @property
    def works(self) -> bool:
        """It receives, or has received and asks for its next range."""
        is_between = self.state is ConnectionState.CONNECTING and self.received_bytes > 0
        return self.state is ConnectionState.RECEIVING or is_between

    @property
    def is_backed_up(self) -> bool:
        """Received bytes are waiting for the disk."""
        return self._splice is not None and self._splice.answer.body.is_backed_up

    def receives_since_s(self, now: float) -> float:
        """Seconds since its first byte, 0 before that."""
        return 0.0 if self._first_byte_at is None else now - self._first_byte_at

    def bytes_per_s(self, now: float) -> float:
        """Throughput over the last seconds."""
        return self._meter.rate(now)

    def trim(self) -> None:
        """The end of its lease was moved: stop receiving there."""
        if self._splice is not None and self.lease is not None:
            self._splice.trim(self.lease)

    def snapshot(self, now: float) -> ConnectionSnapshot | None:
        """Return what the details show of it, None when it has no range."""
        lease = self.lease
        if lease is None:
            return None
        return ConnectionSnapshot(
            number=self.number,
            start=lease.start,
            position=max(lease.start, min(lease.position, lease.end or lease.position)),
            end=lease.end,
            bytes_per_s=self.bytes_per_s(now),
            retries=self.retries,
            peer=self.peer,
            state=self.state.value,
        )

    async def run(
        self, owner: Owner, asking: Asking, segments: Segments, partial: Partial, disk: Disk
    ) -> None:
        """Fetch range after range until there is none.

        Raises:
            Reconsider: an answer concerns the whole download.
            OverlapDiffers: the server's bytes are not those on disk.
        """
        try:
            while self.lease is not None:
                try:
                    splice = self._splice or await self._open(asking, self.lease)
                    if not self.lease.is_over:  # nobody else has had it meanwhile
                        await self._receive(splice, owner, segments, partial, disk)
                except DownloadError as fault:
                    await self._rest(owner, segments, fault)
                    continue
                await self._next(owner, segments)
        finally:
            self._put_down(segments)

    async def _open(self, asking: Asking, lease: Lease) -> Splice:
        assert lease.end is not None
        self.state = ConnectionState.CONNECTING
        try:
            answer, verdict = await asking.part(lease.position, lease.end, self.source)
        except asyncio.CancelledError:
            self.was_cut = True
            raise
        if isinstance(verdict, Take):
            splice = Splice(answer, verdict)
            if splice.reach is None or splice.reach > lease.position:
                self._splice = splice
                return splice
            # The next one would be the same, and so on for ever.
            verdict = AskAgain("a part that ends before the first missing byte", plain=True)
        answer.body.close()
        if isinstance(verdict, Refuse):
            raise verdict.error
        raise Reconsider(verdict)

    async def _receive(
        self, splice: Splice, owner: Owner, segments: Segments, partial: Partial, disk: Disk
    ) -> None:
        lease = self.lease
        assert lease is not None
        reached = lease.position
        lease.is_answered = True
        self.state = ConnectionState.RECEIVING
        self.peer = splice.answer.peer or self.peer

        def count(n_bytes: int) -> None:
            nonlocal reached
            self.source.brought.add(reached, lease.position)
            reached, now = lease.position, time.monotonic()
            self._first_byte_at = self._first_byte_at or now
            self._meter.add(n_bytes, now)
            self.faults_in_row = 0
            owner.received(self, n_bytes)

        try:
            await splice.run(lease, segments, partial, disk, count, owner.bridge_bytes)
        finally:
            self._close_answer()
        owner.met()

    async def _next(self, owner: Owner, segments: Segments) -> None:
        """After an answer: go on with the rest of the range, or borrow another one."""
        self._close_answer()
        lease = self.lease
        assert lease is not None
        if lease.is_over or lease.end is None:
            segments.give_back(lease)
            self.lease = None
            if lease.end is None:
                return
            if self.was_cut and owner.breath_s:
                await asyncio.sleep(owner.breath_s)
            self.lease = owner.next_lease(self)

    async def _rest(self, owner: Owner, segments: Segments, fault: DownloadError) -> None:
        """Wait before trying again; meanwhile other connections may have the range."""
        self._put_down(segments)
        self.faults_in_row += 1
        wait_s = owner.failed(self, fault)
        if wait_s is None:
            return
        self.retries += 1
        self.state = ConnectionState.RETRYING
        await asyncio.sleep(wait_s)
        self.lease = owner.next_lease(self)

    def _put_down(self, segments: Segments) -> None:
        self._close_answer()
        if self.lease is not None:
            segments.give_back(self.lease)
            self.lease = None

    def _close_answer(self) -> None:
        if self._splice is not None:
            received_bytes = self._splice.answer.body.received_bytes
            self.was_cut = not self._splice.is_whole(received_bytes)
            self._before_bytes += received_bytes
            self._splice.answer.body.close()
            self._splice = None
