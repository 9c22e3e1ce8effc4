"""The whole queue as one frozen picture, for whoever shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.download import QueueSnapshot
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.engine.download import Download

_PLACES_SHOWN = 1000


def picture_of(
    downloads: Iterable[Download], now: float, limit_bytes_per_s: int | None, free_bytes: int | None
) -> QueueSnapshot:
    """Return the picture; downloads that did not change are the identical objects.

    Args:
        downloads: in queue order.
        now: wall clock, seconds.
    """
    place = 0
    pictures = []
    rate = 0.0
    left_bytes = 0
    for download in downloads:
        queued = download.status is Status.QUEUED
        place += queued
        picture = download.snapshot(now, min(place, _PLACES_SHOWN) if queued else 0)
        pictures.append(picture)
        if queued or picture.status.is_running:
            rate += picture.bytes_per_s
            left_bytes += max(0, (picture.total_bytes or 0) - picture.done_bytes)
    return QueueSnapshot(
        downloads=tuple(pictures),
        bytes_per_s=rate,
        limit_bytes_per_s=limit_bytes_per_s,
        eta_s=left_bytes / rate if rate > 0 else None,
        free_bytes=free_bytes,
        taken_at=now,
    )
