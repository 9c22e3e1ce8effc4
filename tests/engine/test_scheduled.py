"""Downloads that do not start before a time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.engine.running import idle, only, running, seen, until, wanted
from tests.server import Pattern, Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(30_000)
BIG = Pattern(4_000_000)
HOUR_S = 3600.0


async def test_it_starts_by_itself_and_not_before(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE)
    start_at = time.time() + 0.3
    async with running() as engine:
        engine.add([wanted(server.url("/x"), tmp_path, start_at=start_at)])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert download.finished_at is not None
    assert download.finished_at >= start_at


async def test_those_behind_it_do_not_wait(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE)
    url, later = server.url("/x"), time.time() + HOUR_S
    async with running(jobs=1) as engine:
        engine.add([wanted(url, tmp_path, start_at=later), wanted(url, tmp_path)])
        await until(engine, lambda downloads: downloads[1].status is Status.COMPLETED)
        assert engine.snapshot().downloads[0].status is Status.QUEUED


async def test_an_edit_can_start_it_now(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE)
    request = wanted(server.url("/x"), tmp_path, start_at=time.time() + HOUR_S)
    async with running() as engine:
        (download_id,) = engine.add([request])
        engine.edit(download_id, replace(request, start_at=None))
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


async def test_what_runs_can_be_put_off_and_keeps_its_bytes(server: Server, tmp_path: Path) -> None:
    resource = server.put("/x", BIG)
    resource.first(stall_after=2_000_000)
    request = wanted(server.url("/x"), tmp_path)
    async with running() as engine:
        (download_id,) = engine.add([request])
        await seen(engine, lambda d: d.done_bytes == 2_000_000)
        engine.edit(download_id, replace(request, start_at=time.time() + HOUR_S))
        put_off = await seen(engine, lambda d: d.status is Status.QUEUED)
        assert put_off.start_at is not None
        engine.edit(download_id, request)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert resource.sent_bytes <= BIG.size + 64 * 1024


async def test_an_edit_of_something_else_lets_what_was_scheduled_run_on(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/x", FILE)
    resource.first(stall_after=20_000)
    request = wanted(server.url("/x"), tmp_path, start_at=time.time())
    async with running() as engine:
        (download_id,) = engine.add([request])
        await server.until(lambda: server.held_now == 1)
        engine.edit(download_id, replace(request, limit_bytes_per_s=10**9))
        server.release()
        await idle(engine)
    assert resource.hits == 1


async def test_the_next_run_knows_the_time(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE)
    queue, later = tmp_path / "queue.db", time.time() + HOUR_S
    async with running(queue) as engine:
        ids = engine.add([wanted(server.url("/x"), tmp_path, start_at=later)])
        await engine.flush()
    async with running(queue) as engine:
        (behind,) = engine.add([wanted(server.url("/x"), tmp_path)])
        await until(engine, lambda downloads: downloads[1].status is Status.COMPLETED)
        assert engine.snapshot().downloads[0].status is Status.QUEUED
        engine.remove([behind])
        assert only(engine).download_id == ids[0]


async def test_a_time_that_passed_meanwhile_is_now(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE)
    queue, start_at = tmp_path / "queue.db", time.time() + 0.3
    async with running(queue) as engine:
        engine.add([wanted(server.url("/x"), tmp_path, start_at=start_at)])
        await engine.flush()
    async with running(queue) as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
