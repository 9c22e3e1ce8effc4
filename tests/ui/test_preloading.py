"""Dialogs are loaded before they are needed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.ui.fake_engine import download
from tests.ui.running import running
from tui_downloader.runs.garbage_collector import GarbageCollector
from tui_downloader.ui.preloading import preload

if TYPE_CHECKING:
    from tests.ui.running import Ui

NEEDED = {"add.tcss", "help.tcss", "ask.tcss"}


def sheets(ui: Ui) -> set[str]:
    """The style sheets that were read."""
    return {path.rpartition("/")[2] for path, _ in ui.app.stylesheet.source}


async def test_the_first_dialog_finds_its_module_and_its_style_loaded() -> None:
    async with running([download(1)]) as ui:
        await preload(ui.app, GarbageCollector())
        assert "tui_downloader.ui.screens.help" in sys.modules
        assert sheets(ui) >= NEEDED
        await ui.press("question_mark")
        assert "Keys" in ui.text


async def test_dialogs_are_loaded_soon_after_the_start_without_being_asked_for() -> None:
    async with running([download(1)]) as ui:
        assert not sheets(ui) & NEEDED
        await ui.until(lambda: sheets(ui) >= NEEDED)
