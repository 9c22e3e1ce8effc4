"""Going on where it stopped: pauses, restarts, changed files, servers that cannot."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, idle, names_in, only, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Resource
    from tui_downloader.engine import Engine

SIZE = 6_000_000
FILE = Pattern(SIZE)
HALF = SIZE // 2


async def paused_half_way(engine: Engine, server: Server, folder: Path, **fields: object) -> None:
    """Bring the resource at /file.bin to half, then pause its download."""
    engine.add([wanted(server.url("/file.bin"), folder, **fields)])
    await seen(engine, lambda d: d.done_bytes >= HALF)
    engine.pause([only(engine).download_id])
    await seen(engine, lambda d: d.status is Status.PAUSED)
    await idle(engine)


def put_half(server: Server, file: Pattern = FILE, **behaviour: object) -> Resource:
    """Serve a file whose first answer stops at half."""
    return server.put("/file.bin", file, **behaviour).first(stall_after=HALF)


async def test_a_paused_download_goes_on(server: Server, tmp_path: Path) -> None:
    resource = put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]
    assert resource.sent_bytes <= SIZE + 64 * 1024


async def test_the_average_is_of_what_came_over_all_runs(server: Server, tmp_path: Path) -> None:
    put_half(server)
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        await paused_half_way(engine, server, tmp_path / "to")
        before = only(engine)
    async with running(queue) as engine:
        assert only(engine).received_bytes == before.received_bytes
        engine.resume([before.download_id])
        (download,) = await idle(engine)
    assert download.received_bytes == SIZE
    assert download.active_s > before.active_s > 0


async def test_what_was_here_before_is_not_in_the_average(server: Server, tmp_path: Path) -> None:
    put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        kept = only(engine).kept_bytes
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.received_bytes == SIZE - kept


async def test_starting_again_starts_the_average_again(server: Server, tmp_path: Path) -> None:
    put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        engine.restart([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.received_bytes == SIZE


async def test_the_resume_is_conditional_and_compares_some_bytes(
    server: Server, tmp_path: Path
) -> None:
    put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        engine.resume([only(engine).download_id])
        await idle(engine)
    request = server.requests[1]
    assert request.range_start == HALF - 64 * 1024
    assert request.headers["if-range"].startswith('"')


@pytest.mark.parametrize("with_queue", [True, False])
async def test_another_run_goes_on(server: Server, tmp_path: Path, with_queue: bool) -> None:
    queue = tmp_path / "queue.db" if with_queue else None
    folder = tmp_path / "to"
    resource = put_half(server)
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)])
        await seen(engine, lambda d: d.done_bytes >= HALF)
    assert names_in(folder) == ["file.bin.part", "file.bin.part.json"]
    async with running(queue) as engine:
        if not with_queue:
            engine.add([wanted(server.url("/file.bin"), folder)])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(folder / "file.bin") == FILE.sha256()
    assert resource.sent_bytes <= SIZE + 64 * 1024


async def test_another_run_goes_on_with_another_spelling_of_the_address(
    server: Server, tmp_path: Path
) -> None:
    """It is the same server's word, too: the resume is conditional."""
    resource = put_half(server)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin#top"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= HALF)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin#end"), tmp_path)
    assert download.status is Status.COMPLETED
    assert names_in(tmp_path) == ["file.bin"]
    assert resource.sent_bytes <= SIZE + 64 * 1024
    assert server.requests[1].headers["if-range"].startswith('"')


async def test_the_pair_is_self_contained(server: Server, tmp_path: Path) -> None:
    resource = put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path / "here")
    shutil.move(tmp_path / "here", tmp_path / "there")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path / "there")
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "there" / "file.bin") == FILE.sha256()
    assert resource.sent_bytes <= SIZE + 64 * 1024


@pytest.mark.parametrize(
    "honesty",
    [
        {},
        {"if_range": "ignore"},
        {"if_range": "always-200"},
        {"etag": "none"},
        {"etag": "weak"},
        {"etag": "none", "last_modified": None},
        {"ranges": "200-with-content-range"},
        {"ranges": "star-total"},
        {"ranges": "shorter"},
        {"ranges": "longer"},
    ],
)
async def test_a_resume_ends_right_whatever_the_server_says(
    server: Server, tmp_path: Path, honesty: dict[str, Any]
) -> None:
    put_half(server, **honesty)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]


