"""Partials of earlier runs, found by address: the same command goes on where it was interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import defaultdict
from typing import TYPE_CHECKING

from tui_downloader.model.links.equivalence import normalized
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.disk import Disk


class Orphans:
    """Each folder is searched once, when its first download without a known name starts."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._folders: dict[str, dict[str, list[str]]] = {}
        self._searching: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, folder: str, url: str, fits: Callable[[str], bool]) -> str | None:
        """Return the path of a partial of `url` not given to anyone yet, None if none fits."""
        if folder not in self._folders:
            async with self._searching[folder]:
                if folder not in self._folders:
                    here = os.path.join(folder, "")
                    self._folders[folder] = await self._disk.run(here, search_folder, folder)
        found = self._folders[folder].get(normalized(url), [])
        path = next(filter(fits, reversed(found)), None)
        if path is not None:
            found.remove(path)
        return path


def search_folder(folder: str) -> dict[str, list[str]]:
    """Read the passports in a folder: partials by each address they name, `normalized`. Blocks."""
    found: dict[str, list[str]] = {}
    with contextlib.suppress(FileNotFoundError):
        for part_path, record in passports.in_folder(folder):
            for address in record.addresses:
                found.setdefault(address, []).append(part_path)
    return found
