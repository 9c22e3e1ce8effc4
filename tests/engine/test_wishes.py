"""Wishes at awkward moments: before a task took its first step, while its parts are deleted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.engine import one_file
from tests.engine.one_file import HALF, assert_whole, getting_its_name, half_way
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
    wanted,
)
from tests.server import Pattern, Server
from tests.waiting import eventually
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


async def test_what_is_wished_next_is_judged_by_what_was_wished_before(
    server: Server, tmp_path: Path
) -> None:
    """All within one turn of the loop: no task has ended yet."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        shown = [only(engine)]

        def status() -> Status:
            (wished,) = engine.as_wished(shown)
            assert wished._replace(status=Status.DOWNLOADING) == shown[0]
            return wished.status

        assert status() is Status.DOWNLOADING
        engine.pause([key])
        assert status() is Status.PAUSED
        engine.resume([key])
        assert status() is Status.QUEUED
        engine.cancel([key], keep=True)
        assert status() is Status.CANCELLED
        assert only(engine).status is Status.DOWNLOADING
        engine.remove([key])
        assert engine.as_wished(shown) == []


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


async def test_a_pause_that_comes_too_late_leaves_the_reason_why_it_was_skipped(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", one_file.FILE).first(stall_after=HALF)
    async with running() as engine:
        url, skip = server.url("/file.bin"), OnConflict.SKIP
        (key,) = engine.add([wanted(url, tmp_path, on_conflict=skip)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        async with getting_its_name(server, engine, key, monkeypatch):
            (tmp_path / "file.bin").write_bytes(b"mine")
            engine.pause([key])
        await at_rest(engine)
        download = only(engine)
    assert download.status is Status.CANCELLED
    assert download.failure is not None
    assert download.failure.message == "skipped: file.bin exists already"
    assert (tmp_path / "file.bin").read_bytes() == b"mine"


async def test_who_is_paused_while_it_waits_has_no_other_reason_to_stand_still(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", FILE, status=500)
    async with running() as engine:
        ids = engine.add([wanted(server.url("/a"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING and d.failure is not None)
        engine.pause(ids)
        paused = await seen(engine, lambda d: d.status is Status.PAUSED)
        assert paused.failure is None


async def test_the_old_state_is_not_restored_when_the_new_file_has_the_only_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was fetched again was gone: giving up too late must not delete what came instead."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        server.release()
        (done,) = await idle(engine)
        await eventually(lambda: names_in(tmp_path) == ["file.bin"])
        (tmp_path / "file.bin").unlink()
        server.resources["/file.bin"].first(stall_after=HALF)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == HALF)
        async with getting_its_name(server, engine, key, monkeypatch):
            engine.keep_finished({key: done.finished_at})
        await at_rest(engine)
        assert "too late: the new file is whole" in log_of(engine, key)
        download = only(engine)
    assert_whole(tmp_path, download)


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
