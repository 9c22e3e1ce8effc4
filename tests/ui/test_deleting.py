"""`D` asks about files that are there, and says which are not."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.server import Pattern
from tests.ui.fake_engine import NOW, download
from tests.ui.real import real, wanted
from tests.ui.running import question, running
from tests.undeletable import undeletable
from tests.waiting import PATIENCE_S
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.status import Status
from tui_downloader.ui.actions import deleting, known_files
from tui_downloader.ui.screens.ask import look_again

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.server import Server
    from tui_downloader.ui.actions.known_files import KnownFile

PAGE = download(1, Status.FAILED, failure=Failure("web-page", "a page came"), name="page.zip")
KEPT = KeptFile("/downloads/b.bin.bad", Identity(1, 50_000_000, 1))
BAD = download(
    2,
    Status.FAILED,
    failure=Failure("checksum", "sha-256 differs"),
    name="b.bin",
    kept_as=(KEPT,),
)
DONE = download(3, Status.COMPLETED, done_bytes=1000, total_bytes=1000, name="done.bin")
PARTLY = download(4, Status.PAUSED, kept_bytes=2000, name="part.bin")


async def test_what_has_no_file_only_leaves_the_list_and_comes_back_with_z() -> None:
    async with running([PAGE]) as ui:
        await ui.press("D")
        asked = question(ui)
        assert "There is no file of page.zip. Remove it from the list?" in asked
        assert "Delete" not in asked
        await ui.press("y")
        await ui.press("z")
        assert ui.engine.calls == [("remove", 1), ("put_back", 1)]


async def test_several_without_a_file_are_asked_about_as_several() -> None:
    async with running([PAGE, download(5, Status.PAUSED, name="new.bin")]) as ui:
        await ui.press("*", "D")
        assert "There is no file of 2 downloads. Remove them from the list?" in question(ui)


async def test_some_without_a_file_are_counted_apart() -> None:
    async with running([PAGE, PARTLY]) as ui:
        await ui.press("*", "D")
        asked = question(ui)
        assert "Delete part.bin, 2.00 kB, from /downloads? This cannot be undone." in asked
        assert "1 more has no file." in asked
        await ui.press("y")
        assert ui.engine.calls == [("remove", 1, 4, "delete")]


LARGE = download(6, Status.DOWNLOADING, done_bytes=20_000_000, total_bytes=60_000_000, heard_at=NOW)


async def test_a_question_counts_what_comes_while_it_stands() -> None:
    async with running([LARGE]) as ui:
        await ui.press("x")
        assert "Cancel file-6.bin? 20.0 MB received." in question(ui)
        ui.engine.change(6, done_bytes=40_000_000)
        await ui.refresh()
        assert "Cancel file-6.bin? 40.0 MB received." in question(ui)


async def test_what_comes_before_the_question_is_drawn_harms_nothing() -> None:
    async with running([LARGE]) as ui:
        ui.main.action_run("cancel")  # the question is on its way
        ui.engine.change(6, done_bytes=40_000_000)
        ui.desk.board = ui.desk.lens.look(ui.engine.snapshot())
        look_again(ui.app.screen_stack)
        await ui.until(lambda: "Cancel file-6.bin? 40.0 MB received." in ui.text)


@pytest.mark.parametrize("key", ["x", "p"])
async def test_a_question_closes_with_a_word_when_what_it_is_about_has_ended(key: str) -> None:
    async with running([LARGE._replace(resumable=False)]) as ui:
        await ui.press(key)
        question(ui)
        ui.engine.change(6, status=Status.COMPLETED, done_bytes=60_000_000)
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.until(lambda: "it has ended meanwhile" in "".join(ui.toasts))
        assert ui.engine.calls == []
        await ui.until(lambda: "z Undo" not in ui.lines[-1])


async def test_an_answer_that_comes_too_late_does_nothing_and_leaves_nothing_to_undo() -> None:
    async with running([LARGE]) as ui:
        await ui.press("x")
        # The screen has not seen it yet.
        ui.engine.change(6, status=Status.COMPLETED, done_bytes=60_000_000)
        await ui.press("k")
        await ui.until(lambda: ui.toasts == ["Nothing to cancel, it has ended meanwhile"])
        assert ui.engine.calls == []
        await ui.until(lambda: "z Undo" not in ui.lines[-1])


async def test_a_question_about_several_goes_on_about_those_that_have_not_ended() -> None:
    other = LARGE._replace(download_id=7, name="file-7.bin")
    async with running([LARGE, other]) as ui:
        await ui.press("*", "x")
        assert "Cancel 2 downloads? 40.0 MB received." in question(ui)
        ui.engine.change(6, status=Status.COMPLETED, done_bytes=60_000_000)
        await ui.refresh()
        assert "Cancel file-7.bin? 20.0 MB received." in question(ui)
        await ui.press("k")
        assert ui.engine.calls == [("cancel", 7, "keep")]


async def test_starting_again_and_removing_are_asked_about_as_things_are_now() -> None:
    async with running([LARGE]) as ui:
        await ui.press("R")
        ui.engine.change(6, done_bytes=30_000_000)
        await ui.refresh()
        assert "again from 0? 30.0 MB received. This cannot be undone." in question(ui)
        await ui.press("escape", "d")
        ui.engine.change(6, status=Status.COMPLETED)
        await ui.refresh()
        assert "Remove file-6.bin? Nothing of it runs any more: its files stay." in question(ui)
        await ui.press("y")
        assert ui.engine.calls == [("remove", 6)]


@pytest.mark.parametrize("key", ["y", "k"])
async def test_the_keys_of_a_question_are_those_of_its_words(key: str) -> None:
    async with running([LARGE]) as ui:
        await ui.press("d")
        assert "y delete · k keep the parts · esc back" in question(ui)
        ui.engine.change(6, status=Status.COMPLETED)
        await ui.refresh()
        asked = question(ui)
        assert "Remove file-6.bin? Nothing of it runs any more: its files stay." in asked
        assert "y remove · esc back" in asked
        assert "delete" not in asked
        assert "keep the parts" not in asked
        await ui.press(key)
        assert ui.engine.calls == [("remove", 6)]


async def test_of_several_that_are_removed_those_keep_their_files_that_end_meanwhile() -> None:
    other = LARGE._replace(download_id=7, name="file-7.bin")
    async with running([LARGE, other], size=(120, 30)) as ui:
        await ui.press("*", "d")
        assert "Cancel and remove 2 downloads? 40.0 MB received." in question(ui)
        ui.engine.change(6, status=Status.COMPLETED)
        await ui.refresh()
        asked = question(ui)
        assert "Cancel and remove 2 downloads? 20.0 MB received. What is done stays." in asked
        await ui.press("y")
        assert ui.engine.calls == [("remove", 7, "delete"), ("remove", 6)]


async def test_no_part_goes_that_the_question_on_the_screen_did_not_speak_of() -> None:
    waiting = LARGE._replace(download_id=7, name="file-7.bin", status=Status.QUEUED)
    async with running([LARGE, waiting], size=(120, 30)) as ui:
        await ui.press("*", "d")
        assert "20.0 MB received. The 20.0 MB of another stay." in question(ui)
        ui.engine.change(7, status=Status.DOWNLOADING)  # the screen has not seen it yet
        await ui.press("y")
        assert ui.engine.calls == [("remove", 6, "delete"), ("remove", 7)]


async def test_what_got_bytes_while_it_was_said_to_have_no_file_keeps_them() -> None:
    begun = download(6, Status.CONNECTING)
    async with running([begun]) as ui:
        await ui.press("D")
        assert "There is no file of file-6.bin. Remove it from the list?" in question(ui)
        ui.engine.change(6, status=Status.DOWNLOADING, done_bytes=5_000, total_bytes=9_000)
        await ui.press("y")
        assert ui.engine.calls == [("remove", 6)]


async def test_a_file_with_a_wrong_digest_is_a_file() -> None:
    async with running([BAD]) as ui:
        await ui.press("D")
        assert "Delete b.bin.bad, 50.0 MB, from /downloads?" in question(ui)


async def test_all_files_with_wrong_digests_are_counted() -> None:
    kept = tuple(KEPT._replace(path=f"/downloads/b ({n}).bin.bad") for n in range(2))
    async with running([BAD._replace(kept_as=(KEPT, *kept)), PARTLY]) as ui:
        await ui.press("D")
        assert "Delete 3 files of b.bin, 150 MB, from /downloads? This cannot" in question(ui)
        await ui.press("escape", "*", "D")
        assert "Delete 4 files of 2 downloads, 150 MB, from /downloads? This" in question(ui)


async def test_a_wrong_file_counts_beside_the_right_one_and_beside_a_part() -> None:
    rows = [DONE._replace(kept_as=(KEPT,)), PARTLY._replace(kept_as=(KEPT,))]
    async with running(rows) as ui:
        await ui.press("D")
        assert "Delete 2 files of done.bin, 50.0 MB, from" in question(ui)
        await ui.press("escape", "j", "D")
        assert "Delete 2 files of part.bin, 50.0 MB, from" in question(ui)


async def test_a_finished_file_that_somebody_deleted_is_named(tmp_path: Path) -> None:
    there = download(5, Status.COMPLETED, folder=str(tmp_path), name="there.bin")
    (tmp_path / "there.bin").touch()
    async with running([DONE._replace(folder=str(tmp_path)), there]) as ui:
        await ui.press("*", "D")
        await ui.until(lambda: "done.bin is not there any more." in ui.text)


async def test_nothing_is_said_to_be_gone_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "done.bin").touch()
    async with running([DONE._replace(folder=str(tmp_path))]) as ui:
        await ui.press("D")
        await ui.app.workers.wait_for_complete()
        assert "not there" not in question(ui)


# What has become of the files.


async def test_what_is_deleted_is_told_once_it_is(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", Pattern(5))
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("✓ file.bin")
        await ui.press("D", "y")
        await ui.until(lambda: ui.toasts)
        assert ui.toasts == ["Deleted file.bin, 5 B"]
        assert ui.snapshot.downloads == ()
        await ui.press("z")
        await ui.until(lambda: "Cannot be undone: Deleting file.bin" in ui.toasts)
    assert [*tmp_path.iterdir()] == []


async def test_a_look_that_takes_until_the_file_is_deleted_does_not_count(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", Pattern(5))
    deleted, loop, looking = threading.Event(), asyncio.get_running_loop(), []
    look_now, unlink = known_files.looked_at, os.unlink

    def look(files: Iterable[KnownFile]) -> tuple[list[KnownFile], list[KnownFile]]:
        looking.append(threading.current_thread())
        assert deleted.wait(PATIENCE_S)
        return look_now(files)

    def delete(path: str) -> None:
        unlink(path)
        deleted.set()
        for thread in looking:
            thread.join(PATIENCE_S)
        for _ in range(10):  # turns in which it is heard of
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(PATIENCE_S)

    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("✓ file.bin")
        monkeypatch.setattr(deleting, "looked_at", look)
        await ui.press("D")
        with monkeypatch.context() as patched:
            patched.setattr(os, "unlink", delete)
            await ui.press("y")
            await ui.until(lambda: ui.toasts)
        assert ui.toasts == ["Deleted file.bin, 5 B"]


async def test_nothing_is_told_to_be_deleted_that_the_disk_keeps(
    tmp_path: Path, server: Server
) -> None:
    for name in ("a.bin", "b.bin"):
        server.put(f"/{name}", Pattern(5))
    requests = [wanted(server.url(f"/{name}"), tmp_path) for name in ("a.bin", "b.bin")]
    async with real(tmp_path, *requests) as ui:
        await ui.until(lambda: "✓ a.bin" in ui.text and "✓ b.bin" in ui.text)
        await ui.press("*", "D")
        with undeletable(tmp_path, "a.bin"):
            await ui.press("y")
            await ui.until(lambda: "Deleted b.bin, 5 B" in "".join(ui.toasts))
        await ui.until(lambda: "a.bin: not deleted: cannot write to" in "".join(ui.toasts))
        assert [each.name for each in ui.snapshot.downloads] == ["a.bin"]
        assert "Deleted a.bin" not in "".join(ui.toasts)


async def test_a_part_that_the_disk_keeps_is_not_told_to_be_deleted(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", Pattern(30_000_000), stall_after=20_000_000)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.done_bytes == 20_000_000)
        (record,) = tmp_path.glob("*.json")
        await ui.until(lambda: '"done": [[0, 20000000]]' in record.read_text())
        await ui.press("x")
        with undeletable(tmp_path):
            await ui.press("y")
            await ui.until(lambda: "Cancelled file.bin" in ui.toasts)
        await ui.until(lambda: "file.bin: not deleted: cannot write to" in "".join(ui.toasts))
        await ui.until_seen("cancelled · 20.0 MB kept · r resume")
        await ui.press("z")
        await ui.until(lambda: "Cannot be undone: Cancelled file.bin" in ui.toasts)


async def test_what_was_gone_before_is_not_told_to_be_deleted(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", Pattern(5))
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("✓ file.bin")
        (tmp_path / "file.bin").unlink()
        await ui.press("D")
        await ui.until_seen("file.bin is not there any more.")
        await ui.press("y")
        await ui.until(
            lambda: "Removed file.bin from the list: there was no file to delete" in ui.toasts
        )
        assert ui.snapshot.downloads == ()


async def test_another_file_that_has_the_name_of_a_wrong_one_is_not_told_to_be_deleted(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", Pattern(5))
    checksum = parse_checksum("sha-256=" + "1a" * 32)
    request = wanted(server.url("/file.bin"), tmp_path, checksum=checksum)
    async with real(tmp_path, request) as ui:
        await ui.until_seen("kept as file.bin.bad")
        (tmp_path / "file.bin.bad").write_bytes(b"mine, and longer")
        await ui.press("D")
        await ui.until_seen("file.bin.bad is another file by now, and not deleted.")
        await ui.press("y")
        told = "file.bin: not deleted: file.bin.bad is not the file that was kept"
        await ui.until(lambda: told in "".join(ui.toasts))
        await ui.until(lambda: "there was no file to delete" in "".join(ui.toasts))
        assert ui.snapshot.downloads == ()
    assert (tmp_path / "file.bin.bad").read_bytes() == b"mine, and longer"
