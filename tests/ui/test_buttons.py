"""The button of a dialog: whether it has the focus is seen from itself alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.ui.view.contrast import ENOUGH, contrast

if TYPE_CHECKING:
    from rich.style import Style


def button(ui: Ui) -> list[tuple[str, Style]]:
    """The pieces of the button, with how they are drawn."""
    region = ui.app.screen.query_one("#add-button").region
    strip = ui.app.screen._compositor.render_strips()[region.y].crop(region.x, region.right)
    return [(each.text, each.style) for each in strip if each.style is not None]


def backgrounds(ui: Ui) -> set[str]:
    """What is behind each cell, as the user sees it."""
    colours = ((style.color, style.bgcolor)[not style.reverse] for _, style in button(ui))
    return {colour.get_truecolor().hex for colour in colours if colour is not None}


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_it_is_filled_from_edge_to_edge_while_it_has_the_focus(theme: str) -> None:
    async with running([download(1)], theme=theme) as ui:
        await ui.press("a")
        idle = backgrounds(ui)
        await ui.press("escape")
        await ui.paste("https://a.example/a.iso\n")
        await ui.until(lambda: "1 new" in ui.text)
        assert ui.app.focused is ui.app.screen.query_one("#add-button")
        filled = backgrounds(ui)
        assert len(idle) == len(filled) == 1
        assert idle != filled


async def test_its_words_can_be_read_in_every_theme_with_the_focus_and_without() -> None:
    async with running([download(1)]) as ui:
        await ui.press("a")
        shown = ui.app.screen.query_one("#add-button")
        for theme in ui.app.available_themes.values():
            if theme.ansi:
                continue  # what these colours look like is the user's business
            ui.app.set_theme(theme.name)
            for has_focus in (False, True):
                ui.app.screen.set_focus(shown if has_focus else None)
                await ui.pilot.pause()
                (style,) = (style for text, style in button(ui) if "Add" in text)
                assert style.color is not None
                assert style.bgcolor is not None
                words, ground = (
                    Color.from_rich_color(each) for each in (style.color, style.bgcolor)
                )
                assert contrast(words, ground) >= ENOUGH, (theme.name, has_focus)


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_in_the_terminals_own_colours_its_words_are_reversed(theme: str) -> None:
    async with running([download(1)], theme=theme) as ui:
        await ui.press("a")
        assert not any(style.reverse for _, style in button(ui))
        ui.app.screen.query_one("#add-button").focus()
        await ui.pilot.pause()
        assert any(style.reverse for text, style in button(ui) if "Add" in text)
