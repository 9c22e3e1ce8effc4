"""Files that were kept with a wrong digest: they move along, and the same bytes are kept once."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.engine.queue.two_wrong_files import OTHER, RIGHT, fail
from tests.engine.running import at_rest, change, idle, log_of, names_in, only, running, seen
from tests.server import Server
from tests.undeletable import undeletable
from tests.waiting import PATIENCE_S
from tui_downloader.engine.queue import wrong_files
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path


async def test_they_are_renamed_with_their_download_and_nothing_is_fetched(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, folder)
        asked = len(server.requests)
        change(engine, name="other.bin")
        await seen(engine, lambda d: d.name == "other.bin")
        await at_rest(engine)
        failed = only(engine)
        assert failed.status is Status.FAILED
        assert failed.failure is not None
        assert failed.failure.message.endswith("; kept as other (1).bin.bad")
        assert len(failed.kept_as) == 2
    assert names_in(folder) == ["other (1).bin.bad", "other.bin.bad"]
    assert len(server.requests) == asked
    async with running(queue) as engine:
        change(engine, name="file.bin")
        await seen(engine, lambda d: d.name == "file.bin")
        await at_rest(engine)
        assert names_in(folder) == ["file (1).bin.bad", "file.bin.bad"]
        change(engine, checksum=RIGHT)
        engine.verify([only(engine).download_id])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(folder) == ["file.bin", "file.bin.bad"]


async def test_they_move_to_another_folder_and_go_with_their_download(
    server: Server, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    async with running() as engine:
        await fail(engine, server, old)
        change(engine, folder=str(new))
        await seen(engine, lambda d: d.folder == str(new))
        await at_rest(engine)
        assert (names_in(old), names_in(new)) == ([], ["file (1).bin.bad", "file.bin.bad"])
        engine.remove([1], delete_file=True)
        await engine.deleted([1])
    assert names_in(new) == []


async def test_they_move_to_another_disk(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, link = tmp_path / "old", tmp_path / "new", os.link

    def within_a_disk(source: str, target: str, **options: bool) -> None:
        if os.path.dirname(source) == str(old) and os.path.dirname(target) == str(new):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, target, **options)

    async with running() as engine:
        await fail(engine, server, old)
        monkeypatch.setattr(os, "link", within_a_disk)
        change(engine, folder=str(new))
        await seen(engine, lambda d: d.folder == str(new))
        await at_rest(engine)
        assert (names_in(old), names_in(new)) == ([], ["file (1).bin.bad", "file.bin.bad"])
        engine.remove([1], delete_file=True)
        await engine.deleted([1])
    assert names_in(new) == []


async def test_a_digest_that_is_wanted_while_they_move_is_compared_after_that(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, link = threading.Event(), threading.Event(), os.link

    def slow(*args: object, **options: object) -> None:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        link(*args, **options)  # type: ignore[arg-type]

    async with running() as engine:
        await fail(engine, server, tmp_path)
        monkeypatch.setattr(os, "link", slow)
        change(engine, name="other.bin")
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        change(engine, name="other.bin", checksum=RIGHT)
        engine.verify([1])
        go_on.set()
        done = await seen(engine, lambda d: d.status is Status.COMPLETED)
        assert done.name == "other.bin"
    assert names_in(tmp_path) == ["other.bin", "other.bin.bad"]


async def test_they_move_along_with_the_right_file(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        change(engine, checksum=None)
        engine.resume([1])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
        change(engine, name="other.bin")
        await seen(engine, lambda d: d.name == "other.bin")
        await at_rest(engine)
        assert only(engine).status is Status.COMPLETED
    assert names_in(tmp_path) == ["other (1).bin.bad", "other.bin", "other.bin.bad"]


async def test_no_file_is_replaced_and_none_of_another_is_moved(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        (tmp_path / "file.bin.bad").unlink()
        (tmp_path / "file.bin.bad").write_bytes(b"mine")
        (tmp_path / "other.bin.bad").write_bytes(b"mine, too")
        change(engine, name="other.bin")
        await seen(engine, lambda d: d.name == "other.bin")
        await at_rest(engine)
    assert names_in(tmp_path) == ["file.bin.bad", "other (1).bin.bad", "other.bin.bad"]
    assert (tmp_path / "file.bin.bad").read_bytes() == b"mine"
    assert (tmp_path / "other.bin.bad").read_bytes() == b"mine, too"


async def test_what_cannot_have_another_name_changes_nothing(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        before = only(engine)
        (tmp_path / "other.bin").write_bytes(b"mine")
        change(engine, name="other.bin")
        await at_rest(engine)
        assert only(engine)._replace(version=before.version) == before
        assert "not renamed: other.bin exists" in log_of(engine)
    assert names_in(tmp_path) == ["file (1).bin.bad", "file.bin.bad", "other.bin"]


@pytest.mark.parametrize("n_links", [1, 2, 3])
async def test_where_one_file_cannot_have_its_new_name_all_keep_their_old_ones(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_links: int
) -> None:
    """There are two wrong files, the part and its record."""
    link, linked = os.link, []

    def so_often(*args: object, **options: object) -> None:
        linked.append(args)
        if len(linked) > n_links:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        link(*args, **options)  # type: ignore[arg-type]

    async with running() as engine:
        await fail(engine, server, tmp_path)
        server.resources["/file.bin"].first(stall_after=100_000)
        engine.resume([1])
        await seen(engine, lambda d: d.done_bytes == 100_000)
        engine.pause([1])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        await at_rest(engine)
        before, names = only(engine), names_in(tmp_path)
        assert len(names) == 4
        monkeypatch.setattr(os, "link", so_often)
        change(engine, name="other.bin")
        await at_rest(engine)
        assert len(linked) == n_links + 1
        assert only(engine)._replace(version=before.version) == before
    assert names_in(tmp_path) == names


async def test_old_names_that_cannot_be_removed_still_count(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        with undeletable(tmp_path, "file.bin.bad"):
            change(engine, name="other.bin")
            await seen(engine, lambda d: d.name == "other.bin")
            await at_rest(engine)
        assert "its old files stay" in log_of(engine)
        engine.remove([1], delete_file=True)
        await engine.deleted([1])
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("has_moved", [False, True])
async def test_after_a_crash_in_between_each_counts_once(
    server: Server, tmp_path: Path, has_moved: bool
) -> None:
    """The queue was written with both names, and both were on the disk, or the first alone."""
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, folder)
        download = engine._parts.roster.downloads[1]
        moves = wrong_files._moves(download.kept_as, str(folder / "other.bin"))
        new = tuple(each.after for each in moves)
        download.kept_as, download.other_path = (*download.kept_as, *new), str(folder / "other.bin")
        await engine._parts.journal.record(1)
    if has_moved:
        wrong_files._give_second_names(moves)
    async with running(queue) as engine:
        await at_rest(engine)
        assert [os.path.basename(each.path) for each in only(engine).kept_as] == [
            "file.bin.bad",
            "file (1).bin.bad",
        ]
    assert names_in(folder) == ["file (1).bin.bad", "file.bin.bad"]


async def test_the_same_wrong_bytes_are_kept_once(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        for name in ("file.bin.bad", "file (1).bin.bad"):
            before = (tmp_path / name).stat()
            engine.restart([1])
            await idle(engine)
            assert names_in(tmp_path) == ["file (1).bin.bad", "file.bin.bad"]
            assert os.path.samestat((tmp_path / name).stat(), before)
            server.resources["/file.bin"].replace(OTHER)
        failure = only(engine).failure
        assert failure is not None
        assert failure.message.endswith("the same bytes both times; kept as file.bin.bad")
        assert only(engine).kept_bytes == 0


async def test_the_same_bytes_in_a_file_that_is_not_ours_any_more_do_not_count(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        latest = tmp_path / "file (1).bin.bad"
        latest.rename(tmp_path / "mine")
        latest.write_bytes((tmp_path / "mine").read_bytes())
        engine.restart([1])
        await idle(engine)
    assert names_in(tmp_path) == [
        "file (1).bin.bad",
        "file (2).bin.bad",
        "file.bin.bad",
        "mine",
    ]
