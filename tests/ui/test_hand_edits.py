"""`settings.toml` is edited by hand while the program runs."""

from __future__ import annotations

import os
import tomllib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.store.paths import resolve
from tui_downloader.store.settings import load
from tui_downloader.ui.app import DownloaderApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def with_file(home: Path, text: str, **options: Any) -> AsyncIterator[tuple[Ui, Path]]:
    """Run the interface with a settings file."""
    paths = resolve({"TUI_DOWNLOADER_HOME": str(home)})
    paths.settings_file.write_text(text)
    settings, notices = load(paths.settings_file)
    async with running(
        [download(1)], paths=paths, read=settings, notices=tuple(notices), **options
    ) as ui:
        ui.app.preferences.given = frozenset({"ascii"})  # as `running` has it
        yield ui, paths.settings_file


def edit(file: Path, text: str) -> None:
    """Write it as an editor does, a while ago."""
    new = file.with_suffix(".new")
    new.write_text(text)
    os.utime(new, (1_000_000, 1_000_000))
    new.replace(file)


async def look(ui: Ui) -> None:
    """Let the tick come at which the file is looked at."""
    ui.app._look_around()
    await ui.app.workers.wait_for_complete(
        [each for each in ui.app.workers if each.group == "settings"]
    )
    await ui.pilot.pause()


async def test_what_can_be_applied_at_once_is_and_one_message_tells_all(tmp_path: Path) -> None:
    async with with_file(tmp_path, "# mine\njobs = 2\n") as (ui, file):
        edit(
            file,
            '# mine\njobs = 3\nlimit_rate = "2M"\ntheme = "light"\nconnections = 4\n'
            'restart_below_bytes = "1MB"\n[keys]\npause = "f5"\n',
        )
        await look(ui)
        assert [" ".join(each.split()) for each in ui.toasts] == [
            "settings.toml: jobs 3, connections 4, limit_rate 2M and 2 more; "
            "from next start restart_below_bytes 1M"
        ]
        assert ("set_jobs", 3) in ui.engine.calls
        assert ("set_limit", 2_000_000) in ui.engine.calls
        assert ui.app.theme == "light"
        assert ui.desk.keymap.key_of("pause") == "f5"
        before = list(ui.engine.calls)
        await look(ui)
        assert ui.engine.calls == before
        assert len(ui.toasts) == 1


async def test_what_holds_is_that_of_the_file_also_where_a_line_was_taken_out(
    tmp_path: Path,
) -> None:
    async with with_file(tmp_path, "jobs = 2\n") as (ui, file):
        edit(file, "")
        await look(ui)
        assert ui.toasts == ["settings.toml: jobs 5"]


async def test_a_value_that_is_none_falls_back_alone_and_is_told(tmp_path: Path) -> None:
    async with with_file(tmp_path, "jobs = 2\n") as (ui, file):
        edit(file, "jobs = 99\nrefresh_hz = 2\n")
        await look(ui)
        assert ui.app.preferences.settings.jobs == 5
        assert ui.app.preferences.settings.refresh_hz == 2
        await ui.until(lambda: any("jobs must be a whole number" in each for each in ui.toasts))


async def test_a_file_that_cannot_be_read_changes_nothing_until_it_is_mended(
    tmp_path: Path,
) -> None:
    async with with_file(tmp_path, "jobs = 2\n") as (ui, file):
        edit(file, "jobs = \n")
        await look(ui)
        assert ui.app.preferences.settings.jobs == 2
        (told,) = ui.toasts
        assert told.endswith("nothing of it is taken until it is mended")
        await look(ui)
        assert len(ui.toasts) == 1
        edit(file, "jobs = 22\n")
        await look(ui)
        assert ui.app.preferences.settings.jobs == 22


@pytest.mark.parametrize("written", [b"jobs = \n", b'user_agent = "\xff"\n'])
async def test_a_file_that_cannot_be_read_is_told_again_to_who_opens_the_settings_or_saves(
    tmp_path: Path, written: bytes
) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    paths.settings_file.write_bytes(written)
    async with running([download(1)], paths=paths) as ui:  # as if it had been told at the start
        await look(ui)
        assert ui.toasts == []
        await ui.press("comma")
        await ui.until(lambda: len(ui.toasts) == 1 and "settings.toml: " in ui.toasts[0])
        problem = await ui.app.preferences.change("units", "binary")
        assert problem.startswith(f"nothing was saved, mend the file first: {paths.settings_file}:")
    assert paths.settings_file.read_bytes() == written


async def test_a_file_that_is_gone_or_being_written_is_waited_for(tmp_path: Path) -> None:
    async with with_file(tmp_path, "jobs = 2\n") as (ui, file):
        file.unlink()
        await look(ui)
        assert ui.app.preferences.settings.jobs == 2
        file.write_text("jobs = 3\n")
        os.utime(file, (2_000_000_000_000 // 1000,) * 2)
        await look(ui)
        assert ui.app.preferences.settings.jobs == 3


async def test_a_setting_that_is_saved_leaves_what_was_edited_by_hand(tmp_path: Path) -> None:
    async with with_file(tmp_path, "jobs = 2\n") as (ui, file):
        edit(file, "# by hand\njobs = 3 # three\nnew_name = 1\n")
        await ui.app.preferences.change("units", "binary")
        text = file.read_text()
        assert text.startswith("# by hand\njobs = 3 # three\nnew_name = 1\n")
        assert tomllib.loads(text)["units"] == "binary"
        assert ui.app.preferences.settings.jobs == 3
        assert ("set_jobs", 3) in ui.engine.calls
        assert ui.toasts[0] == "settings.toml: jobs 3"
        await look(ui)
        assert [each for each in ui.toasts if "settings.toml" in each] == ui.toasts[:1]


async def test_the_settings_show_what_was_edited_just_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = DownloaderApp._look_around
    monkeypatch.setattr(DownloaderApp, "_look_around", lambda _: None)  # else it finds it, too
    async with with_file(tmp_path, "jobs = 2\n") as (ui, file):
        file.write_text("jobs = 33\n")  # this very moment
        await ui.press("comma")
        await ui.until(lambda: any("jobs" in line and " 33 " in line for line in ui.lines))
        edit(file, "jobs = 44\n")
        tick(ui.app)
        await ui.until(lambda: any("jobs" in line and " 44 " in line for line in ui.lines))


async def test_behind_a_disk_that_hangs_no_looks_pile_up(tmp_path: Path) -> None:
    async with with_file(tmp_path, "jobs = 2\n") as (ui, _), ui.app.preferences._saving:
        for _ in range(3):
            ui.app._look_around()
        await ui.until(lambda: not any(each.group == "settings" for each in ui.app.workers))


async def test_what_the_command_line_gives_outranks_an_edit_too(tmp_path: Path) -> None:
    async with with_file(tmp_path, "jobs = 2\n", jobs=7) as (ui, file):
        ui.app.preferences.given |= {"jobs"}
        edit(file, "jobs = 3\nunits = 'binary'\n")
        await look(ui)
        assert ui.app.preferences.settings.jobs == 7
        assert ui.toasts == ["settings.toml: units binary"]
