"""The free space where downloads go, checked now and then."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.disk import Disk

_EVERY_S = 10.0
_WHILE_EMPTY_S = 1.0  # who adds the first download is told of the space soon


class FreeSpace:
    """Watches one folder's file system; `watch` is a task of the engine.

    Attributes:
        free_bytes: None while unknown.
        folder: where that was found, "" before any was looked at.
    """

    def __init__(self) -> None:
        self.free_bytes: int | None = None
        self.folder = ""

    async def watch(self, disk: Disk, folder: Callable[[], str]) -> None:
        """Look until cancelled; `folder` may change, "" stands for none."""
        while True:
            path = folder()
            if path:
                try:
                    usage = await disk.run(os.path.join(path, ""), shutil.disk_usage, path)
                    self.free_bytes, self.folder = usage.free, path
                except DiskError:
                    self.free_bytes = None
            await asyncio.sleep(_EVERY_S if path else _WHILE_EMPTY_S)
