"""Bytes and speeds of one run of a download. Times are wall clock, in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_downloader.engine.network.body_faults import SILENCE_S
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.slowness import Cause
from tui_downloader.model.speed import SECOND_S, History, Throughput, Transition

if TYPE_CHECKING:
    from tui_downloader.model.download import ConnectionSnapshot

# Longer than any connection is waited for before somebody looks.
_LONGEST_WAIT_S = SILENCE_S + 10.0
# What waited for the disk, and what comes until the connections heed the change; and then for as
# long as all of them wait for having taken a little at once.
_STILL_COMING_S = 1.5


@dataclass(slots=True)
class Progress:
    """Bytes and speeds of the current run.

    Attributes:
        connections: open now.
        wanted_connections: as many as there should be.
        last_byte_at: when something came last, None before the first byte.
        looked_at: when somebody last looked whether anything had come.
        held_at: when the program itself last kept it from receiving: a speed limit, a slow disk.
        most_bytes: the most that was here at any moment: what comes again is no progress.
        max_bytes_per_s: the highest of all seconds and all speeds that were shown.
        max_at: when that was.
        throughput: of what counts by now.
        stopped_at: when it was last left alone; None while it is carried out, or goes on by itself.
    """

    done: RangeSet = field(default_factory=RangeSet)
    snapshots: Callable[[], tuple[ConnectionSnapshot, ...]] | None = None
    slowed_by: Cause = Cause()
    connections: int = 0
    wanted_connections: int = 0
    hashed_bytes: int = 0
    received_bytes: int = 0
    last_byte_at: float | None = None
    looked_at: float = 0.0
    held_at: float | None = None
    most_bytes: int = 0
    max_bytes_per_s: float = 0.0
    max_at: float = 0.0
    throughput: Throughput = field(default_factory=Throughput)
    history: History = field(default_factory=History)
    stopped_at: float | None = None
    _transition: Transition | None = None

    def received(self, n_bytes: int, now: float) -> None:
        """So many new bytes are on disk."""
        self.received_bytes += n_bytes
        self.last_byte_at = now
        self._note(self.history.add(n_bytes, now), now)
        self._count(n_bytes, now)

    def _count(self, n_bytes: int, now: float) -> None:
        counts = n_bytes if self._transition is None else self._transition.counted(n_bytes, now)
        if counts:
            self.throughput.add(counts, now)

    def gap_s(self, since: float, now: float) -> float:
        """Return for how long the program was stopped, or the machine asleep; 0 when it was not.

        Then nobody looked whether anything had come. A server that sends nothing is looked after.
        """
        gap_s = now - max(since, self.looked_at, self.heard_at or since)
        return gap_s if gap_s > _LONGEST_WAIT_S else 0.0

    @property
    def heard_at(self) -> float | None:
        """When (wall clock) bytes last came, or the program itself last held them back."""
        if self.last_byte_at is None or self.held_at is None:
            return self.last_byte_at or self.held_at
        return max(self.last_byte_at, self.held_at)

    def is_carried_out(self, now: float, *, is_running: bool) -> None:
        """Say whether it runs from now on."""
        if is_running:
            self.stopped_at = None
        elif self.stopped_at is None:
            self.stopped_at = now

    def graph(self, now: float) -> tuple[float, ...]:
        """Return the bytes of each second, up to the one in which it stopped."""
        return self.history.values(self.graph_until(now))

    def graph_until(self, now: float) -> float:
        """Return when the last of these seconds was over."""
        return now if self.stopped_at is None else self.stopped_at + SECOND_S

    def rate(self, now: float) -> float:
        """Return bytes per second as they are shown, and note the highest."""
        self._count(0, now)  # what came too early may count by now
        rate = self.throughput.shown.rate(now)
        self._note(rate, now)
        return rate

    def _note(self, bytes_per_s: float, now: float) -> None:
        if bytes_per_s > self.max_bytes_per_s:
            self.max_bytes_per_s, self.max_at = bytes_per_s, now

    def forget_speeds(self) -> None:
        """Begin the graph and its highest speed anew."""
        self.history = History()
        self.max_bytes_per_s = self.max_at = 0.0

    def limits_changed(self, now: float, share: float) -> None:
        """Forget speeds measured under other limits; neither speed nor time left follows from them.

        Args:
            share: what the new ones leave of the speed that it has.
        """
        allowed = share * self.throughput.expected.rate(now)
        self._transition = Transition(allowed, now, _STILL_COMING_S) if share < 1 else None
        self.throughput.limits_changed(now, share)
