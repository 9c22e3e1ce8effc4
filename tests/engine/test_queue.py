"""The queue: order, wishes, what is on disk, what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, idle, names_in, only, running, seen, sha256, until, wanted
from tests.server import Pattern, Server
from tui_downloader.engine import EventKind, Move
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine

FILE = Pattern(3_000_000)


def order(engine: Engine) -> list[int]:
    return [download.download_id for download in engine.snapshot().downloads]


async def test_what_was_added_is_there_in_the_next_run(server: Server, tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    request = wanted(server.url("/x"), tmp_path, headers=(("X-Token", "t"),))
    async with running(queue) as engine:
        engine.add([request], paused=True)
        await engine.flush()
    async with running(queue) as engine:
        assert only(engine).status is Status.PAUSED
        server.put("/x", FILE)
        engine.resume(order(engine))
        await idle(engine)
    assert server.requests[0].headers["x-token"] == "t"


async def test_a_completed_download_is_not_run_again(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE)
    async with running(tmp_path / "queue.db") as engine:
        await get(engine, server.url("/x"), tmp_path / "to")
    async with running(tmp_path / "queue.db") as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert len(server.requests) == 1


async def test_ids_are_never_used_again(tmp_path: Path) -> None:
    async with running(tmp_path / "queue.db") as engine:
        ids = engine.add([wanted("http://a.invalid/x", tmp_path)] * 3, paused=True)
        engine.remove(ids)
    async with running(tmp_path / "queue.db") as engine:
        assert order(engine) == []
        (new,) = engine.add([wanted("http://a.invalid/x", tmp_path)], paused=True)
    assert new > max(ids)


@pytest.mark.parametrize(
    ("where", "chosen", "expected"),
    [
        (Move.UP, [2], [0, 2, 1, 3, 4]),
        (Move.DOWN, [2], [0, 1, 3, 2, 4]),
        (Move.TOP, [3, 1], [1, 3, 0, 2, 4]),
        (Move.BOTTOM, [0, 2], [1, 3, 4, 0, 2]),
        (Move.UP, [0, 1], [0, 1, 2, 3, 4]),
        (Move.DOWN, [3, 4], [0, 1, 2, 3, 4]),
    ],
)
async def test_moving_keeps_the_rest_in_order(
    tmp_path: Path, where: Move, chosen: list[int], expected: list[int]
) -> None:
    async with running(tmp_path / "queue.db") as engine:
        ids = engine.add([wanted(f"http://a.invalid/{n}", tmp_path) for n in range(5)], paused=True)
        engine.move([ids[n] for n in chosen], where)
        assert order(engine) == [ids[n] for n in expected]
    async with running(tmp_path / "queue.db") as engine:
        assert order(engine) == [ids[n] for n in expected]


async def test_put_first_comes_before_all_others(tmp_path: Path) -> None:
    async with running() as engine:
        later = engine.add([wanted("http://a.invalid/1", tmp_path)], paused=True)
        first = engine.add([wanted("http://a.invalid/2", tmp_path)] * 2, paused=True, first=True)
        assert order(engine) == first + later


async def test_the_queue_runs_in_order(server: Server, tmp_path: Path) -> None:
    for n in range(4):
        server.put(f"/{n}", Pattern(1000))
    async with running(jobs=1) as engine:
        ids = engine.add([wanted(server.url(f"/{n}"), tmp_path) for n in range(4)])
        engine.move([ids[3]], Move.TOP)
        await idle(engine)
    assert [request.path for request in server.requests] == ["/3", "/0", "/1", "/2"]


async def test_cancel_deletes_the_part_or_keeps_it(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE, stall_after=1_500_000)
    server.put("/b", FILE, stall_after=1_500_000)
    async with running() as engine:
        a, b = engine.add([wanted(server.url(p), tmp_path) for p in ("/a", "/b")])
        await until(engine, lambda downloads: all(d.done_bytes >= 1_500_000 for d in downloads))
        engine.cancel([a], keep=False)
        engine.cancel([b], keep=True)
        downloads = await idle(engine)
        assert names_in(tmp_path) == ["b.part", "b.part.json"]
        server.resources["/b"].behaviour.stall_after = None
        engine.resume([b])
        await idle(engine)
    assert {d.status for d in downloads} == {Status.CANCELLED}
    assert [d.kept_bytes > 0 for d in downloads] == [False, True]
    assert sha256(tmp_path / "b") == FILE.sha256()


async def test_remove_keeps_a_finished_file_unless_asked(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE)
    server.put("/b", FILE)
    async with running() as engine:
        a, b = engine.add([wanted(server.url(p), tmp_path) for p in ("/a", "/b")])
        await idle(engine)
        engine.remove([a])
        engine.remove([b], delete_file=True)
        assert order(engine) == []
        await engine.flush()
    assert names_in(tmp_path) == ["a"]


async def test_removing_a_running_download_stops_it(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE, stall_after=1_500_000)
    async with running() as engine:
        (a,) = engine.add([wanted(server.url("/a"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 1_500_000)
        engine.remove([a], delete_file=True)
        assert await idle(engine) == ()
    assert names_in(tmp_path) == []


async def test_more_jobs_start_at_once(server: Server, tmp_path: Path) -> None:
    for n in range(3):
        server.put(f"/{n}", FILE, stall_after=1_000_000)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url(f"/{n}"), tmp_path) for n in range(3)])
        await server.until(lambda: server.held_now == 1)
        engine.set_jobs(3)
        await server.until(lambda: server.held_now == 3)
        places = [d.queue_place for d in engine.snapshot().downloads]
    assert places == [0, 0, 0]


async def test_unchanged_downloads_are_the_identical_snapshots(tmp_path: Path) -> None:
    async with running() as engine:
        engine.add([wanted(f"http://a.invalid/{n}", tmp_path) for n in range(3)], paused=True)
        first, second = engine.snapshot(), engine.snapshot()
    assert all(a is b for a, b in zip(first.downloads, second.downloads, strict=True))


async def test_rare_facts_are_told_as_events(server: Server, tmp_path: Path) -> None:
    server.put("/a", Pattern(100))
    async with running() as engine:
        events = engine.events()
        await get(engine, server.url("/a"), tmp_path)
        events.close()
        kinds = [event.kind async for event in events]
    assert kinds[0] is EventKind.ADDED
    assert kinds[-1] is EventKind.COMPLETED


async def test_each_failure_is_told_once(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        events = engine.events()
        for name in ("a", "b"):
            await get(engine, server.url(f"/{name}"), tmp_path)
        engine.resume([1])
        await idle(engine)
        events.close()
        failed = [event.download_id async for event in events if event.kind is EventKind.FAILED]
    assert failed == [1, 2, 1]


async def test_leaving_queues_what_ran(server: Server, tmp_path: Path) -> None:
    server.put("/a", FILE, stall_after=1_500_000)
    async with running(tmp_path / "queue.db") as engine:
        engine.add([wanted(server.url("/a"), tmp_path / "to")])
        await seen(engine, lambda d: d.done_bytes >= 1_500_000)
    server.resources["/a"].behaviour.stall_after = None
    async with running(tmp_path / "queue.db") as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "to" / "a") == FILE.sha256()


async def test_the_history_knows_what_was_just_decided(server: Server, tmp_path: Path) -> None:
    server.put("/a", Pattern(100))
    async with running(tmp_path / "queue.db") as engine:
        await get(engine, server.url("/a"), tmp_path / "to")
        (gone,) = engine.add([wanted("http://a.invalid/b", tmp_path)], paused=True)
        engine.remove([gone])
        history = await engine.history()
    assert [entry.request.url[-1] for entry in history] == ["b", "a"]
    assert [entry.removed_at is None for entry in history] == [False, True]


async def test_without_a_queue_on_disk_there_is_no_history(tmp_path: Path) -> None:
    async with running() as engine:
        assert await engine.history() == []


async def test_each_change_is_told_once(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", b"x" * 1_000_000)
    urls = [server.url("/file.bin"), server.url("/missing.bin")]
    async with running() as engine:
        events = engine.events()
        engine.add([wanted(url, tmp_path) for url in urls])
        await idle(engine)
        engine.resume([2])
        await idle(engine)
    told = [(event.download_id, event.kind) async for event in events]
    assert told.count((1, EventKind.STARTED)) == 1
    assert told.count((1, EventKind.COMPLETED)) == 1
    assert told.count((2, EventKind.FAILED)) == 2


@pytest.mark.parametrize(("ranges", "can"), [("yes", True), ("ignore", False)])
async def test_whether_it_can_go_on_from_the_middle_is_known_in_the_next_run(
    server: Server, tmp_path: Path, ranges: Any, can: bool
) -> None:
    server.put("/file.bin", FILE, ranges=ranges, stall_after=1_500_000)
    queue_file = tmp_path / "queue.db"
    async with running(queue_file) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda download: download.done_bytes >= 1_500_000)
        engine.pause([key])
        await seen(engine, lambda download: download.status is Status.PAUSED)
    async with running(queue_file) as engine:
        shown = only(engine)
        assert (shown.status, shown.resumable) == (Status.PAUSED, can)
        engine.edit(key, wanted(server.url("/other.bin"), tmp_path))
        assert only(engine).resumable is None
