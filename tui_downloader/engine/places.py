"""Where downloads stand in the queue: the positions that keep its order on disk, too.

Positions grow along the queue and need not be dense, so that only what was moved is written.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_downloader.engine.download import Download

Downloads = dict[int, "Download"]


def give_places(new: Sequence[Download], others: Iterable[Download], *, first: bool) -> None:
    """Give new downloads positions before or behind all others."""
    taken = [download.position for download in others]
    start = min(taken, default=0) - len(new) if first else max(taken, default=0) + 1
    for offset, download in enumerate(new):
        download.position = start + offset


def reordered(
    downloads: Mapping[int, Download], order: Sequence[int]
) -> tuple[Downloads, list[int]]:
    """Hand the positions out again along `order`.

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
    """Put downloads back at the positions they had; where that is taken, the later one moves on.

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
