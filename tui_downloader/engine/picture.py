"""The whole queue as one frozen picture, for whoever shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.download import QueueSnapshot
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_downloader.engine.download import Download
    from tui_downloader.model.download import Hold

_PLACES_SHOWN = 1000
_QUEUED = Status.QUEUED  # looking a member up costs a call in Python 3.11


def picture_of(
    downloads: Iterable[Download],
    now: float,
    limit_bytes_per_s: int | None,
    free_bytes: int | None,
    holds: Mapping[str, Hold],
) -> QueueSnapshot:
    """Return the picture; downloads that did not change are the identical objects.

    Args:
        downloads: in queue order.
        now: wall clock, seconds.
        holds: why a host keeps its downloads in the queue, by host.
    """
    pictures = []
    place = 0
    rate = 0.0
    left_bytes = 0
    # Ten thousand of them several times a second: what did not change is passed on untouched.
    for download in downloads:
        status, picture, shown_place, hold = download.status, download.shown, 0, None
        if status is _QUEUED:
            place += 1
            shown_place = min(_PLACES_SHOWN, place)
            hold = holds.get(download.host) if holds else None
        if (
            picture is None
            or status.is_running
            or picture.queue_place != shown_place
            or picture.hold is not hold
        ):
            picture = download.snapshot(now, shown_place, hold)
        pictures.append(picture)
        if shown_place or status.is_running:
            rate += picture.bytes_per_s
            if picture.total_bytes is not None:
                left_bytes += picture.total_bytes - picture.done_bytes
    return QueueSnapshot(
        downloads=tuple(pictures),
        bytes_per_s=rate,
        limit_bytes_per_s=limit_bytes_per_s,
        eta_s=left_bytes / rate if rate > 0 else None,
        free_bytes=free_bytes,
        taken_at=now,
    )