@pytest.mark.parametrize(
    "honesty",
    [
        {"ranges": "ignore"},
        {"ranges": "shifted"},
        {"ranges": "shifted", "range_error_bytes": -7},
        {"ranges": "no-content-range"},
        {"ranges": "bad-content-range"},
        {"ranges": "multipart"},
        {"ranges": "multipart", "multipart_parts": 2},
        {"ranges": "refuse", "range_status": 416},
    ],
)
async def test_wrong_ranges_after_a_pause_never_make_a_wrong_file(
    server: Server, tmp_path: Path, honesty: dict[str, object]
) -> None:
    resource = put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        for name, value in honesty.items():
            setattr(resource.behaviour, name, value)
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("etag", ["strong", "none"])
async def test_a_changed_file_starts_again_and_says_so(
    server: Server, tmp_path: Path, etag: str
) -> None:
    other = Pattern(SIZE, seed=9)
    resource = put_half(server, etag=etag)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        resource.replace(other)
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == other.sha256()
    assert "changed on the server" in log
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_change_without_any_validator_is_seen_in_the_overlap(
    server: Server, tmp_path: Path
) -> None:
    other = Pattern(SIZE, seed=9)
    resource = put_half(server, etag="none", last_modified=None)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        resource.replace(other)
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == other.sha256()


async def test_a_changed_file_of_which_much_is_here_is_the_users_decision(
    server: Server, tmp_path: Path
) -> None:
    resource = put_half(server)
    async with running(restart_below_bytes=1000) as engine:
        await paused_half_way(engine, server, tmp_path)
        part = (tmp_path / "file.bin.part").read_bytes()
        resource.replace(Pattern(SIZE + 5, seed=9))
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "changed")
        assert (tmp_path / "file.bin.part").read_bytes() == part
        engine.restart([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == Pattern(SIZE + 5, seed=9).sha256()
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_torn_passport_is_kept_aside(server: Server, tmp_path: Path) -> None:
    put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
    record = tmp_path / "file.bin.part.json"
    record.write_bytes(record.read_bytes()[:40])
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / download.name) == FILE.sha256()
    assert any(".bad" in name for name in names_in(tmp_path))
    assert "file.bin.part" in names_in(tmp_path)


async def test_a_partial_cut_behind_our_back_is_noticed(server: Server, tmp_path: Path) -> None:
    put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        with (tmp_path / "file.bin.part").open("r+b") as part:
            part.truncate(100_000)
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_deleted_partial_means_starting_again(server: Server, tmp_path: Path) -> None:
    put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        (tmp_path / "file.bin.part").unlink()
        engine.resume([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]


async def test_restart_keeps_the_old_part_until_the_new_file_is_whole(
    server: Server, tmp_path: Path
) -> None:
    resource = put_half(server)
    async with running() as engine:
        await paused_half_way(engine, server, tmp_path)
        resource.first(stall_after=1_000_000)
        engine.restart([only(engine).download_id])
        await seen(engine, lambda d: 1_000_000 <= d.done_bytes < HALF)
        assert "file.bin.part.old" in names_in(tmp_path)
        server.release()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]
    assert [request.range_start for request in server.requests[1:]] == [0]


async def test_a_start_from_0_that_was_still_to_come_is_not_forgotten(
    server: Server, tmp_path: Path
) -> None:
    resource, queue = put_half(server), tmp_path / "queue.db"
    async with running(queue) as engine:
        await paused_half_way(engine, server, tmp_path / "to")
        sent_bytes = resource.sent_bytes
        engine.set_jobs(0)
        engine.restart([only(engine).download_id])
    async with running(queue) as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert [request.range_start for request in server.requests[1:]] == [0]
    assert resource.sent_bytes - sent_bytes >= SIZE


async def test_a_start_from_0_outlives_a_crash_before_what_runs_has_stopped(
    server: Server, tmp_path: Path
) -> None:
    put_half(server)
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path / "to")])
        await seen(engine, lambda d: d.done_bytes >= HALF)
        engine.restart([only(engine).download_id])
        await engine.flush()
        assert is_from_zero(queue)


async def test_a_start_from_0_that_was_made_is_not_made_again(
    server: Server, tmp_path: Path
) -> None:
    resource, queue = put_half(server), tmp_path / "queue.db"
    async with running(queue) as engine:
        await paused_half_way(engine, server, tmp_path / "to")
        resource.first(stall_after=1_000_000)
        engine.restart([only(engine).download_id])
        await seen(engine, lambda d: d.status is Status.DOWNLOADING and d.done_bytes > 0)
        assert not is_from_zero(queue)  # and a crash would find it so
        await seen(engine, lambda d: d.done_bytes >= 1_000_000)
    async with running(queue) as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert server.requests[-1].range_start not in (None, 0)
    assert sha256(tmp_path / "to" / "file.bin") == FILE.sha256()


async def test_a_small_file_that_starts_from_0_does_so_once(server: Server, tmp_path: Path) -> None:
    server.put("/small.bin", Pattern(1000))
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        (key,) = engine.add([wanted(server.url("/small.bin"), tmp_path / "to")], paused=True)
        engine.restart([key])
        (download,) = await idle(engine)
        assert download.status is Status.COMPLETED
    assert not is_from_zero(queue)


def is_from_zero(queue: Path) -> bool:
    with closing(QueueStore.open(queue)) as store:
        (entry,) = store.load()
    return entry.from_zero
