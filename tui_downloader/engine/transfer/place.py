"""The place of a download among those that its host serves at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.crowd import Crowd, may_be_too_many
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.errors import DownloadError


class Place:
    """Taken with the first request, kept while anything is received.

    Args:
        download: that of the run.
        tools: the engine's.
    """

    def __init__(self, download: Download, tools: Tools) -> None:
        self._download = download
        self._crowded = tools.outages.crowded
        self._hosts = tools.hosts
        self._host = ""
        self._crowd = Crowd()

    def ask(self, url: str) -> None:
        """Take a place at the host of `url`, if it has one."""
        host = host_of(url)
        if host != self._host:
            self.leave()
            self._host, self._crowd = host, self._hosts.crowd_of(url)
        self._crowd.ask(self._download.download_id)

    def serve(self, connections: int = 1) -> None:
        """The host serves it with so many connections."""
        self._crowd.serve(self._download.download_id, connections)
        self._crowded.forget(self._download)

    @property
    def is_beside_others(self) -> bool:
        """The host serves, or has been asked for, other downloads as well."""
        return self._crowd.others(self._download.download_id) > 0

    def is_taken(self, error: DownloadError) -> bool:
        """Give the place up after a fault; tell whether others may have all that there are."""
        was_answered = self._download.status is not Status.CONNECTING
        if not may_be_too_many(error, self._host, was_answered=was_answered):
            self.leave()
            return False
        is_taken = self._crowd.refuse(self._download.download_id)
        if not is_taken:
            self._crowded.forget(self._download)
        elif self._host == self._download.host:
            self._crowded.refused(self._download, self._crowd)
        return is_taken

    def leave(self) -> None:
        """Give the place to others."""
        if self._crowd.leave(self._download.download_id):
            self._crowded.freed(self._host)
