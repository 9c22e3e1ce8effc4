"""Brings the downloads of an earlier run back into the list."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tui_downloader.engine.disk.names import Names
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download


def bring_back(
    downloads: Iterable[Download], roster: Roster, names: Names, *, paused: bool
) -> Iterator[Download]:
    """Put the downloads of an earlier run into the list, each before it is yielded.

    Args:
        downloads: in queue order.
        names: what is unfinished claims its own.
        paused: what would go on by itself does not.
    """
    now = steady()  # one object for all of them
    for download in downloads:
        download.wished_at = now
        if paused and download.status is Status.QUEUED:
            download.apply(Event.PAUSE, time.time())
        roster.bring_back(download)
        if download.name and not download.status.is_ended:
            names.claim(download.request.folder, download.name, download.download_id)
        if download.other_path:
            names.claim(*os.path.split(download.other_path), download.download_id)
        yield download
