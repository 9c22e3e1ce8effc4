"""Runs the interface without a terminal, on a fake engine, and reads what it shows."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.events import Key, Paste
from textual.keys import _character_to_key

from tests.ui.fake_engine import NOW, FakeEngine
from tests.waiting import PATIENCE_S
from tui_downloader.store.settings import Settings
from tui_downloader.ui.app import DownloaderApp
from tui_downloader.ui.screens.ask import AskScreen
from tui_downloader.ui.screens.main import MainScreen
from tui_downloader.ui.widgets.queue import QueueList

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from textual.pilot import Pilot

    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.store.paths import Paths
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.file_looks import FatesOf


@dataclass
class Ui:
    """A running interface.

    Attributes:
        clipboard: what was copied last.
        toasts: messages shown so far.
    """

    app: DownloaderApp
    pilot: Pilot[None]
    engine: FakeEngine

    async def press(self, *keys: str) -> None:
        """Press keys and wait until they have had their effect."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def paste(self, text: str) -> None:
        """Paste a text as a terminal does."""
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the interface work until a condition holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("it never happened; the screen:\n" + self.text)
            await self.pilot.pause(0.005)

    async def refresh(self) -> None:
        """Let the engine's state of now reach the screen."""
        before = self.engine.snapshots_taken
        self.desk.wake()
        await self.until(lambda: self.engine.snapshots_taken > before)
        await self.pilot.pause()

    async def end(self) -> None:
        """Leave as a user does; the program ends what works in the background, then its screens."""
        self.app.quitting.leave()
        assert self.app._task is not None
        await asyncio.wait_for(asyncio.shield(self.app._task), PATIENCE_S)

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def desk(self) -> Desk:
        """What the main screen and all commands share."""
        return self.main.desk

    @property
    def queue(self) -> QueueList:
        """The list."""
        return self.main.query_one(QueueList)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen as the user reads them."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def highlighted_line(self) -> int:
        """The line of the screen that the highlight is on."""
        return next(y for y, line in enumerate(self.lines) if line.startswith(">"))

    @property
    def toasts(self) -> list[str]:
        """Messages on the screen."""
        return [notification.message for notification in self.app._notifications]


def question(ui: Ui) -> str:
    """What is asked, as the user reads it."""
    assert isinstance(ui.app.screen, AskScreen)
    return " ".join(line.strip(" │") for line in ui.lines)


@asynccontextmanager
async def running(
    downloads: Iterable[Snapshot] = (),
    *,
    size: tuple[int, int] = (80, 24),
    requests: tuple[DownloadRequest, ...] = (),
    notices: tuple[str, ...] = (),
    engine: FakeEngine | None = None,
    paths: Paths | None = None,
    read: Settings | None = None,
    look_at: FatesOf = lambda _: {},
    clock: Callable[[], float] = lambda: NOW,
    **settings: Any,
) -> AsyncIterator[Ui]:
    """Run the interface with settings and downloads until the block ends.

    Args:
        paths: where settings are saved and the log is; None saves nothing.
        read: what the settings file holds.
        look_at: tells what became of finished files, of which none is on disk.
        clock: wall clock, seconds.
    """
    engine = engine or FakeEngine(downloads)
    app = DownloaderApp(
        engine,
        replace(read or Settings(), **({"ascii": "never"} | settings)),
        requests,
        notices,
        add_folder="/downloads",
        clock=clock,
        open_path=engine.open_path,
        look_at=look_at,
        paths=paths,
    )
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            ui = Ui(app, pilot, engine)
            await ui.until(lambda: engine.snapshots_taken)
            await pilot.pause()
            yield ui
            await ui.end()
    finally:
        await app.life.finish()


def send_together(ui: Ui, *keys: str) -> None:
    """Let keys arrive at once, as over a slow line."""
    for key in keys:
        is_character = len(key) == 1
        name = _character_to_key(key) if is_character else key
        ui.app.post_message(Key(name, key if is_character else None))
