"""Undo of a removal: what was taken out comes back as it was, where it was, also on disk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import HALF, half_way
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
from tui_downloader.engine import Engine, EventKind, Move
from tui_downloader.engine.queue import removals
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE = Pattern(3_000_000)


def order(engine: Engine) -> list[int]:
    return [download.download_id for download in engine.snapshot().downloads]


async def test_removed_downloads_come_back_at_their_places(tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        ids = engine.add([wanted(f"http://a.invalid/{n}", tmp_path) for n in range(6)], paused=True)
        before = engine.snapshot().downloads
        engine.remove([ids[1], ids[2], ids[5]])
        await engine.flush()
        engine.put_back([ids[5], ids[2], ids[1]])
        assert engine.snapshot().downloads == before
    async with running(queue) as engine:
        assert order(engine) == ids
        assert {d.status for d in engine.snapshot().downloads} == {Status.PAUSED}


async def test_what_came_back_is_no_longer_in_the_history(tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        ids = engine.add([wanted("http://a.invalid/x", tmp_path)] * 2, paused=True)
        engine.remove(ids)
        await engine.flush()
        engine.put_back(ids[:1])
    store = QueueStore.open(queue)
    assert [entry.download_id for entry in store.load()] == ids[:1]
    assert [entry.download_id for entry in store.history()] == ids[1:]
    store.close()


async def test_a_removal_taken_back_before_it_was_written_leaves_no_trace(tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        ids = engine.add([wanted("http://a.invalid/x", tmp_path)], paused=True)
        engine.remove(ids)
        engine.put_back(ids)
        engine.remove(ids)
        engine.put_back(ids)
    async with running(queue) as engine:
        assert order(engine) == ids


async def test_places_survive_moves_and_new_downloads_meanwhile(tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        ids = engine.add([wanted(f"http://a.invalid/{n}", tmp_path) for n in range(4)], paused=True)
        engine.remove([ids[3]])
        (new,) = engine.add([wanted("http://a.invalid/new", tmp_path)], paused=True)
        engine.move([ids[1]], Move.TOP)
        await engine.flush()
        engine.put_back([ids[3]])
        expected = [ids[1], ids[0], ids[2], ids[3], new]
        assert order(engine) == expected
    async with running(queue) as engine:
        assert order(engine) == expected
        engine.move([new], Move.UP)  # no two of them share a place, on record neither
        expected = [ids[1], ids[0], ids[2], new, ids[3]]
    async with running(queue) as engine:
        assert order(engine) == expected


async def test_a_queued_download_that_comes_back_is_carried_out(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", FILE, stall_after=1_000_000)
    server.put("/b", FILE)
    async with running(jobs=1) as engine:
        _, b = engine.add([wanted(server.url(p), tmp_path) for p in ("/a", "/b")])
        await until(engine, lambda downloads: downloads[0].done_bytes >= 1_000_000)
        engine.remove([b])
        engine.put_back([b])
        assert engine.snapshot().downloads[1].queue_place == 1
        server.resources["/a"].behaviour.stall_after = None
        engine.set_jobs(2)
        await until(engine, lambda downloads: downloads[1].status is Status.COMPLETED)


async def test_a_running_download_that_comes_back_goes_on(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE, stall_after=1_500_000)
    async with running() as engine:
        (a,) = engine.add([wanted(server.url("/a"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 1_500_000)
        server.resources["/a"].behaviour.stall_after = None
        engine.remove([a])
        engine.put_back([a])
        (download,) = await idle(engine)
        assert download.status is Status.COMPLETED
    assert server.requests[-1].headers["range"] != "bytes=0-"
    assert sha256(tmp_path / "a") == FILE.sha256()


async def test_a_download_that_had_stopped_already_goes_on(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE, stall_after=1_500_000)
    async with running() as engine:
        (a,) = engine.add([wanted(server.url("/a"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 1_500_000)
        server.resources["/a"].behaviour.stall_after = None
        engine.remove([a], delete_file=True)
        await idle(engine)
        assert names_in(tmp_path) == []
        engine.put_back([a])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "a") == FILE.sha256()


async def test_a_failed_download_comes_back_failed(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        failed = await get(engine, server.url("/missing"), tmp_path)
        engine.remove([failed.download_id])
        engine.put_back([failed.download_id])
        await idle(engine)
        assert only(engine).status is Status.FAILED
        assert only(engine).failure == failed.failure


async def test_a_paused_download_without_a_byte_stays_paused(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", FILE, stall_after=0)
    async with running() as engine:
        (a,) = engine.add([wanted(server.url("/a"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.DOWNLOADING)
        engine.pause([a])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        engine.remove([a])
        engine.put_back([a])
        await idle(engine)
        assert only(engine).status is Status.PAUSED


async def test_a_finished_file_stays_and_so_does_its_row(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE)
    async with running() as engine:
        done = await get(engine, server.url("/a"), tmp_path)
        engine.remove([done.download_id])
        engine.put_back([done.download_id])
        assert only(engine) == done
        engine.remove([done.download_id], delete_file=True)
        engine.put_back([done.download_id])
        assert order(engine) == []


async def test_unknown_downloads_are_not_put_back(tmp_path: Path) -> None:
    async with running() as engine:
        ids = engine.add([wanted("http://a.invalid/x", tmp_path)], paused=True)
        engine.put_back([*ids, 77])
        assert order(engine) == ids


async def test_arranging_puts_a_moved_queue_in_its_old_order(tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        ids = engine.add([wanted(f"http://a.invalid/{n}", tmp_path) for n in range(5)], paused=True)
        engine.move([ids[4], ids[2]], Move.TOP)
        engine.arrange(ids)
        assert order(engine) == ids
        assert not engine.move([ids[0]], Move.UP)
        assert not engine.move([ids[3], ids[4]], Move.BOTTOM)
        assert not engine.move([ids[3]], Move.DOWN, among={ids[0], ids[3]})
        assert engine.move([ids[0]], Move.DOWN, among={ids[0], ids[3]})
        moved = [ids[3], ids[1], ids[2], ids[0], ids[4]]
        assert order(engine) == moved
    async with running(queue) as engine:
        assert order(engine) == moved


async def test_the_undo_of_a_retry_fails_for_the_old_reason(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(status=404)
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        before = await get(engine, server.url("/file.bin"), tmp_path)
        assert before.failure is not None
        for deed in (engine.resume, partial(engine.cancel, keep=False)):
            deed([before.download_id])
            engine.fail_again({before.download_id: before.failure})
            (after,) = await idle(engine)
            assert (after.status, after.failure) == (Status.FAILED, before.failure)
        engine.cancel([before.download_id], keep=False)
        await at_rest(engine)
        engine.fail_again({before.download_id: before.failure})
        assert (only(engine).status, only(engine).failure) == (Status.FAILED, before.failure)
    async with running(queue) as engine:
        assert only(engine).failure == before.failure


async def test_what_has_come_meanwhile_does_not_fail_again(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(status=404)
    async with running() as engine:
        before = await get(engine, server.url("/file.bin"), tmp_path)
        assert before.failure is not None
        engine.resume([before.download_id])
        await idle(engine)
        engine.fail_again({before.download_id: before.failure})
        (after,) = await idle(engine)
        assert after.status is Status.COMPLETED


@pytest.mark.parametrize("is_over", [False, True], ids=["at_once", "later"])
async def test_what_was_being_paused_comes_back_paused(
    server: Server, tmp_path: Path, is_over: bool
) -> None:
    """Whether the removal has been carried out by then or not."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        engine.pause([key])
        engine.remove([key])
        if is_over:
            await at_rest(engine)
        engine.put_back([key])
        await at_rest(engine)
        assert (only(engine).status, only(engine).kept_bytes) == (Status.PAUSED, HALF)


