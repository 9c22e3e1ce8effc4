"""Brings the downloads of an earlier run back into the list."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.engine.queue.entries import download_of
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.engine.disk.names import Names
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.store.entry import Entry


def bring_back(
    entries: list[Entry], roster: Roster, names: Names, *, paused: bool
) -> Iterator[Download]:
    """Put the downloads of an earlier run into the list, each before it is yielded.

    Args:
        entries: in queue order; used up, for both of 10,000 at once take 2 MB more.
        names: what is unfinished claims its own.
        paused: what would go on by itself does not.
    """
    entries.reverse()
    now = steady()  # one object for all of them
    while entries:
        entry = entries.pop()
        download = download_of(entry)
        download.wished_at = now
        if paused and download.status is Status.QUEUED:
            download.apply(Event.PAUSE, time.time())
        roster.bring_back(download)
        if download.name and not download.status.is_ended:
            names.claim(entry.request.folder, download.name, entry.download_id)
        if download.other_path:
            names.claim(*os.path.split(download.other_path), entry.download_id)
        yield download
