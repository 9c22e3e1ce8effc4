"""Files with a wrong digest are kept: what is said of them, and what editing does to them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import log_of, names_in
from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, download
from tests.ui.real import real, wanted
from tests.ui.running import question, running
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = download(1, Status.DOWNLOADING, total_bytes=60_000_000, heard_at=NOW)
KEPT = KeptFile("/downloads/w.bin.bad", Identity(1, 50_000_000, 1))
WRONG = download(
    8,
    Status.FAILED,
    failure=Failure("checksum", "sha256 differs"),
    name="w.bin",
    kept_as=(KEPT,),
)


async def test_what_leaves_the_list_says_which_wrong_files_stay_of_it() -> None:
    several = WRONG._replace(download_id=9, kept_as=(KEPT, KEPT._replace(path="/downloads/w2.bad")))
    part = download(1, Status.PAUSED, kept_bytes=4_000_000)
    async with running([WRONG, several, part, download(5, Status.COMPLETED)]) as ui:
        for keys, told in (
            (["d"], "Removed w.bin, w.bin.bad stays: 50.0 MB · z undo"),
            (["z", "j", "d"], "Removed w.bin, 2 files stay: 100 MB · z undo"),
            (["z", "*", "d"], "Removed 4, 4 files stay: 154 MB · z undo"),
        ):
            await ui.press(*keys)
            await ui.until(lambda told=told: told in ui.toasts)  # type: ignore[misc]


async def test_a_question_about_what_runs_says_that_its_wrong_files_stay() -> None:
    dear = RUNNING._replace(done_bytes=50_000_000, kept_as=(KEPT,))
    async with running([dear]) as ui:
        await ui.press("d")
        assert "50.0 MB received. w.bin.bad, 50.0 MB, stays." in question(ui)
        await ui.press("y")
        await ui.until(
            lambda: ui.toasts == ["Removed file-1.bin, w.bin.bad stays: 50.0 MB · z undo"]
        )


async def test_undoing_an_add_deletes_no_file_with_a_wrong_digest() -> None:
    async with running([download(6)], paste="add") as ui:
        await ui.paste("http://a.example/1")
        await ui.until(lambda: len(ui.engine.downloads) == 2)
        added = ui.engine.downloads[1].download_id
        ui.engine.change(added, status=Status.DOWNLOADING, kept_as=(KEPT,))
        await ui.until(lambda: ui.toasts)
        ui.app.clear_notifications()
        await ui.press("z")
        await ui.until(lambda: "w.bin.bad stays: 50.0 MB in /downloads" in "".join(ui.toasts))
        assert ("remove", added) in ui.engine.calls


async def test_one_that_is_renamed_is_not_fetched_again(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", Pattern(300_000))
    checksum = parse_checksum("sha-256=" + "1a" * 32)
    request = wanted(server.url("/file.bin"), tmp_path, checksum=checksum)
    async with real(tmp_path, request) as ui:
        await ui.until_seen("sha256 differs: expected 1a1a1a1a…1a1a, got ")
        asked = len(server.requests)
        await ui.press("e")
        await ui.until(lambda: ui.app.focused is not None and ui.app.focused.id == "name")
        await ui.press("end", "ctrl+u", *"other.bin", "f2")
        await ui.until(lambda: "file.bin: renamed to other.bin · z undo" in ui.toasts)
        await ui.until(lambda: names_in(tmp_path) == ["other.bin.bad"])
        assert ui.download.status is Status.FAILED
        await ui.until_seen("kept as other.bin.bad")
        await ui.press("z")
        await ui.until(lambda: names_in(tmp_path) == ["file.bin.bad"])
        await ui.until_seen("kept as file.bin.bad")
        assert ui.download.status is Status.FAILED
        assert "goes on" not in log_of(ui.app._engine)
        assert len(server.requests) == asked


@pytest.mark.parametrize(
    ("change", "is_fetched"),
    [
        ({"name": "other.bin"}, False),
        ({"folder": "/elsewhere"}, False),
        ({"limit_bytes_per_s": 1000}, False),
        ({"headers": (("Cookie", "a=b"),)}, True),
        ({"credentials": ("me", "secret")}, True),
        ({"mirrors": ("http://mirror.example/w.bin",)}, True),
    ],
)
async def test_what_came_wrong_is_fetched_again_only_from_elsewhere_or_with_another_request(
    change: dict[str, Any], is_fetched: bool
) -> None:
    async with running([WRONG]) as ui:
        asked = ui.engine.request_of(8)
        assert asked is not None
        await ui.press("e")
        ui.app.screen.dismiss(replace(asked, **change))
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.until(lambda: any(call[0] == "edit" for call in ui.engine.calls))
        assert (("resume", 8) in ui.engine.calls) is is_fetched


async def test_a_digest_that_gave_a_file_its_name_is_not_taken_back(
    tmp_path: Path, server: Server
) -> None:
    """Else the whole file would be there under its name, and the list say that it is wrong."""
    file = Pattern(300_000)
    server.put("/file.bin", file)
    checksum = parse_checksum("sha-256=" + "1a" * 32)
    request = wanted(server.url("/file.bin"), tmp_path, checksum=checksum)
    async with real(tmp_path, request) as ui:
        await ui.until_seen("sha256 differs: expected 1a1a1a1a…1a1a, got ")
        await ui.press("c")
        await ui.until_seen("Checksum")
        await ui.press("ctrl+u")
        await ui.paste(f"sha256:{file.sha256()}")
        await ui.press("enter")
        await ui.until_seen("✓ file.bin")
        await ui.press("z")
        await ui.until(lambda: "file.bin is done by now, and stays" in "\n".join(ui.toasts))
        assert (ui.download.status, ui.download.checked_by) == (Status.COMPLETED, "sha-256")
        assert not ui.download.is_wrong
        await ui.until_seen("✓ file.bin")
        assert names_in(tmp_path) == ["file.bin"]


async def test_a_digest_that_fits_nothing_that_is_kept_is_taken_back(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", Pattern(300_000))
    checksum = parse_checksum("sha-256=" + "1a" * 32)
    request = wanted(server.url("/file.bin"), tmp_path, checksum=checksum)
    async with real(tmp_path, request) as ui:
        await ui.until_seen("sha256 differs: expected 1a1a1a1a…1a1a, got ")
        await ui.press("c")
        await ui.until_seen("Checksum")
        await ui.press("ctrl+u")
        await ui.paste("sha256:" + "2b" * 32)
        await ui.press("enter")
        await ui.until(lambda: any("differs, too" in each for each in ui.toasts))
        await ui.press("z")
        await ui.until(lambda: "Undone: Changed the checksum" in "\n".join(ui.toasts))
        asked = ui.app._engine.request_of(ui.download.download_id)
        assert asked is not None
        assert asked.checksum == checksum
        assert ui.download.status is Status.FAILED
        assert names_in(tmp_path) == ["file.bin.bad"]
