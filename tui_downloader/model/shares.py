"""Sharing a bounded number of connections fairly between downloads: over all, and for each host."""

from __future__ import annotations

from dataclasses import dataclass


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

    def enter(self, download_id: int, host: str) -> None:
        """A download begins to use connections to a host."""
        self._members[download_id] = _Member(host)

    def leave(self, download_id: int) -> None:
        """A download uses none any more."""
        self._members.pop(download_id, None)

    def use(self, download_id: int, connections: int) -> None:
        """Note how many connections a download has open."""
        if (member := self._members.get(download_id)) is not None:
            member.open = connections

    def allowed(self, download_id: int) -> int:
        """Return how many connections a download may have, 1 or more."""
        me = self._members.get(download_id)
        if me is None:
            return 1
        everyone = list(self._members.values())
        neighbours = [member for member in everyone if member.host == me.host]
        over_all = _part(me, everyone, self.total)
        at_host = _part(me, neighbours, self.per_host)
        return max(1, min(over_all, at_host))


def _part(me: _Member, members: list[_Member], bound: int) -> int:
    fair = max(1, bound // len(members))
    free = bound - sum(member.open for member in members)
    return max(fair, me.open + free)
