"""Bytes and speeds of one run of a download. Times are wall clock, in seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.slowness import Cause
from tui_downloader.model.speed import History, Meter

if TYPE_CHECKING:
    from tui_downloader.model.download import ConnectionPicture

_LONGEST_WAIT_S = 30.0
_STILL_TELLING_S = 0.5  # what came this long before a change of the limits says what comes now


@dataclass(slots=True)
class Progress:
    """Bytes and speeds of the current run."""

    done: RangeSet = field(default_factory=RangeSet)
    pictures: Callable[[], tuple[ConnectionPicture, ...]] | None = None
    slowed_by: Cause = Cause()
    computed: str = ""
    hashed_bytes: int = 0
    received_bytes: int = 0
    last_byte_at: float | None = None
    most_bytes: int = 0  # the most that was here at any moment: what comes again is no progress
    max_bytes_per_s: float = 0.0
    meter: Meter = field(default_factory=Meter)
    left_meter: Meter = field(default_factory=lambda: Meter(window_s=10.0))
    history: History = field(default_factory=History)

    def received(self, n_bytes: int, now: float) -> None:
        """So many new bytes are on disk."""
        self.received_bytes += n_bytes
        self.last_byte_at = now
        self.meter.add(n_bytes, now)
        self.left_meter.add(n_bytes, now)
        self.history.add(n_bytes, now)

    def silence_s(self, since: float, now: float) -> float:
        """Return how long nothing came by now, 0 where that is the way of servers and networks.

        Longer than a connection is waited for: the program was stopped, or the machine asleep.
        """
        silence_s = now - max(since, self.last_byte_at or since)
        return silence_s if silence_s > _LONGEST_WAIT_S else 0.0

    def rate(self, now: float) -> float:
        """Return bytes per second as they are shown, and note the highest."""
        rate = self.meter.rate(now)
        self.max_bytes_per_s = max(self.max_bytes_per_s, rate)
        return rate

    def limits_changed(self, now: float, share: float) -> None:
        """How fast it was under other limits says nothing of the time left.

        Args:
            share: what the new ones leave of the speed that it has.
        """
        self.left_meter.look_back(_STILL_TELLING_S, now, share)
