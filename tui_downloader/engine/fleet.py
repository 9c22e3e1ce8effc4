"""All connections of one download: who fetches what, and what a fault means.

The fleet begins with one answer that is open already. Everything is decided synchronously, between
two awaits of anybody: `next_lease` lends a range, `_fill` opens connections while `Strength` wants
more, `fell` judges a fault. The lanes do the I/O.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import on_the_wall
from tui_downloader.engine.estimates import Estimates
from tui_downloader.engine.lane import Lane, LaneState, Reconsider
from tui_downloader.engine.proving import prove_all
from tui_downloader.engine.samples import OverlapDiffers
from tui_downloader.engine.strength import Strength
from tui_downloader.engine.waiting import wait_words
from tui_downloader.model.errors import Again, DiskError, DownloadError
from tui_downloader.model.segments import Segments
from tui_downloader.model.units import counted

if TYPE_CHECKING:
    from tui_downloader.engine.asking import Asking
    from tui_downloader.engine.download import Download
    from tui_downloader.engine.receiving import Splice
    from tui_downloader.engine.recorder import Recorder
    from tui_downloader.engine.tools import Tools
    from tui_downloader.model.download import ConnectionPicture
    from tui_downloader.model.segments import Lease

_WAIT_AFTER_FAULT_S = 0.5
_FAULTS_IN_ROW = 5  # of one lane while others receive; after that it is given up


class Fleet:
    """Fetches what is missing of a file.

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
        self._segments = Segments(partial.done, download.facts.total_bytes)
        self._first = first
        self._has_ranges = first.take.ranges and self._segments.total_bytes is not None
        self._lanes: dict[Lane, asyncio.Task[None]] = {}
        self._estimates = Estimates(self._lanes, asking)
        self._strength = Strength(download, tools, asking, self._lanes, has_ranges=self._has_ranges)
        self._next_number = 1
        self._received_bytes = 0  # by lanes that are gone
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
        self._strength.begin()
        self._download.progress.pictures = self.pictures
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
                    self._launch(lease, first)
                    self._fill()
                    await self._over.wait()
                finally:
                    self._over.set()  # nothing new begins from here on
                for task in (*services, *self._lanes.values()):
                    task.cancel()
        finally:
            first.answer.body.close()
            self._download.progress.pictures = None
            self._strength.end(was_sound=self._fault is None)
        if self._fault is not None:
            raise self._fault

    async def _record(self) -> None:
        """Keep the passport true; a disk that refuses that ends the run."""
        try:
            await self._recorder.run()
        except DiskError as fault:
            self._fault = self._fault or fault
            self._over.set()

    def _first_lease(self, first: Splice) -> Lease:
        """What the open answer is for: the gap that it begins in."""
        done, total = self._segments.done, self._segments.total_bytes
        position = done.prefix_end(first.take.at)
        if total is None:
            return self._segments.claim_at(position, None)
        end = next((end for start, end in done.gaps(total) if start == position), position)
        return self._segments.claim_at(position, end)

    # Lanes.

    def _launch(self, lease: Lease, splice: Splice | None = None) -> None:
        sources = self._asking.sources
        in_use = [lane.source for lane in self._lanes]
        source = sources.primary if splice is not None else sources.pick(in_use)
        lane = Lane(self._next_number, source, lease, splice)
        self._next_number += 1
        # Registered in the same step: an eager task may run before it is returned.
        self._lanes[lane] = self._group.create_task(self._fly(lane))
        if self._lanes[lane].done():
            del self._lanes[lane]

    async def _fly(self, lane: Lane) -> None:
        lane.has_begun = True
        try:
            await lane.run(self, self._asking, self._segments, self._partial, self._tools.disk)
        except (Reconsider, OverlapDiffers) as fault:
            self._reconsider(lane, fault)
        except Exception:
            self._over.set()  # a bug: nothing new begins
            raise
        finally:
            self._received_bytes += lane.received_bytes
            self._lanes.pop(lane, None)
            if lane.was_cut:
                self._quiet_until = time.monotonic() + self.breath_s
            if not self._over.is_set():
                self._land()

    def _land(self) -> None:
        """A lane is gone: fill its place, or see that it was the last."""
        if self._segments.is_complete or self._fault is not None:
            self._over.set()
            return
        self._fill()
        if not self._lanes:
            self._over.set()

    def _reconsider(self, lane: Lane, fault: Reconsider | OverlapDiffers) -> None:
        """A server that serves others goes on with them, unless the file itself is in doubt."""
        is_range_fault = isinstance(fault, Reconsider) and fault.is_about_ranges
        if lane.source is not self._asking.sources.primary:
            lane.source.give_up()
            self._tell(f"#{lane.number}, a mirror: its answer does not fit, it is left alone")
        elif is_range_fault and self._others_receive(lane):
            self._refused("answers to further range requests make no sense", lane)
        else:
            self._fault = self._fault or fault

    def _others_receive(self, lane: Lane) -> int:
        return sum(each.state is LaneState.RECEIVING for each in self._lanes if each is not lane)

    def _tell(self, words: str) -> None:
        self._download.note(time.time(), words)

    # What the lanes ask (see `Owner`).

    @property
    def breath_s(self) -> float:
        return self._strength.breath_s

    def next_lease(self) -> Lease | None:
        is_surplus = len(self._lanes) > self._strength.wanted
        is_over = is_surplus or self._fault is not None or self._strength.is_host_closed
        return None if is_over else self._claim()

    def _claim(self) -> Lease | None:
        lease = self._segments.claim(self._estimates.floor_bytes(), self._estimates.seconds_left)
        if lease is None:
            return self._race()
        self._trim_others()
        return lease

    def _race(self) -> Lease | None:
        """Ask a second time for what comes slowly; who is behind with it is cancelled."""
        lease = self._segments.race(self._estimates.is_worth_racing)
        slow = next((lane for lane in self._lanes if lease and lane.lease is lease.rival), None)
        if slow is not None:
            self._tell(f"#{slow.number} is slow: what it still brings is asked for once more")
        return lease

    def _trim_others(self) -> None:
        for lane in self._lanes:
            lane.trim()

    def received(self, lane: Lane, n_bytes: int) -> None:
        self._download.received(n_bytes, time.time())
        if lane.lease is not None and lane.lease.is_over:
            self._trim_others()  # a race may be decided
        if self._segments.is_complete:
            self._over.set()

    def met(self) -> None:
        self._asking.met()

    def fell(self, lane: Lane, fault: DownloadError) -> float | None:
        if lane.source is not self._asking.sources.primary:
            self._mirror_fell(lane, fault)
            return None
        receiving = self._others_receive(lane)
        if isinstance(fault, DiskError) or not receiving:
            self._fault = self._fault or fault
            return None
        is_new = not lane.received_bytes
        until = None if is_new else self._tools.hosts.heed(self._asking.primary_url, fault)
        if until is not None:
            self._tell(f"#{lane.number}: {fault.message}; {wait_words(on_the_wall(until))}")
            return None
        if is_new or fault.again is not Again.BACKOFF or lane.faults_in_row > _FAULTS_IN_ROW:
            self._refused(fault.message, lane, is_rule=is_new or fault.again is Again.NEVER)
            return None
        wait_s = float(_WAIT_AFTER_FAULT_S * 2 ** (lane.faults_in_row - 1))
        self._tell(f"#{lane.number}: {fault.message}; asks again in {wait_s:.1f}s")
        return wait_s

    def _mirror_fell(self, lane: Lane, fault: DownloadError) -> None:
        """A mirror is no more than a help: without it the file comes from the others."""
        lane.source.faults += 1
        if fault.again is Again.NEVER:
            lane.source.give_up()
        self._tell(f"#{lane.number}, a mirror: {fault.message}")
        if isinstance(fault, DiskError):
            self._fault = self._fault or fault

    def _refused(self, why: str, fallen: Lane, *, is_rule: bool = True) -> None:
        """Go on with those that work."""
        others = [lane for lane in self._lanes if lane is not fallen]
        # Those that still wait for their answers are refused in their turn, if they are.
        working = sum(lane.state is not LaneState.RETRYING for lane in others)
        if fallen.state is LaneState.RECEIVING:  # a head proves nothing here: only bytes do
            working = sum(lane.received_bytes > 0 for lane in others)
        self._strength.refused(working, is_rule=is_rule)
        verb = "works" if working == 1 else "work"
        self._tell(f"#{fallen.number} refused, {counted(working, 'connection')} {verb}: {why}")

    # Steering.

    async def _steer(self) -> None:
        while True:
            await asyncio.sleep(self._strength.next_look_s)
            now = time.monotonic()
            self._strength.look(now, self._sum_bytes, self._segments.left_bytes)
            self._thin_out()
            self._fill()
            self._strength.explain(now)

    @property
    def _sum_bytes(self) -> int:
        return self._received_bytes + sum(lane.received_bytes for lane in self._lanes)

    def _fill(self) -> None:
        """Open connections while more are wanted and there is something for them to do."""
        is_quiet = bool(self._lanes) and time.monotonic() < self._quiet_until
        while len(self._lanes) < self._strength.wanted and not (self._over.is_set() or is_quiet):
            lease = self._claim()
            if lease is None:
                break
            self._launch(lease)
        self._strength.count()

    def _thin_out(self) -> None:
        """Close connections that bring nothing, the latest first; their ranges go to others."""
        surplus = len(self._lanes) - self._strength.wanted
        # A task that never took a step would not even give its range back.
        begun = [lane for lane in self._lanes if lane.has_begun]
        for lane in sorted(begun, key=lambda lane: -lane.number)[: max(0, surplus)]:
            self._lanes[lane].cancel()

    def pictures(self) -> tuple[ConnectionPicture, ...]:
        """Return what the details show of each connection."""
        now = time.monotonic()
        shown = (lane.picture(now) for lane in self._lanes)
        return tuple(picture for picture in shown if picture is not None)
