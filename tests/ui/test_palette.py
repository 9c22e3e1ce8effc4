"""Themes in the palette: few keys lead to another one, and it is tried on while moving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.store.paths import resolve

if TYPE_CHECKING:
    from pathlib import Path


async def open_palette(ui: Ui, text: str, first: str) -> None:
    """Open the palette and type; wait until its first line is about what was typed."""
    await ui.press("colon", *text)
    await ui.until(lambda: first in ui.text)


@pytest.mark.parametrize(("worn", "other"), [("dark", "light"), ("light", "dark")])
async def test_four_keys_change_the_theme(tmp_path: Path, worn: str, other: str) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    async with running([download(1)], paths=paths, theme=worn) as ui:
        await open_palette(ui, "th", f"Theme: {other}")
        await ui.press("enter")
        await ui.until(paths.settings_file.exists)
        assert ui.app.theme == other
    assert paths.settings_file.read_text() == f'theme = "{other}"\n'


async def test_a_theme_is_tried_on_by_moving_and_not_by_typing() -> None:
    async with running([download(1)]) as ui:
        await open_palette(ui, "th", "Theme: light")
        assert ui.app.theme == "dark"
        await ui.press("down")
        assert ui.app.theme == "ansi-dark"
        await ui.press("up")
        assert ui.app.theme == "light"
        await ui.press("escape")
        assert ui.app.theme == "dark"


async def test_who_moves_on_to_another_command_wears_the_old_theme() -> None:
    async with running([download(1)]) as ui:
        await open_palette(ui, "th", "Theme: light")
        await ui.press("down", "up")
        assert ui.app.theme == "light"
        await ui.press("ctrl+end")
        assert ui.app.theme == "dark"


async def test_the_whole_word_still_opens_the_list_of_themes() -> None:
    async with running([download(1)]) as ui:
        await open_palette(ui, "theme", "Choose the colours")
        await ui.press("enter")
        await ui.until(lambda: "enter keeps it" in ui.text)


async def test_the_list_stays_in_sight_in_the_terminals_own_colours() -> None:
    async with running([download(1)], theme="ansi-dark") as ui:
        await ui.press("colon")
        assert "limit off" in ui.text
