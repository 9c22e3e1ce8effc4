"""Whether bytes come in gusts: with silences that no network makes by itself.

A line that is full brings bytes all the time, and so does one on which TCP is still getting faster,
with pauses of a round trip at most. A server that limits each connection often sends what it has
for a second, or for half of one, at once and then waits. So when connections are silent for much of
the time, the line has room for others, and the throughput of a moment means nothing. Where several
have their silences at different times, hardly any is left of all together: so each one is watched.
Time and bytes are passed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ROUND_TRIPS_OF_A_SILENCE = 3
_SHORTEST_S = 0.25
_SHARE = 0.3  # of the time; a radio link has its hitches, too


@dataclass(slots=True)
class _Flow:
    """What came on one connection.

    Attributes:
        earlier_s: all silences before the present one.
        paused_at: when nothing had come for longer than an answer takes.
    """

    began_at: float
    heard_at: float
    received_bytes: int
    earlier_s: float = 0.0
    silent_s: float = 0.0
    paused_at: float = -math.inf

    def hear(self, now: float, received_bytes: int) -> None:
        # When they came is known to the last look only: it may have been just now.
        self.earlier_s += self.silent_s
        self.silent_s, self.heard_at, self.received_bytes = 0.0, now, received_bytes


class Gusts:
    """Watches the bytes of one download.

    Attributes:
        were_seen: they come in gusts, or did so earlier.
    """

    def __init__(self) -> None:
        self.were_seen = False
        self._flows: dict[int, _Flow] = {}
        self._gone_s = self._gone_silent_s = 0.0  # of those that have ended
        self._round_trip_s = math.inf

    def look(
        self, now: float, received: Mapping[int, int], round_trip_s: float, *, is_held: bool
    ) -> None:
        """Look whether anything came.

        Args:
            now: seconds of a steady clock.
            received: bytes since its start of each connection whose answer is open, by its number.
            round_trip_s: how long an answer's head took.
            is_held: nothing can come just now, because of a limit or the disk.
        """
        # The first head takes longest: with it the name is looked up, and the program begins.
        self._round_trip_s = min(self._round_trip_s, round_trip_s)
        for number in self._flows.keys() - received.keys():
            flow = self._flows.pop(number)
            self._gone_s += flow.heard_at - flow.began_at
            self._gone_silent_s += flow.earlier_s
        for number, received_bytes in received.items():
            if received_bytes:
                self._follow(now, number, received_bytes, is_held=is_held)
        lived_s = self._gone_s + sum(now - flow.began_at for flow in self._flows.values())
        silent_s = sum(flow.earlier_s + flow.silent_s for flow in self._flows.values())
        if self._gone_silent_s + silent_s > _SHARE * lived_s:
            self.were_seen = True

    def _follow(self, now: float, number: int, received_bytes: int, *, is_held: bool) -> None:
        flow = self._flows.get(number)
        if flow is None:
            flow = self._flows[number] = _Flow(now, now, received_bytes)
        pause_s = now - flow.heard_at
        if is_held or received_bytes != flow.received_bytes:
            flow.hear(now, received_bytes)
        elif pause_s >= max(_SHORTEST_S, _ROUND_TRIPS_OF_A_SILENCE * self._round_trip_s):
            flow.silent_s = pause_s
        if not is_held and pause_s > self._round_trip_s:
            flow.paused_at = now

    def paused_at(self, numbers: Iterable[int]) -> float:
        """Return when one of these connections was last silent for longer than an answer takes."""
        flows = map(self._flows.get, numbers)
        return max((flow.paused_at for flow in flows if flow is not None), default=-math.inf)
