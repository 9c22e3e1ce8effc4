"""The interface on a real engine, for what only both together can show."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.ui.fake_engine import FakeEngine
from tests.ui.running import Ui
from tui_downloader.engine import Engine, EngineOptions
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.store.settings import Settings
from tui_downloader.ui.actions.undo import UNDO_S
from tui_downloader.ui.app import DownloaderApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tui_downloader.model.download import QueueSnapshot, Snapshot
    from tui_downloader.store.queue import QueueStore


class Real(Ui):
    """The interface on a real engine.

    Attributes:
        opened: what the desktop was asked to open.
    """

    opened: list[str]

    @property
    def snapshot(self) -> QueueSnapshot:
        """All downloads, as the engine sees them now."""
        return self.app._engine.snapshot()

    @property
    def download(self) -> Snapshot:
        """The only download, as the engine sees it now."""
        (download,) = self.snapshot.downloads
        return download

    async def until_seen(self, words: str) -> None:
        """Wait until words are on the screen."""
        await self.until(lambda: words in self.text)

    async def until_done(self) -> None:
        """Wait until the download is complete."""
        await self.until(lambda: self.download.status is Status.COMPLETED)

    async def write(self, text: str) -> None:
        """Type into the field that has the focus."""
        for char in text:
            await self.pilot.press(char)
        await self.pilot.press("enter")


@asynccontextmanager
async def real(
    folder: Path, *requests: DownloadRequest, queue: QueueStore | None = None, **options: Any
) -> AsyncIterator[Real]:
    """Run the interface with these downloads, behind those of a queue on disk."""
    opened: list[str] = []

    def open_path(path: str) -> str:
        opened.append(path)
        return ""

    # How many connections pay depends on how fast the machine is.
    engine = Engine(EngineOptions(**({"connections": 1, "undo_s": UNDO_S} | options)), queue)
    settings = replace(Settings(), ascii="never", refresh_hz=10)
    app = DownloaderApp(
        engine, settings, requests, add_folder=str(folder), clock=time.time, open_path=open_path
    )
    try:
        async with app.run_test(size=(178, 40), notifications=True) as pilot:
            ui = Real(app, pilot, FakeEngine())
            ui.opened = opened
            await ui.until(lambda: len(engine.snapshot().downloads) >= len(requests))
            yield ui
            await ui.end()
    finally:
        await app.life.finish()


def wanted(url: str, folder: Path, **fields: Any) -> DownloadRequest:
    return DownloadRequest(url, str(folder), **fields)
