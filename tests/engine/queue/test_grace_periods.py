"""Parts that an undo may still want stay for a while, and go by themselves when nobody does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import FILE, HALF, assert_whole, half_way
from tests.engine.running import (
    at_rest,
    idle,
    names_in,
    only,
    running,
    seen,
    sha256,
    until,
    wanted,
)
from tests.server import Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine import EventKind
from tui_downloader.model.status import Status
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_downloader.engine import Engine

    Act = Callable[[Engine, int, float], None]

OVERLAP = 64 * 1024
PARTS = ["file.bin.part", "file.bin.part.json"]
LONG_S = 600.0
SHORT_S = 0.05


def cancel(engine: Engine, key: int, grace_s: float) -> None:
    engine.cancel([key], keep=False, grace_s=grace_s)


def remove(engine: Engine, key: int, grace_s: float) -> None:
    engine.remove([key], delete_file=True, grace_s=grace_s)


def undo(engine: Engine, key: int) -> None:
    engine.put_back([key])
    engine.resume([key])


BOTH = pytest.mark.parametrize("act", [cancel, remove])


async def paused(server: Server, folder: Path, engine: Engine) -> int:
    key = await half_way(server, folder, engine)
    engine.pause([key])
    await seen(engine, lambda d: d.status is Status.PAUSED)
    await at_rest(engine)
    return key


@BOTH
@pytest.mark.parametrize("state", [half_way, paused])
async def test_an_undo_in_time_loses_no_byte(
    server: Server,
    tmp_path: Path,
    act: Act,
    state: Callable[[Server, Path, Engine], asyncio.Future[int]],
) -> None:
    async with running() as engine:
        key = await state(server, tmp_path, engine)
        act(engine, key, LONG_S)
        await at_rest(engine)
        assert names_in(tmp_path) == PARTS
        undo(engine, key)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert (server.requests[-1].range_start or 0) >= HALF - OVERLAP


async def started_again(server: Server, folder: Path, queue: Path) -> None:
    """Leave a part that was set aside, and nothing in the new one, to the next run."""
    async with running(queue) as engine:
        key = await half_way(server, folder, engine)
        server.put("/file.bin", FILE).first(stall_after=0)
        engine.restart([key])
        await until(engine, lambda _: (folder / "file.bin.part.old").exists())
        await seen(engine, lambda d: d.status is Status.DOWNLOADING)
        engine.pause([key])
        await idle(engine)


@BOTH
async def test_what_an_earlier_run_set_aside_can_be_wanted_back_as_well(
    server: Server, tmp_path: Path, act: Act
) -> None:
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    await started_again(server, folder, queue)
    here = names_in(folder)
    async with running(queue) as engine:
        key = only(engine).download_id
        act(engine, key, LONG_S)
        await at_rest(engine)
        assert names_in(folder) == here
        assert (folder / "file.bin.part.old").read_bytes()[:HALF] == FILE[:HALF]
        undo(engine, key)
        (download,) = await idle(engine)
    assert_whole(folder, download)


@BOTH
async def test_what_an_earlier_run_set_aside_is_deleted_when_nobody_wants_it_back(
    server: Server, tmp_path: Path, act: Act
) -> None:
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    await started_again(server, folder, queue)
    async with running(queue) as engine:
        with contextlib.closing(engine.events(EventKind.DISCARDED)) as told:
            act(engine, only(engine).download_id, SHORT_S)
            async with asyncio.timeout(PATIENCE_S):
                await anext(told)
    assert names_in(folder) == []


async def test_what_an_earlier_run_set_aside_is_told_before_anything_is_deleted(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    await started_again(server, folder, queue)
    async with running(queue) as engine:
        assert only(engine).set_aside_bytes == HALF


@BOTH
async def test_what_nobody_knew_of_when_it_was_asked_for_is_not_deleted_unasked(
    server: Server, tmp_path: Path, act: Act
) -> None:
    """A crash came before the queue told of what was set aside."""
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    await started_again(server, folder, queue)
    with contextlib.closing(sqlite3.connect(queue)) as connection, connection:
        connection.execute("UPDATE downloads SET set_aside_bytes = NULL")
    here = names_in(folder)
    async with running(queue, restart_below_bytes=HALF - 1) as engine:
        with contextlib.closing(engine.events(EventKind.NOTE)) as told:
            act(engine, only(engine).download_id, 0)
            await at_rest(engine)
            async with asyncio.timeout(PATIENCE_S):
                assert "from before are here" in (await anext(told)).message
        assert names_in(folder) == here
        assert only(engine).set_aside_bytes == HALF
        assert only(engine).parts_go_at is None
        engine.remove([only(engine).download_id], delete_file=True)
        await at_rest(engine)
    assert names_in(folder) == []


@BOTH
async def test_a_part_larger_than_anybody_knew_when_it_was_asked_for_is_not_deleted_unasked(
    server: Server, tmp_path: Path, act: Act
) -> None:
    """A crash came before the queue told how much of it had come."""
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    async with running(queue) as engine:
        await paused(server, folder, engine)
    with contextlib.closing(sqlite3.connect(queue)) as connection, connection:
        connection.execute("UPDATE downloads SET kept_bytes = 0")
    async with running(queue, restart_below_bytes=HALF - 1) as engine:
        with contextlib.closing(engine.events(EventKind.NOTE)) as told:
            act(engine, only(engine).download_id, 0)
            await at_rest(engine)
            async with asyncio.timeout(PATIENCE_S):
                assert "from before are here" in (await anext(told)).message
        assert names_in(folder) == PARTS
        assert only(engine).kept_bytes == HALF
        assert only(engine).parts_go_at is None
        engine.remove([only(engine).download_id], delete_file=True)
        await at_rest(engine)
    assert names_in(folder) == []


@BOTH
async def test_little_of_which_nobody_knew_can_be_wanted_back_as_well(
    server: Server, tmp_path: Path, act: Act
) -> None:
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    async with running(queue) as engine:
        await paused(server, folder, engine)
    with contextlib.closing(sqlite3.connect(queue)) as connection, connection:
        connection.execute("UPDATE downloads SET kept_bytes = 0")
    async with running(queue, restart_below_bytes=HALF) as engine:
        key = only(engine).download_id
        act(engine, key, LONG_S)
        await at_rest(engine)
        assert names_in(folder) == PARTS
        undo(engine, key)
        (download,) = await idle(engine)
    assert_whole(folder, download)


@BOTH
@pytest.mark.parametrize("state", [half_way, paused])
async def test_what_nobody_wants_back_is_deleted(
    server: Server,
    tmp_path: Path,
    act: Act,
    state: Callable[[Server, Path, Engine], asyncio.Future[int]],
) -> None:
    async with running() as engine:
        with contextlib.closing(engine.events(EventKind.DISCARDED)) as told:
            act(engine, await state(server, tmp_path, engine), SHORT_S)
            async with asyncio.timeout(PATIENCE_S):
                await anext(told)  # whoever shows it looks again
        assert names_in(tmp_path) == []
        assert all(not each.kept_bytes for each in engine.snapshot().downloads)


async def test_what_goes_on_keeps_its_parts(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        cancel(engine, key, SHORT_S)
        engine.resume([key])
        engine.cancel([key], keep=True)
        await seen(engine, lambda d: d.status is Status.CANCELLED)
        await at_rest(engine)
        await asyncio.sleep(4 * SHORT_S)  # past the time at which they were to go
        await at_rest(engine)
        assert only(engine).kept_bytes == HALF
    assert names_in(tmp_path) == PARTS


async def test_until_they_go_the_picture_says_when(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        cancel(engine, key, LONG_S)
        at = (await seen(engine, lambda d: d.parts_go_at is not None)).parts_go_at
        assert at is not None
        assert 0 < at - time.time() <= LONG_S
        await at_rest(engine)
        engine.resume([key])
        assert only(engine).parts_go_at is None
        cancel(engine, key, SHORT_S)
        await seen(engine, lambda d: d.parts_go_at is not None)
        gone = await seen(engine, lambda d: not d.kept_bytes)
        assert gone.parts_go_at is None


async def test_parts_that_come_back_with_their_row_stay(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        remove(engine, key, LONG_S)
        await at_rest(engine)
        engine.put_back([key])
        assert only(engine).parts_go_at is None


async def test_of_parts_that_could_not_be_deleted_no_more_is_said_that_they_go(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        fd = os.open(tmp_path / "file.bin.part", os.O_RDWR)
        assert lock_partial(fd)  # as another program does that writes it
        with contextlib.closing(engine.events(EventKind.NOTE)) as told:
            cancel(engine, key, SHORT_S)
            async with asyncio.timeout(PATIENCE_S):
                assert "not deleted" in (await anext(told)).message
        await at_rest(engine)
        assert (only(engine).kept_bytes, only(engine).parts_go_at) == (HALF, None)
        os.close(fd)


@BOTH
async def test_a_file_that_is_whole_by_now_stays(server: Server, tmp_path: Path, act: Act) -> None:
    """Whoever asks may not have seen yet that it finished."""
    server.put("/file.bin", FILE)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await idle(engine)
        act(engine, key, SHORT_S)
        await at_rest(engine)
        # Its part's name, which a finished file may still have, goes a moment later.
        await until(engine, lambda _: names_in(tmp_path) == ["file.bin"])
        engine.put_back([key])
        assert only(engine).status is Status.COMPLETED


@BOTH
async def test_who_leaves_wants_nothing_back(server: Server, tmp_path: Path, act: Act) -> None:
    async with running(tmp_path / "queue.db") as engine:
        folder = tmp_path / "downloads"
        folder.mkdir()
        act(engine, await half_way(server, folder, engine), LONG_S)
    assert names_in(folder) == []
