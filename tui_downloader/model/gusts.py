"""Whether bytes come in gusts: with silences that no network makes by itself.

A line that is full brings bytes all the time, and so does one on which TCP is still getting faster,
with pauses of a round trip at most. A server that limits each connection often sends what it has
for a second at once and then waits. So when much of the time is silence, the line has room for
other connections, and the throughput of a moment means nothing. Time and bytes are passed in.
"""

from __future__ import annotations

_ROUND_TRIPS_OF_A_SILENCE = 3
_SHORTEST_S = 0.25
_SHARE = 0.3  # of the time; a radio link has its hitches, too


class Gusts:
    """Watches the bytes of one download.

    Attributes:
        were_seen: they come in gusts, or did so earlier.
    """

    def __init__(self) -> None:
        self.were_seen = False
        self._began_at = 0.0
        self._earlier_s = self._silent_s = 0.0  # all silences before the present one, and that one
        self._last: tuple[float, int] | None = None  # time and bytes of when some came last

    def look(self, now: float, received_bytes: int, round_trip_s: float, *, is_held: bool) -> None:
        """Look whether anything came.

        Args:
            now: seconds of a steady clock.
            received_bytes: by all connections since the start; 0 while none has answered.
            round_trip_s: how long an answer's head took.
            is_held: nothing can come just now, because of a limit, the disk, or no open answer.
        """
        if not received_bytes:
            return
        if self._last is None:
            self._began_at, self._last = now, (now, received_bytes)
        heard_at, bytes_before = self._last
        if is_held or received_bytes != bytes_before:
            # When they came is known to the last look only: it may have been just now.
            self._earlier_s += self._silent_s
            self._silent_s, self._last = 0.0, (now, received_bytes)
        elif now - heard_at >= max(_SHORTEST_S, _ROUND_TRIPS_OF_A_SILENCE * round_trip_s):
            self._silent_s = now - heard_at
        if self._earlier_s + self._silent_s > _SHARE * (now - self._began_at):
            self.were_seen = True
