"""Downloads that were taken out of the list in this session, so that they can be put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.engine.download import Download

_KEPT = 10_000


class Removed:
    """Remembers removed downloads and whether a task carried them; the oldest are forgotten."""

    def __init__(self) -> None:
        self._downloads: dict[int, tuple[Download, bool]] = {}

    def keep(self, download: Download, *, ran: bool) -> None:
        """This one is leaving the list."""
        self._downloads[download.download_id] = (download, ran)
        while len(self._downloads) > _KEPT:
            del self._downloads[next(iter(self._downloads))]

    def take(self, download_ids: Iterable[int]) -> dict[Download, bool]:
        """Return and forget those that are known, each with whether it ran."""
        found = (self._downloads.pop(download_id, None) for download_id in tuple(download_ids))
        return dict(each for each in found if each is not None)
