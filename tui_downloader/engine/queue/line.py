"""The downloads that stand in line, grouped by what may hold them back.

Thousands may be held for one reason. All downloads in a group go to the same host and folder in the
same way, so either all of them may start or none: only the first of each group has to be examined.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from enum import Enum, auto
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterable

    from tui_downloader.engine.transfer.download import Download


class Turn(Enum):
    """Whether a download in line may start."""

    IN_ORDER = auto()
    LAST = auto()  # only if no other one may start
    HELD = auto()  # not now: it would only find that there is no way to its host


# All that whether it may start depends on: host, the one to get through to, folder, whether a try
# has failed, whether it may be served where others are not, whether there are mirrors.
Kind = tuple[str, str, str, bool, bool, bool]
# Position in the queue, id, and those of the same kind in queue order, itself among them.
Member = tuple[int, int, "list[Member]"]
_id_of = itemgetter(1)


class Line:
    """Downloads in line, ordered by their positions in the queue."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}
        self._groups: dict[Kind, list[Member]] = {}  # empty ones go with the next `fill`
        self._heads: list[Member] = []  # the first of each group, in queue order

    def fill(self, downloads: Iterable[Download]) -> None:
        """Replace all downloads in line."""
        self._members.clear()
        for group in self._groups.values():
            group.clear()  # its members refer to it
        self._groups.clear()
        for download in downloads:
            key, group = download.download_id, self._group_of(download)
            member = (download.position, key, group)
            self._members[key] = member
            group.append(member)
        for group in self._groups.values():
            group.sort()
        self._heads = sorted(group[0] for group in self._groups.values())

    def add(self, download: Download) -> None:
        """Add a download, in the group that fits it now."""
        key = download.download_id
        self.discard(key)
        group = self._group_of(download)
        self._members[key] = member = (download.position, key, group)
        first = group[0] if group else None
        insort(group, member)
        if group[0] is member:
            if first is not None:
                del self._heads[bisect_left(self._heads, first)]
            insort(self._heads, member)

    def discard(self, download_id: int) -> None:
        """Remove a download, if it is in line."""
        member = self._members.pop(download_id, None)
        if member is None:
            return
        group = member[2]
        if group[0] is not member:
            del group[bisect_left(group, member)]
            return
        del group[0]
        del self._heads[bisect_left(self._heads, member)]
        if group:
            insort(self._heads, group[0])

    def _group_of(self, download: Download) -> list[Member]:
        request = download.request
        kind = (
            download.host, download.needed_host, request.folder, download.retry is not None,
            download.may_find_room, bool(request.mirrors),
        )  # fmt: skip
        return self._groups.setdefault(kind, [])

    @property
    def ids(self) -> Collection[int]:
        """Ids of the downloads in line, in no order."""
        return self._members.keys()

    @property
    def one_of_each(self) -> Iterable[int]:
        """The first of each group, in queue order."""
        return map(_id_of, self._heads)

    def choose(self, turn_of: Callable[[int], Turn], but: Container[int]) -> int | None:
        """Return the first that may start, else the first of those that come last.

        Args:
            turn_of: asked for one of each group.
            but: who may not start, whatever the turn of its group.
        """
        in_order: Member | None = None
        last: Member | None = None
        for head in self._heads:
            if in_order is not None and head > in_order:
                break  # all further heads are behind that one
            turn = turn_of(head[1])
            if turn is Turn.HELD or (turn is Turn.LAST and last is not None and head > last):
                continue
            found = next((each for each in head[2] if each[1] not in but), None)
            if found is None:
                continue
            if turn is Turn.IN_ORDER:
                in_order = found if in_order is None else min(found, in_order)
            else:
                last = found if last is None else min(found, last)
        chosen = in_order or last
        return None if chosen is None else chosen[1]
