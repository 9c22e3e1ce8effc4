"""Writing in a crash-proof order, and what is believed of a partial when a run finds it."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, SIZE, assert_whole
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
from tui_downloader.engine.disk.opening import open_new
from tui_downloader.engine.transfer import recorder
from tui_downloader.engine.transfer.finishing import Finishing
from tui_downloader.engine.transfer.recorder import Recorder
from tui_downloader.model.errors import TruncatedError
from tui_downloader.model.status import Event, Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.model.passport import Passport

OVERLAP = 64 * 1024


def record_in(folder: Path, name: str = "file.bin") -> Passport:
    passport = passports.read(str(folder / f"{name}.part"))
    assert passport is not None
    return passport


# The order of writing.


async def test_the_record_is_never_ahead_of_the_data(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "SAVE_S", 0.02)
    server.put("/file.bin", Pattern(6_000_000), throttle_bytes_per_s=6_000_000)
    whole = bytes(Pattern(6_000_000))
    states = set()
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=3)])
        await seen(engine, lambda d: d.done_bytes > 0)
        while only(engine).status is Status.DOWNLOADING:
            passport = record_in(tmp_path)
            part = (tmp_path / "file.bin.part").read_bytes()
            assert all(part[start:end] == whole[start:end] for start, end in passport.done)
            states.add(passport.done)
            await asyncio.sleep(0.01)
        await idle(engine)
    assert len(states) > 3
    assert sha256(tmp_path / "file.bin") == Pattern(6_000_000).sha256()


async def test_nothing_counts_before_the_disk_has_taken_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, released, real = threading.Event(), threading.Event(), os.pwrite

    def pwrite(fd: int, data: bytes, offset: int) -> int:
        begun.set()
        assert released.wait(2 * PATIENCE_S)
        return real(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    server.put("/file.bin", FILE)
    async with running() as engine:
        try:
            (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
            await until(engine, lambda _: begun.is_set())
            assert only(engine).done_bytes == 0
            assert engine.details(key).done_ranges == ()
            assert record_in(tmp_path).done == ()
        finally:
            released.set()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


async def test_a_passport_is_replaced_once_a_second_at_most(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced: list[str] = []
    real = os.replace

    def replace(source: str, target: str) -> None:
        replaced.append(os.path.basename(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    server.put("/file.bin", FILE, throttle_bytes_per_s=2_000_000)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    # One at the start, one a second, one that says "finishing".
    assert 2 <= replaced.count("file.bin.part.json") <= 4


async def test_a_pause_makes_everything_durable(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        assert record_in(tmp_path).durable == ()
        engine.pause([key])
        await seen(engine, lambda d: d.status is Status.PAUSED)
    assert record_in(tmp_path).durable == record_in(tmp_path).done == ((0, HALF),)


async def test_now_and_then_what_came_is_made_durable(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "SAVE_S", 0.02)
    monkeypatch.setattr(recorder, "SYNC_S", 0.1)
    synced: list[int] = []
    real = os.fdatasync

    def fdatasync(fd: int) -> None:
        real(fd)
        synced.append(os.fstat(fd).st_size)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda _: bool(synced) and record_in(tmp_path).durable == ((0, HALF),))
        assert only(engine).status is Status.DOWNLOADING
        server.release()
        await idle(engine)
    assert synced[-1] >= HALF


async def test_what_comes_during_a_flush_is_not_durable_with_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may have passed the place where it lies."""
    monkeypatch.setattr(recorder, "SAVE_S", 0.02)
    monkeypatch.setattr(recorder, "SYNC_S", 0.1)
    begun, released, real = threading.Event(), threading.Event(), os.fdatasync

    def fdatasync(fd: int) -> None:
        real(fd)
        begun.set()
        assert released.wait(2 * PATIENCE_S)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    server.put("/file.bin", FILE, throttle_bytes_per_s=HALF // 2)
    async with running() as engine:
        try:
            engine.add([wanted(server.url("/file.bin"), tmp_path)])
            await until(engine, lambda _: begun.is_set())
            at_most = only(engine).done_bytes
            await seen(engine, lambda d: d.done_bytes > at_most + 100_000)
            monkeypatch.setattr(recorder, "SYNC_S", PATIENCE_S)  # it was the only one
        finally:
            released.set()
        await until(engine, lambda _: any(end > at_most for _, end in record_in(tmp_path).done))
        assert all(end <= at_most for _, end in record_in(tmp_path).durable)


async def test_after_a_restart_of_the_machine_only_what_was_synced_counts(
    server: Server, tmp_path: Path
) -> None:
    """The page cache is gone: there are zeros where the record says that bytes are."""
    resource = server.put("/file.bin", FILE)
    leave_part(
        tmp_path,
        resource,
        server.url("/file.bin"),
        (0, 500_000),
        done=((0, HALF),),
        durable=((0, 500_000),),
        boot_id="another boot",
    )
    with (tmp_path / "file.bin.part").open("r+b") as part:
        part.truncate(HALF)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == 500_000 - OVERLAP


async def test_without_a_restart_everything_that_reached_the_system_counts(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), durable=((0, 500_000),))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == HALF - OVERLAP


