"""A file that a finished one replaces is kept while that can be undone, and comes back whole."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import (
    at_rest,
    get,
    idle,
    log_of,
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
from tui_downloader.engine.clock import steady
from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.opening import open_new
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.replaced import Replaced, ReplacedFiles
from tui_downloader.model.download import OnConflict, Snapshot
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine

LARGE, SMALL = Pattern(1_000_000), Pattern(1000)
SIZES = pytest.mark.parametrize("file", [LARGE, SMALL], ids=["large", "small"])
OWN = b"my own"
LONG_S, SHORT_S = 600.0, 0.05
KEPT = ["file.bin", "file.bin.replaced"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "file.bin").write_bytes(OWN)
    return folder


def content(path: Path) -> bytes:
    return path.read_bytes()


async def replaced(server: Server, folder: Path, engine: Engine, file: Pattern) -> Snapshot:
    """Download a file over the user's own one."""
    server.put("/file.bin", file)
    url = server.url("/file.bin")
    return await get(engine, url, folder, on_conflict=OnConflict.OVERWRITE)


async def until_names(folder: Path, names: list[str]) -> None:
    await eventually(lambda: names_in(folder) == names)


@SIZES
async def test_undoing_an_add_brings_the_replaced_file_back(
    server: Server, tmp_path: Path, folder: Path, file: Pattern
) -> None:
    async with running(tmp_path / "queue.db", undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, file)
        await until_names(folder, KEPT)
        assert sha256(folder / "file.bin") == file.sha256()
        engine.remove([done.download_id], delete_file=True, gives_back=True)
        await until_names(folder, ["file.bin"])
        assert content(folder / "file.bin") == OWN
        assert engine.snapshot().downloads == ()
    assert names_in(folder) == ["file.bin"]


async def test_who_replaced_nothing_gives_nothing_back(server: Server, tmp_path: Path) -> None:
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, tmp_path, engine, LARGE)
        engine.remove([done.download_id], delete_file=True, gives_back=True)
        await until_names(tmp_path, [])
        assert engine.snapshot().downloads == ()


async def test_what_is_dear_gets_a_name_of_its_own(server: Server, folder: Path) -> None:
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        engine.remove([done.download_id], gives_back=True)
        await until_names(folder, ["file (1).bin", "file.bin"])
    assert content(folder / "file.bin") == OWN
    assert sha256(folder / "file (1).bin") == LARGE.sha256()


async def test_a_finished_download_gives_the_name_back_and_stays(
    server: Server, folder: Path
) -> None:
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        engine.give_back([done.download_id])
        now = await seen(engine, lambda each: each.name == "file (1).bin")
        assert now.status is Status.COMPLETED
    assert content(folder / "file.bin") == OWN
    assert sha256(folder / "file (1).bin") == LARGE.sha256()


