"""The help: every key that works, searchable; enter runs what is found."""

from __future__ import annotations

from itertools import pairwise

from tests.ui.fake_engine import NOW, download
from tests.ui.running import running
from tui_downloader.model.status import Status
from tui_downloader.ui.command import DOWNLOAD, PANEL
from tui_downloader.ui.commands import COMMANDS
from tui_downloader.ui.screens.help import in_order, matching

RUNNING = download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=10, last_byte_at=NOW)


def test_every_command_is_found_by_its_own_sentence() -> None:
    for command in COMMANDS:
        assert command in matching(COMMANDS, command.help)


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
        assert "Stop it for good" not in ui.text
        await ui.press("enter")
        assert ui.engine.calls == [("pause", 1)]
        assert ui.app.screen is ui.main


async def test_in_a_narrow_window_sentences_are_broken_and_not_cut() -> None:
    async with running([RUNNING], size=(40, 24)) as ui:
        await ui.press("?", *"stop")
        told = " ".join(line.strip("│ ") for line in ui.lines)
        assert "Stop it for good; asks what to do with the parts" in " ".join(told.split())


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
