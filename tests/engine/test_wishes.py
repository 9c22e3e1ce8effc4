"""Wishes at awkward moments: before a task took its first step, while its parts are deleted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import at_rest, get, idle, only, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine

FILE = Pattern(3_000_000)
RIGHT = parse_checksum(f"sha-256={FILE.sha256()}")


async def started(engine: Engine) -> None:
    """Return in the turn of the loop in which the only download got its task."""
    while only(engine).status is Status.QUEUED:
        await asyncio.sleep(0)


@pytest.mark.parametrize("wish", ["pause", "cancel"])
async def test_a_download_can_be_stopped_before_its_first_step(
    server: Server, tmp_path: Path, wish: str
) -> None:
    server.put("/a", FILE)
    async with running() as engine:
        ids = engine.add([wanted(server.url("/a"), tmp_path)])
        await started(engine)
        if wish == "pause":
            engine.pause(ids)
        else:
            engine.cancel(ids, keep=False)
        await idle(engine)
        assert only(engine).status in (Status.PAUSED, Status.CANCELLED)
        engine.resume(ids)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


async def test_leaving_before_the_first_step_queues_what_was_started(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", FILE)
    async with running(tmp_path / "queue.db") as engine:
        engine.add([wanted(server.url("/a"), tmp_path / "to")])
        await started(engine)
    async with running(tmp_path / "queue.db") as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


async def test_what_is_wished_next_takes_no_replaced_file_away_that_was_to_come_back(
    server: Server, tmp_path: Path
) -> None:
    """All of it while the new file is compared with its digest."""
    server.put("/a", FILE)
    (tmp_path / "a").write_bytes(b"mine")
    async with running(undo_s=600.0) as engine:
        url, over = server.url("/a"), OnConflict.OVERWRITE
        done = await get(engine, url, tmp_path, on_conflict=over, checksum=RIGHT)
        engine.verify([done.download_id])
        engine.give_back([done.download_id])
        engine.remove([done.download_id])
        await at_rest(engine)
    assert (tmp_path / "a").read_bytes() == b"mine"
    assert sha256(tmp_path / "a (1)") == FILE.sha256()


async def test_resuming_while_the_parts_are_deleted_starts_anew(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", FILE, stall_after=1_500_000)
    async with running() as engine:
        ids = engine.add([wanted(server.url("/a"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 1_500_000)
        engine.pause(ids)
        await seen(engine, lambda d: d.status is Status.PAUSED)
        await idle(engine)
        server.resources["/a"].behaviour.stall_after = None
        engine.cancel(ids, keep=False)
        for _ in range(3):
            engine.resume(ids)
            await asyncio.sleep(0)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "a") == FILE.sha256()