@pytest.mark.parametrize("linked", [True, False])
async def test_a_finished_file_whose_bookkeeping_was_cut_short_is_not_fetched_again(
    server: Server, tmp_path: Path, linked: bool
) -> None:
    """A crash right after the final name was given, with and without hard links."""
    resource = server.put("/file.bin", FILE)
    queue = tmp_path / "queue.db"
    folder = tmp_path / "to"
    folder.mkdir()
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)], paused=True)
        download = engine._parts.roster.downloads[1]
        download.name = "file.bin"
        download.kept_bytes = HALF
        engine._parts.journal.touch([1])
        await engine.flush()
    leave_part(folder, resource, server.url("/file.bin"), (0, SIZE), finishing=True)
    os.link(folder / "file.bin.part", folder / "file.bin")
    if not linked:
        (folder / "file.bin.part").unlink()
    async with running(queue) as engine:
        engine.resume([1])
        (ended,) = await idle(engine)
    assert (ended.status, ended.total_bytes) == (Status.COMPLETED, SIZE)
    assert ended.kept_bytes == 0
    assert names_in(folder) == ["file.bin"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("size", "is_finishing", "has_part"),
    [(16, True, False), (SIZE, False, False), (SIZE, True, True)],
    ids=["another size", "not so far yet", "not named yet"],
)
async def test_a_file_of_somebody_else_is_not_taken_for_ours(
    server: Server, tmp_path: Path, size: int, is_finishing: bool, has_part: bool
) -> None:
    """It has the name that ours was about to get, or its size, or both."""
    foreign = bytes(size)
    resource = server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    folder.mkdir()
    async with running(queue) as engine:
        engine.add([wanted(url, folder, name="file.bin")], paused=True)
        engine._parts.roster.downloads[1].name = "file.bin"
        engine._parts.journal.touch([1])
        await engine.flush()
    leave_part(folder, resource, url, (0, SIZE), finishing=is_finishing)
    if not has_part:
        (folder / "file.bin.part").unlink()
    (folder / "file.bin").write_bytes(foreign)
    async with running(queue) as engine:
        engine.resume([1])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert (folder / "file.bin").read_bytes() == foreign
    assert sha256(folder / download.name) == FILE.sha256()


