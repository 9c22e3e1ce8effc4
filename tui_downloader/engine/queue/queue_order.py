"""The order of the queue: moving downloads, and the positions that record it on disk.

Positions grow along the queue and need not be consecutive, so that only what was moved is written.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from tui_downloader.engine.options import Move

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui_downloader.engine.transfer.download import Download

Downloads = dict[int, "Download"]


def moved(
    order: list[int],
    chosen: Collection[int],
    where: Move,
    among: Collection[int] | None = None,
) -> list[int]:
    """Return `order` with the chosen ones moved; their order among themselves stays.

    One step up or down moves each past its neighbour; a group at the edge stays where it is.

    Args:
        among: the only neighbours that a step counts, such as those on the screen; None for all.
    """
    if where is Move.TOP:
        return [i for i in order if i in chosen] + [i for i in order if i not in chosen]
    if where is Move.BOTTOM:
        return [i for i in order if i not in chosen] + [i for i in order if i in chosen]
    if among is not None:
        seen = [i for i in order if i in among or i in chosen]
        return arranged(order, moved(seen, chosen, where))
    if where is Move.DOWN:
        return moved(order[::-1], chosen, Move.UP)[::-1]
    result = list(order)
    for place in range(1, len(result)):
        if result[place] in chosen and result[place - 1] not in chosen:
            result[place - 1], result[place] = result[place], result[place - 1]
    return result


def arranged(order: list[int], wanted: Iterable[int]) -> list[int]:
    """Return `order` with the downloads in `wanted` in that order, in their common places."""
    known = set(order)
    following = [i for i in dict.fromkeys(wanted) if i in known]
    taking = set(following)
    next_one = iter(following)
    return [next(next_one) if i in taking else i for i in order]


def give_places(new: Sequence[Download], others: Downloads, *, first: bool) -> None:
    """Give new downloads positions before or behind all others, which come in queue order."""
    edge = next(iter(others.values()) if first else reversed(others.values()), None)
    position = 0 if edge is None else edge.position
    start = position - len(new) if first else position + 1
    for offset, download in enumerate(new):
        download.position = start + offset


def reordered(
    downloads: Mapping[int, Download], order: Sequence[int]
) -> tuple[Downloads, list[int]]:
    """Assign the positions again along `order`.

    Returns:
        The downloads in that order, and the ids of those that got another position.
    """
    positions = sorted(download.position for download in downloads.values())
    changed = []
    for download_id, position in zip(order, positions, strict=True):
        if downloads[download_id].position != position:
            downloads[download_id].position = position
            changed.append(download_id)
    return {download_id: downloads[download_id] for download_id in order}, changed


def put_among(
    downloads: Mapping[int, Download], returned: Iterable[Download]
) -> tuple[Downloads, list[int]]:
    """Put downloads back at their old positions; where one is taken, later downloads move on.

    Returns:
        All downloads in queue order, and the ids of those that got another position.
    """
    together = [*downloads.values(), *returned]
    together.sort(key=lambda download: (download.position, download.download_id))
    changed = []
    for before, after in pairwise(together):
        if after.position <= before.position:
            after.position = before.position + 1
            changed.append(after.download_id)
    return {download.download_id: download for download in together}, changed