async def test_a_file_fetched_again_is_what_it_was_before(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", LARGE)
    async with running(undo_s=LONG_S) as engine:
        url = server.url("/file.bin")
        before = await get(engine, url, tmp_path, on_conflict=OnConflict.OVERWRITE)
        resource.replace(SMALL)
        engine.restart([before.download_id])
        await seen(engine, lambda each: each.total_bytes == SMALL.size)
        await idle(engine)
        assert sha256(tmp_path / "file.bin") == SMALL.sha256()
        engine.keep_finished({before.download_id: before.finished_at})
        now = await seen(engine, lambda each: each.finished_at == before.finished_at)
        assert (now.name, now.total_bytes) == (before.name, before.total_bytes)
        await until_names(tmp_path, ["file.bin"])
    assert sha256(tmp_path / "file.bin") == LARGE.sha256()


async def test_a_file_fetched_again_under_another_name_goes(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", LARGE)
    async with running(undo_s=LONG_S) as engine:
        before = await get(engine, server.url("/file.bin"), tmp_path)
        engine.restart([before.download_id])
        await idle(engine)
        await until_names(tmp_path, ["file (1).bin", "file.bin"])
        engine.keep_finished({before.download_id: before.finished_at})
        await until_names(tmp_path, ["file.bin"])
        assert only(engine).name == "file.bin"


async def test_what_is_not_undone_goes_in_time(server: Server, folder: Path) -> None:
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        kept = engine._parts.tasks._tools.replaced.take(done.download_id)
        assert kept is not None
        await until_names(folder, KEPT)
        engine._parts.tasks._tools.replaced.keep(done.download_id, kept._replace(until=0.0))
        await until_names(folder, ["file.bin"])
        engine.give_back([done.download_id])
        engine.remove([done.download_id], gives_back=True)
    assert sha256(folder / "file.bin") == LARGE.sha256()


async def test_who_leaves_wants_nothing_back(server: Server, tmp_path: Path, folder: Path) -> None:
    async with running(tmp_path / "queue.db", undo_s=LONG_S) as engine:
        await replaced(server, folder, engine, LARGE)
    assert names_in(folder) == ["file.bin"]


async def test_nothing_is_kept_where_nothing_can_be_undone(server: Server, folder: Path) -> None:
    async with running() as engine:
        done = await replaced(server, folder, engine, LARGE)
        await until_names(folder, ["file.bin"])
        engine.restart([done.download_id])
        await idle(engine)
        finished_at = only(engine).finished_at
        engine.keep_finished({done.download_id: done.finished_at})
        assert only(engine).finished_at == finished_at


async def test_a_file_that_took_the_name_since_stays(server: Server, folder: Path) -> None:
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        (folder / "other").write_bytes(b"other")
        os.replace(folder / "other", folder / "file.bin")
        engine.remove([done.download_id], delete_file=True, gives_back=True)
        await at_rest(engine)
    assert content(folder / "file.bin") == b"other"
    assert content(folder / "file.bin.replaced") == OWN
    assert names_in(folder) == KEPT


async def test_names_of_kept_files_are_free_ones(server: Server, folder: Path) -> None:
    (folder / "file.bin.replaced").write_bytes(b"mine, too")
    async with running(undo_s=LONG_S) as engine:
        await replaced(server, folder, engine, SMALL)
        assert content(folder / "file (1).bin.replaced") == OWN
    assert names_in(folder) == KEPT
    assert content(folder / "file.bin.replaced") == b"mine, too"


async def test_each_of_several_comes_back_in_its_turn(server: Server, folder: Path) -> None:
    """What was replaced first is not gone because its successor was replaced, too."""
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        server.resources["/file.bin"].replace(SMALL)
        engine.restart([done.download_id])
        await seen(engine, lambda each: each.total_bytes == SMALL.size)
        await idle(engine)
        await until_names(folder, ["file (1).bin.replaced", *KEPT])
        engine.keep_finished({done.download_id: done.finished_at})
        await until_names(folder, KEPT)
        assert sha256(folder / "file.bin") == LARGE.sha256()
        engine.give_back([done.download_id])
        await until_names(folder, ["file (1).bin", "file.bin"])
        assert content(folder / "file.bin") == OWN


@pytest.mark.parametrize("undo_s", [0.0, SHORT_S])
async def test_the_new_file_stays_when_the_one_from_before_is_gone(
    server: Server, folder: Path, undo_s: float
) -> None:
    """Undone too late, there would be neither."""
    async with running(undo_s=undo_s) as engine:
        done = await replaced(server, folder, engine, LARGE)
        await until_names(folder, ["file.bin"])
        engine.give_back([done.download_id])
        await at_rest(engine)
        assert "too late: the new file stays, what it replaced is gone" in log_of(engine)
        engine.remove([done.download_id], delete_file=True, gives_back=True)
        await at_rest(engine)
    assert sha256(folder / "file.bin") == LARGE.sha256()


async def test_what_was_replaced_too_long_ago_does_not_keep_a_later_one_from_coming_back() -> None:
    deleted: list[str] = []
    kept = ReplacedFiles(LONG_S, deleted.extend)
    later = Replaced("/file.bin", "/file.bin.replaced", steady() + LONG_S, 1)
    kept.keep(1, later._replace(kept_path=""))
    assert kept.is_too_late(1)
    kept.keep(1, later)
    assert not kept.is_too_late(1)
    assert kept.take(1) == later
    assert kept.is_too_late(1)
    kept.end()
    assert deleted == []


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
async def test_only_a_plain_file_is_ever_replaced(
    server: Server, tmp_path: Path, folder: Path, kind: str
) -> None:
    """The user agreed to replace the file that was there, not what came in its place since."""
    url, path = server.url("/file.bin"), folder / "file.bin"
    server.put("/file.bin", LARGE, stall_after=LARGE.size // 2)
    async with running() as engine:
        engine.add([wanted(url, folder, on_conflict=OnConflict.OVERWRITE)])
        await seen(engine, lambda each: each.done_bytes == LARGE.size // 2)
        path.unlink()
        if kind == "link":
            path.symlink_to(tmp_path)
        elif kind == "folder":
            path.mkdir()
        else:
            os.mkfifo(path)
        server.release()
        (done,) = await idle(engine)
    assert (done.status, done.name) == (Status.COMPLETED, "file (1).bin")
    assert sha256(folder / "file (1).bin") == LARGE.sha256()
    assert not path.is_file()
    assert names_in(folder) == ["file (1).bin", "file.bin"]


async def test_a_kept_file_that_somebody_took_away_changes_nothing(
    server: Server, folder: Path
) -> None:
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        await until_names(folder, KEPT)
        (folder / "file.bin.replaced").unlink()
        engine.give_back([done.download_id])
        await at_rest(engine)
        assert only(engine).name == "file.bin"
        assert "not brought back: file.bin.replaced is gone" in log_of(engine)
    assert names_in(folder) == ["file.bin"]


async def test_a_finished_file_has_its_name_again_when_the_one_from_before_cannot_have_it(
    server: Server, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def refuse(source: str, target: str) -> None:
        if source.endswith(".replaced"):
            raise PermissionError(errno.EPERM, "not this one")
        replace(source, target)

    async with running(tmp_path / "queue.db", undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        monkeypatch.setattr(os, "replace", refuse)
        engine.give_back([done.download_id])
        await at_rest(engine)
        await until_names(folder, KEPT)
        assert only(engine).name == "file.bin"
        words = [line for _, line in engine.details(done.download_id).log]
        assert any(line.startswith("not brought back: ") for line in words)
    assert content(folder / "file.bin.replaced") == OWN
    assert sha256(folder / "file.bin") == LARGE.sha256()


async def test_a_file_comes_back_where_no_file_can_have_two_names(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    async with running(undo_s=LONG_S) as engine:
        done = await replaced(server, folder, engine, LARGE)
        engine.give_back([done.download_id])
        await seen(engine, lambda each: each.name == "file (1).bin")
        await at_rest(engine)
    assert names_in(folder) == ["file (1).bin", "file.bin"]
    assert content(folder / "file.bin") == OWN
    assert sha256(folder / "file (1).bin") == LARGE.sha256()


async def test_nothing_is_left_of_what_finishes_while_the_program_ends(
    server: Server, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", LARGE)
    begun, may_go_on = threading.Event(), threading.Event()
    take_name = Partial.take_name

    def slow(partial: Partial, destination: Destination) -> tuple[str, ...]:
        begun.set()
        may_go_on.wait(PATIENCE_S)
        return take_name(partial, destination)

    monkeypatch.setattr(Partial, "take_name", slow)
    request = wanted(server.url("/file.bin"), folder, on_conflict=OnConflict.OVERWRITE)
    async with running(tmp_path / "queue.db", undo_s=LONG_S) as engine:
        engine.add([request])
        await until(engine, lambda _: begun.is_set())
        ending = engine._parts.tasks._grace

        def go_on_when_it_ends() -> None:
            if ending._is_over:
                may_go_on.set()
            else:
                asyncio.get_running_loop().call_later(0.001, go_on_when_it_ends)

        go_on_when_it_ends()
    assert names_in(folder) == ["file.bin"]
    assert sha256(folder / "file.bin") == LARGE.sha256()


@pytest.mark.parametrize("undo_s", [LONG_S, -LONG_S])
@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_that_cannot_be_taken_is_that_of_the_file_from_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool, undo_s: float
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    def replace(source: str, target: str) -> None:
        if source == partial.part_path:
            raise PermissionError(errno.EACCES, "not now")
        real(source, target)

    real = os.replace
    destination = Destination(
        1, str(folder), OnConflict.OVERWRITE, Names(), undo_until=steady() + undo_s
    )
    partial = open_new("file.bin", destination, "http://host.test/file.bin")
    monkeypatch.setattr(os, "replace", replace)
    if not has_links:
        monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(PermissionError, match="not now"):
        partial.take_name(destination)
    partial.close()
    assert names_in(folder) == ["file.bin", "file.bin.part"]
    assert content(folder / "file.bin") == OWN


async def test_what_was_not_fetched_again_since_then_stays_as_it_is(
    server: Server, tmp_path: Path
) -> None:
    """Whoever takes back something later knows how it was finished then."""
    server.put("/file.bin", SMALL)
    async with running(undo_s=LONG_S) as engine:
        before = await get(engine, server.url("/file.bin"), tmp_path)
        engine.restart([before.download_id])
        (now,) = await idle(engine)
        assert now.name == "file (1).bin"
        engine.keep_finished({now.download_id: now.finished_at})
        await at_rest(engine)
        assert only(engine).name == "file (1).bin"
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]


async def test_whoever_starts_twice_goes_back_twice(server: Server, tmp_path: Path) -> None:
    versions = [Pattern(1000 + n, seed=n) for n in range(3)]
    resource = server.put("/file.bin", versions[0])
    async with running(undo_s=LONG_S) as engine:
        url = server.url("/file.bin")
        lives = [await get(engine, url, tmp_path, on_conflict=OnConflict.OVERWRITE)]
        key = lives[0].download_id
        for version in versions[1:]:
            resource.replace(version)
            engine.restart([key])
            lives += await idle(engine)
            assert lives[-1].total_bytes == version.size
        for life, version in zip(reversed(lives[:-1]), reversed(versions[:-1]), strict=True):
            engine.keep_finished({key: life.finished_at})
            await at_rest(engine)
            assert only(engine).finished_at == life.finished_at
            assert sha256(tmp_path / "file.bin") == version.sha256()
        await until_names(tmp_path, ["file.bin"])
