"""A window that becomes too small while a dialog is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.add_dialog import box
from tests.ui.fake_engine import download
from tests.ui.running import question, running
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.screens.limit import LimitScreen

if TYPE_CHECKING:
    from tests.ui.running import Ui

NOTICE = "window too small (40x10)"
BIG = download(1, Status.DOWNLOADING, done_bytes=20_000_000, total_bytes=40_000_000)


def only(ui: Ui, notice: str) -> bool:
    """Whether a line is all that is seen."""
    return ui.text.split("\n")[0].rstrip() == notice and not "".join(ui.lines[1:]).strip()


@pytest.mark.parametrize("opener", ["a", "t", "x", "comma", "colon", "question_mark", "s", "H"])
@pytest.mark.parametrize("size", [(39, 9), (39, 30), (120, 9)])
async def test_the_notice_is_all_that_is_seen(opener: str, size: tuple[int, int]) -> None:
    async with running([BIG]) as ui:
        await ui.press(opener)
        dialog = ui.app.screen
        assert dialog is not ui.main
        await ui.pilot.pause()
        before = ui.text
        await ui.pilot.resize_terminal(*size)
        await ui.until(lambda: only(ui, NOTICE))
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: ui.text == before)
        assert ui.app.screen is dialog


async def test_what_was_typed_and_its_place_are_as_they_were() -> None:
    async with running([download(1)]) as ui:
        await ui.press("t", *"5M", "left")
        field = ui.app.focused
        await ui.pilot.resize_terminal(39, 9)
        await ui.until(lambda: only(ui, NOTICE))
        assert ui.app.focused is field
        await ui.press(*"xyz", "enter", "backspace")
        assert isinstance(ui.app.screen, LimitScreen)
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: "5M" in ui.text)
        await ui.press("7")
        assert "57M" in ui.text


async def test_no_question_is_answered_unseen() -> None:
    async with running([BIG]) as ui:
        await ui.press("x")
        await ui.pilot.resize_terminal(39, 9)
        await ui.until(lambda: only(ui, NOTICE))
        await ui.press("y")
        assert ui.engine.calls == []
        await ui.press("ctrl+q")
        assert "1 running" in question(ui)
        await ui.press("escape", "escape")
        assert ui.app.screen is ui.main


async def test_a_paste_is_kept_and_that_is_said() -> None:
    async with running([download(1)]) as ui:
        await ui.press("a")
        await ui.pilot.resize_terminal(39, 9)
        await ui.until(lambda: only(ui, NOTICE))
        await ui.paste("https://a.example/a.iso")
        await ui.until(lambda: only(ui, "window too small (40x10), paste kept"))
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: "esc" in ui.text)
        assert isinstance(ui.app.screen, AddScreen)
        assert box(ui).text == ""
        await ui.press("escape")
        await ui.until(lambda: "1 new" in ui.text)
