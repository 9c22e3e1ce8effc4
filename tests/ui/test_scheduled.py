"""Downloads that wait for a time, on the screen: what is told of them and what keys do."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.start_times import start_words
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.edit import EditScreen

AT = NOW + 3600.0
LATER = AT + 3600.0
SCHEDULED = download(1, start_at=AT)
REQUEST = DownloadRequest(SCHEDULED.url, "/downloads", start_at=AT)


def engine_with(*others: Status) -> FakeEngine:
    """An engine with the scheduled download, and some behind it."""
    rows = [download(number, status) for number, status in enumerate(others, 2)]
    engine = FakeEngine([SCHEDULED, *rows])
    engine.requests[1] = REQUEST
    return engine


async def begin_at(ui: Ui, text: str) -> None:
    """Type a time into the edit dialog and save."""
    await ui.press("e")
    ui.app.screen.query_one("#start", Input).value = text
    await ui.press("f2")


@pytest.mark.parametrize("size", [(80, 24), (120, 30)])
async def test_row_and_footer_say_when_it_starts_and_how_at_once(size: tuple[int, int]) -> None:
    async with running(engine=engine_with(), size=size) as ui:
        assert f"queued · scheduled {start_words(AT, NOW)} · r start now" in ui.text
        assert ui.lines[-1].startswith(" r Start now  a Add ")


async def test_r_starts_it_now_and_z_puts_the_time_back() -> None:
    async with running(engine=engine_with()) as ui:
        await ui.press("r")
        assert ui.engine.calls == [("edit", 1, replace(REQUEST, start_at=None))]
        assert ui.toasts == []
        await ui.press("z")
        assert ui.engine.calls[1:] == [("edit", 1, REQUEST), ("resume", 1)]


async def test_r_is_about_all_that_are_marked_and_one_undo_too() -> None:
    engine = engine_with(Status.PAUSED, Status.QUEUED, Status.COMPLETED)
    async with running(engine=engine) as ui:
        await ui.press("*", "r")
        assert engine.calls == [("edit", 1, replace(REQUEST, start_at=None)), ("resume", 2)]
        await ui.until(lambda: "Retried 2 · z undo" in ui.text)
        engine.calls.clear()
        await ui.press("z")
        assert engine.calls == [("edit", 1, REQUEST), ("resume", 1, 2), ("pause", 2)]


@pytest.mark.parametrize("keys", [["w"], [":", *"start at", "enter"]])
async def test_one_key_or_the_palette_leads_straight_to_the_time(keys: list[str]) -> None:
    async with running([download(1), download(2, Status.COMPLETED)]) as ui:
        await ui.press(*keys)
        await ui.until(lambda: isinstance(ui.app.screen, EditScreen))
        await ui.press(*"in 2h", "enter")
        ((deed, key, wanted),) = ui.engine.calls
        assert (deed, key) == ("edit", 1)
        assert isinstance(wanted, DownloadRequest)
        assert wanted.start_at == pytest.approx(time.time() + 7200, abs=60)


async def test_what_is_done_starts_at_no_time() -> None:
    async with running([download(2, Status.COMPLETED)]) as ui:
        await ui.press("w")
        assert ui.app.screen is ui.main
        await ui.until(lambda: "Nothing to schedule: file-2.bin is done" in ui.text)


async def test_several_scheduled_ones_are_told_as_started() -> None:
    engine = engine_with()
    engine.downloads += (download(2, start_at=LATER),)
    async with running(engine=engine, size=(120, 30)) as ui:
        await ui.press("*", "r")
        await ui.until(lambda: "Started 2 · z undo" in ui.text)


async def test_a_pause_that_is_taken_back_keeps_the_time() -> None:
    async with running(engine=engine_with()) as ui:
        await ui.press("p", "z")
        assert ui.engine.calls == [("pause", 1), ("resume", 1)]
        assert ui.engine.requests[1] == REQUEST


@pytest.mark.parametrize("status", [Status.PAUSED, Status.CANCELLED, Status.FAILED])
async def test_what_gets_a_time_shall_start_then(status: Status) -> None:
    async with running([download(1, status)]) as ui:
        await begin_at(ui, "in 2h")
        (edit, resume) = ui.engine.calls
        assert edit[:2] == ("edit", 1)
        assert resume == ("resume", 1)
        await ui.until(lambda: "Changed file-1.bin, starts at " in ui.text)


async def test_what_loses_its_time_and_is_paused_stays_paused() -> None:
    engine = FakeEngine([download(1, Status.PAUSED)])
    engine.requests[1] = replace(REQUEST, start_at=time.time() + 3600)
    async with running(engine=engine) as ui:
        await begin_at(ui, "")
        assert engine.calls == [("edit", 1, replace(REQUEST, start_at=None))]


@pytest.mark.parametrize("typed", ["", "2099-01-02 03:04"])
async def test_a_replaced_duplicate_keeps_its_time_unless_it_gets_another(typed: str) -> None:
    async with running(engine=engine_with(), size=(120, 40)) as ui:
        await ui.paste(SCHEDULED.url)
        await ui.press("ctrl+o")
        ui.app.screen.query_one("#start", Input).value = typed
        await ui.press("f2")
        await ui.until(lambda: "is in the list already" in ui.text)
        await ui.press("r")
        await ui.until(lambda: "Replaced 1" in ui.text)
        at = time.mktime(time.strptime(typed, "%Y-%m-%d %H:%M")) if typed else AT
        wanted = replace(REQUEST, start_at=at, on_conflict=OnConflict.OVERWRITE)
        assert ui.engine.calls == [("edit", 1, wanted), ("resume", 1)]


async def test_what_is_added_again_has_a_time_of_its_own() -> None:
    async with running(engine=engine_with(), size=(120, 40)) as ui:
        await ui.paste(SCHEDULED.url)
        await ui.press("f2")
        await ui.until(lambda: "is in the list already" in ui.text)
        await ui.press("n")
        await ui.until(lambda: ui.engine.added)
        assert ui.engine.added[0].start_at is None
