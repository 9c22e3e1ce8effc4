"""Work for a dialog that is closed meanwhile: nothing of the dialog is touched any more."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input, Static

from tests.ui.fake_engine import FakeEngine, download
from tests.ui.running import Ui, running, send_together
from tests.ui.settings_screen import highlight, settings_open, stored
from tests.waiting import eventually
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.ui import background
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.screens.settings import SettingsScreen
from tui_downloader.ui.terminal.key_burst import GAP_S
from tui_downloader.ui.widgets.folder_input import FolderInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tui_downloader.store.entry import Entry

A = "https://a.example/a.iso"


class Lingering(Static):
    """Keeps what it is in from being taken apart until it may go."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go = asyncio.Event()

    async def on_unmount(self) -> None:
        await self.may_go.wait()


@asynccontextmanager
async def half_closed(ui: Ui, within: str) -> AsyncIterator[None]:
    """Close the dialog on top; during the block it is half taken apart.

    Args:
        within: finds the widget of it that stays so long; what stands beside it goes.
    """
    dialog, lingering = ui.app.screen, Lingering()
    kept = dialog.query_one(within)
    await kept.mount(lingering)
    beside = kept.siblings
    dialog.dismiss()
    try:
        await eventually(lambda: kept.siblings == [])
        assert beside
        assert kept.is_attached
        yield
    finally:
        lingering.may_go.set()
    await eventually(lambda: not dialog.is_attached)


@asynccontextmanager
async def threads_held(ui: Ui) -> AsyncIterator[Callable[[], None]]:
    """Let work that is given to threads wait until what this yields is called."""
    await until_nothing_works(ui)  # of what the start began
    gate, pool = threading.Event(), ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(pool)
    pool.submit(gate.wait)

    class Held(threading.Thread):
        def run(self) -> None:
            gate.wait()
            super().run()

    try:
        with pytest.MonkeyPatch.context() as patches:
            patches.setattr(background, "threading", SimpleNamespace(Thread=Held))
            yield gate.set
    finally:
        gate.set()


async def until_working(ui: Ui, group: str) -> None:
    await eventually(lambda: any(worker.group == group for worker in ui.app.workers))


async def until_nothing_works(ui: Ui) -> None:
    await eventually(lambda: not any(worker.is_running for worker in ui.app.workers))


async def test_keys_typed_while_links_are_added_go_where_the_end_of_that_leads() -> None:
    async with running(size=(120, 30)) as ui:
        await ui.paste("https://a.example/x")
        await ui.until(lambda: "1 new" in ui.text)
        async with threads_held(ui) as go_on:
            send_together(ui, "enter")
            await until_working(ui, "judge")
            await ui.pilot.pause(2 * GAP_S)
            send_together(ui, "t", *"300k", "enter")
            await ui.pilot.pause(2 * GAP_S)
            go_on()
            await ui.until(lambda: ("set_limit", 300_000) in ui.engine.calls)
        assert ui.app.screen is ui.main


async def test_links_that_were_looked_at_meanwhile_are_shown_nowhere() -> None:
    async with running() as ui, threads_held(ui) as go_on:
        await ui.paste(A)
        await until_working(ui, "judge")
        async with half_closed(ui, "#preview"):
            go_on()
            await until_nothing_works(ui)
        assert ui.app.screen is ui.main


async def test_who_waits_long_for_the_preview_hears_that_links_are_read() -> None:
    async with running() as ui, threads_held(ui) as go_on:
        await ui.paste(A)
        await eventually(lambda: "reading…" in ui.text)
        go_on()
        await ui.until(lambda: "1 new" in ui.text)
        assert "reading…" not in ui.text


async def test_who_has_closed_the_dialog_hears_no_more_of_reading() -> None:
    async with running() as ui:
        await ui.press("a")
        dialog = ui.app.screen
        assert isinstance(dialog, AddScreen)
        async with half_closed(ui, "#preview"):
            dialog._say("reading…")


async def test_no_key_waits_for_the_disk_that_a_path_leads_to() -> None:
    async with running([download(1)]) as ui:
        ui.main.action_run("import_list")
        await ui.until(lambda: "Import list" in ui.text)
        async with threads_held(ui) as go_on:
            await ui.press(*"/x", "enter")
            assert "Import list" in ui.text
            assert "no such file" not in ui.text
            go_on()
            await ui.until(lambda: "there is no such file" in ui.text)
        async with threads_held(ui) as go_on:
            await ui.press("enter", "escape")
            assert ui.app.screen is ui.main
            go_on()


async def test_what_was_still_to_be_added_is_not() -> None:
    async with running() as ui, threads_held(ui) as go_on:
        await ui.paste(A)
        await ui.press("f2")
        await until_working(ui, "judge")
        async with half_closed(ui, "#preview"):
            go_on()
            await until_nothing_works(ui)
        assert ui.engine.added == []


async def test_a_text_that_was_still_to_be_filled_in_is_not() -> None:
    async with running() as ui:
        await ui.press("a")
        dialog = ui.app.screen
        assert isinstance(dialog, AddScreen)
        async with half_closed(ui, "#preview"):
            dialog._fill()
            await until_nothing_works(ui)


async def test_fields_that_were_still_being_made_are_not() -> None:
    async with running() as ui:
        await ui.press("a")
        dialog = ui.app.screen
        assert isinstance(dialog, AddScreen)
        async with half_closed(ui, "#preview"):
            await dialog.action_more()
            await until_nothing_works(ui)


