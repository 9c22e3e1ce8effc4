"""Themes: every one can be worn with every dialog, and ours can be read by everyone."""

from __future__ import annotations

import colorsys
import re
from typing import TYPE_CHECKING, Any

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color
from textual.geometry import Region

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, running
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.ui.view.chart import GRADES
from tui_downloader.ui.view.contrast import contrast
from tui_downloader.ui.view.theme import ANSI_DARK, ANSI_LIGHT, DARK, LIGHT, THEMES, in_order
from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from pathlib import Path

    from textual.screen import Screen
    from textual.theme import Theme

ROWS = [
    download(1, Status.FAILED, failure=Failure("http-404", "no such file")),
    download(2, Status.COMPLETED),
]
ASCII_SIGNS = frozenset(map(chr, range(128)))
DIALOGS = [",", "ctrl+t", "H", "L", "e", "u", "c", "t", "a", "?", ":", "y", "D"]


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
            ui.app.set_theme(name)
            await ui.pilot.pause()
            assert ui.app.theme == name
            assert "404 not found" in ui.text


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
async def test_a_theme_that_is_put_on_colours_the_lines_on_their_own_ground(theme: Theme) -> None:
    async with running(ROWS, theme=ANSI_DARK.name) as ui:
        ui.app.set_theme(theme.name)
        await ui.pilot.pause()
        footer = ui.main.query_one("#footer", Lines).render_line(0)
        styles = [segment.style for segment in footer if segment.style and segment.style.bold]
        key_color = Color.parse(theme.primary).rich_color
        assert styles
        assert {style.color for style in styles} == {key_color}
        assert {style.bgcolor for style in styles} == {color_of(theme, "surface").rich_color}


async def test_one_theme_of_the_terminals_colours_after_the_other_leaves_none_behind() -> None:
    def header(ui: Ui) -> set[object]:
        strip = ui.main.query_one("#views", Lines).render_line(0)
        return {segment.style.color for segment in strip if segment.style}

    async with running(ROWS, theme=ANSI_LIGHT.name) as ui:
        light = header(ui)
    async with running(ROWS, theme=ANSI_DARK.name) as ui:
        dark = header(ui)
        ui.app.set_theme(ANSI_LIGHT.name)
        await ui.until(lambda: header(ui) == light)
        ui.app.set_theme(ANSI_DARK.name)
        await ui.until(lambda: header(ui) == dark)
    assert light != dark


@pytest.mark.parametrize("key", ["e", "a", "?", ",", "t", "x"])
async def test_the_list_stays_in_sight_in_the_terminals_own_colours(key: str) -> None:
    async with running([download(1, Status.PAUSED)], theme="ansi-dark", size=(120, 30)) as ui:
        await ui.press(key)
        await ui.pilot.pause()
        assert "limit off" in ui.lines[0]


async def test_three_keys_change_the_theme(tmp_path: Path) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    async with running(ROWS, paths=paths) as ui:
        await ui.pilot.press("ctrl+t", "j", "enter")  # also when they come at once
        await ui.until(paths.settings_file.exists)
        assert (ui.app.theme, ui.app.screen) == ("light", ui.main)
    assert paths.settings_file.read_text() == 'theme = "light"\n'


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("dark", "dark"),
        ("light", "light"),
        ("mono", "monokai"),
        ("Moon", "rose-pine-moon"),
        ("gru?v", "gruvbox"),
        ("lx", "light"),
    ],
)
async def test_a_theme_is_found_by_typing_its_name(tmp_path: Path, typed: str, name: str) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    async with running(ROWS, paths=paths, theme="ansi-light") as ui:
        await ui.pilot.press("ctrl+t", *typed, "enter")
        await ui.until(paths.settings_file.exists)
        assert (ui.app.theme, ui.app.screen) == (name, ui.main)
    assert paths.settings_file.read_text() == f'theme = "{name}"\n'


async def test_what_was_typed_for_a_theme_is_seen_and_can_be_corrected() -> None:
    async with running(ROWS) as ui:
        await ui.press("ctrl+t")
        assert "type to find" in ui.text
        await ui.press(*"lig")
        await ui.until(lambda: "Theme: lig" in ui.text)
        assert ui.app.theme == "light"
        await ui.press(*["backspace"] * 3)
        await ui.until(lambda: "type to find" in ui.text)
        await ui.press(*"dr", "down")
        assert ui.app.theme != "dracula"
        await ui.until(lambda: "type to find" in ui.text)


async def test_leaving_the_themes_brings_the_old_one_back() -> None:
    async with running(ROWS) as ui:
        await ui.press("ctrl+t", "j")
        assert ui.app.theme == "light"
        await ui.press("escape")
        assert (ui.app.theme, ui.app.screen) == ("dark", ui.main)


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
    ("foreground", "block-cursor-blurred-background"),
    ("role-muted", "block-cursor-blurred-background"),
    ("foreground", "panel"),
    ("role-muted", "panel"),
    ("error", "panel"),
    ("warning", "panel"),
    ("primary", "panel"),
]


