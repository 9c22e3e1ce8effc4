"""What the disk does not delete: that is told, and its download is in the list again."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import FILE, HALF, half_way
from tests.engine.running import at_rest, get, names_in, only, running, seen, until, wanted
from tests.server import Pattern, Server
from tests.undeletable import undeletable
from tests.waiting import PATIENCE_S
from tui_downloader.engine import EventKind
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_downloader.engine import Engine

WRONG = parse_checksum("sha-256=" + "1a" * 32)


async def delete(engine: Engine, *ids: int) -> list[str]:
    """Remove downloads with their files; return what is told of it."""
    with contextlib.closing(engine.events(EventKind.NOTE)) as told:
        engine.remove(ids, delete_file=True)
        async with asyncio.timeout(PATIENCE_S):
            await engine.deleted(ids)
        return [f"{event.name}: {event.message}" for event in told.taken()]


async def finished(engine: Engine, server: Server, folder: Path) -> None:
    server.put("/file.bin", FILE)
    await get(engine, server.url("/file.bin"), folder)


async def paused(engine: Engine, server: Server, folder: Path) -> None:
    engine.pause([await half_way(server, folder, engine)])
    await seen(engine, lambda d: d.status is Status.PAUSED)
    await at_rest(engine)


async def wrong(engine: Engine, server: Server, folder: Path) -> None:
    server.put("/file.bin", FILE)
    await get(engine, server.url("/file.bin"), folder, checksum=WRONG)


STATES = pytest.mark.parametrize("state", [finished, paused, wrong])


@STATES
async def test_what_cannot_be_deleted_is_told_and_comes_back(
    server: Server, tmp_path: Path, state: Callable[..., object]
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await state(engine, server, folder)  # type: ignore[misc]
        before, names = only(engine), names_in(folder)
        with undeletable(folder):
            told = await delete(engine, before.download_id)
        assert told == [f"file.bin: not deleted: cannot write to {folder}: permission denied"]
        assert only(engine)._replace(version=before.version) == before
        assert names_in(folder) == names
    async with running(queue) as engine:
        assert only(engine).status is before.status
        assert await delete(engine, before.download_id) == []
        assert engine.snapshot().downloads == ()
    assert names_in(folder) == []


async def test_what_ran_comes_back_cancelled(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        with undeletable(tmp_path):
            assert len(await delete(engine, key)) == 1
        assert (only(engine).status, only(engine).kept_bytes) == (Status.CANCELLED, HALF)
        assert only(engine).parts_go_at is None


async def test_what_stands_in_line_does_not_begin_when_it_comes_back(
    server: Server, tmp_path: Path
) -> None:
    async with running(jobs=1) as engine:
        await paused(engine, server, tmp_path)
        server.put("/held.bin", FILE, hold=True)
        engine.add([wanted(server.url("/held.bin"), tmp_path)])
        await until(engine, lambda each: each[1].status is Status.CONNECTING)
        engine.resume([1])
        assert engine.snapshot().downloads[0].status is Status.QUEUED
        with undeletable(tmp_path):
            await delete(engine, 1)
        assert engine.snapshot().downloads[0].status is Status.CANCELLED


async def test_one_that_cannot_be_deleted_keeps_no_others(server: Server, tmp_path: Path) -> None:
    """Also not those in its own folder: a file may be protected alone."""
    async with running() as engine:
        for number in range(3):
            server.put(f"/{number}.bin", Pattern(100))
            await get(engine, server.url(f"/{number}.bin"), tmp_path)
        ids = [each.download_id for each in engine.snapshot().downloads]
        with undeletable(tmp_path, "1.bin"):
            assert len(await delete(engine, *ids)) == 1
        assert only(engine).name == "1.bin"
    assert names_in(tmp_path) == ["1.bin"]


async def test_what_comes_back_while_the_program_ends_is_in_the_list_at_the_next_start(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    with contextlib.ExitStack() as refusing:
        async with running(queue) as engine:
            await finished(engine, server, folder)
            refusing.enter_context(undeletable(folder))
            engine.remove([only(engine).download_id], delete_file=True)
    async with running(queue) as engine:
        assert (only(engine).name, only(engine).status) == ("file.bin", Status.COMPLETED)


async def test_the_undo_of_an_addition_says_what_it_cannot_delete(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        server.put("/file.bin", FILE)
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
        with undeletable(tmp_path), contextlib.closing(engine.events(EventKind.NOTE)) as told:
            engine.remove([key], delete_file=True, gives_back=True)
            await engine.deleted([key])
            assert [event.message.partition(":")[0] for event in told.taken()] == ["not deleted"]
        assert only(engine).status is Status.COMPLETED


async def test_wrong_files_of_what_runs_stay_where_its_removal_can_be_undone(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await wrong(engine, server, tmp_path)
        server.resources["/file.bin"].behaviour.stall_after = HALF
        key = only(engine).download_id
        engine.resume([key])
        await seen(engine, lambda d: d.done_bytes == HALF)
        engine.remove([key], delete_file=True, grace_s=600)
        await at_rest(engine)
        assert "file.bin.bad" in names_in(tmp_path)
        engine.put_back([key])
        await at_rest(engine)
        await delete(engine, key)
    assert names_in(tmp_path) == []
