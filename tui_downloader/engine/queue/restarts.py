"""Downloads that begin again at byte 0, and what those were that had finished before.

A finished file keeps its name until the new one is whole, and is kept for a while then: so long
that can be taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.queue.earlier import Earlier
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.queue.download_tasks import DownloadTasks
    from tui_downloader.engine.transfer.download import Download


class Restarts:
    """Begins again, and remembers for whom there is a way back."""

    def __init__(self) -> None:
        self._finished: dict[tuple[int, float | None], Earlier] = {}  # by id and when

    def begin(self, download: Download) -> None:
        """What is here of it is not gone on with, and every byte is progress again."""
        if download.status is Status.COMPLETED:
            key = download.download_id, download.finished_at
            self._finished[key] = Earlier.of(download)
        download.from_zero = True
        download.progress.most_bytes = 0
        download.budget.reset()

    def take_back(
        self, download: Download, finished_at: float | None, tasks: DownloadTasks
    ) -> None:
        """Let a download be finished as it was then, if it has begun again since."""
        earlier = self._finished.pop((download.download_id, finished_at), None)
        if earlier is not None:
            tasks.give_up_for(download, earlier)
