"""Estimates what the connections of one download will achieve, from their speeds so far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.model.segments import ALIGN_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection

    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.connection import Connection
    from tui_downloader.model.segments import Lease

# A range must be worth its request: the time of a few round trips or of a turn, as long as that is
# not many bytes, and never less than a moment, in which a new connection costs more than it brings.
_ROUND_TRIPS_WORTH, _LARGEST_WORTH_BYTES = 4, 4 << 20
_ROUND_TRIPS_OF_A_BRIDGE = 2  # a new connection takes two until its first byte, then slow start
_SHORTEST_WORTH_S = 0.05
# What another connection has asked for already is taken over in pieces, which last so long, but
# never so small that the round trips in between would tell.
_PIECE_S, _ROUND_TRIPS_OF_A_PIECE = 4.0, 10
_ROUNDS_OF_A_PIECE = 2  # in which all others have their turn, at a host that limits requests
_TRY_S = 1.0  # of all together: what does not pay off is soon over, and the first goes on
_PIECE_BYTES = 4 << 20  # while no speed is known
_SOON_S = 6.0  # such a piece, though more connections share the line now
_RACE_FROM_S = 0.3
_KNOWN_AFTER_S = 0.25  # a connection's speed means something after so long


class Estimates:
    """Estimates speeds and times of connections.

    Args:
        connections: of the download, as they are at any time.
    """

    def __init__(self, connections: Collection[Connection], asking: Asking) -> None:
        self._connections = connections
        self._asking = asking
        self._usual = 0.0

    def _usual_bytes_per_s(self, now: float) -> float:
        """The median speed of the connections; the last known one when all of them have stalled."""
        speeds = sorted(
            speed
            for each in self._connections
            if each.receives_since_s(now) > _KNOWN_AFTER_S and (speed := each.bytes_per_s(now))
        )
        if speeds:
            self._usual = speeds[len(speeds) // 2]
        return self._usual

    def floor_bytes(self) -> int:
        """Return the smallest size of a request that is worth sending."""
        usual = self._usual_bytes_per_s(time.monotonic())
        waited = usual * max(_ROUND_TRIPS_WORTH * self._asking.round_trip_s, self._asking.turn_s)
        return int(max(ALIGN_BYTES, usual * _SHORTEST_WORTH_S, min(waited, _LARGEST_WORTH_BYTES)))

    def bridge_bytes(self) -> int:
        """Return how many bytes are sooner received again than others asked for anew."""
        waited = self._usual_bytes_per_s(time.monotonic()) * self._asking.round_trip_s
        return int(min(_ROUND_TRIPS_OF_A_BRIDGE * waited, _LARGEST_WORTH_BYTES))

    def piece_bytes(self, left_bytes: float, wanted: int, *, is_a_try: bool = False) -> float:
        """Return the largest part of another connection's range that one should take over.

        Args:
            left_bytes: of the whole file.
            wanted: how many connections share them.
            is_a_try: nobody knows yet whether so many pay off, or only share one line.
        """
        share = left_bytes / max(1, wanted)
        usual = self._usual_bytes_per_s(time.monotonic())
        if not usual:
            return min(share, _PIECE_BYTES)
        round_trips_s = _ROUND_TRIPS_OF_A_PIECE * self._asking.round_trip_s
        if is_a_try:
            return min(share, usual * max(_TRY_S, round_trips_s) / max(1, wanted))
        turns_s = _ROUNDS_OF_A_PIECE * wanted * self._asking.turn_s
        return min(share, usual * max(_PIECE_S, round_trips_s, turns_s))

    def seconds_left(self, lease: Lease) -> float:
        """Return how long a lease takes at its connection's speed, else at the median speed."""
        now = time.monotonic()
        connection = next((each for each in self._connections if each.lease is lease), None)
        if connection is not None and connection.receives_since_s(now) > _KNOWN_AFTER_S:
            speed = connection.bytes_per_s(now)
        else:
            speed = self._usual_bytes_per_s(now)
        return (lease.remaining or 0) / max(speed, 1.0)

    def ends_soon(self, lease: Lease) -> bool:
        """Tell whether a lease ends within seconds, or is a small one where nobody knows."""
        if not self._usual_bytes_per_s(time.monotonic()):
            return (lease.remaining or 0) <= _PIECE_BYTES
        return self.seconds_left(lease) < _SOON_S

    def is_worth_racing(self, lease: Lease) -> bool:
        """Tell whether an idle connection at the median speed would finish it in half the time."""
        usual = self._usual_bytes_per_s(time.monotonic())
        left_s = self.seconds_left(lease)
        if usual <= 0 or left_s < _RACE_FROM_S:
            return False
        return 2 * (2 * self._asking.round_trip_s + (lease.remaining or 0) / usual) < left_s
