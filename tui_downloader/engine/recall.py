"""The queue of an earlier run comes back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine.entries import download_of
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.engine.download import Download
    from tui_downloader.engine.names import Names
    from tui_downloader.engine.roster import Roster
    from tui_downloader.store.entry import Entry


def bring_back(
    entries: list[Entry], roster: Roster, names: Names, *, paused: bool
) -> Iterator[Download]:
    """Put downloads into the list, each before it is yielded.

    Args:
        entries: in queue order; used up, for both of 10,000 at once take 2 MB more.
        names: what is unfinished claims its own.
        paused: what would go on by itself does not.
    """
    entries.reverse()
    while entries:
        entry = entries.pop()
        download = download_of(entry)
        if paused and download.status is Status.QUEUED:
            download.apply(Event.PAUSE, time.time())
        roster.bring_back(download)
        if download.name and not download.status.is_ended:
            names.claim(entry.request.folder, download.name, entry.download_id)
        yield download
