"""What the list holds already, looked up by address and by file. Pure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.model.download import Snapshot


class Listed:
    """What the list holds, looked up by address and by the file that it will become."""

    def __init__(self, downloads: Iterable[Snapshot] = ()) -> None:
        self._by_url: dict[str, int] = {}
        self._by_path: dict[tuple[str, str], int] = {}
        self._failed: dict[tuple[str, str], Snapshot] = {}
        self._finished: dict[int, Snapshot] = {}
        for download in downloads:
            place = (download.folder, download.name.casefold())
            self._by_url.setdefault(download.url, download.download_id)
            if download.total_bytes is not None or download.finished_at is not None:
                # Before the server has answered, the name is only a guess.
                self._by_path.setdefault(place, download.download_id)
            if download.status is Status.COMPLETED:
                self._finished[download.download_id] = download
            if download.status is Status.FAILED or (
                download.status is Status.CANCELLED and download.kept_bytes
            ):
                self._failed.setdefault(place, download)

    def __contains__(self, url: str) -> bool:
        return self.by_url(url) is not None

    def by_url(self, url: str) -> int | None:
        """Return the download of an address without user and password."""
        return self._by_url.get(clean(url))

    def finished_path(self, download_id: int) -> str:
        """Return where the finished file of a download is, "" when it is not finished."""
        download = self._finished.get(download_id)
        return "" if download is None else os.path.join(download.folder, download.name)

    def failed(self, folder: str, name: str) -> Snapshot | None:
        """Return the download of this file that failed, or was cancelled with something here."""
        return self._failed.get((folder, name.casefold()))

    def by_path(self, folder: str, name: str) -> int | None:
        """Return the download that is or becomes this file."""
        return self._by_path.get((folder, name.casefold()))
