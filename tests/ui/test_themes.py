"""Themes: every one can be worn with every dialog, and ours can be read by everyone."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import pytest
from rich.style import Style
from textual.color import Color

from tests.ui.fake_engine import FakeEngine, download
from tests.ui.running import running
from tests.ui.test_small_parts import contrast
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.theme import ANSI_DARK, ANSI_LIGHT, DARK, LIGHT, THEMES, in_order
from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.theme import Theme

ROWS = [
    download(1, Status.FAILED, failure=Failure("http-404", "no such file")),
    download(2, Status.COMPLETED),
]
ASCII_SIGNS = frozenset(map(chr, range(128)))
DIALOGS = [",", "H", "L", "e", "u", "c", "t", "a", "?", ":", "y", "D"]


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_dialog_opens_in_our_themes(theme: str) -> None:
    async with running(ROWS, theme=theme) as ui:
        assert ui.app.theme == theme
        for key in DIALOGS:
            await ui.press(key)
            assert ui.app.screen is not ui.main, key
            await ui.press("escape", "escape")
            assert ui.app.screen is ui.main, key


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_every_dialog_is_drawn_with_ascii_where_nothing_else_can_be(
    size: tuple[int, int],
) -> None:
    async with running(ROWS, ascii="always", size=size) as ui:
        assert ui.text.isascii()
        for key in DIALOGS:
            await ui.press(key)
            await ui.pilot.pause()
            assert ui.text.isascii(), f"{key}: {''.join(set(ui.text) - ASCII_SIGNS)}"
            await ui.press("escape", "escape")
        await ui.press("?", *"everything")
        await ui.until(lambda: "  Enter         Show everything about it" in ui.text)


async def test_names_keep_their_letters_where_only_ascii_is_drawn() -> None:
    async with running([download(1, name="Übung 名.iso")], ascii="always") as ui:
        assert "Übung 名.iso" in ui.text


async def test_every_theme_can_be_worn() -> None:
    async with running(ROWS) as ui:
        for name in in_order(ui.app.available_themes):
            ui.app.wear(name)
            await ui.pilot.pause()
            assert ui.app.theme == name
            assert "404 not found" in ui.text


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
async def test_a_theme_that_is_put_on_colours_the_lines_on_their_own_ground(theme: Theme) -> None:
    async with running(ROWS, theme=ANSI_DARK.name) as ui:
        ui.app.wear(theme.name)
        await ui.pilot.pause()
        footer = ui.main.query_one("#footer", Lines).render_line(0)
        styles = [segment.style for segment in footer if segment.style and segment.style.bold]
        key_color = Color.parse(theme.primary).rich_color
        assert styles
        assert {style.color for style in styles} == {key_color}
        assert {style.bgcolor for style in styles} == {color_of(theme, "surface").rich_color}


async def test_a_theme_that_is_not_known_is_the_dark_one() -> None:
    async with running(ROWS, theme="mauve") as ui:
        assert ui.app.theme == "dark"


def test_our_themes_stand_first() -> None:
    names = in_order({"nord", "light", "dark", "ansi-light", "ansi-dark", "dracula"})
    assert names == ["dark", "light", "ansi-dark", "ansi-light", "dracula", "nord"]


# What stands on what, besides the lists: buttons, cursors, selections, toasts.
_PAIRS = [
    ("button-color-foreground", "primary"),
    ("block-cursor-foreground", "block-cursor-background"),
    ("foreground", "input-selection-background"),
    ("foreground", "panel"),
    ("role-muted", "panel"),
    ("error", "panel"),
    ("warning", "panel"),
    ("primary", "panel"),
]


def color_of(theme: Theme, name: str) -> Color:
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("text", "ground"), _PAIRS)
def test_parts_of_dialogs_have_enough_contrast(theme: Theme, text: str, ground: str) -> None:
    assert contrast(color_of(theme, text), color_of(theme, ground)) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_success_and_failure_are_blue_and_orange_not_green_and_red(theme: Theme) -> None:
    def hue(name: str) -> float:
        color = color_of(theme, name)
        return 360 * colorsys.rgb_to_hls(*(value / 255 for value in color.rgb))[0]

    assert 160 < hue("success") < 260
    assert 10 < hue("error") < 45


@pytest.mark.parametrize("theme", [ANSI_DARK, ANSI_LIGHT], ids=["dark", "light"])
def test_terminal_colours_have_no_green_against_red(theme: Theme) -> None:
    colors = {theme.primary, theme.accent, theme.warning, theme.error, theme.success}
    assert not any("green" in str(color) for color in colors)
    assert len({theme.warning, theme.error, theme.success, theme.primary}) == 4


async def test_the_highlight_is_reversed_where_colours_are_the_terminals_own() -> None:
    async with running(ROWS, theme="ansi-dark") as ui:
        strip = ui.queue.render_line(0)
        styles = [segment.style or Style() for segment in strip]
        assert all(style.reverse and style.color is None for style in styles)


async def test_without_colours_a_theme_changes_nothing_of_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    engine = FakeEngine(ROWS)
    async with running(engine=engine, theme="light") as ui:
        styles = [segment.style or Style() for segment in ui.queue.render_line(0)]
        assert all(style.color is None or style.color.is_default for style in styles)
