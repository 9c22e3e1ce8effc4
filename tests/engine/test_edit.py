"""Wanting a download differently while it is queued, running, paused or finished."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import (
    at_rest,
    change,
    get,
    idle,
    names_in,
    only,
    running,
    seen,
    sha256,
    until,
    wanted,
)
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import EngineEvent, EventKind
from tui_downloader.engine.disk.direct_io import leave_cache
from tui_downloader.engine.disk.small_files import Committer, Outcome, SmallFile
from tui_downloader.engine.transfer import checksum
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, OnConflict
from tui_downloader.model.status import Status
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine, EventFeed

FILE = Pattern(4_000_000)
OTHER = Pattern(4_000_000, seed=9)


async def noted(events: EventFeed) -> EngineEvent:
    async with asyncio.timeout(PATIENCE_S):
        async for event in events:
            if event.kind in (EventKind.NOTE, EventKind.MOVED):
                return event
    raise AssertionError("nothing was told")


async def told(events: EventFeed) -> str:
    return (await noted(events)).message


async def paused_half_way(engine: Engine, server: Server, folder: Path) -> None:
    server.put("/file.bin", FILE).first(stall_after=2_000_000)
    (download_id,) = engine.add([wanted(server.url("/file.bin"), folder)])
    await seen(engine, lambda d: d.done_bytes == 2_000_000)
    engine.pause([download_id])
    await seen(engine, lambda d: d.status is Status.PAUSED)
    await idle(engine)


async def test_a_new_name_and_folder_take_the_partial_along(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        change(engine, name="other.bin", folder=str(tmp_path / "deep" / "down"))
        await seen(engine, lambda d: d.folder.endswith("down"))
        assert names_in(tmp_path / "deep" / "down") == ["other.bin.part", "other.bin.part.json"]
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "deep" / "down" / "other.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["deep"]
    assert server.resources["/file.bin"].sent_bytes <= FILE.size + 64 * 1024


@pytest.mark.parametrize(
    ("wanted_name", "wanted_folder", "message"),
    [
        ("other.bin", "", "renamed to other.bin"),
        ("file.bin", "deep", "moved to {}/deep"),
        ("other.bin", "deep", "moved to {}/deep as other.bin"),
    ],
)
async def test_an_edit_is_told_with_all_that_changes_of_the_path(
    server: Server, tmp_path: Path, wanted_name: str, wanted_folder: str, message: str
) -> None:
    async with running() as engine:
        events = engine.events()
        await paused_half_way(engine, server, tmp_path)
        change(engine, name=wanted_name, folder=str(tmp_path / wanted_folder))
        event = await noted(events)
    assert (event.name, event.message) == ("file.bin", message.format(tmp_path))


async def test_a_running_download_moves_and_goes_on(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(stall_after=2_000_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == 2_000_000)
        change(engine, name="moved.bin")
        (download,) = await idle(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "moved.bin")
    assert names_in(tmp_path) == ["moved.bin"]
    assert sha256(tmp_path / "moved.bin") == FILE.sha256()


async def test_where_a_running_download_moves_is_known_until_it_is_there(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=2_000_000)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == 2_000_000)
        assert engine.path_to_be(key) == ""
        change(engine, name="moved.bin")
        assert (only(engine).name, engine.path_to_be(key)) == (
            "file.bin",
            str(tmp_path / "moved.bin"),
        )
        await idle(engine)
        assert engine.path_to_be(key) == engine.path_to_be(key + 1) == ""


async def test_who_is_in_line_does_not_take_the_place_of_who_moves(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=2_000_000)
    server.put("/next.bin", OTHER)
    async with running(jobs=1) as engine:
        first, _ = engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in ("file", "next")])
        await until(engine, lambda both: both[0].done_bytes == 2_000_000)
        request = engine.request_of(first)
        assert request is not None
        engine.edit(first, replace(request, folder=str(tmp_path / "elsewhere")))
        await idle(engine)
    assert [each.path for each in server.requests] == ["/file.bin", "/file.bin", "/next.bin"]


@pytest.mark.parametrize("is_done", [False, True])
async def test_where_files_are_being_moved_is_shown_until_they_are_there(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_done: bool
) -> None:
    """A large one takes its time on the way to another disk."""
    link, to = os.link, str(tmp_path / "to")
    has_begun, goes_on = threading.Event(), threading.Event()

    def linking(source: str, target: str, **options: Any) -> None:
        if os.path.dirname(target) == to:
            has_begun.set()
            assert goes_on.wait(PATIENCE_S)
        link(source, target, **options)

    server.put("/file.bin", FILE).first(stall_after=None if is_done else 2_000_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: is_done == d.status.is_ended and d.done_bytes >= 2_000_000)
        monkeypatch.setattr(os, "link", linking)
        change(engine, folder=to)
        await eventually(has_begun.is_set)
        assert only(engine).moving_to == to
        goes_on.set()
        moved = await seen(engine, lambda d: d.folder == to)
        assert moved.moving_to == ""
        await idle(engine)


async def test_a_refused_move_is_not_shown_any_more(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "file.bin").write_text("somebody else's")
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        events = engine.events()
        change(engine, folder=str(tmp_path / "to"))
        assert await told(events) == "not moved: file.bin exists"
        assert only(engine).moving_to == ""


async def test_a_finished_file_is_renamed(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        events = engine.events()
        change(engine, name="../renamed.bin")
        note = await noted(events)
        assert (note.name, note.message) == ("file.bin", "renamed to renamed.bin")
        assert only(engine).name == "renamed.bin"
    assert names_in(tmp_path) == ["renamed.bin"]


async def test_a_finished_file_that_is_gone_cannot_be_renamed_and_that_is_said(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        (tmp_path / "file.bin").unlink()
        events = engine.events()
        change(engine, name="other.bin")
        assert await told(events) == "not renamed: the file is gone"
        assert only(engine).name == "file.bin"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the folder that takes no files")
async def test_a_folder_that_takes_no_files_is_not_told_as_a_file_that_is_gone(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        events = engine.events()
        change(engine, folder="/proc")
        assert (await told(events)).startswith("not moved: cannot write /proc")
        assert only(engine).folder == str(tmp_path)
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_finished_file_is_renamed_back_at_once(server: Server, tmp_path: Path) -> None:
    """Its old name goes only when the queue knows of the new one."""
    server.put("/file.bin", FILE)
    async with running(tmp_path / "queue.db") as engine:
        await get(engine, server.url("/file.bin"), tmp_path / "to")
        events = engine.events()
        for name in ("other.bin", "file.bin", "other.bin", "file.bin"):
            change(engine, name=name)
            assert await told(events) == f"renamed to {name}"
        assert only(engine).name == "file.bin"
    assert names_in(tmp_path / "to") == ["file.bin"]
    assert sha256(tmp_path / "to" / "file.bin") == FILE.sha256()


async def test_a_finished_file_moves_also_where_another_program_fetches_one_of_its_name(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        await eventually(lambda: names_in(tmp_path) == ["file.bin"])
        with (tmp_path / "file.bin.part").open("wb") as part:
            assert lock_partial(part.fileno())
            events = engine.events()
            change(engine, name="other.bin")
            assert await told(events) == "renamed to other.bin"
    assert names_in(tmp_path) == ["file.bin.part", "other.bin"]
    assert sha256(tmp_path / "other.bin") == FILE.sha256()


async def test_a_name_that_is_taken_changes_nothing_and_says_so(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "taken.bin").write_bytes(b"mine")
    async with running() as engine:
        events = engine.events()
        await paused_half_way(engine, server, tmp_path)
        change(engine, name="taken.bin")
        assert await told(events) == "not renamed: taken.bin exists"
        assert only(engine).name == "file.bin"
    assert (tmp_path / "taken.bin").read_bytes() == b"mine"
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json", "taken.bin"]


async def test_a_name_that_was_refused_is_free_for_another(server: Server, tmp_path: Path) -> None:
    for path in ("/file.bin", "/taken.bin"):
        server.put(path, FILE)
    (tmp_path / "taken.bin").write_bytes(b"mine")
    async with running() as engine:
        done = await get(engine, server.url("/file.bin"), tmp_path)
        engine.edit(done.download_id, wanted(server.url("/file.bin"), tmp_path, name="taken.bin"))
        await at_rest(engine)
        (tmp_path / "taken.bin").unlink()
        another = await get(engine, server.url("/taken.bin"), tmp_path)
    assert another.name == "taken.bin"
    assert names_in(tmp_path) == ["file.bin", "taken.bin"]


async def test_a_name_that_was_given_up_is_free_for_another(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        done = await get(engine, server.url("/file.bin"), tmp_path)
        engine.edit(done.download_id, wanted(server.url("/file.bin"), tmp_path, name="new.bin"))
        await at_rest(engine)
        another = await get(engine, server.url("/file.bin"), tmp_path)
    assert another.name == "file.bin"
    assert names_in(tmp_path) == ["file.bin", "new.bin"]


async def test_what_got_a_number_keeps_it_when_something_else_is_changed(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    (tmp_path / "file.bin").write_bytes(b"mine")
    async with running() as engine:
        url = server.url("/file.bin")
        await get(engine, url, tmp_path, name="file.bin", on_conflict=OnConflict.RENAME)
        change(engine, limit_bytes_per_s=1_000)
        await idle(engine)
        assert only(engine).limit_bytes_per_s == 1_000
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]


async def test_a_new_address_led_nowhere_yet_and_neither_did_the_old_one_after_an_undo(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        key = only(engine).download_id
        assert engine.details(key).final_url == server.url("/file.bin")
        before = only(engine).url
        change(engine, url=server.url("/new.bin"))
        assert engine.details(key).final_url == ""
        change(engine, url=before)
        assert engine.details(key).final_url == ""


async def test_a_new_address_keeps_the_bytes(server: Server, tmp_path: Path) -> None:
    """What another server says of its file's version says nothing of that of before."""
    date = "Sun, 15 Mar 2026 15:09:26 GMT"
    server.put("/new/place.bin", FILE, etag='"of the new place"', last_modified=date)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        change(engine, url=server.url("/new/place.bin"))
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert server.resources["/new/place.bin"].sent_bytes <= FILE.size // 2 + 64 * 1024


