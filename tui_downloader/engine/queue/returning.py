"""Brings the downloads of an earlier run back into the list."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.engine.disk.set_aside import parts_of
from tui_downloader.model.errors import DiskError
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Iterator

    from tui_downloader.engine.disk.disk import Disk
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


def look_for_parts(
    downloads: Iterable[Download], disk: Disk, has_task: Callable[[Download], bool]
) -> None:
    """Learn what is here of downloads: a program that was killed may not have recorded it.

    Args:
        downloads: those that a run may just have had in hand.
        has_task: tells whether a new run has one in hand, and looks by itself.
    """
    by_folder: defaultdict[str, list[Download]] = defaultdict(list)
    for download in downloads:
        if download.name:
            by_folder[download.request.folder].append(download)
    for folder, theirs in by_folder.items():
        paths = [each.final_path for each in theirs]
        with suppress(DiskError):  # no file system has such a folder
            look = disk.begin(os.path.join(folder, ""), parts_of, paths)
            look.add_done_callback(partial(_learn, theirs, has_task))


def _learn(
    downloads: Iterable[Download],
    has_task: Callable[[Download], bool],
    look: asyncio.Future[dict[str, tuple[int, int]]],
) -> None:
    found = look.result()
    for download in downloads:
        # What is to go was decided before this was known.
        if not has_task(download) and download.parts_go_at is None:
            known = download.kept_bytes, download.set_aside_bytes
            here = found.get(download.final_path, known)
            if here != known:
                download.kept_bytes, download.set_aside_bytes = here
                download.changed()
