"""The free space where downloads go is known soon after there is a download."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.waiting import eventually
from tui_downloader.engine.disk import free_space
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.free_space import FreeSpace


async def test_the_free_space_is_looked_up_soon_after_the_first_download_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space, "_EVERY_S", 3600.0)
    asked: list[str] = []
    space = FreeSpace()

    def folder() -> str:
        asked.append(str(tmp_path) if asked else "")
        return asked[-1]

    disk = Disk()
    watch = asyncio.create_task(space.watch(disk, folder))
    try:
        await eventually(lambda: space.free_bytes)
    finally:
        watch.cancel()
        disk.close()
    assert asked[0] == ""
    assert space.folder == str(tmp_path)