async def test_a_file_keeps_its_name_at_a_new_address(server: Server, tmp_path: Path) -> None:
    """Also where no server has named it yet: the user knows it by that name."""
    server.put("/new/0815", FILE, content_disposition='attachment; filename="other.bin"')
    async with running() as engine:
        await get(engine, server.url("/gone/file.bin"), tmp_path)
        change(engine, url=server.url("/new/0815"))
        assert only(engine).name == "file.bin"
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")


async def test_an_address_that_told_no_name_leaves_it_to_the_new_one(
    server: Server, tmp_path: Path
) -> None:
    server.put("/new/file.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/get?id=5"), tmp_path)
        change(engine, url=server.url("/new/file.bin"))
        assert only(engine).name == "file.bin"


async def test_a_place_that_is_wanted_before_the_file_has_a_name_is_the_one_that_it_gets(
    server: Server, tmp_path: Path
) -> None:
    """It is being asked for, and all of it may come before anybody else has a turn."""
    server.put("/file.bin", b"small").first(hold=True)
    here, there = tmp_path / "here", tmp_path / "there"
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), here)])
        await server.until(lambda: server.held_now == 1)
        change(engine, folder=str(there))
        change(engine, limit_bytes_per_s=1_000_000)
        server.release()
        (download,) = await idle(engine)
        assert (download.name, download.folder) == ("file.bin", str(there))
        assert download.limit_bytes_per_s == 1_000_000
    assert (there / "file.bin").read_bytes() == b"small"
    assert not here.exists() or names_in(here) == []