@pytest.mark.parametrize("missing", [(0, 1), (HALF, HALF + 1), (SIZE - 1, SIZE)])
async def test_what_lacks_a_byte_gets_no_name_whoever_takes_it_for_whole(
    tmp_path: Path, missing: tuple[int, int]
) -> None:
    """The size of the file says nothing: the last step counts what came, once more."""
    async with running() as engine:
        tools = engine._parts.tools
        engine.add([wanted("http://host.invalid/file.bin", tmp_path)], paused=True)
        download = engine._parts.roster.downloads[1]
        for event in (Event.RESUME, Event.START, Event.ANSWERED):
            download.apply(event, 0.0)
        download.total_bytes = SIZE
        destination = tools.destination_of(download)
        recorder = Recorder(download, tools.disk)
        recorder.partial = partial = open_new("file.bin", destination, download.request.url)
        partial.write(FILE[:], 0)
        partial.done.add(0, SIZE)
        partial.done.discard(*missing)
        with pytest.raises(TruncatedError):
            await Finishing(download, tools, destination, recorder).run()
        partial.close()
    assert names_in(tmp_path) == ["file.bin.part"]


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be flushed there")
async def test_the_last_steps_are_recorded_before_the_name_and_flushed_after_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_link, real_fsync = os.link, os.fsync

    def link(source: Any, target: Any, **options: Any) -> None:
        steps.append(f"link, finishing: {record_in(tmp_path).finishing}")
        real_link(source, target, **options)

    def fsync(fd: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        steps.append("folder" if is_folder else "file")
        real_fsync(fd)

    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(os, "fsync", fsync)
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    named = steps.index("link, finishing: True")
    assert "file" in steps[:named]
    assert "folder" in steps[named:]


# What the disk refuses.


def refusing(call: str, monkeypatch: pytest.MonkeyPatch, *, times: int = 1) -> list[int]:
    """Let `os.fsync` or `os.fdatasync` of a partial fail with EIO, as a broken disk does: once."""
    real = getattr(os, call)
    refused: list[int] = []

    def refuse(fd: int) -> None:
        target = os.readlink(f"/proc/self/fd/{fd}")
        is_data = target.endswith((".part", "(deleted)"))  # the latter has no name yet
        if is_data and len(refused) < times:
            refused.append(fd)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    monkeypatch.setattr(os, call, refuse)
    return refused


def refuse(*_: Any) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


async def test_what_a_full_disk_took_of_a_piece_counts(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    real = os.pwrite

    def pwrite(fd: int, data: memoryview, offset: int) -> int:
        if taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken.append(len(data) // 2)
        return real(fd, data[: taken[0]], offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    server.put("/file.bin", FILE)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        download = await seen(engine, lambda d: d.status is Status.PAUSED)
        assert download.failure is not None
        assert download.failure.code == "disk-full"
        await until(engine, lambda downloads: downloads[0].kept_bytes == taken[0])
        assert record_in(tmp_path).done == ((0, taken[0]),)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
async def test_a_flush_that_fails_at_the_end_is_believed_the_first_time(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = server.put("/file.bin", FILE)
    refused = refusing("fsync", monkeypatch)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert refused
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "disk")
        assert "file.bin" not in names_in(tmp_path)
        # The second flush of the same file says that all is well, and must not be believed.
        assert record_in(tmp_path).durable == record_in(tmp_path).done == ()
        assert download.kept_bytes == 0
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert resource.sent_bytes == 2 * SIZE


async def test_a_system_without_fdatasync_flushes_all_the_same(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "fdatasync", raising=False)
    server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        engine.pause([key])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        assert record_in(tmp_path).durable == ((0, HALF),)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
async def test_a_flush_that_fails_at_a_pause_keeps_only_what_was_flushed_before(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=HALF)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, 300_000))
    resource.script[0].stall_after = HALF - 300_000
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes > 300_000)
        refusing("fdatasync", monkeypatch)
        engine.pause([key])
        paused = await seen(engine, lambda d: d.status is Status.PAUSED)
        assert record_in(tmp_path).done == ((0, 300_000),)
        assert paused.kept_bytes == 300_000
        engine.resume([key])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert server.requests[1].range_start == 300_000 - OVERLAP


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
async def test_what_could_not_be_flushed_does_not_count_where_no_record_tells_of_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was noted on the part itself, for a program that is killed, is not believed either."""
    monkeypatch.setattr(recorder, "SAVE_S", 2 * PATIENCE_S)
    server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        with monkeypatch.context() as broken:
            refusing("fdatasync", broken)
            broken.setattr(os, "replace", refuse)
            engine.pause([key])
            await seen(engine, lambda d: d.status is Status.PAUSED)
            await at_rest(engine)
    assert record_in(tmp_path).done == ()
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[-1].range_start == 0


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
@pytest.mark.parametrize("with_queue", [True, False])
async def test_a_small_file_whose_flush_fails_gets_no_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_queue: bool
) -> None:
    server.put("/small.bin", Pattern(1000))
    assert refusing("fsync", monkeypatch) == []
    async with running(tmp_path / "queue.db" if with_queue else None) as engine:
        download = await get(engine, server.url("/small.bin"), tmp_path / "to")
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk")
    assert names_in(tmp_path / "to") == []


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
async def test_a_flush_that_fails_on_the_way_ends_the_run(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "SAVE_S", 0.02)
    monkeypatch.setattr(recorder, "SYNC_S", 0.05)
    refusing("fdatasync", monkeypatch)
    server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk")
    assert record_in(tmp_path).done == ()


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
async def test_a_part_whose_name_is_no_text_is_gone_on_with_and_recorded(
    server: Server, tmp_path: Path
) -> None:
    """A list or another program named it in another encoding."""
    resource = server.put("/file.bin", FILE)
    folder, name = tmp_path / "to", "caf\udce9.bin"
    folder.mkdir()
    leave_part(folder, resource, server.url("/file.bin"), (0, HALF), name=name)
    async with running(tmp_path / "queue.db") as engine:
        download = await get(engine, server.url("/file.bin"), folder)
        assert download.status is Status.COMPLETED
        other = await get(engine, server.url("/file.bin"), tmp_path)
        assert other.status is Status.COMPLETED
    assert sha256(folder / name) == FILE.sha256()
    async with running(tmp_path / "queue.db") as engine:
        assert [each.status for each in engine.snapshot().downloads] == [Status.COMPLETED] * 2
