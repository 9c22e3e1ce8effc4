"""All connections of one download: which range each one fetches, and what a fault means.

The first answer is open already when they start. Decisions are made synchronously, with no `await`
in between: `next_lease` lends a range, `_fill` opens connections while `ConnectionCount` wants
more, `failed` judges a fault. Each `Connection` does its own I/O.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.samples import OverlapDiffers
from tui_downloader.engine.transfer.connection import Connection, ConnectionState, Reconsider
from tui_downloader.engine.transfer.connection_count import ConnectionCount
from tui_downloader.engine.transfer.estimates import Estimates
from tui_downloader.engine.transfer.proving import prove_all
from tui_downloader.model.answers import Changed
from tui_downloader.model.errors import Again, DiskError, DownloadError, HostBusy
from tui_downloader.model.request_rate import may_be_too_soon
from tui_downloader.model.segments import Segments
from tui_downloader.model.units import counted

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.receiving import Splice
    from tui_downloader.engine.transfer.recorder import Recorder
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.download import ConnectionSnapshot
    from tui_downloader.model.segments import Lease

_WAIT_AFTER_FAULT_S = 0.5
# Refused so often, with pauses that doubled, or that would have done: one connection too many.
_TOO_SOON_IN_ROW, _INNOCENT_IN_ROW = 3, 2
_FAULTS_IN_ROW = 5  # of one connection while others receive; after that it is given up


class Connections:
    """Fetches the missing bytes of a file.

    Args:
        download: DOWNLOADING.
        recorder: holds the open partial.
        first: the answer that is open already.
    """

    def __init__(
        self,
        download: Download,
        tools: Tools,
        asking: Asking,
        recorder: Recorder,
        first: Splice,
    ) -> None:
        partial = recorder.partial
        assert partial is not None
        self._download = download
        self._tools = tools
        self._asking = asking
        self._recorder = recorder
        self._partial = partial
        self._segments = Segments(partial.done, download.total_bytes)
        self._first = first
        self._has_ranges = first.take.ranges and self._segments.total_bytes is not None
        self._open: dict[Connection, asyncio.Task[None]] = {}
        self._estimates = Estimates(self._open, asking)
        self._count = ConnectionCount(
            download, tools, asking, self._open, has_ranges=self._has_ranges
        )
        self._next_number = 1
        self._received_bytes = 0  # by connections that are gone
        self._over = asyncio.Event()
        self._fault: Exception | None = None
        self._quiet_until = 0.0  # by the steady clock: no connection beside others is opened before

    async def run(self) -> None:
        """Fetch until everything is here, or a body of unknown length has ended.

        Raises:
            Reconsider: an answer concerns the whole download.
            OverlapDiffers: the server's bytes are not those on disk.
            DownloadError: no connection works any more.
        """
        first = self._first
        self._count.begin()
        self._download.progress.snapshots = self.snapshots
        lease = self._first_lease(first)
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                services = [
                    group.create_task(self._steer()),
                    group.create_task(self._record()),
                ]
                if self._has_ranges:
                    total_bytes, disk = self._segments.total_bytes or 0, self._tools.disk
                    proving = prove_all(self._asking, self._partial, total_bytes, disk, self._tell)
                    services.append(group.create_task(proving))
                try:
                    self._start(lease, first)
                    self._fill()
                    await self._over.wait()
                finally:
                    self._over.set()  # nothing new begins from here on
                for task in (*services, *self._open.values()):
                    task.cancel()
        finally:
            self._download.progress.snapshots = None
            self._count.end(was_sound=self._fault is None)
        if self._fault is not None:
            raise self._fault

    async def _record(self) -> None:
        """Keep the passport up to date; a disk error ends the run."""
        try:
            await self._recorder.run()
        except DiskError as fault:
            self._fault = self._fault or fault
            self._over.set()

    def _first_lease(self, first: Splice) -> Lease:
        """Return the range for the answer that is open already: the gap in which it begins."""
        done, total = self._segments.done, self._segments.total_bytes
        position = done.prefix_end(first.take.at)
        if total is None:
            return self._segments.claim_at(position, None)
        end = next((end for start, end in done.gaps(total) if start == position), position)
        return self._segments.claim_at(position, end)

    # Opening and closing.

    def _start(self, lease: Lease, splice: Splice | None = None) -> None:
        # The first answer is of the address in use, as is the choice while nothing is open.
        source = self._asking.sources.pick(connection.source for connection in self._open)
        connection = Connection(self._next_number, source, lease, splice)
        self._next_number += 1
        # Registered in the same step: an eager task may run before it is returned.
        self._open[connection] = self._group.create_task(self._serve(connection))
        if self._open[connection].done():
            del self._open[connection]

    async def _serve(self, connection: Connection) -> None:
        connection.has_begun = True
        try:
            await connection.run(
                self, self._asking, self._segments, self._partial, self._tools.disk
            )
        except (Reconsider, OverlapDiffers) as fault:
            self._reconsider(connection, fault)
        except Exception:
            self._over.set()  # a bug: nothing new begins
            raise
        finally:
            self._received_bytes += connection.received_bytes
            self._open.pop(connection, None)
            if connection.was_cut:
                self._quiet_until = time.monotonic() + self.breath_s
            self._ended()

    def _ended(self) -> None:
        """A connection has ended: open another one, or end the run if it was the last."""
        if self._segments.is_complete or self._fault is not None:
            self._over.set()
            return
        self._fill()
        if not self._open:
            self._over.set()

    def _reconsider(self, connection: Connection, fault: Reconsider | OverlapDiffers) -> None:
        """Drop one connection and keep the others, unless the file itself is in doubt."""
        is_range_fault = isinstance(fault, Reconsider) and fault.is_about_ranges
        source = connection.source
        is_mirror = source is not self._asking.sources.primary
        brought_others = isinstance(fault, OverlapDiffers) and source.brought.total > 0
        if is_mirror and not brought_others:
            source.give_up()
            self._tell(f"#{connection.number}, a mirror: its answer does not fit, it is left alone")
        elif is_range_fault and self._others_work(connection):
            self._refused("answers to further range requests make no sense", connection)
        elif self._may_go_on_without(fault) and self._others_work(connection):
            self._refused("it is told of another version", connection, is_rule=False)
        else:
            self._fault = self._fault or fault

    def _may_go_on_without(self, fault: Reconsider | OverlapDiffers) -> bool:
        """Tell whether those that still bring this version are worth more than another one.

        Each has been told which version it brings, so nothing is mixed. What this one is told may
        be true of another machine only, or be a web page, as links that work once lead to; and
        where the user would have to decide about what is here, there is time for that when no more
        comes.
        """
        if isinstance(fault, OverlapDiffers) or not isinstance(fault.verdict, Changed):
            return False
        is_much = self._download.progress.done.total >= self._tools.restart_below_bytes
        return is_much or self._asking.plan.alternates or fault.verdict.is_called_page

    def _others_work(self, connection: Connection) -> bool:
        return any(each.works for each in self._open if each is not connection)

    def _tell(self, words: str) -> None:
        self._download.note(time.time(), words)

    # What a connection asks (see `Owner`).

    @property
    def breath_s(self) -> float:
        return self._count.breath_s

    def next_lease(self, connection: Connection) -> Lease | None:
        is_surplus = not self._count.keeps(connection.number)
        is_over = is_surplus or self._fault is not None or self._count.is_host_closed
        return None if is_over else self._claim()

    def bridge_bytes(self) -> int:
        return self._estimates.bridge_bytes()

    def _claim(self) -> Lease | None:
        estimates, count = self._estimates, self._count
        piece_bytes = estimates.piece_bytes(
            self._segments.left_bytes, count.wanted, is_a_try=count.is_trying_more
        )
        lease = self._segments.claim(estimates.floor_bytes(), estimates.seconds_left, piece_bytes)
        if lease is None:
            return self._race()
        self._trim_others()
        return lease

    def _race(self) -> Lease | None:
        """Request a slow range a second time on an idle connection; the slower one is cancelled."""
        lease = self._segments.race(self._estimates.is_worth_racing)
        slow = next((each for each in self._open if lease and each.lease is lease.rival), None)
        if slow is not None:
            self._tell(f"#{slow.number} is slow: what it still brings is asked for once more")
        return lease

    def _trim_others(self) -> None:
        for connection in self._open:
            connection.trim()

    def received(self, connection: Connection, n_bytes: int) -> None:
        self._download.received(n_bytes, time.time())
        if connection.lease is not None and connection.lease.is_over:
            self._trim_others()  # a race may be decided
        if self._segments.is_complete:
            self._over.set()

    def met(self) -> None:
        self._asking.plan.met()

    def failed(self, connection: Connection, fault: DownloadError) -> float | None:
        is_mirror = connection.source is not self._asking.sources.primary
        if isinstance(fault, DiskError) or not (is_mirror or self._others_work(connection)):
            self._fault = self._fault or fault
            return None
        if is_mirror:
            self._mirror_failed(connection, fault)
            return None
        if self._came_too_soon(connection, fault):
            self._tell(f"#{connection.number}: {fault.message}; asks again in its turn")
            return 0.0
        is_new = not connection.received_bytes
        busy = None if is_new else self._tools.hosts.heed(fault)
        if busy is not None:
            self._tell(f"#{connection.number}: {fault.message}; {busy.message}")
            return None
        if is_new or fault.again is not Again.BACKOFF or connection.faults_in_row > _FAULTS_IN_ROW:
            told_s = getattr(fault, "retry_after_s", None) or 0.0
            is_rule = fault.again is Again.NEVER or (is_new and not isinstance(fault, HostBusy))
            self._refused(fault.message, connection, told_s=told_s, is_rule=is_rule)
            return None
        wait_s = float(_WAIT_AFTER_FAULT_S * 2 ** (connection.faults_in_row - 1))
        self._tell(f"#{connection.number}: {fault.message}; asks again in {wait_s:.1f}s")
        return wait_s

    def _came_too_soon(self, connection: Connection, fault: DownloadError) -> bool:
        """Tell whether the host limits requests and this was one too soon; not again and again."""
        if not (self._is_limited and may_be_too_soon(fault)):
            return False
        is_innocent = self._tools.hosts.rates.is_innocent(self._asking.primary_url)
        most = _INNOCENT_IN_ROW if is_innocent else _TOO_SOON_IN_ROW
        return connection.faults_in_row < most

    @property
    def _is_limited(self) -> bool:
        """The host limits how soon a request may follow another."""
        return self._asking.turn_s > 0

    def _mirror_failed(self, connection: Connection, fault: DownloadError) -> None:
        """Go on without a mirror: the file comes from the other addresses."""
        connection.source.faults += 1
        if fault.again is Again.NEVER:
            connection.source.give_up()
        self._tell(f"#{connection.number}, a mirror: {fault.message}")

    def _refused(
        self, why: str, failed: Connection, *, told_s: float = 0.0, is_rule: bool = True
    ) -> None:
        """Go on with the connections that work."""
        others = [connection for connection in self._open if connection is not failed]
        # Those that still wait for their answers are refused in their turn, if they are.
        working = sum(connection.state is not ConnectionState.RETRYING for connection in others)
        # A head proves nothing here, nor does a wait for its turn: only bytes do.
        if self._is_limited or failed.state is ConnectionState.RECEIVING:
            working = sum(connection.received_bytes > 0 for connection in others)
        self._count.refused(working, told_s=told_s, is_rule=is_rule)
        verb = "works" if working == 1 else "work"
        self._tell(f"#{failed.number} refused, {counted(working, 'connection')} {verb}: {why}")

    # Steering.

    async def _steer(self) -> None:
        while True:
            await asyncio.sleep(self._count.next_look_s)
            self._download.looked_after(time.time())
            now = time.monotonic()
            self._count.look(now, self._sum_bytes, self._segments.left_bytes)
            self._thin_out()
            self._fill()
            self._count.explain(now)

    @property
    def _sum_bytes(self) -> int:
        return self._received_bytes + sum(connection.received_bytes for connection in self._open)

    def _fill(self) -> None:
        """Open connections while more are wanted and there are ranges for them."""
        is_quiet = bool(self._open) and time.monotonic() < self._quiet_until
        while len(self._open) < self._count.wanted and not (self._over.is_set() or is_quiet):
            lease = self._claim()
            if lease is None:
                break
            self._start(lease)
        self._count.count()

    def _thin_out(self) -> None:
        """Close connections that bring no speed, the latest first; others take their ranges.

        What is on its way to one that receives would be lost. So it may finish a range that takes
        it no longer than a few seconds, unless there must not be so many.
        """
        surplus = len(self._open) - self._count.wanted
        too_many = len(self._open) - self._count.most
        # A task that never took a step would not even give its range back.
        begun = [connection for connection in self._open if connection.has_begun]
        latest_first = sorted(begun, key=lambda connection: -connection.number)
        for index, connection in enumerate(latest_first[: max(0, surplus)]):
            if index < too_many or not self._ends_soon(connection):
                self._open[connection].cancel()

    def _ends_soon(self, connection: Connection) -> bool:
        lease = connection.lease
        is_receiving = connection.state is ConnectionState.RECEIVING
        return lease is not None and is_receiving and self._estimates.ends_soon(lease)

    def snapshots(self) -> tuple[ConnectionSnapshot, ...]:
        """Return what the details show of each connection."""
        now = time.monotonic()
        shown = (connection.snapshot(now) for connection in self._open)
        return tuple(snapshot for snapshot in shown if snapshot is not None)