async def test_a_place_that_is_wanted_while_the_file_gets_its_name_is_the_one_that_it_has(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", b"small")
    here, there = tmp_path / "here", tmp_path / "there"
    commit, begun, may_go_on = Committer.commit, threading.Event(), threading.Event()

    def slow(committer: Committer, files: list[SmallFile]) -> list[Outcome]:
        begun.set()
        may_go_on.wait(PATIENCE_S)
        return commit(committer, files)

    monkeypatch.setattr(Committer, "commit", slow)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), here)])
        await until(engine, lambda _: begun.is_set())
        change(engine, folder=str(there), name="mine.bin")
        may_go_on.set()
        (download,) = await idle(engine)
        assert (download.status, download.name) == (Status.COMPLETED, "mine.bin")
    assert (there / "mine.bin").read_bytes() == b"small"
    assert names_in(here) == []


async def test_a_new_address_of_another_file_of_the_same_size_is_not_spliced(
    server: Server, tmp_path: Path
) -> None:
    server.put("/other.bin", OTHER)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        change(engine, url=server.url("/other.bin"))
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_a_finished_file_can_be_verified_later(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        change(engine, checksum=Checksum("sha-256", FILE.sha256()))
        engine.verify([download.download_id])
        await seen(engine, lambda d: d.checked_by == "sha-256")
        assert FILE.sha256() in engine.details(download.download_id).computed_checksum


async def test_an_empty_file_can_be_verified_too(server: Server, tmp_path: Path) -> None:
    empty = Pattern(0)
    server.put("/file.bin", empty)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        change(engine, checksum=Checksum("sha-256", empty.sha256()))
        engine.verify([download.download_id])
        await seen(engine, lambda d: d.assurance is Assurance.VERIFIED)


async def test_who_expects_another_digest_while_a_finished_file_is_hashed_is_told_of_that(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_hashed, may_go_on = threading.Event(), threading.Event()

    def slow(*slice_: int) -> None:
        is_hashed.set()
        assert may_go_on.wait(PATIENCE_S)
        leave_cache(*slice_)

    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        told_of = engine.events(EventKind.NOTE)
        monkeypatch.setattr(checksum, "leave_cache", slow)
        change(engine, checksum=Checksum("sha-256", "0" * 64))
        engine.verify([download.download_id])
        assert await asyncio.to_thread(is_hashed.wait, PATIENCE_S)
        right = Checksum("md5", FILE.digest("md5").hex())
        change(engine, checksum=right)
        may_go_on.set()
        await seen(engine, lambda d: d.assurance is Assurance.CHECKED)
        await at_rest(engine)
        assert [note.message for note in told_of.taken()] == []
        assert right.hexdigest in engine.details(download.download_id).computed_checksum


async def test_a_finished_file_that_differs_is_told_and_stays_finished(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    server.put("/file.bin", FILE)
    async with running(queue) as engine:
        download = await get(engine, server.url("/file.bin"), folder)
        events = engine.events()
        change(engine, checksum=Checksum("sha-256", "0" * 64))
        engine.verify([download.download_id])
        words = f"sha256 differs: expected 00000000…0000, got {FILE.sha256()[:8]}"
        assert (await told(events)).startswith(words)
        await seen(engine, lambda d: d.assurance is Assurance.DIFFERS)
    assert names_in(folder) == ["file.bin"]
    async with running(queue) as engine:
        again = only(engine)
    assert (again.status, again.failure) == (Status.COMPLETED, None)
    assert (again.assurance, again.checked_by) == (Assurance.DIFFERS, "sha-256")
    assert again.done_bytes == again.total_bytes == FILE.size


async def test_after_a_wrong_digest_another_is_compared_with_the_same_file(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        sent = server.resources["/file.bin"].sent_bytes
        for wrong in ("0" * 64, "1" * 64):
            change(engine, checksum=Checksum("sha-256", wrong))
            engine.verify([download.download_id])
            await seen(engine, lambda d: d.assurance is Assurance.DIFFERS)
            await idle(engine)
        change(engine, checksum=Checksum("sha-256", FILE.sha256()))
        engine.verify([download.download_id])
        await seen(engine, lambda d: d.assurance is Assurance.VERIFIED)
        assert only(engine).status is Status.COMPLETED
        assert server.resources["/file.bin"].sent_bytes == sent
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_digest_entered_during_the_comparison_is_the_one_that_counts(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        change(engine, checksum=Checksum("sha-256", "0" * 64))
        engine.verify([download.download_id])
        change(engine, checksum=Checksum("sha-256", FILE.sha256()))
        engine.verify([download.download_id])
        await idle(engine)
        assert only(engine).assurance is Assurance.VERIFIED


async def test_a_finished_file_that_is_gone_is_told_and_stays_in_the_list(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        (tmp_path / "file.bin").unlink()
        events = engine.events()
        change(engine, checksum=Checksum("sha-256", FILE.sha256()))
        engine.verify([download.download_id])
        words = f"not checked: {tmp_path / 'file.bin'} is not there any more"
        assert await told(events) == words
        assert (only(engine).status, only(engine).checked_by) == (Status.COMPLETED, "")


async def test_what_was_compared_before_says_nothing_of_a_new_copy(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        change(engine, checksum=Checksum("sha-256", FILE.sha256()))
        engine.verify([download.download_id])
        await seen(engine, lambda d: d.checked_by == "sha-256")
        await idle(engine)
        change(engine, checksum=None)
        engine.restart([download.download_id])
        await idle(engine)
        again = only(engine)
    assert (again.assurance, again.checked_by) == (Assurance.COMPLETE, "")


async def test_a_failed_download_moves_and_is_tried_again_in_one_breath(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(status=404)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path, name="file.bin")
        change(engine, name="other.bin", folder=str(tmp_path / "deep"))
        engine.resume([only(engine).download_id])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
        download = only(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "other.bin")
    assert names_in(tmp_path / "deep") == ["other.bin"]


async def test_a_paused_download_moves_and_goes_on_in_one_breath(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        change(engine, folder=str(tmp_path / "deep"))
        engine.resume([only(engine).download_id])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(tmp_path / "deep") == ["file.bin"]


async def test_moving_back_before_it_has_moved_leaves_everything_where_it_was(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        before = engine.request_of(only(engine).download_id)
        assert before is not None
        change(engine, name="other.bin", folder=str(tmp_path / "deep"))
        engine.edit(only(engine).download_id, replace(before, name="file.bin"))
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_running_download_that_is_moved_back_at_once_goes_on_where_it_was(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=2_000_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == 2_000_000)
        change(engine, name="other.bin")
        change(engine, name="third.bin")
        change(engine, name="file.bin")
        (download,) = await idle(engine)
        assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
        # The names between are free again.
        for name in ("other.bin", "third.bin"):
            (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path, name=name)])
            assert next(d for d in await idle(engine) if d.download_id == key).name == name
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_what_is_changed_while_files_move_counts_and_does_not_move_them_back(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        change(engine, folder=str(tmp_path / "deep"))
        change(engine, connections=7)
        await seen(engine, lambda d: d.folder.endswith("deep"))
        await idle(engine)
        request = engine.request_of(only(engine).download_id)
        assert request is not None
        assert (request.connections, request.folder) == (7, str(tmp_path / "deep"))
    assert names_in(tmp_path / "deep") == ["file.bin.part", "file.bin.part.json"]


async def test_a_digest_that_is_expected_no_more_does_not_come_back_with_the_partial(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        change(engine, checksum=Checksum("sha-256", OTHER.sha256()))
        engine.resume([only(engine).download_id])
        server.resources["/file.bin"].first(stall_after=1_000_000)
        await seen(engine, lambda d: d.status is Status.DOWNLOADING)
        engine.pause([only(engine).download_id])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        change(engine, checksum=None)
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert (download.status, download.assurance) == (Status.COMPLETED, Assurance.COMPLETE)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