async def test_a_look_that_never_began_leaves_nothing_behind() -> None:
    async with running() as ui:
        await ui.press("a")
        dialog = ui.app.screen
        assert isinstance(dialog, AddScreen)
        for _ in range(3):
            dialog._look()  # each ends the one before
        await until_nothing_works(ui)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            gc.collect()
        assert caught == []


async def test_an_edit_that_was_still_being_checked_changes_nothing(tmp_path: Path) -> None:
    row = download(1, Status.PAUSED, name="old.bin", folder=str(tmp_path))
    (tmp_path / "taken.bin").touch()
    async with running([row], size=(100, 40)) as ui, threads_held(ui) as go_on:
        await ui.press("e")
        ui.app.screen.query_one("#name", Input).value = "taken.bin"
        await ui.press("f2")
        await until_working(ui, "save")
        async with half_closed(ui, "#name"):
            go_on()
            await until_nothing_works(ui)
        assert ui.engine.calls == []


async def test_a_history_that_was_still_being_read_is_shown_nowhere() -> None:
    class SlowEngine(FakeEngine):
        has_read = asyncio.Event()

        async def history(self) -> list[Entry]:
            await self.has_read.wait()
            return []

    engine = SlowEngine()
    async with running(engine=engine) as ui:
        await ui.press("H")
        await until_working(ui, "fill")
        async with half_closed(ui, "#rows"):
            engine.has_read.set()
            await until_nothing_works(ui)


async def test_a_log_that_was_still_being_read_is_shown_nowhere() -> None:
    async with running() as ui, threads_held(ui) as go_on:
        await ui.press("L")
        await until_working(ui, "fill")
        async with half_closed(ui, "#rows"):
            go_on()
            await until_nothing_works(ui)


async def test_a_log_is_shown_though_other_threads_hang(tmp_path: Path) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    paths.log_file.parent.mkdir(parents=True, exist_ok=True)
    paths.log_file.write_text("2026-11-25 12:00:00 INFO something happened\n")
    async with running(paths=paths) as ui:
        await until_nothing_works(ui)
        gate, pool = threading.Event(), ThreadPoolExecutor(1)
        asyncio.get_running_loop().set_default_executor(pool)
        pool.submit(gate.wait)
        try:
            await ui.press("L")
            await ui.until(lambda: "something happened" in ui.text)
        finally:
            gate.set()


async def test_a_folder_that_was_still_being_completed_is_not(tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    async with running(size=(100, 40)) as ui, threads_held(ui) as go_on:
        await ui.press("a", "ctrl+o")
        dialog = ui.app.screen
        folder = dialog.query_one("#folder", FolderInput)
        folder.focus()
        folder.value = typed = f"{tmp_path}/do"
        await ui.press("tab")
        await until_working(ui, "complete")
        # What was found is there in the same turn of the loop in which the dialog closes.
        go_on()
        for thread in threading.enumerate():
            if thread.name == "look":
                thread.join()
        dialog.dismiss()
        seen = set()

        def is_gone() -> bool:
            seen.add(folder.value)
            return not dialog.is_attached

        await eventually(is_gone)
        assert seen == {typed}


async def test_a_setting_that_was_still_being_saved_is_put_to_use(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui, threads_held(ui) as go_on:
        await highlight(ui, "connections")
        await ui.press("enter", "backspace", "8", "enter")
        await until_working(ui, "change")
        async with half_closed(ui, "#columns"):
            go_on()
            await until_nothing_works(ui)
        assert ("set_connections", 8, 16, 64) in ui.engine.calls
        await ui.press("comma")
        assert "connections            8" in ui.text
    assert stored(tmp_path) == {"connections": 8}


async def test_what_could_not_be_saved_is_said_all_the_same(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui, threads_held(ui) as go_on:
        (tmp_path / "settings.toml").mkdir()
        await highlight(ui, "connections")
        await ui.press("enter", "backspace", "8", "enter")
        await until_working(ui, "change")
        async with half_closed(ui, "#columns"):
            go_on()
            await until_nothing_works(ui)
        await ui.until(lambda: ui.toasts)
        assert "connections: " in ui.toasts[0]


async def test_a_theme_that_was_still_being_saved_is_kept(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui, threads_held(ui) as go_on:
        await highlight(ui, "theme")
        await ui.press("enter", "j", "enter")
        await until_working(ui, "theme")
        assert isinstance(ui.app.screen, SettingsScreen)
        async with half_closed(ui, "#columns"):
            go_on()
            await until_nothing_works(ui)
        assert ui.app.theme == "light"
    assert stored(tmp_path) == {"theme": "light"}


async def test_two_settings_that_are_saved_one_after_the_other_both_hold(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        preferences = ui.app.preferences
        await asyncio.gather(preferences.change("jobs", "9"), preferences.change("title", "false"))
        assert (preferences.settings.jobs, preferences.settings.title) == (9, False)
    assert stored(tmp_path) == {"jobs": 9, "title": False}


async def test_a_key_that_still_had_the_turn_when_the_program_ended_is_forgotten() -> None:
    async with running() as ui:
        pass
    turn = ui.app._turn = asyncio.get_running_loop().call_later(0, lambda: None)
    ui.app._look_at_focus(turn)
    assert ui.app._turn is turn  # there is no screen left that could take the next key