_TEXTS = ("foreground", "role-muted", "primary", "accent", "warning", "error", "success")
_GROUNDS = ("background", "surface", "panel", "role-highlight", "role-highlight-blurred")
_WORD = re.compile(r"\w")
_EVERY_STATE = [
    download(number, status, total_bytes=9_000_000, done_bytes=4_000_000, heard_at=NOW)
    for number, status in enumerate(Status, 1)
]


def color_of(theme: Theme, name: str) -> Color:
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("text", "ground"), _PAIRS)
def test_parts_of_dialogs_have_enough_contrast(theme: Theme, text: str, ground: str) -> None:
    assert contrast(color_of(theme, text), color_of(theme, ground)) >= 4.5


def as_one_of_256(color: Color) -> Color:
    """What a terminal without true colour is given for it."""
    return Color.from_rich_color(color.rich_color.downgrade(ColorSystem.EIGHT_BIT))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("ground", _GROUNDS)
def test_256_colours_are_enough_for_reading(theme: Theme, text: str, ground: str) -> None:
    colors = as_one_of_256(color_of(theme, text)), as_one_of_256(color_of(theme, ground))
    assert contrast(*colors) >= 4.5


def unreadable(ui: Ui) -> list[str]:
    """The words on the uppermost screen that stand out too little from what is below them.

    What a dialog leaves in sight of the main screen is dimmed on purpose.
    """
    shown = _box_of(ui.app.screen)
    strips = ui.app.screen._compositor.render_strips()[shown.y : shown.bottom]
    segments = [part for strip in strips for part in strip.crop(shown.x, shown.right)]
    return [text for text, style, _ in segments if _WORD.search(text) and _is_faint(style)]


def _box_of(screen: Screen[Any]) -> Region:
    """Where the dialog is: what has a frame around it, else all parts of the screen."""
    framed = [widget.region for widget in screen.query("*") if widget.styles.border.top[0]]
    if framed:
        return max(framed, key=lambda region: region.area)
    return Region.from_union([part.region for part in screen.children if part.display])


def _is_faint(style: Style | None) -> bool:
    if style is None or style.color is None or style.bgcolor is None:
        return False
    colors = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
    return contrast(*colors) < 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
async def test_every_word_that_is_painted_has_enough_contrast(theme: Theme) -> None:
    async with running(_EVERY_STATE, theme=theme.name, size=(120, 30)) as ui:
        assert unreadable(ui) == []
        for keys in [*DIALOGS, "s", ("a", "ctrl+o"), ("enter", "l", "l", "l")]:
            await ui.press(*keys)
            await ui.pilot.pause()
            assert unreadable(ui) == [], keys
            await ui.press("escape", "escape")
        await ui.paste("https://a.example/1\nhttps://a.example/2\nhttps:///none\n")
        await ui.press("ctrl+o")
        await ui.until(lambda: "2 new, 1 invalid" in ui.text)
        assert unreadable(ui) == []


async def test_in_other_themes_every_word_can_be_read_too() -> None:
    async with running(_EVERY_STATE, size=(120, 30)) as ui:
        for name in set(ui.app.available_themes) - {theme.name for theme in THEMES}:
            ui.app.set_theme(name)
            await ui.pilot.pause()
            assert unreadable(ui) == [], name


@pytest.mark.parametrize("theme", ["solarized-light", "nord"])
async def test_the_dialogs_can_be_read_in_other_themes_too(theme: str) -> None:
    async with running(_EVERY_STATE, theme=theme) as ui:
        for key in ("?", "e", ":", "y", "ctrl+t"):
            await ui.press(key)
            await ui.pilot.pause()
            assert unreadable(ui) == [], key
            await ui.press("escape", "escape")


async def test_the_list_of_themes_leaves_the_window_as_bright_as_it_is() -> None:
    async with running(ROWS) as ui:
        before = ui.app.screen._compositor.render_strips()[-1]
        await ui.press("ctrl+t")
        assert ui.app.screen._compositor.render_strips()[-1] == before
        assert "enter keeps it · esc back" in ui.text


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


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_all_grades_of_a_chart_can_be_seen_and_the_top_is_not_the_foot(theme: str) -> None:
    async with running(ROWS, theme=theme) as ui:
        found = ui.app.get_css_variables()
        grades = [found[f"role-graph-{grade}"] for grade in range(1, GRADES + 1)]
        assert grades[0] != grades[-1]
        if not theme.startswith("ansi"):  # what these look like is the user's business
            ground = Color.parse(found["background"])
            contrasts = [contrast(Color.parse(grade), ground) for grade in grades]
            assert contrasts == sorted(contrasts)
            assert contrasts[0] >= 3.0  # as the rules for the web ask of pictures
