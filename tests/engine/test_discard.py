"""Deleting what there is of a download: its own files, and no others that have such names."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.one_file import FILE, HALF, getting_its_name, half_way
from tests.engine.running import (
    at_rest,
    change,
    idle,
    names_in,
    only,
    running,
    seen,
    wanted,
)
from tests.server import Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine import EventKind
from tui_downloader.engine.disk.owned_files import discard
from tui_downloader.engine.queue import filing
from tui_downloader.model.identity import Identity
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tui_downloader.engine import Engine

    Act = Callable[[Engine, int], None]

MINE = b"mine" * 1000
PART, RECORD = "file.bin.part", "file.bin.part.json"
FOREIGN = f"not deleted: {PART} is not of this program"


def cancel(engine: Engine, download_id: int) -> None:
    engine.cancel([download_id], keep=False)


def remove(engine: Engine, download_id: int) -> None:
    engine.remove([download_id], delete_file=True)


ACTS = pytest.mark.parametrize("act", [cancel, remove])


async def paused(server: Server, folder: Path, engine: Engine) -> int:
    key = await half_way(server, folder, engine)
    engine.pause([key])
    await seen(engine, lambda d: d.status is Status.PAUSED)
    await idle(engine)
    return key


def notes(engine: Engine) -> AsyncIterator[str]:
    return (event.message async for event in engine.events(EventKind.NOTE))


async def next_note(told: AsyncIterator[str]) -> str:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(told)


def swap(part: Path) -> None:
    part.with_suffix(".new").write_bytes(MINE)
    os.replace(part.with_suffix(".new"), part)


def swap_for_one_as_large(part: Path) -> None:
    size = part.stat().st_size
    part.unlink()
    part.write_bytes(b"m" * size)


def write_over(part: Path) -> None:
    part.write_bytes(MINE)


def link(part: Path) -> None:
    part.unlink()
    part.with_name("mine").write_bytes(MINE)
    part.symlink_to(part.with_name("mine"))


def folder(part: Path) -> None:
    part.unlink()
    part.mkdir()


SWAPS = pytest.mark.parametrize(
    "swap", [swap, swap_for_one_as_large, write_over, link, folder, os.mkfifo]
)


async def test_a_part_that_the_disk_refuses_to_delete_is_told_and_still_counts(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> bool:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        told = notes(engine)
        with monkeypatch.context() as patched:
            patched.setattr(filing, "discard", refuse)
            cancel(engine, key)
            assert (await next_note(told)).startswith("not deleted: ")
            await at_rest(engine)
        download = only(engine)
        assert (download.status, download.kept_bytes) == (Status.CANCELLED, HALF)
        assert download.parts_go_at is None
    assert names_in(tmp_path) == [PART, RECORD]


async def test_while_a_part_is_deleted_it_is_not_shown_as_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, real = threading.Event(), threading.Event(), discard

    def slow(path: str) -> bool:
        begun.set()
        go_on.wait(PATIENCE_S)
        return real(path)

    monkeypatch.setattr(filing, "discard", slow)
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        cancel(engine, key)
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        assert only(engine).parts_go_at is not None
        go_on.set()
        await at_rest(engine)
        assert only(engine).parts_go_at is None


@ACTS
@pytest.mark.parametrize("with_times", [True, False])
async def test_a_part_from_a_backup_goes_though_it_is_another_file(
    server: Server, tmp_path: Path, act: Act, with_times: bool
) -> None:
    copy = shutil.copy2 if with_times else shutil.copyfile
    part, record, backup = tmp_path / PART, tmp_path / RECORD, tmp_path / "backup"
    backup.mkdir()
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        for path in (part, record):
            path.rename(backup / path.name)  # keeps its inode in use
            copy(backup / path.name, path)
        act(engine, key)
        await at_rest(engine)
    assert names_in(tmp_path) == ["backup"]


@ACTS
@SWAPS
async def test_what_took_the_name_of_a_part_during_a_pause_stays_and_that_is_told(
    server: Server, tmp_path: Path, act: Act, swap: Any
) -> None:
    part = tmp_path / PART
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        if swap is os.mkfifo:
            part.unlink()
        swap(part)
        before, kind = os.lstat(part), part.is_file()
        content = part.read_bytes() if kind else b""
        told = notes(engine)
        act(engine, key)
        assert await next_note(told) == FOREIGN
        await at_rest(engine)
    assert os.path.samestat(os.lstat(part), before)
    assert not kind or part.read_bytes() == content
    assert RECORD not in names_in(tmp_path)


@ACTS
async def test_a_part_that_was_replaced_while_it_was_written_stays(
    server: Server, tmp_path: Path, act: Act
) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        swap(tmp_path / PART)
        told = notes(engine)
        act(engine, key)
        note = await next_note(told)
        await at_rest(engine)
    assert note == FOREIGN
    assert (tmp_path / PART).read_bytes() == MINE


@ACTS
async def test_a_part_without_a_record_stays(server: Server, tmp_path: Path, act: Act) -> None:
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        (tmp_path / RECORD).unlink()
        told = notes(engine)
        act(engine, key)
        assert await next_note(told) == FOREIGN
        await at_rest(engine)
    assert names_in(tmp_path) == [PART]


@ACTS
async def test_a_part_whose_record_cannot_be_read_stays_with_it(
    server: Server, tmp_path: Path, act: Act
) -> None:
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        (tmp_path / RECORD).write_text('{"version": 1, "ur')
        told = notes(engine)
        act(engine, key)
        assert await next_note(told) == FOREIGN
        await at_rest(engine)
    assert names_in(tmp_path) == [PART, RECORD]


@ACTS
@pytest.mark.parametrize("is_running", [False, True])
async def test_what_is_ours_goes(
    server: Server, tmp_path: Path, act: Act, is_running: bool
) -> None:
    async with running() as engine:
        begin = half_way if is_running else paused
        act(engine, await begin(server, tmp_path, engine))
        await at_rest(engine)
        assert not engine.snapshot().downloads or not only(engine).kept_bytes
    assert names_in(tmp_path) == []


@ACTS
async def test_a_part_that_another_download_goes_on_with_stays(
    server: Server, tmp_path: Path, act: Act
) -> None:
    """Who was cancelled in an earlier run has no claim on its name any more."""
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    async with running(queue) as engine:
        first = await half_way(server, folder, engine)
        engine.cancel([first], keep=True)
        await at_rest(engine)
    async with running(queue) as engine:
        server.put("/file.bin", FILE).first(stall_after=0)
        (second,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await server.until(lambda: server.held_now == 1)
        engine.pause([second])
        server.release()
        await at_rest(engine)
        act(engine, first)
        await at_rest(engine)
        assert names_in(folder) == [PART, RECORD]
        engine.resume([second])
        await idle(engine)
    assert names_in(folder) == ["file.bin"]


@ACTS
async def test_a_part_of_a_run_that_was_killed_goes(
    server: Server, tmp_path: Path, act: Act
) -> None:
    """Its record was written while it was: it cannot say when the part was written last."""
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    async with running(queue) as engine:
        await paused(server, folder, engine)
    part_path = str(folder / PART)
    known = passports.read(part_path)
    assert known is not None
    assert known.file is not None
    passports.write(part_path, known._replace(file=Identity(known.file.inode)))
    os.truncate(part_path, HALF + 4)
    async with running(queue) as engine:
        act(engine, only(engine).download_id)
        await at_rest(engine)
    assert names_in(folder) == []


@ACTS
async def test_a_part_that_was_moved_to_another_file_system_is_still_ours(
    server: Server, tmp_path: Path, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_link = os.link

    def link(source: str, target: str, **options: Any) -> None:
        if os.path.dirname(source) != os.path.dirname(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        really_link(source, target, **options)

    monkeypatch.setattr(os, "link", link)
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        change(engine, folder=str(tmp_path / "to"))
        await seen(engine, lambda d: d.folder == str(tmp_path / "to"))
        assert names_in(tmp_path / "to") == [PART, RECORD]
        await at_rest(engine)
        act(engine, key)
        await at_rest(engine)
    assert names_in(tmp_path / "to") == []


@pytest.mark.parametrize("is_undone", [False, True])
async def test_a_file_that_gets_its_name_while_its_part_is_to_go_goes_only_with_its_adding(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_undone: bool
) -> None:
    """Who deletes an unfinished one may want it when it is whole; who takes it back never did."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        async with getting_its_name(server, engine, key, monkeypatch):
            engine.remove([key], delete_file=True, gives_back=is_undone)
        await at_rest(engine)
    assert names_in(tmp_path) == ([] if is_undone else ["file.bin"])


@SWAPS
async def test_what_took_the_name_of_a_part_is_not_moved(
    server: Server, tmp_path: Path, swap: Any
) -> None:
    part = tmp_path / PART
    async with running() as engine:
        await paused(server, tmp_path, engine)
        if swap is os.mkfifo:
            part.unlink()
        swap(part)
        before = os.lstat(part)
        change(engine, folder=str(tmp_path / "to"))
        await seen(engine, lambda d: d.folder == str(tmp_path / "to"))
        await at_rest(engine)
    assert os.path.samestat(os.lstat(part), before)
