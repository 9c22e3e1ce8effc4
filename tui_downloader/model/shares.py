"""Shares a limited number of connections fairly between downloads, in all and for each host."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple


class Bound(NamedTuple):
    """How many connections a download may have, and what limits that.

    Attributes:
        allowed: connections.
        limit: the bound that leaves it no more, for its host alone or for the whole program.
        of_host: which of them it is.
        others: downloads that share it.
    """

    allowed: int
    limit: int
    of_host: bool
    others: int


@dataclass(slots=True)
class _Bounded:
    """The downloads that share one limit."""

    members: int = 0
    open: int = 0

    def part_of(self, member: _Member, bound: int) -> int:
        fair = max(1, bound // self.members)
        return max(fair, member.open + bound - self.open)


@dataclass(slots=True)
class _Member:
    host: str
    open: int = 0


class Shares:
    """Says how many connections each download may have now.

    A download always may have one, its fair part of every bound, and beyond that what nobody else
    uses. When others come it has to give back what is more than its part.

    Args:
        total: connections of all downloads together.
        per_host: connections to one host.
    """

    def __init__(self, total: int, per_host: int) -> None:
        self.total = total
        self.per_host = per_host
        self._members: dict[int, _Member] = {}
        self._everyone = _Bounded()
        self._at: defaultdict[str, _Bounded] = defaultdict(_Bounded)  # by host; empty ones go

    def enter(self, download_id: int, host: str) -> None:
        """A download starts to use connections to a host."""
        self.leave(download_id)
        self._members[download_id] = _Member(host)
        for bounded in (self._everyone, self._at[host]):
            bounded.members += 1

    def move(self, download_id: int, host: str) -> None:
        """A redirect has led a download to another host: its connections count there."""
        member = self._members.get(download_id)
        if member is not None and member.host != host:
            open_ = member.open
            self.enter(download_id, host)
            self.use(download_id, open_)

    def leave(self, download_id: int) -> None:
        """A download stops using connections."""
        self.use(download_id, 0)
        if (member := self._members.pop(download_id, None)) is None:
            return
        for bounded in (self._everyone, self._at[member.host]):
            bounded.members -= 1
        if not self._at[member.host].members:
            del self._at[member.host]

    def use(self, download_id: int, connections: int) -> None:
        """Note how many connections a download has open."""
        if (member := self._members.get(download_id)) is not None:
            for bounded in (self._everyone, self._at[member.host]):
                bounded.open += connections - member.open
            member.open = connections

    def at(self, host: str) -> tuple[int, int]:
        """Return how many downloads a host serves, and how many connections they have open."""
        bounded = self._at.get(host, _Bounded())
        return bounded.members, bounded.open

    def allowed(self, download_id: int) -> int:
        """Return how many connections a download may have, 1 or more."""
        return self.bound(download_id).allowed

    def bound(self, download_id: int) -> Bound:
        """Return how many connections a download may have, and what limits that."""
        me = self._members.get(download_id)
        if me is None:
            return Bound(1, self.per_host, of_host=True, others=0)
        everyone, neighbours = self._everyone, self._at[me.host]
        over_all = everyone.part_of(me, self.total)
        at_host = neighbours.part_of(me, self.per_host)
        if at_host <= over_all:
            return Bound(at_host, self.per_host, of_host=True, others=neighbours.members - 1)
        return Bound(over_all, self.total, of_host=False, others=everyone.members - 1)
