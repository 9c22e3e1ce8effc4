"""Downloads that start again from byte 0, and how those were that had finished before.

A finished file keeps its name until the new one is complete, and is kept for a while after that: so
long the restart can be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.queue.earlier import Earlier
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.queue.download_tasks import DownloadTasks
    from tui_downloader.engine.transfer.download import Download


class Restarts:
    """Starts downloads again, and remembers which of them can be restored."""

    def __init__(self) -> None:
        self._finished: dict[tuple[int, float | None], Earlier] = {}  # by id and when

    def begin(self, download: Download) -> None:
        """Start a download again: its parts are not resumed, and every byte counts as progress."""
        if download.status is Status.COMPLETED:
            key = download.download_id, download.finished_at
            self._finished[key] = Earlier.of(download)
        download.from_zero = True
        download.count_afresh()
        download.grant_tries()

    def take_back(
        self, download: Download, finished_at: float | None, tasks: DownloadTasks
    ) -> None:
        """Make a download COMPLETED as it was, if it has started again since."""
        earlier = self._finished.pop((download.download_id, finished_at), None)
        if earlier is not None:
            tasks.give_up_for(download, earlier)
