"""Keys that arrive together go where the keys before them have led."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.events import Paste
from textual.widgets import TextArea

from tests.ui.fake_engine import FakeEngine, download
from tests.ui.running import Ui, running, send_together
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.palette import CommandProvider
from tui_downloader.ui.terminal import key_turns
from tui_downloader.ui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from textual.command import Hits

RUNNING = download(1, Status.DOWNLOADING, done_bytes=10**9, total_bytes=2 * 10**9)


@pytest.fixture(autouse=True)
def _no_turn_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_turns, "_AT_MOST_S", 60.0)  # a turn may take a slow machine long


def box_of(ui: Ui) -> TextArea:
    """The box of the dialog that adds links."""
    return ui.app.screen.query_one("#links", TextArea)


async def test_a_field_that_is_being_opened_gets_what_is_typed_into_it() -> None:
    async with running([RUNNING]) as ui:
        send_together(ui, "t", *"5M", "enter")
        await ui.until(lambda: ui.engine.calls == [("set_limit", 5_000_000)])


async def test_tab_moves_on_before_the_next_character() -> None:
    engine = FakeEngine([RUNNING])
    engine.requests[1] = request = DownloadRequest(RUNNING.url, "/downloads")
    async with running(engine=engine) as ui:
        send_together(ui, "e", "tab", "tab", *"1M", "f2")
        await ui.until(lambda: ui.engine.calls)
        edited = replace(request, limit_bytes_per_s=1_000_000)
        assert ui.engine.calls == [("edit", 1, edited)]


async def test_an_answer_goes_to_the_question_that_was_just_asked() -> None:
    async with running([RUNNING]) as ui:
        send_together(ui, "x", "k")
        await ui.until(lambda: ui.engine.calls == [("cancel", 1, "keep")])


@pytest.mark.parametrize("end", ["escape", "enter"])
async def test_a_key_behind_the_end_of_a_dialog_is_not_held_up(end: str) -> None:
    async with running([RUNNING, download(2)]) as ui:
        send_together(ui, "t", end, "j")
        await ui.until(lambda: ui.queue.highlighted_id == 2)


async def test_a_paste_goes_to_the_field_that_the_key_before_it_opened() -> None:
    async with running([download(1)]) as ui:
        send_together(ui, "f1")
        ui.app.post_message(Paste("search all"))
        await ui.until(lambda: "Search all commands" in ui.text and "Add links" not in ui.text)


async def test_a_paste_right_behind_the_key_that_opens_the_box_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as ui:
        monkeypatch.setattr(ui.app._driver, "guards_pastes", value=True, raising=False)
        send_together(ui, "a")
        ui.app.post_message(Paste("https://a.example/x"))
        await ui.until(lambda: "1 new" in ui.text)
        assert box_of(ui).text == "https://a.example/x"


async def test_what_is_typed_while_the_box_opens_is_not_lost() -> None:
    async with running() as ui:
        send_together(ui, "a", *"a.example/x")
        await ui.until(lambda: "1 new" in ui.text)
        assert box_of(ui).text == "a.example/x"


async def test_of_two_pastes_at_once_both_are_shown() -> None:
    async with running() as ui:
        ui.app.post_message(Paste("https://a.example/x"))
        ui.app.post_message(Paste("https://b.example/y"))
        await ui.until(lambda: "2 new" in ui.text)
        assert box_of(ui).text == "https://a.example/x\nhttps://b.example/y"


async def test_what_arrives_while_the_filter_opens_is_typed_into_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once = FilterBar.open

    def open_late(bar: FilterBar, text: str) -> None:
        send_together(ui, *"state:done", "enter")
        at_once(bar, text)

    monkeypatch.setattr(FilterBar, "open", open_late)
    rows = [RUNNING, download(2, Status.COMPLETED, name="photo.jpg")]
    async with running(rows) as ui:
        send_together(ui, "/")
        await ui.until(lambda: "1 of 2" in ui.text)
        await ui.until(lambda: ui.main.focused is ui.queue)
        assert ui.desk.lens.wanted.text == "state:done"


async def test_keys_keep_their_order() -> None:
    async with running([download(number) for number in range(1, 30)]) as ui:
        send_together(ui, *["j"] * 20, *["k"] * 5, "j")
        await ui.until(lambda: ui.queue.highlighted_id == 17)


async def test_a_filter_typed_at_once_is_a_filter_and_no_command() -> None:
    names = ["data.bin", "photo.jpg"]
    rows = [download(number, name=name) for number, name in enumerate(names, 1)]
    async with running(rows) as ui:
        send_together(ui, "/", *"data")
        await ui.until(lambda: "photo.jpg" not in ui.text)
        assert "data.bin" in ui.text
        assert ui.engine.calls == []


async def test_enter_waits_for_the_command_that_was_typed_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once = CommandProvider.search

    async def search(provider: CommandProvider, query: str) -> Hits:
        for _ in range(500):  # turns of the loop, more than all the keys need
            await asyncio.sleep(0)
        async for hit in at_once(provider, query):
            yield hit

    monkeypatch.setattr(CommandProvider, "search", search)
    async with running([RUNNING]) as ui:
        send_together(ui, ":", *"settings", "enter")
        await ui.until(lambda: "─ Settings ─" in ui.text)
        assert ui.engine.calls == []
