"""Parts of cancelled and removed downloads, kept for a while so that an undo loses nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.transfer.download import Download

_LOOK_AGAIN_S = 1.0


class _Condemned(NamedTuple):
    download: Download
    since: float  # when it was stopped; it goes on when that has changed
    timer: asyncio.TimerHandle


class GracePeriods:
    """Deletes the parts of cancelled or removed downloads when their time is up.

    Args:
        discard: deletes what there is of a download; False when a task still carries it.
    """

    def __init__(self, discard: Callable[[Download], bool]) -> None:
        self._discard = discard
        self._condemned: dict[int, _Condemned] = {}
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """The program ends: what is still to be done is done at once or not at all."""
        return self._is_over

    def give(self, download: Download, grace_s: float) -> bool:
        """Delete its parts in so many seconds; False when they are to be deleted at once."""
        if self._is_over or grace_s <= 0 or not download.has_bytes:
            return False
        key = download.download_id
        self.spare(download)
        timer = asyncio.get_running_loop().call_later(grace_s, self._end, key)
        self._condemned[key] = _Condemned(download, download.phase_since, timer)
        download.condemn_parts(time.time() + grace_s)
        return True

    def spare(self, download: Download) -> None:
        """Keep its parts: they are wanted again."""
        if self._forget(download.download_id) is not None:
            download.condemn_parts(None)

    def end(self) -> None:
        """The program ends: nothing can be undone any more."""
        self._is_over = True
        for key in tuple(self._condemned):
            self._end(key)

    def _end(self, key: int) -> None:
        condemned = self._forget(key)
        if condemned is None or condemned.download.phase_since != condemned.since:
            return
        if not self._discard(condemned.download):
            self.give(condemned.download, _LOOK_AGAIN_S)

    def _forget(self, key: int) -> _Condemned | None:
        condemned = self._condemned.pop(key, None)
        if condemned is not None:
            condemned.timer.cancel()
        return condemned
