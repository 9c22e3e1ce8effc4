"""Dialogs are loaded before they are needed."""

from __future__ import annotations

import sys

from tests.ui.fake_engine import download
from tests.ui.running import running
from tui_downloader.ui.warming import warm_up


async def test_the_first_dialog_finds_its_module_and_its_style_loaded() -> None:
    async with running([download(1)]) as ui:
        await warm_up(ui.app)
        assert "tui_downloader.ui.screens.help" in sys.modules
        sheets = {path.rpartition("/")[2] for path, _ in ui.app.stylesheet.source}
        assert {"add.tcss", "help.tcss", "ask.tcss"} <= sheets
        await ui.press("question_mark")
        assert "Keys" in ui.text
