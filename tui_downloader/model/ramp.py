"""How many connections a download should have: more while they pay off, fewer when they do not.

It starts with what is known of the host (else one), tries a few, then doubles while the total
throughput rises by a useful share, and settles. The first steps are judged after hundredths of a
second, as a short file must not wait. Servers that limit each connection often send the share of
the first second at once, and in bursts from then on. So the result is checked again with windows of
a second, and from time to time after that, as networks change. What the server
accepts is a bound (see `Ceiling`).

A far server is dealt with more carefully. One connection takes a second or so until it fills such a
line, and as long again after others have fought with it for the line. So it is waited for until it
is at its speed, one more is tried first, and what the first one wins meanwhile is not taken for a
gain. Once the line has shown that it has room, large steps follow. Where packets get lost, the
first one falls far below what it brought at first, whatever is opened beside it: so when the line
brings less than it already did, connections are compared with what the others bring now. Where
those that were there before are silent, as a server sends in gusts, a step that seems to bring
nothing is looked at longer. Time and bytes are passed in.
"""

from __future__ import annotations

import math

from tui_downloader.model.ceiling import Ceiling
from tui_downloader.model.window import Window

# Doubling the connections of a server that limits each of them doubles the sum; on a shared
# bottleneck the sum stays. Half-way counts as useful, less than a tenth as useless.
_USEFUL_GAIN = 1.4
_USELESS_GAIN = 1.12
_FIRST_STEP = 4  # a server or a line that minds so many is rare; each step costs a window
# A line has room for more when a second connection brings almost as much again, on a far line half
# as much, as it has only begun; or when bytes come in gusts. If it was the network that was silent,
# that made the average smaller, too.
_FAR_S = 0.02  # of a head; what is nearer has lost little by a wrong try
_ROOM_GAIN, _ROOM_GAIN_FAR = 1.7, 1.45
# A far line that brings less than this share of what it already brought is not full: packets get
# lost, or the server sends unevenly. It has room when one look later finds less than half.
# What others bring now may be less because they share it: more must be much more than that.
_FULL_SHARE = 0.85
_HARDLY_MORE = 1.3
_FALLEN_SHARE = 0.5
_STEP_INTO_ROOM = 8
_AVERAGE_BESIDE_GUSTS = 2.0
_GUSTY_WINDOW_S = 0.5  # some servers send twice a second
_QUICK_WINDOW_S = 0.015
_SLOW_WINDOW_S = 1.0
_LONGEST_WINDOW_S = 0.5  # of the quick ones
_LOOKS_PER_WINDOW = 8  # its end is noticed an eighth of it too late at most
# A server takes some round trips until it is at its speed: while one connection gets that much
# quicker within a window, it is looked at once more, so often at most.
_RISING_GAIN, _RISING_GAIN_FAR = 1.4, 1.15
_MOST_RISES = 5
_BYTES_WORTH_JUDGING = 32 * 1024  # per connection
# A new connection to a far server is at its speed after some round trips.
_ROUND_TRIPS_OF_A_TRY = 8
_WORTH_TRYING_S = 4.0  # of the present throughput; a try takes windows, and what it costs must pay
# Beyond this no server's bound on one connection is what is slow, but processors and memory are.
_PLENTY_BYTES_PER_S = 500e6
# From here on it is this program that is slow: decryption, for instance. Told of one connection
# only: to open others is work, too.
_BUSY_SHARE = 0.6
_PATIENCE_S = 2.0  # for connections that do not come up
# For those that did not pay to finish what they have, as theirs would be counted. Where packets get
# lost they slow down together with those that stay, and are no reason to wait any longer.
_LONGEST_THINNING_S = 1.0
_FIRST_RETRY_S = 0.5
_NEXT_RETRY_S = 10.0
_LONGEST_RETRY_S = 160.0