async def test_an_unfinished_download_that_comes_back_at_once_keeps_its_bytes(
    server: Server, tmp_path: Path
) -> None:
    """Its removal has not been carried out yet, and is not wanted any more."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        engine.pause([key])
        await at_rest(engine)
        before = only(engine)
        engine.remove([key], delete_file=True, grace_s=600)
        engine.put_back([key])
        await at_rest(engine)
        assert only(engine).parts_go_at is None
        assert (only(engine).status, only(engine).kept_bytes) == (Status.PAUSED, before.kept_bytes)
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]


@pytest.mark.parametrize("is_over", [False, True], ids=["at_once", "later"])
async def test_a_paused_download_that_moves_comes_back_paused_where_it_moved_to(
    server: Server, tmp_path: Path, is_over: bool
) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        engine.pause([key])
        await at_rest(engine)
        engine.edit(key, wanted(server.url("/file.bin"), tmp_path / "new"))
        engine.remove([key], delete_file=True, grace_s=600)
        if is_over:
            await at_rest(engine)
        engine.put_back([key])
        await at_rest(engine)
        assert (only(engine).status, only(engine).parts_go_at) == (Status.PAUSED, None)
    assert names_in(tmp_path / "new") == ["file.bin.part", "file.bin.part.json"]


async def test_the_latest_removals_can_be_undone_and_each_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removals, "_KEPT", 2)
    async with running() as engine:
        events = engine.events(EventKind.ADDED, EventKind.REMOVED)
        ids = engine.add([wanted(f"http://a.invalid/{n}", tmp_path) for n in range(3)], paused=True)
        for key in ids:
            engine.remove([key])
        engine.put_back(ids)
        assert order(engine) == ids[1:]
        told = [(event.kind, event.download_id) for event in events.taken()]
    assert told == [
        *((EventKind.ADDED, key) for key in ids),
        *((EventKind.REMOVED, key) for key in ids),
        *((EventKind.ADDED, key) for key in ids[1:]),
    ]


@pytest.mark.parametrize("here_bytes", [0, HALF])
async def test_an_unfinished_download_that_is_removed_leaves_its_part_if_there_is_anything_in_it(
    server: Server, tmp_path: Path, here_bytes: int
) -> None:
    server.put("/file.bin", FILE, stall_after=here_bytes)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: server.held_now == 1)
        await seen(engine, lambda d: bool(d.total_bytes) and d.done_bytes == here_bytes)
        engine.remove([key])
        await at_rest(engine)
    assert names_in(tmp_path) == (["file.bin.part", "file.bin.part.json"] if here_bytes else [])


@pytest.mark.parametrize(
    "act",
    [Engine.remove, partial(Engine.cancel, keep=False, grace_s=600)],
    ids=["remove", "cancel"],
)
async def test_what_was_here_before_a_restart_stays_though_no_byte_has_come_since(
    server: Server, tmp_path: Path, act: Callable[[Engine, list[int]], None]
) -> None:
    """Until the cancelling cannot be undone any more, that is."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        engine.pause([key])
        await at_rest(engine)
        server.put("/file.bin", FILE, stall_after=0)
        engine.restart([key])
        await seen(engine, lambda d: d.status is Status.DOWNLOADING)
        act(engine, [key])
        await at_rest(engine)
        assert (tmp_path / "file.bin.part.old").stat().st_size == HALF


async def test_it_stays_where_it_is_removed_in_a_later_run_too(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "here", tmp_path / "queue.db"
    folder.mkdir()
    async with running(queue) as engine:
        key = await half_way(server, folder, engine)
        engine.pause([key])
        await at_rest(engine)
        server.put("/file.bin", FILE, stall_after=0)
        engine.restart([key])
        await seen(engine, lambda d: d.status is Status.DOWNLOADING)
        engine.pause([key])
        await at_rest(engine)
    async with running(queue) as engine:
        assert only(engine).status is Status.PAUSED
        engine.remove([key])
        await at_rest(engine)
    assert (folder / "file.bin.part.old").stat().st_size == HALF
