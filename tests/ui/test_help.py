"""The help: every key that works, searchable; enter runs what is found."""

from __future__ import annotations

from itertools import pairwise

import pytest
from textual.widgets import Input, OptionList

from tests.ui.fake_engine import NOW, download
from tests.ui.running import running
from tui_downloader.model.status import Status
from tui_downloader.ui.actions import selection
from tui_downloader.ui.commands.command import DOWNLOAD, PANEL
from tui_downloader.ui.commands.commands import BY_ID, COMMANDS
from tui_downloader.ui.screens.help import HelpScreen, in_order, matching
from tui_downloader.ui.screens.themes import ThemeScreen

RUNNING = download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=10, heard_at=NOW)


def test_every_command_is_found_by_its_own_sentence() -> None:
    for command in COMMANDS:
        assert command in matching(COMMANDS, command.help)


def test_a_command_is_found_by_other_words_where_no_own_ones_fit() -> None:
    assert [command.command_id for command in matching(COMMANDS, "bandwidth")] == [
        "limit",
        "toggle_limit",
    ]
    assert [command.command_id for command in matching(COMMANDS, "abort")] == ["cancel"]
    assert matching(COMMANDS, "xyzzy") == []


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("order", "move_down"), ("theme", "theme"), ("colors", "theme"), ("speed", "limit"),
        ("quit", "quit"), ("filter", "filter"),
    ],
)  # fmt: skip
def test_a_newcomers_word_finds_the_command(word: str, first: str) -> None:
    assert matching(in_order(COMMANDS, is_in_panel=False), word)[0].command_id == first


async def test_the_search_says_what_can_be_typed() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?")
        assert "search, such as order or theme (ctrl+t)" in ui.text


async def test_the_key_for_themes_that_the_help_names_works_there() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?", "ctrl+t")
        assert isinstance(ui.app.screen, ThemeScreen)


async def test_a_letter_that_chooses_themes_is_typed_into_the_search() -> None:
    async with running([RUNNING], keys={"theme": "m"}) as ui:
        await ui.press("?", "m")
        assert "search, such as order or theme" not in ui.text
        assert isinstance(ui.app.screen, HelpScreen)
        assert ui.app.screen.query_one(Input).value == "m"


@pytest.mark.parametrize("keys", [(), ("p", "backspace"), ("ctrl+u",)])
async def test_enter_runs_nothing_that_was_not_chosen_and_closes(keys: tuple[str, ...]) -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?", *keys, "enter")
        assert ui.engine.calls == []
        assert ui.app.screen is ui.main


@pytest.mark.parametrize("key", ["down", "home"])
async def test_a_line_that_was_moved_to_is_chosen(key: str) -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?", key, "enter")
        assert ui.engine.calls == [("pause", 1)]


async def test_a_search_that_fits_nothing_says_so_and_runs_nothing() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?", *"xyzzy")
        assert "nothing fits" in ui.text
        await ui.press("enter")
        assert ui.app.screen is not ui.main
        assert ui.engine.calls == []
        await ui.press(*["backspace"] * 5)
        assert "nothing fits" not in ui.text


def test_the_keys_of_the_focused_part_come_first() -> None:
    assert in_order(COMMANDS, is_in_panel=True)[0].group == PANEL
    assert in_order(COMMANDS, is_in_panel=False)[0].group == DOWNLOAD


def test_the_commands_of_a_group_stand_together() -> None:
    groups = [command.group for command in in_order(COMMANDS, is_in_panel=True)]
    changes = sum(one != other for one, other in pairwise(groups))
    assert changes == len(set(groups)) - 1


async def test_searching_narrows_and_enter_runs_it() -> None:
    async with running([RUNNING], size=(120, 30)) as ui:
        await ui.press("?")
        assert "Pause it, or let it go on" in ui.text
        await ui.press(*"pause", "space", *"let")
        assert "Stop it; asks" not in ui.text
        await ui.press("enter")
        assert ui.engine.calls == [("pause", 1)]
        assert ui.app.screen is ui.main


@pytest.mark.parametrize("size", [(40, 10), (40, 24), (60, 16)])
async def test_in_a_narrow_window_sentences_are_broken_and_not_cut(size: tuple[int, int]) -> None:
    async with running([RUNNING], size=size) as ui:
        await ui.press("?", *"stop")
        lines = [line.strip("│ ▆") for line in ui.lines]
        assert "Stop it; asks when more than 10 MB or 30 s would be lost" in " ".join(lines)
        place = next(y for y, line in enumerate(ui.lines) if "Stop it" in line)
        start, second = ui.lines[place].index("Stop"), ui.lines[place + 1]
        assert second.index(second.strip("│ ▆")) == start


async def test_in_a_narrow_window_headings_are_broken_and_not_cut() -> None:
    async with running([RUNNING], size=(40, 10)) as ui:
        await ui.press("?")
        assert DOWNLOAD in " ".join(line.strip("│ ▆") for line in ui.lines)


async def test_the_help_of_cancelling_names_what_makes_it_ask() -> None:
    told = BY_ID["cancel"].help
    assert f"{selection._DEAR_BYTES // 1_000_000} MB or {selection._DEAR_S:.0f} s" in told


async def test_in_a_window_of_80_no_sentence_is_cut() -> None:
    async with running([RUNNING], size=(80, 24)) as ui:
        await ui.press("?")
        for command in COMMANDS:
            search = ui.app.screen.query_one("#help-search", Input)
            search.value = command.help
            await ui.pilot.pause()
            assert command.help in ui.text


async def test_in_the_panel_its_keys_are_at_the_top() -> None:
    async with running([RUNNING], size=(120, 30)) as ui:
        await ui.press("tab", "?")
        top = "\n".join(ui.lines[:8])
        assert PANEL in top
        assert "Next tab of the panel" in ui.text


async def test_in_the_list_the_keys_of_the_highlighted_download_are_at_the_top() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?")
        assert DOWNLOAD in "\n".join(ui.lines[:6])


async def test_a_command_that_does_not_apply_now_does_nothing() -> None:
    async with running([download(1, Status.COMPLETED)]) as ui:
        await ui.press("?", *"bytes", "space", *"stay", "enter")
        assert ui.engine.calls == []
        assert ui.app.screen is ui.main


@pytest.mark.parametrize("search", ["", "download"])
async def test_pages_and_ends_move_the_highlight_while_the_search_keeps_the_focus(
    search: str,
) -> None:
    async with running([RUNNING]) as ui:
        await ui.press("?", *search, "home")
        found = ui.app.screen.query_one(OptionList)
        start = found.highlighted
        assert start is not None
        await ui.press("pagedown")
        paged = found.highlighted
        assert paged is not None
        assert paged > start + 1
        await ui.press("pageup")
        assert found.highlighted == start
        await ui.press("end")
        assert found.highlighted == found.option_count - 1
        await ui.until(lambda: found.scroll_offset.y == found.max_scroll_y)
        await ui.press("home")
        assert found.highlighted == start
        assert ui.app.focused is ui.app.screen.query_one(Input)


def test_the_keys_of_the_order_are_found_and_called_up_and_down() -> None:
    found = {each.command_id: each.title for each in matching(COMMANDS, "order")}
    assert found["move_down"] == "Move down"
    assert found["move_up"] == "Move up"
