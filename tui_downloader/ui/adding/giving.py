"""Asks the engine for what is wished of the queue."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.link import Link
    from tui_downloader.ui.adding.adding import AddOptions, AddWish

# So many at a time are given to the engine before keys are looked at again: 20 ms of work.
SLICE = 2000


class Giver:
    """Gives wishes to the engine.

    Args:
        engine: entered.
        wake: lets what it does be seen soon.
    """

    def __init__(self, engine: Engine, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._wake = wake

    async def give(self, wish: AddWish, options: AddOptions) -> list[int]:
        """Ask for everything; return the ids of what is new."""
        ids: list[int] = []
        if wish.replaced:
            self._replace(wish.replaced, is_paused=options.is_paused)
        for download_id, link in wish.renewed:
            self._renew(download_id, link)
        starts = range(0, len(wish.new), SLICE)
        # Slices that go to the front go there in reverse, so that the whole keeps its order.
        for start in reversed(starts) if options.is_first else starts:
            some = wish.new[start : start + SLICE]
            ids += self._engine.add(some, paused=options.is_paused, first=options.is_first)
            self._wake()
            await asyncio.sleep(0)
        self._wake()
        return ids

    def _renew(self, download_id: int, link: Link) -> None:
        """Give failed downloads new addresses; what is here stays if the file is the same."""
        from tui_downloader.ui.adding.editing import with_link  # behind the first picture

        request = self._engine.request_of(download_id)
        if request is not None:
            self._engine.edit(download_id, with_link(request, link))
            self._engine.resume([download_id])

    def _replace(self, wanted: Sequence[tuple[int, DownloadRequest]], *, is_paused: bool) -> None:
        """Replace the requests of downloads in the list; finished ones are fetched again."""
        # As they are now, which the list may not show yet.
        now = self._engine.snapshot().downloads
        done = {each.download_id for each in now if each.status is Status.COMPLETED}
        for download_id, request in wanted:
            self._engine.edit(download_id, self._keeping_time(download_id, request))
            begin_again = self._engine.restart if download_id in done else self._engine.resume
            begin_again([download_id])
            if is_paused:
                self._engine.pause([download_id])

    def _keeping_time(self, download_id: int, request: DownloadRequest) -> DownloadRequest:
        """Return a request with the start time of the one before, unless it has another one."""
        before = self._engine.request_of(download_id)
        if before is None or request.start_at is not None:
            return request
        return replace(request, start_at=before.start_at)
