"""The free space where downloads go, looked up now and then and soon after each change."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskError
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.disk import Disk

_EVERY_S = 10.0  # others write there, too
_PAUSE_S = 1.0  # many changes together are one
_PATIENCE_S = 2.0  # with a disk that does not answer; nobody knows its space meanwhile


class FreeSpace:
    """Watches one folder's file system; `watch` is a task of the engine.

    Attributes:
        free_bytes: None while unknown.
        folder: where that is, "" while nothing is downloaded to anywhere.
    """

    def __init__(self) -> None:
        self.free_bytes: int | None = None
        self.folder = ""
        self._looks: dict[str, asyncio.Future[int | None]] = {}  # by folder; not answered yet
        self._has_changed = asyncio.Event()

    def look_soon(self) -> None:
        """Something has happened that may have changed it."""
        self._has_changed.set()

    async def watch(self, disk: Disk, folder: Callable[[], str], tell: Callable[[], None]) -> None:
        """Look until cancelled.

        Args:
            folder: returns the folder of now, "" for none.
            tell: called when another number or folder is to be shown.
        """
        while True:
            path, shown = folder(), self._shown
            free_bytes = await self._free_bytes(disk, path) if path else None
            self.free_bytes, self.folder = free_bytes, path
            if self._shown != shown:
                tell()
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._has_changed.wait()
                await asyncio.sleep(_PAUSE_S)
            self._has_changed.clear()

    @property
    def _shown(self) -> tuple[str, str]:
        free = "" if self.free_bytes is None else format_bytes(self.free_bytes)
        return free, self.folder

    async def _free_bytes(self, disk: Disk, folder: str) -> int | None:
        """Ask the disk, which is not asked again before it has answered."""
        try:
            look = self._looks.get(folder) or disk.begin(os.path.join(folder, ""), _look, folder)
        except DiskError:
            return None
        self._looks[folder] = look
        await asyncio.wait((look,), timeout=_PATIENCE_S)
        if not look.done():
            return None
        del self._looks[folder]
        return look.result()


def _look(folder: str) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
