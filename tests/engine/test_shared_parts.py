"""Two downloads of the list with one partial: only the one that writes it may touch it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import get, idle, names_in, running, sha256, until, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 3_000_000
FILE, OTHER = Pattern(SIZE), Pattern(SIZE, seed=4)


@pytest.mark.parametrize("act", ["remove", "cancel", "move"])
async def test_the_part_that_another_download_goes_on_with_is_left_alone(
    server: Server, tmp_path: Path, act: str
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
        engine.add([wanted(server.url("/file.bin"), folder)])
        await until(engine, lambda both: both[1].done_bytes > failed.kept_bytes)
        if act == "remove":
            engine.remove([first], delete_file=True)
        elif act == "cancel":
            engine.cancel([first], keep=False)
        else:
            request = engine.request_of(first)
            assert request is not None
            engine.edit(first, replace(request, folder=str(tmp_path / "elsewhere")))
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
    hosts.set_connections(64)
    assert hosts.shares.per_host >= 64
    hosts.set_connections(0)
    assert (hosts.shares.per_host, hosts.shares.total) == before
