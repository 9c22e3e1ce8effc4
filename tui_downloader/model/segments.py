"""Which bytes of a file are done, lent to a connection, or free: one pure structure.

A connection borrows a range (`Lease`), advances in it, and gives back what it did not fetch. Every
byte is done, free, or owned by exactly one lease; the one exception is a race, in which two leases
share the rest of a range until one of them wins. Speeds come in as an argument: nothing here knows
a clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_downloader.model.ranges import Range, RangeSet

# Cuts lie on these boundaries: pages of the disk and of the cache are written by one connection.
ALIGN_BYTES = 64 * 1024


@dataclass(slots=True, eq=False)
class Lease:
    """A range lent to one connection.

    Attributes:
        start: where it began.
        position: the next byte to come; everything from `start` to here is done.
        end: exclusive; None while nobody knows where the file ends. It moves towards `position`
            when another connection takes a part over, and away when a neighbour's part is free.
        arrived: bytes before this have come and are on their way to disk: nobody else takes them.
        rival: the lease that races for the same bytes, if any.
        is_shortened: another connection has taken its rear over, so that its answer is not read to
            the end; whether a little earlier or later makes no difference then.
        is_answered: the server has begun to send it.
    """

    start: int
    position: int
    end: int | None
    arrived: int = 0
    rival: Lease | None = None
    is_shortened: bool = False
    is_answered: bool = False

    @property
    def remaining(self) -> int | None:
        """Bytes still to come, None when unknown."""
        return None if self.end is None else max(0, self.end - max(self.position, self.arrived))

    @property
    def is_over(self) -> bool:
        """Nothing is left to fetch for this lease: it is done, or another lease won the race."""
        return self.end is not None and self.position >= self.end


class Segments:
    """Lends the missing ranges of one file.

    Args:
        done: bytes on disk; advanced here and nowhere else while leases are out.
        total_bytes: size of the file, None when unknown; then there is one lease, for all the rest.
    """

    def __init__(self, done: RangeSet, total_bytes: int | None) -> None:
        self.done = done
        self.total_bytes = total_bytes
        self._leases: list[Lease] = []

    def __repr__(self) -> str:
        lent = " ".join(f"{lease.position}-{lease.end}" for lease in self._leases)
        return f"<Segments done {self.done!r} of {self.total_bytes} lent {lent or 'nothing'}>"

    @property
    def is_complete(self) -> bool:
        """Every byte of a known size is on disk."""
        return self.done.total == self.total_bytes

    @property
    def left_bytes(self) -> float:
        """What is not on disk yet; infinite while nobody knows the size."""
        return math.inf if self.total_bytes is None else self.total_bytes - self.done.total

    def free(self) -> list[Range]:
        """Return the ranges that are neither done nor lent, in order."""
        if self.total_bytes is None:
            return []
        rest = list(self.done.gaps(self.total_bytes))
        for lease in self._leases:
            end = self.total_bytes if lease.end is None else lease.end
            rest = [part for gap in rest for part in _without(gap, lease.position, end)]
        return rest

    def claim_at(self, position: int, end: int | None) -> Lease:
        """Lend exactly [position, end); the caller has chosen a free range."""
        lease = Lease(position, position, end)
        self._leases.append(lease)
        return lease

    def claim(
        self,
        floor_bytes: int,
        seconds_left: Callable[[Lease], float],
        most_bytes: float = math.inf,
    ) -> Lease | None:
        """Lend the first free range, else a part of the lease that would take longest.

        Args:
            floor_bytes: no part is made smaller than this: a request must be worth its round trip.
            seconds_left: estimates how long a lease still takes at its own speed.
            most_bytes: no part of a lease is made larger.

        Returns:
            The new lease, None when nothing is worth taking.
        """
        free = self.free()
        if free:
            return self.claim_at(*free[0])
        return self._split(floor_bytes, seconds_left, most_bytes)

    def _split(
        self, floor_bytes: int, seconds_left: Callable[[Lease], float], most_bytes: float
    ) -> Lease | None:
        """Take the rear of the lease that would end last, so that both would end together.

        An answer that is not read to its end costs what is on its way by then, and a connection. So
        those that were shortened before are shortened again while they have something to give: the
        first one, which was asked for everything, loses its rear bit by bit to all others.
        """
        splittable = [
            lease
            for lease in self._leases
            if lease.rival is None and (lease.remaining or 0) >= 2 * floor_bytes
        ]
        if not splittable:
            return None
        shortened = [lease for lease in splittable if lease.is_shortened]
        victim = max(shortened or splittable, key=seconds_left)
        assert victim.end is not None
        victim.is_shortened = True
        share_kept = self._share_kept(victim, seconds_left)
        if victim.remaining:
            share_kept = max(share_kept, 1 - most_bytes / victim.remaining)
        cut = _cut(victim, floor_bytes, share_kept)
        end, victim.end = victim.end, cut
        return self.claim_at(cut, end)

    def _share_kept(self, victim: Lease, seconds_left: Callable[[Lease], float]) -> float:
        """How much of its rest a lease keeps: half, or less when it is slower than its peers."""
        speeds = sorted(_speed(lease, seconds_left) for lease in self._leases)
        usual = speeds[len(speeds) // 2]
        own = _speed(victim, seconds_left)
        return 0.5 if own >= usual else own / (own + usual)

    def race(self, worthwhile: Callable[[Lease], bool]) -> Lease | None:
        """Lend the rest of a lease a second time, when nothing is left to split.

        Args:
            worthwhile: tells whether a lease is so slow that an idle connection would beat it.
        """
        slow = [
            lease
            for lease in self._leases
            if lease.rival is None and not lease.is_over and worthwhile(lease)
        ]
        if not slow:
            return None
        victim = max(slow, key=lambda lease: lease.remaining or 0)
        racer = self.claim_at(victim.position, victim.end)
        racer.rival, victim.rival = victim, racer
        return racer

    def advance(self, lease: Lease, end: int) -> int:
        """Note that the bytes from the lease's position to `end` are on disk.

        Returns:
            How many of them are new; fewer than written when a rival was there before.
        """
        before = self.done.total
        self.done.add(lease.position, end)
        lease.position = end
        self._settle_race(lease)
        return self.done.total - before

    def _settle_race(self, lease: Lease) -> None:
        """The later lease wins as soon as it is ahead, the earlier one only at the finish."""
        rival = lease.rival
        if rival is None:
            return
        is_later = lease in self._leases and self._leases.index(lease) > self._leases.index(rival)
        if (is_later and lease.position > rival.position) or lease.is_over:
            rival.end = rival.position
            rival.rival = lease.rival = None

    def extend(self, lease: Lease, reach: int | None, bridge_bytes: int = 0) -> bool:
        """Let a lease that has come to its end go on into a free range behind it.

        A range that is lent but for which no answer has come yet is as good as free: it is here
        sooner than there.

        Args:
            reach: where the answer that is being read ends.
            bridge_bytes: so many bytes in between may be done already, and come once more.
        """
        if lease.end is None or lease.position != lease.end:
            return False
        begin = self.done.prefix_end(lease.end)
        if begin - lease.end > bridge_bytes:
            return False
        if reach is None or begin < reach:
            self._take_back(begin)
        for start, end in self.free():
            if start == begin and (reach is None or start < reach):
                lease.position = start
                lease.end = end if reach is None else min(end, reach)
                return True
        return False

    def _take_back(self, start: int) -> None:
        for lease in self._leases:
            is_waited_for = lease.end is not None and not lease.is_answered and lease.rival is None
            if lease.position == start and is_waited_for:
                lease.end = start

    def give_back(self, lease: Lease) -> None:
        """End a lease; what it did not fetch is free again (or the rival's)."""
        self._leases.remove(lease)
        if lease.rival is not None:
            lease.rival.rival = None
            lease.rival = None


def _without(gap: Range, start: int, end: int) -> Iterator[Range]:
    for piece in ((gap[0], min(gap[1], start)), (max(gap[0], end), gap[1])):
        if piece[0] < piece[1]:
            yield piece


def _cut(victim: Lease, floor_bytes: int, share_kept: float) -> int:
    """Where to cut a lease: at least a floor is kept and given, on a boundary if one lies there."""
    assert victim.end is not None
    begin = max(victim.position, victim.arrived)
    left = victim.end - begin
    keep = min(max(floor_bytes, int(left * share_kept)), left - floor_bytes)
    cut = begin + keep
    aligned = cut - cut % ALIGN_BYTES
    return aligned if aligned > begin else cut


def _speed(lease: Lease, seconds_left: Callable[[Lease], float]) -> float:
    left = seconds_left(lease)
    return (lease.remaining or 0) / left if left > 0 else 0.0