class Ramp:
    """Decides the number of connections of one download.

    Args:
        most: never more than this; at least 1.
        start: how many to begin with, e.g. what worked for this host before; 0 where nobody knows.
        accepted: as many as this host was seen to serve at once, 0 where nobody knows.
        is_fixed: keep to `most` at once: the user named a number.

    Attributes:
        wanted: how many connections there should be now.
        best: the number that gave the most so far; what is worth remembering.
    """

    def __init__(
        self, most: int, start: int = 1, *, accepted: int = 0, is_fixed: bool = False
    ) -> None:
        self._ceiling = Ceiling(most, accepted)
        self.wanted = self.most if is_fixed else max(1, min(start, self.most))
        self.best = self.wanted
        self._is_settled = is_fixed or self.wanted > 1
        self._is_fixed = is_fixed
        self._began_at = 0.0  # as of the first look
        self._changed_at: float | None = None
        self._thinning_until = 0.0
        self._first_round_trip_s = 0.0
        self._window: Window | None = None
        self._before: tuple[int, float] | None = None  # connections and bytes/s before the step
        self._is_far = False  # so that one connection may fill the line, but not at once
        self._has_room = False  # the line has shown that it does not
        self._rises = 0  # windows in which the first connection was not yet at its speed
        self._risen_rate = 0.0  # bytes/s of the last of these
        self._top_rate = 0.0  # bytes/s as judged best
        self._has_looked_again = False  # as the last step seemed to bring little
        self._rate = 0.0  # bytes/s as last judged, or as it is since that
        self._seen: tuple[float, int] | None = None  # time and bytes of when that was measured
        self._retry_s = _FIRST_RETRY_S
        self._shortest_s = _QUICK_WINDOW_S
        self._window_s = _QUICK_WINDOW_S  # with the round trip heeded
        self._try_s = 0.0  # how long a step takes to bring something
        self._retry_at: float | None = None

    @property
    def most(self) -> int:
        """There are never more: the host accepts no more, or the user wants no more."""
        return self._ceiling.most

    @property
    def was_refused(self) -> bool:
        """The server does not want more than `most`."""
        return self._ceiling.was_refused

    @property
    def is_settled(self) -> bool:
        """Nothing is being tried at the moment."""
        return self._is_settled

    @property
    def is_trying_more(self) -> bool:
        """Connections were added to a far line, and nobody knows yet whether they pay off."""
        return self._before is not None and self._is_careful

    @property
    def _is_careful(self) -> bool:
        return self._is_far and not self._has_room

    @property
    def _has_settled(self) -> bool:
        return self._retry_at is not None

    @property
    def look_s(self) -> float:
        """How soon `observe` should be called again while something is being tried."""
        return self._window_s / _LOOKS_PER_WINDOW

    def observe(
        self,
        now: float,
        received_bytes: int,
        receiving: int,
        round_trip_s: float,
        left_bytes: float = math.inf,
        busy_s: float = 0.0,
        elder_bytes: int = 0,
        *,
        is_gusty: bool = False,
        paused_at: float = -math.inf,
    ) -> None:
        """Look at the total throughput, and change `wanted` when it says something.

        Args:
            now: seconds of a steady clock.
            received_bytes: by all connections since the start.
            receiving: connections whose bytes are coming.
            round_trip_s: how long an answer's head took.
            left_bytes: what is still to come.
            busy_s: processor time of this program since it began; as much as elapses is all that
                it can have.
            elder_bytes: as `received_bytes`, by those that were there before the last step.
            is_gusty: bytes come in gusts (see `Gusts`).
            paused_at: when one of those was last silent for a while (see there).
        """
        if self._changed_at is None:
            self._changed_at = self._began_at = now
            self._first_round_trip_s = round_trip_s  # connecting took a part of it, as it will
            self._ceiling.begin(now)
        if is_gusty and not self._has_room:
            self._use_the_room(now, received_bytes)
        far_s = min(max(self._first_round_trip_s, round_trip_s), _LONGEST_WINDOW_S)
        self._is_far = far_s > _FAR_S
        if self._is_settled:
            self._measure(now, received_bytes)
            is_thinning = receiving > self.wanted and now < self._thinning_until
            if not is_thinning and left_bytes >= self._rate * _WORTH_TRYING_S:
                self._try_again(now)
            return
        self._try_s = _ROUND_TRIPS_OF_A_TRY * far_s
        self._window_s = max(self._shortest_s, 2 * far_s)
        if self._window is None:
            is_up = receiving >= self.wanted
            if is_up or (receiving and now - self._changed_at > _PATIENCE_S):
                self._window = Window(now, received_bytes, elder_bytes, busy_s)
            return
        window = self._window
        elapsed_s = now - window.opened_at
        grown = received_bytes - window.bytes_before
        enough = grown >= _BYTES_WORTH_JUDGING * self.wanted or elapsed_s >= _LONGEST_WINDOW_S
        is_too_short = elapsed_s < self._window_s or not enough
        if is_too_short or self._is_in_a_gust(now, received_bytes, paused_at):
            if window.half is None and elapsed_s >= self._window_s / 2:
                window.half = now, received_bytes
        elif self._is_not_at_its_speed(now, received_bytes) or self._is_doubtful(
            now, received_bytes, elder_bytes
        ):
            self._window = Window(now, received_bytes, elder_bytes, busy_s)
        else:
            is_busy = busy_s - window.busy_before_s > _BUSY_SHARE * elapsed_s
            is_slow_itself = is_busy and self.wanted == 1
            self._judge(now, grown / elapsed_s, left_bytes, is_slow_itself=is_slow_itself)

    def _measure(self, now: float, received_bytes: int) -> None:
        """Follow the speed while nothing is tried: an earlier measurement may be of a burst."""
        at, before = self._seen or (now, received_bytes)
        if now - at >= _SLOW_WINDOW_S:
            self._rate = (received_bytes - before) / (now - at)
            at, before = now, received_bytes
            if self._is_far and self._has_fallen(self._rate):
                self._retry_at = now
        self._seen = at, before

    def _use_the_room(self, now: float, received_bytes: int) -> None:
        """Bytes come in gusts: only their average means something, whatever was judged before."""
        self._has_room = True
        if self._is_fixed or self.wanted >= self.most:
            return
        self._rate = received_bytes / max(now - self._began_at, _QUICK_WINDOW_S)
        self._is_settled = False
        self._shortest_s = _GUSTY_WINDOW_S
        self._step(now, _AVERAGE_BESIDE_GUSTS * self._rate)

    def _is_not_at_its_speed(self, now: float, received_bytes: int) -> bool:
        """Tell whether the first connection is still getting faster by itself."""
        is_first = self._before is None and self._shortest_s == _QUICK_WINDOW_S
        if not is_first or self._rises >= _MOST_RISES or self._window is None:
            return False
        bytes_per_s = self._window.bytes_per_s(now, received_bytes)
        # What brings less than it already did does not rise: it is uneven.
        is_uneven = self._is_careful and bytes_per_s <= self._risen_rate
        gain = _RISING_GAIN_FAR if self._is_careful else _RISING_GAIN
        rises = not is_uneven and self._window.rises(now, received_bytes, gain)
        self._risen_rate = bytes_per_s
        self._rises += rises
        return rises

    def _is_in_a_gust(self, now: float, received_bytes: int, paused_at: float) -> bool:
        """Tell whether a step on a far line seems to bring nothing, but elders were silent."""
        window = self._window
        if window is None or self._before is None or not self._is_far:
            return False
        is_poor = window.bytes_per_s(now, received_bytes) < _USELESS_GAIN * self._before[1]
        is_silent = paused_at > window.opened_at and now < window.opened_at + _GUSTY_WINDOW_S
        return is_poor and is_silent

    def hold(self, now: float) -> None:
        """More connections may not be opened just now, so nothing can be learnt from the speed."""
        self._changed_at = now
        self._window = self._seen = None

    def _is_doubtful(self, now: float, received_bytes: int, elder_bytes: int) -> bool:
        """Tell whether a step on a far line should be looked at once more.

        There are two reasons to doubt that it brings little: the line was found to have room, or it
        brought more before the step.
        """
        window = self._window
        if self._before is None or not self._is_far or window is None:
            return False
        bytes_per_s = window.bytes_per_s(now, received_bytes)
        is_below_top = not self._has_settled and bytes_per_s < _FULL_SHARE * self._top_rate
        elders_bytes_per_s = window.elders_bytes_per_s(now, elder_bytes)
        if is_below_top and self._has_looked_again:
            self._top_rate = bytes_per_s  # the rest was a burst
            self._before = self._before[0], _HARDLY_MORE * elders_bytes_per_s
        elif self._is_careful:
            self._credit_elders(elders_bytes_per_s)
        is_poor = bytes_per_s < _USEFUL_GAIN * self._before[1]
        is_doubtful = is_poor and (self._has_room or is_below_top) and not self._has_looked_again
        self._has_looked_again = self._has_looked_again or is_doubtful
        return is_doubtful

    def _credit_elders(self, bytes_per_s: float) -> None:
        """Count what the elders bring by themselves now as if it had been there before.

        On a far line TCP takes a second or more until it is at its speed (slow start, RFC 9438).
        What it wins meanwhile is no gain of the connections that were opened beside it.
        """
        if self._before is not None:
            elders, rate_before = self._before
            self._before = elders, max(rate_before, bytes_per_s)

    def _judge(
        self, now: float, bytes_per_s: float, left_bytes: float, *, is_slow_itself: bool
    ) -> None:
        self._rate = bytes_per_s
        if self._before is not None:
            connections, rate_before = self._before
            gain = bytes_per_s / rate_before if rate_before > 0 else 2.0
            # The first looks at a far line are too short to tell much: a small gain goes on, too.
            is_early = self._is_far and not self._has_settled
            if gain < (_USELESS_GAIN if is_early else _USEFUL_GAIN):
                if self._has_room:
                    self._top_rate = bytes_per_s  # no number brings more now
                self._settle(now, connections if gain < _USELESS_GAIN else self.wanted)
                return
            is_room = gain >= (_ROOM_GAIN_FAR if self._is_far else _ROOM_GAIN)
        else:
            is_room = self._is_far and self._has_fallen(bytes_per_s)
        self._has_room = self._has_room or is_room
        self._top_rate = max(self._top_rate, bytes_per_s)
        self.best = self.wanted
        is_nearly_over = left_bytes < bytes_per_s * _WORTH_TRYING_S
        is_plenty = bytes_per_s > _PLENTY_BYTES_PER_S and is_nearly_over
        is_too_late = left_bytes < bytes_per_s * self._try_s
        if self.wanted >= self.most or is_plenty or is_too_late or is_slow_itself:
            self._settle(now, self.wanted)
            return
        self._step(now, bytes_per_s)

    def _has_fallen(self, bytes_per_s: float) -> bool:
        return self._has_settled and 0 < bytes_per_s < _FALLEN_SHARE * self._top_rate

    def _step(self, now: float, bytes_per_s: float) -> None:
        is_first = self._retry_at is None and not self._is_careful
        least = _STEP_INTO_ROOM if self._has_room else _FIRST_STEP if is_first else 1
        self._before = self.wanted, bytes_per_s
        self._change(now, min(self.most, max(least, 2 * self.wanted)))

    def _change(self, now: float, wanted: int) -> None:
        self.wanted = wanted
        self._changed_at = now
        self._window = self._seen = None
        self._has_looked_again = False

    def _settle(self, now: float, wanted: int) -> None:
        if wanted < self.wanted:
            self._thinning_until = now + _LONGEST_THINNING_S
        self._change(now, wanted)
        self.best = wanted
        self._before = None
        self._is_settled = True
        self._retry_at = now + self._retry_s
        self._retry_s = min(_LONGEST_RETRY_S, max(_NEXT_RETRY_S, 2 * self._retry_s))
        self._shortest_s = _SLOW_WINDOW_S

    def _try_again(self, now: float) -> None:
        """Measure the current number afresh, then try one step more, as networks change."""
        if self._ceiling.rises(now):
            self._ask_for_one_more(now)
            return
        if self.wanted >= self.most:
            return
        if self._retry_at is None:
            self._retry_at = now + self._retry_s
        if now >= self._retry_at:
            self._is_settled = False
            self._change(now, self.wanted)

    def _ask_for_one_more(self, now: float) -> None:
        """Open it at once where all that were accepted are wanted."""
        if self.wanted + 1 == self.most:
            self._before = self.wanted, self._rate
            self._is_settled = self._is_fixed
            self._change(now, self.most)

    def refused(self, now: float, working: int, told_s: float = 0.0) -> None:
        """The server accepts no more than `working` connections; see `Ceiling`."""
        self._ceiling.refused(now, working, told_s)
        self._settle(now, min(self.wanted, self.most))

    def admitted(self, now: float) -> None:
        """The server accepts more than when it refused some: find out anew how many pay off."""
        self._ceiling.lift()
        self._before = self._retry_at = None
        self._is_settled = self._is_fixed
        self._shortest_s = _QUICK_WINDOW_S
        self._change(now, self.most if self._is_fixed else self.wanted)

    def allow(self, most: int, *, is_fixed: bool) -> None:
        """The user changed the maximum."""
        self._ceiling.set_bound(most)
        self._is_fixed = is_fixed
        self._is_settled = is_fixed
        self._before = None
        self._window = None
        self.wanted = self.most if is_fixed else min(self.wanted, self.most)
