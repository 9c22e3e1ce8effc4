"""The settings screen with a settings file: opened, used, and what it saved."""

from __future__ import annotations

import re
import tomllib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.store.settings import load
from tui_downloader.ui.screens.settings import SettingsScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RUNNING = download(1, Status.DOWNLOADING, done_bytes=2_000_000, total_bytes=4_000_000, heard_at=NOW)


@asynccontextmanager
async def settings_open(home: Path, **options: Any) -> AsyncIterator[Ui]:
    """Run the interface with a settings file below `home`, its settings screen open."""
    paths = resolve({"TUI_DOWNLOADER_HOME": str(home)})
    settings, notices = load(paths.settings_file)
    async with running(
        [RUNNING], paths=paths, read=settings, notices=tuple(notices), **options
    ) as ui:
        await ui.press("comma")
        await ui.until(lambda: isinstance(ui.app.screen, SettingsScreen))
        await ui.until(lambda: "Settings" in ui.text)
        yield ui


def stored(home: Path) -> dict[str, Any]:
    return tomllib.loads((home / "settings.toml").read_text())


async def until_stored(ui: Ui, home: Path, expected: dict[str, Any]) -> None:
    await ui.until(lambda: (home / "settings.toml").exists() and stored(home) == expected)


async def until_shown(ui: Ui, pattern: str) -> None:
    await ui.until(lambda: re.search(pattern, ui.text) is not None)


async def highlight(ui: Ui, words: str) -> None:
    """Filter for a setting and put the focus on the list."""
    await ui.press("slash", *["space" if char == " " else char for char in words], "enter")
