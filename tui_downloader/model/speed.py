"""Throughput, time left and the graph's history; every call is told the time.

Times are seconds of any clock. When it is put back, measuring begins anew.
"""

from __future__ import annotations

from bisect import bisect_left

_BUCKET_S = 0.1
# Before this much has been seen, a first large piece would look like a huge speed.
_SHORTEST_S = 0.2
_UNCOUNTED_BYTES, _UNCOUNTED_PART = 1 << 20, 0.01
SECOND_S = 1.0
_STILL_TELLING_S = 0.5  # what came this long before a change of the limits says what comes now


class Meter:
    """Bytes per second over a sliding window, in buckets of a tenth of a second.

    Args:
        window_s: how far back it looks.
        shortest_s: what came is divided by no less than this. With a whole second nothing is ever
            shown that did not come in some second.
    """

    __slots__ = ("_buckets", "_shortest_s", "_started_at", "_sum_bytes", "_window")

    def __init__(self, window_s: float = 3.0, shortest_s: float = _SHORTEST_S) -> None:
        self._window = round(window_s / _BUCKET_S)
        self._shortest_s = shortest_s
        # [bucket number, bytes]. Few, so a list will do: thousands wait in a queue with an empty
        # one, and an empty deque takes ten times the room.
        self._buckets: list[list[int]] = []
        self._sum_bytes = 0
        self._started_at: float | None = None

    def add(self, n_bytes: int, now: float) -> None:
        """Count bytes that arrived."""
        number = self._forget(now)
        if self._started_at is None or not self._buckets:
            self._started_at = now
        if self._buckets and self._buckets[-1][0] >= number:
            self._buckets[-1][1] += n_bytes
        else:
            self._buckets.append([number, n_bytes])
        self._sum_bytes += n_bytes

    def take_over(self, other: Meter, now: float) -> None:
        """Count what another one, that looks as far back, has counted; that one begins anew."""
        self.count(other, now)
        other.forget()

    def count(self, other: Meter, now: float) -> None:
        """Count what another one, that looks as far back, counts as well."""
        self._forget(now)
        other._forget(now)
        if other._started_at is None or not other._buckets:
            return
        ours = self._buckets
        if self._started_at is None or not ours or other._started_at < self._started_at:
            self._started_at = other._started_at
        for number, n_bytes in other._buckets:
            self._sum_bytes += n_bytes
            place = bisect_left(ours, [number])
            if place < len(ours) and ours[place][0] == number:
                ours[place][1] += n_bytes
            else:
                ours.insert(place, [number, n_bytes])

    def discount(self, other: Meter, now: float) -> None:
        """Count no longer what another one counts, and was counted here as well."""
        self._forget(now)
        other._forget(now)
        theirs = {bucket[0]: bucket[1] for bucket in other._buckets}
        for bucket in self._buckets:
            bucket[1] = max(0, bucket[1] - theirs.get(bucket[0], 0))
        self._sum_bytes = sum(n_bytes for _, n_bytes in self._buckets)

    def forget(self) -> None:
        """Count nothing of what came so far."""
        self._buckets, self._sum_bytes = [], 0

    def rate(self, now: float) -> float:
        """Return bytes per second; exactly 0 after a window of silence."""
        self._forget(now)
        if not self._buckets or self._started_at is None:
            return 0.0
        elapsed_s = min(self._window * _BUCKET_S, now - self._started_at)
        return self._sum_bytes / max(elapsed_s, self._shortest_s)

    def look_back(self, seconds: float, now: float, share: float = 1.0) -> None:
        """Count only bytes received so recently; from here on the window grows again.

        Args:
            share: of that, this much would have come under what holds from now on.
        """
        since = int((now - seconds) / _BUCKET_S)
        while self._buckets and self._buckets[0][0] <= since:
            self._sum_bytes -= self._buckets.pop(0)[1]
        for bucket in self._buckets:
            bucket[1] = round(bucket[1] * share)
        self._sum_bytes = sum(n_bytes for _, n_bytes in self._buckets)
        if self._started_at is not None:
            self._started_at = max(self._started_at, now - seconds)

    def _forget(self, now: float) -> int:
        number, buckets = int(now / _BUCKET_S), self._buckets
        if buckets and number < buckets[-1][0] - 1:
            buckets.clear()  # else they would be of the future, and stay
            self._sum_bytes = 0
        while buckets and buckets[0][0] <= number - self._window:
            self._sum_bytes -= buckets.pop(0)[1]
        return number


