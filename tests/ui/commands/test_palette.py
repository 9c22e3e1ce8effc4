"""Themes in the palette: few keys lead to another one, and it is tried on while moving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.command import Command as Found
from textual.widgets import Input, OptionList

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import Assurance
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.ui.commands.palette import Palette

if TYPE_CHECKING:
    from pathlib import Path

    from textual.timer import Timer


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
        await ui.until(lambda: ui.app.theme == other)  # which follows when it is saved
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


ROWS = [
    download(1, Status.DOWNLOADING, total_bytes=9_000_000),
    download(2, Status.FAILED, failure=Failure("http-404", "not found")),
    download(3, start_at=NOW + 3600),
    download(4),
]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("scheduled", "Filter state:scheduled"),
        ("state scheduled", "Filter state:scheduled"),
        ("show scheduled", "Filter state:scheduled"),
        ("failed", "Failed  (5)"),
        ("show failed", "Filter state:failed"),
        ("completed", "Filter state:done"),
        ("bandwidth", "Limit  (t)"),
        ("stop", "Pause  (p)"),
        ("search", "Filter  (/)"),
        ("preferences", "Settings  (,)"),
        ("verify", "Checksum  (c)"),
        ("copy curl", "Copy  (y)"),
        ("parallel downloads", "Setting jobs"),
        ("per host", "Setting connections_per_host"),
        ("mouse", "Setting mouse"),
        ("notification", "Setting notify"),
        ("user agent", "Setting user_agent"),
        ("dark mode", "Theme  (ctrl+t)"),
    ],
)
async def test_what_is_called_otherwise_is_found_by_the_words_that_people_type(
    typed: str, first: str
) -> None:
    async with running(ROWS) as ui:
        await ui.press("colon", *["space" if char == " " else char for char in typed])
        await ui.until(lambda: first_found(ui) == first)


def first_found(ui: Ui) -> str:
    """The title of the line that enter would run."""
    commands = ui.app.screen.query_one(OptionList)
    if ui.app.screen.query_one(Input).value and commands.option_count:
        hit = commands.get_option_at_index(0)
        return str(hit.hit.text) if isinstance(hit, Found) else ""
    return ""


async def test_a_filter_of_the_palette_looks_through_all_views() -> None:
    async with running(ROWS) as ui:
        await ui.press("4")
        await ui.press("colon", *"state", "space", *"sched")
        await ui.until(lambda: first_found(ui) == "Filter state:scheduled")
        await ui.press("enter")
        await ui.until(lambda: ui.queue.ids == [3])
        assert "state:scheduled" in ui.text


async def test_a_setting_of_the_palette_is_highlighted_in_the_settings() -> None:
    async with running(ROWS) as ui:
        await ui.press("colon", *"notification")
        await ui.until(lambda: first_found(ui) == "Setting notify")
        await ui.press("enter")
        await ui.until(lambda: "Notify when downloads end or fail" in ui.text)
        assert "> Desktop" in ui.text


async def test_the_title_is_that_of_what_would_be_done_now() -> None:
    async with running([download(1, Status.PAUSED)]) as ui:
        await ui.press("colon")
        await ui.until(lambda: "Resume  (p)" in ui.text)


async def test_the_list_stays_in_sight_in_the_terminals_own_colours() -> None:
    async with running([download(1)], theme="ansi-dark") as ui:
        await ui.press("colon")
        assert "limit off" in ui.text


async def test_a_command_that_does_not_apply_is_found_and_says_so() -> None:
    async with running([download(1, Status.COMPLETED)], size=(100, 30)) as ui:
        await ui.press("colon", *"retry")
        await ui.until(lambda: "does not apply to what is highlighted" in ui.text)
        assert "(r)" in next(line for line in ui.lines if "Retry" in line)


@pytest.mark.parametrize("typed", ["remove done", "clear finished"])
async def test_the_whole_list_is_cleared_of_what_is_done_and_only_of_that(typed: str) -> None:
    wrong = download(7, Status.COMPLETED, assurance=Assurance.DIFFERS)  # counts as failed
    rows = [*ROWS, download(5, Status.COMPLETED), download(6, Status.COMPLETED), wrong]
    async with running(rows) as ui:
        await ui.press("3")
        await open_palette(ui, typed, "Take all that is done out of the list")
        await ui.press("enter")
        await ui.until(lambda: ui.engine.calls == [("remove", 5, 6)])


async def test_where_nothing_is_done_there_is_nothing_to_clear() -> None:
    async with running(ROWS) as ui:
        await open_palette(ui, "remove done", "Remove done")
        await ui.press("enter")
        assert ui.engine.calls == []


def found(ui: Ui) -> list[str]:
    """The titles of all lines."""
    commands = ui.app.screen.query_one(OptionList)
    hits = [commands.get_option_at_index(at) for at in range(commands.option_count)]
    return [str(each.hit.text) for each in hits if isinstance(each, Found)]


async def test_go_to_offers_the_first_rows_as_they_are_shown() -> None:
    rows = [download(number) for number in range(1, 41)]
    async with running([*rows, download(41, Status.COMPLETED)]) as ui:
        await ui.press("3", "s", "n", "S")
        shown = [f"Go to {each.name}" for each in ui.desk.board.rows]
        await ui.press("colon", *"go", "space", *"to")
        await ui.until(lambda: found(ui)[:20] == shown[:20])
        assert not [title for title in found(ui)[20:] if title.startswith("Go to")]
        await ui.press("down", "enter")
        await ui.until(lambda: ui.queue.highlighted_id == ui.desk.board.rows[1].download_id)


async def test_go_to_and_a_name_finds_it_in_other_views_too() -> None:
    rows = [download(number) for number in range(1, 41)]
    async with running([*rows, download(41, Status.COMPLETED)]) as ui:
        await ui.press("3", "colon", *"go", "space", *"to", "space", *"41")
        await ui.until(lambda: found(ui)[:1] == ["Go to file-41.bin"])


async def test_the_folder_of_a_place_is_text() -> None:
    folder = "/[red]a[1080p]\\[b]"
    async with running([download(1, folder=folder)]) as ui:
        await ui.press("colon", *"go", "space", *"to")
        await ui.until(lambda: folder in ui.text)


async def test_that_nothing_matches_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Palette.set_timer

    def of_the_quick(self: Palette, delay: float, *args: Any, **facts: Any) -> Timer:
        """Only what comes within a tenth of a second comes in this test at all."""
        return start(self, delay if delay < 0.1 else 3600, *args, **facts)

    monkeypatch.setattr(Palette, "set_timer", of_the_quick)
    async with running([download(1)]) as ui:
        await ui.press("colon", *"zqzqzq")
        await ui.until(lambda: "No matches found" in ui.text)
