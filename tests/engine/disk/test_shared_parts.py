"""Two downloads of the list with one partial: only the one that writes it may touch it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine.crafting import leave_part
from tests.engine.running import (
    at_rest,
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
from tests.waiting import PATIENCE_S
from tui_downloader.engine import EventKind
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 3_000_000
FILE, OTHER = Pattern(SIZE), Pattern(SIZE, seed=4)


@pytest.mark.parametrize("is_paused", [False, True], ids=["it runs", "it is paused"])
@pytest.mark.parametrize("act", ["remove", "cancel", "move"])
async def test_the_part_that_another_download_goes_on_with_is_left_alone(
    server: Server, tmp_path: Path, act: str, *, is_paused: bool
) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    resource = server.put("/file.bin", FILE, close_after=1_000_000)
    async with running(queue) as engine:
        (first,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await until(engine, lambda one: one[0].done_bytes > 100_000)
        resource.behaviour.status = 404
        (failed,) = await idle(engine)
        assert failed.status is Status.FAILED
        assert failed.kept_bytes
    resource.behaviour.status = resource.behaviour.close_after = None
    resource.behaviour.throttle_bytes_per_s = SIZE
    async with running(queue) as engine:
        (second_key,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await until(engine, lambda both: both[1].done_bytes > failed.kept_bytes)
        if is_paused:
            engine.pause([second_key])
            await at_rest(engine)
        if act == "remove":
            engine.remove([first], delete_file=True)
        elif act == "cancel":
            engine.cancel([first], keep=False)
        else:
            request = engine.request_of(first)
            assert request is not None
            engine.edit(first, replace(request, folder=str(tmp_path / "elsewhere")))
        if is_paused:
            await at_rest(engine)
            assert names_in(folder) == ["file.bin.part", "file.bin.part.json"]
            engine.resume([second_key])
        second = (await idle(engine))[-1]
    assert second.status is Status.COMPLETED, second.failure
    assert names_in(folder) == ["file.bin"]
    assert sha256(folder / "file.bin") == FILE.sha256()


async def test_a_kept_file_takes_no_name_that_another_download_is_about_to_have(
    server: Server, tmp_path: Path
) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    server.put("/file.bin", FILE)
    slow = server.put("/x/file.bin", OTHER, throttle_bytes_per_s=SIZE // 4)
    wrong = parse_checksum("sha-256=" + "1a" * 32)
    async with running(queue) as engine:
        kept = await get(engine, server.url("/file.bin"), folder, checksum=wrong)
    async with running(queue) as engine:
        engine.add([wanted(server.url("/x/file.bin"), folder, on_conflict=OnConflict.OVERWRITE)])
        await until(engine, lambda both: both[1].done_bytes > 0)
        request = engine.request_of(kept.download_id)
        assert request is not None
        right = parse_checksum(f"sha-256={FILE.sha256()}")
        engine.edit(kept.download_id, replace(request, checksum=right))
        engine.verify([kept.download_id])
        await until(engine, lambda both: both[0].status is Status.COMPLETED)
        slow.behaviour.throttle_bytes_per_s = None
        await idle(engine)
    found = {sha256(path) for path in folder.iterdir()}
    assert found == {FILE.sha256(), OTHER.sha256()}


def test_bounds_that_made_room_for_a_named_number_come_back() -> None:
    hosts = Hosts(EngineOptions())
    before = hosts.shares.per_host, hosts.shares.total
    hosts.set_connections(64, 16, 64)
    assert hosts.shares.per_host >= 64
    hosts.set_connections(0, 16, 64)
    assert (hosts.shares.per_host, hosts.shares.total) == before


def test_no_more_connections_than_the_system_allows() -> None:
    hosts = Hosts(EngineOptions(connections_total=200, connections_possible=85))
    assert hosts.shares.total == 85
    hosts.set_connections(0, 16, 256)
    assert hosts.shares.total == 85


async def test_who_waits_for_a_host_starts_when_it_may_have_more(
    server: Server, tmp_path: Path
) -> None:
    for n in range(2):
        server.put(f"/{n}.bin", FILE, throttle_bytes_per_s=100_000)
    async with running(connections_per_host=1) as engine:
        engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(2)])
        await until(engine, lambda both: both[0].done_bytes > 0 and both[1].hold is not None)
        engine.set_connections(1, 2, 64)
        await until(engine, lambda both: both[1].done_bytes > 0)
        assert engine.snapshot().downloads[0].status is Status.DOWNLOADING


async def test_what_was_put_back_no_longer_has_what_another_took_over(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=500_000)
    async with running() as engine:
        (first,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes > 400_000)
        engine.pause([first])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        engine.remove([first])
        (second,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.DOWNLOADING and d.done_bytes > 400_000)
        engine.put_back([first])
        brought_back = engine.snapshot().downloads[0]
        assert (brought_back.download_id, brought_back.kept_bytes) == (first, 0)
        engine.resume([first])
        resource.behaviour.throttle_bytes_per_s = None
        downloads = {download.download_id: download for download in await idle(engine)}
        assert downloads[second].status is downloads[first].status is Status.COMPLETED
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]
    assert {sha256(path) for path in tmp_path.iterdir()} == {FILE.sha256()}


async def test_a_part_that_another_program_writes_is_neither_moved_nor_deleted(
    server: Server, tmp_path: Path
) -> None:
    folder, resource = tmp_path / "files", server.put("/file.bin", FILE)
    folder.mkdir()
    leave_part(folder, resource, server.url("/file.bin"), (0, 1_000_000))
    async with running() as engine:
        resource.behaviour.throttle_bytes_per_s = 500_000
        (download_id,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await seen(engine, lambda d: d.done_bytes > 1_000_000)
        engine.pause([download_id])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        fd = os.open(folder / "file.bin.part", os.O_RDWR)
        assert lock_partial(fd)
        request = engine.request_of(download_id)
        assert request is not None
        told = (event.message async for event in engine.events() if event.kind is EventKind.NOTE)
        async with asyncio.timeout(PATIENCE_S):
            engine.edit(download_id, replace(request, folder=str(tmp_path / "elsewhere")))
            assert await anext(told) == "not moved: another program is writing file.bin.part"
            engine.cancel([download_id], keep=False)
            assert await anext(told) == "not deleted: another program is writing file.bin.part"
        assert only(engine).kept_bytes
        os.close(fd)
    assert names_in(folder) == ["file.bin.part", "file.bin.part.json"]