class Throughput:
    """What comes per second of a download, or of several.

    Attributes:
        shown: to the user; nothing that did not come in some second.
        expected: over a longer time; the time left is reckoned by it.
    """

    __slots__ = ("expected", "shown")

    def __init__(self) -> None:
        self.shown = Meter(shortest_s=SECOND_S)
        self.expected = Meter(window_s=10.0)

    def add(self, n_bytes: int, now: float) -> None:
        """Count bytes that arrived."""
        self.shown.add(n_bytes, now)
        self.expected.add(n_bytes, now)

    def take_over(self, other: Throughput, now: float) -> None:
        """Count what another one has counted lately; that one begins anew."""
        self.shown.take_over(other.shown, now)
        self.expected.take_over(other.expected, now)

    def count(self, other: Throughput, now: float) -> None:
        """Count what another one counts as well."""
        self.shown.count(other.shown, now)
        self.expected.count(other.expected, now)

    def discount(self, other: Throughput, now: float) -> None:
        """Count no longer what another one counts."""
        self.shown.discount(other.shown, now)
        self.expected.discount(other.expected, now)

    def limits_changed(self, now: float, share: float) -> None:
        """How fast it was under other speed limits says nothing of what comes now.

        Args:
            share: what the new ones leave of the speed that it has.
        """
        self.shown.look_back(SECOND_S, now, share)
        self.expected.look_back(_STILL_TELLING_S, now, share)


def eta_s(remaining_bytes: int, bytes_per_s: float) -> float | None:
    """Return the seconds left, None when nothing moves."""
    if remaining_bytes <= 0:
        return 0.0
    return remaining_bytes / bytes_per_s if bytes_per_s > 0 else None


def average(n_bytes: int, seconds: float) -> float:
    """Return bytes per second, over a second at least, as `Meter` does."""
    return n_bytes / max(seconds, SECOND_S)


def share_of(limit_bytes_per_s: int | None, bytes_per_s: float) -> float:
    """Return how much of a throughput a limit leaves, 0 to 1."""
    if limit_bytes_per_s is None or bytes_per_s <= limit_bytes_per_s:
        return 1.0
    return limit_bytes_per_s / bytes_per_s


class Transition:
    """What still comes as it came before a limit was set counts as soon as the limit allows it.

    Whoever took too much at once has to wait for it: meanwhile the surplus counts.

    Args:
        bytes_per_s: that the limit leaves.
        now: when it was set.
        seconds: for how long something may still come as before.
    """

    def __init__(self, bytes_per_s: float, now: float, seconds: float) -> None:
        self._bytes_per_s = bytes_per_s
        self._set_at = now
        self._seconds = seconds
        self._arrived = self._counted = 0

    def counted(self, n_bytes: int, now: float) -> int:
        """Return how many bytes count from now on, when these have come."""
        passed_s = now - self._set_at
        if not 0 <= passed_s < self._seconds:  # or a clock was put back meanwhile
            return n_bytes
        self._arrived += n_bytes
        allowed = min(self._arrived, round(self._bytes_per_s * passed_s))
        counts = max(0, allowed - self._counted)
        self._counted += counts
        return counts


class History:
    """Bytes of each of the last seconds, for a graph.

    Args:
        seconds: how many.
    """

    __slots__ = ("_bins", "_length")

    def __init__(self, seconds: int = 120) -> None:
        self._length = seconds
        self._bins: dict[int, int] = {}

    def add(self, n_bytes: int, now: float) -> int:
        """Count bytes that arrived; return how many this second has brought so far."""
        second = int(now)
        if second not in self._bins:
            for other in [key for key in self._bins if not self._is_recent(key, second)]:
                del self._bins[other]
        so_far = self._bins[second] = self._bins.get(second, 0) + n_bytes
        return so_far

    def _is_recent(self, second: int, now: int) -> bool:
        return (
            now - self._length < second <= now + 1
        )  # what is later was before a clock was put back

    def values(self, now: float) -> tuple[float, ...]:
        """Return whole seconds only, oldest first, from the first one with bytes."""
        if not self._bins:
            return ()
        last = int(now)
        first = max(min(self._bins), last - self._length)
        return tuple(float(self._bins.get(second, 0)) for second in range(first, last))


def is_of_whole(received_bytes: int, done_bytes: int) -> bool:
    """Tell whether what is here came in the time that was counted, not in a run that was killed.

    What the last moment brought may not be counted.
    """
    return done_bytes - received_bytes <= max(_UNCOUNTED_BYTES, done_bytes * _UNCOUNTED_PART)
