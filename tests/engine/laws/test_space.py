"""A full disk: everything on it pauses, records stay sound, and it goes on when there is space.

Most of it happens on a real small file system, which only an administrator may mount; the same
refusals, pretended, are tried everywhere.
"""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.running import get, idle, names_in, only, running, seen, sha256, until, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import EventKind
from tui_downloader.engine.queue import full_disks
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui_downloader.model.download import Snapshot

DISK_BYTES = 8 << 20
SIZE = 3_000_000
FILE = Pattern(SIZE)


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_disks, "EVERY_S", 0.1)
    monkeypatch.setattr(full_disks, "RETRY_S", 0.5)


class Counted:
    """The looks at free space, which happen as ever, and may take their time."""

    def __init__(self) -> None:
        self.number = 0
        self.may_end = threading.Event()
        self.may_end.set()
        self._look = shutil.disk_usage

    def __call__(self, path: str) -> Any:
        found = self._look(path)
        self.number += 1
        assert self.may_end.wait(PATIENCE_S)
        return found

    async def more(self, looks: int) -> None:
        """Wait for so many more."""
        wanted_number = self.number + looks
        await eventually(lambda: self.number >= wanted_number)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(shutil, "disk_usage", counted)
    return counted


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    """Have a real file system of 8 MiB there."""
    folder.mkdir()
    size = f"size={DISK_BYTES}"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only an administrator can mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "other disk") as folder:
        yield folder


def fill(folder: Path, leave_bytes: int) -> Path:
    """Occupy the disk but for so many bytes."""
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(max(0, shutil.disk_usage(folder).free - leave_bytes)))
    return ballast


def is_held(download: Snapshot) -> bool:
    failure = download.failure
    return download.status is Status.PAUSED and failure is not None and failure.code == "disk-full"


async def test_a_disk_that_fills_up_pauses_the_download_which_goes_on_by_itself(
    server: Server, small_disk: Path
) -> None:
    resource = server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    ballast = fill(small_disk, 2_000_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        held = await seen(engine, is_held)
        assert held.failure is not None
        assert re.match(f"disk full .*{small_disk}.*: .*B free$", held.failure.message)
        assert "goes on by itself" in held.failure.hint
        assert "file.bin" not in names_in(small_disk)
        server.resources["/file.bin"].behaviour.length = "content-length"
        ballast.unlink()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert download.failure is None
    assert sha256(small_disk / "file.bin") == FILE.sha256()
    assert names_in(small_disk) == ["file.bin"]
    assert resource.hits >= 2


async def test_the_record_on_a_full_disk_is_sound_and_hardly_anything_is_lost(
    server: Server, small_disk: Path
) -> None:
    """No name and no passport of the last second fits any more, unless something gives way."""
    resource = server.put("/file.bin", FILE)
    leave_part(small_disk, resource, server.url("/file.bin"), (0, 100_000))
    fill(small_disk, 1_500_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        held = await seen(engine, is_held)
        await until(engine, lambda _: not engine._parts.tasks.ids)
        passport = passports.read(str(small_disk / "file.bin.part"))
        assert passport is not None
        ((start, end),) = passport.done
        assert (start, end) == (0, held.kept_bytes)
        assert passport.durable == passport.done
        assert end > 1_000_000
        part = (small_disk / "file.bin.part").read_bytes()
        assert part[:end] == FILE[:end]


async def test_a_disk_that_fills_up_while_writing_tells_what_is_needed_and_what_is_free(
    server: Server, small_disk: Path, looks: Counted
) -> None:
    """Once: by who found out, and in the log."""
    resource = server.put("/file.bin", FILE)
    leave_part(small_disk, resource, server.url("/file.bin"), (0, 100_000))
    ballast = fill(small_disk, 1_500_000)
    looks.may_end.clear()  # else one may come first
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), small_disk)])
        held = await seen(engine, is_held)
        assert held.failure is not None
        part = re.escape(str(small_disk / "file.bin.part"))
        words = rf"disk full while writing {part}: needs 1\.4\d MB, \d+ k?B free"
        assert re.fullmatch(words, held.failure.message)
        assert [line for _, line in engine.details(key).log if "full" in line] == [
            held.failure.message
        ]
        looks.may_end.set()
        ballast.unlink()
        await idle(engine)
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_everything_on_the_disk_pauses_and_nothing_elsewhere(
    server: Server, small_disk: Path, tmp_path: Path
) -> None:
    queued = [f"queued{n}" for n in range(4)]
    for name in ("full", "beside", *queued, "elsewhere"):
        size = SIZE if name in ("full", "elsewhere") else 200_000
        server.put(f"/{name}.bin", Pattern(size), length="chunked", ranges="ignore")
    server.resources["/beside.bin"].first(length="chunked", ranges="ignore", stall_after=100_000)
    server.resources["/elsewhere.bin"].first(length="chunked", ranges="ignore", stall_after=9)
    ballast = fill(small_disk, 2_000_000)
    async with running(jobs=3) as engine:
        events = engine.events()
        later = wanted(server.url("/later.bin"), small_disk, start_at=time.time() + 3600)
        (scheduled,) = engine.add([later])
        engine.add(
            [
                wanted(server.url("/beside.bin"), small_disk),
                wanted(server.url("/elsewhere.bin"), tmp_path / "other"),
            ]
        )
        await server.until(lambda: server.held_now == 2)
        engine.add(
            [wanted(server.url(f"/{name}.bin"), small_disk / "below") for name in ("full", *queued)]
        )
        held = [False, True, False, True, *(True for _ in queued)]
        await until(engine, lambda all_: [is_held(d) for d in all_] == held)
        reasons = [words for _, words in engine.details(2).log][-2:]
        assert [words.partition(" on ")[0] for words in reasons] == ["disk full", "paused"]
        assert "needs" not in reasons[0]  # of a size that nobody knows
        # The first one may have started before the disk was known to be full.
        assert sum(server.resources[f"/{name}.bin"].hits for name in queued) <= 1
        server.release()
        await until(engine, lambda all_: all_[2].status is Status.COMPLETED)
        engine.remove([scheduled])
        ballast.unlink()
        for name in ("full", "beside", *queued):
            server.resources[f"/{name}.bin"].behaviour.length = "content-length"
        await idle(engine)
        events.close()
        paused = {event.name async for event in events if event.kind is EventKind.PAUSED}
    assert "beside.bin" in paused
    assert "elsewhere.bin" not in paused
    assert sha256(small_disk / "beside.bin") == Pattern(200_000).sha256()
    assert sha256(small_disk / "below" / "full.bin") == FILE.sha256()
    assert sha256(tmp_path / "other" / "elsewhere.bin") == FILE.sha256()


async def test_who_is_next_in_line_need_not_find_out_that_the_disk_is_full(
    server: Server, small_disk: Path, looks: Counted
) -> None:
    """Also in other folders of the disk, whose room nobody has looked at just before."""
    full = server.put("/full.bin", FILE, length="chunked", ranges="ignore")
    full.first(length="chunked", ranges="ignore", stall_after=1_000_000)
    server.put("/before.bin", Pattern(1000))
    folders = [small_disk / f"to {n}" for n in range(4)]
    next_ones = [server.put(f"/{n}.bin", Pattern(200_000)) for n in range(4)]
    for each in next_ones:
        each.first(hold=True)
    async with running(jobs=1) as engine:
        for folder in folders:  # they are known to be on this disk
            await get(engine, server.url("/before.bin"), folder)
            shutil.rmtree(folder)
        ballast = fill(small_disk, 2_000_000)
        engine.add([wanted(server.url("/full.bin"), small_disk)])
        await until(engine, lambda all_: all_[-1].done_bytes == 1_000_000)
        keys = engine.add([wanted(server.url(f"/{n}.bin"), folders[n]) for n in range(4)])
        looks.may_end.clear()
        await looks.more(1)
        server.release()
        await until(engine, lambda all_: is_held(all_[-5]))
        looks.may_end.set()
        await until(engine, lambda all_: all(is_held(d) for d in all_[-5:]))
        # The first one may have started before the disk was known to be full.
        assert sum(each.hits for each in next_ones) <= 1
        ballast.unlink()
        engine.remove(keys)
        await idle(engine)


async def test_who_had_no_room_just_now_does_not_go_on_because_there_was_some_before(
    server: Server, small_disk: Path, looks: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    resource = server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    resource.first(length="chunked", ranges="ignore", stall_after=100_000)
    fill(small_disk, 2_500_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await seen(engine, lambda d: d.done_bytes == 100_000)
        looks.may_end.clear()
        await looks.more(1)
        server.release()
        held = await seen(engine, is_held)
        looks.may_end.set()
        await looks.more(3)
        assert is_held(only(engine))
        assert only(engine).failure == held.failure  # it is not even tried
    assert resource.hits == 1


async def test_of_those_who_wait_as_many_go_on_as_there_is_room_for_the_first_first(
    server: Server, small_disk: Path, looks: Counted
) -> None:
    file = Pattern(2_500_000)
    first, second = (server.put(f"/{n}.bin", file) for n in range(2))
    ballast = fill(small_disk, 3_000_000)
    async with running() as engine:
        for n in range(2):
            engine.add([wanted(server.url(f"/{n}.bin"), small_disk)])
            await until(engine, lambda all_: all(is_held(d) for d in all_))
        await looks.more(3)
        first.behaviour.stall_after = 1_000_000
        os.truncate(ballast, ballast.stat().st_size - 2_000_000)  # 5 MB free, 2.5 and 2.5 needed
        await until(engine, lambda all_: all_[0].done_bytes == 1_000_000)
        await looks.more(3)
        assert is_held(engine.snapshot().downloads[1])
        assert second.hits == 1
        ballast.unlink()
        await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
    assert sha256(small_disk / "1.bin") == file.sha256()


async def test_free_space_is_watched_while_others_fill_the_disk(
    server: Server, small_disk: Path, looks: Counted
) -> None:
    """Before the last byte is gone, and although this download writes nothing just now."""
    server.put("/file.bin", FILE).first(stall_after=1_000_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await seen(engine, lambda d: d.done_bytes == 1_000_000)
        await looks.more(3)
        ballast = fill(small_disk, 500_000)
        held = await seen(engine, is_held)
        assert held.failure is not None
        assert f"disk full on {small_disk}: needs 2.00 MB, 5" in held.failure.message
        ballast.unlink()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_nobody_goes_on_before_there_is_room_for_the_rest(
    server: Server, small_disk: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=1_000_000)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await seen(engine, lambda d: d.done_bytes == 1_000_000)
        ballast = fill(small_disk, 500_000)
        await seen(engine, is_held)
        os.truncate(ballast, ballast.stat().st_size - 1_800_000)  # 2.3 MB free, 2 MB and 1 needed
        await asyncio.sleep(0.5)  # five looks
        assert is_held(only(engine))
        assert len(server.requests) == 1
        ballast.unlink()
        await idle(engine)
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_what_others_there_still_need_is_no_room_for_who_waits(
    server: Server, small_disk: Path, looks: Counted
) -> None:
    """They need what they have not written yet, and no more."""
    server.put("/writes.bin", FILE).first(stall_after=1_000_000)
    server.put("/waits.bin", Pattern(2_500_000))
    ballast = fill(small_disk, 4_300_000)
    async with running() as engine:
        engine.add([wanted(server.url("/writes.bin"), small_disk)])
        await seen(engine, lambda d: d.done_bytes == 1_000_000)
        engine.add([wanted(server.url("/waits.bin"), small_disk)])
        await until(engine, lambda all_: len(all_) == 2 and is_held(all_[1]))
        await looks.more(3)  # else it is a puzzle why there was no room
        os.truncate(ballast, ballast.stat().st_size - 1_000_000)  # 4.3 MB free, 3.5 and 2 needed
        await looks.more(3)
        assert is_held(engine.snapshot().downloads[1])
        os.truncate(ballast, ballast.stat().st_size - 1_500_000)  # 5.8 MB
        await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
        assert engine.snapshot().downloads[0].status is Status.DOWNLOADING
    assert sha256(small_disk / "waits.bin") == Pattern(2_500_000).sha256()


async def test_small_files_wait_for_space_too(server: Server, small_disk: Path) -> None:
    for n in range(10):
        server.put(f"/{n}.bin", Pattern(100_000 + n))
    ballast = fill(small_disk, 60_000)
    async with running() as engine:
        engine.add([wanted(server.url(f"/{n}.bin"), small_disk) for n in range(10)])
        await until(engine, lambda all_: all(is_held(d) for d in all_))
        reasons = [d.failure.message for d in engine.snapshot().downloads if d.failure is not None]
        assert any(re.search(r": needs 100 kB, .*B free", words) for words in reasons)
        assert names_in(small_disk) == ["ballast"]
        ballast.unlink()
        downloads = await idle(engine)
    assert {d.status for d in downloads} == {Status.COMPLETED}
    assert all(sha256(small_disk / f"{n}.bin") == Pattern(100_000 + n).sha256() for n in range(10))


async def test_who_waits_for_space_still_waits_in_the_next_run(
    server: Server, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for long, where there is room by now: in that run nobody has lacked any."""
    server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    ballast = fill(small_disk, 2_000_000)
    async with running(tmp_path / "queue.db") as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await seen(engine, is_held)
    ballast.unlink()
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    async with running(tmp_path / "queue.db") as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_in_the_next_run_it_need_not_be_more_room_than_it_takes(
    server: Server, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Pattern(300_000)
    server.put("/file.bin", file)
    ballast = fill(small_disk, 200_000)
    async with running(tmp_path / "queue.db") as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await seen(engine, is_held)
    os.truncate(ballast, ballast.stat().st_size - 1_400_000)
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    async with running(tmp_path / "queue.db") as engine:
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(small_disk / "file.bin") == file.sha256()


async def test_who_only_ran_in_the_last_run_and_lacks_room_in_this_one_is_tried_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    server.put("/file.bin", FILE).first(stall_after=100_000)
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)])
        await seen(engine, lambda d: d.done_bytes == 100_000)
    have_quota(monkeypatch, tmp_path)
    before = len(server.requests)
    async with running(queue, space_patience_s=1.0) as engine:
        (download,) = await idle(engine)
    assert download.status is Status.FAILED
    assert len(server.requests) == before + 1


async def test_what_is_needed_on_another_disk_takes_no_room_from_who_waits(
    server: Server, small_disk: Path, tmp_path: Path
) -> None:
    server.put("/elsewhere.bin", Pattern(2 * DISK_BYTES)).first(stall_after=1000)
    server.put("/file.bin", FILE)
    ballast = fill(small_disk, 2_500_000)
    async with running() as engine:
        engine.add([wanted(server.url("/elsewhere.bin"), tmp_path / "to")])
        await seen(engine, lambda d: d.done_bytes == 1000)
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await until(engine, lambda all_: is_held(all_[-1]))
        ballast.unlink()
        await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
        assert engine.snapshot().downloads[0].status is Status.DOWNLOADING
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_room_on_one_disk_is_none_for_who_waits_for_another(
    server: Server, small_disk: Path, other_disk: Path, looks: Counted
) -> None:
    here, there = (server.put(f"/{name}.bin", FILE) for name in ("here", "there"))
    fill(small_disk, 2_500_000)
    ballast = fill(other_disk, 2_500_000)
    async with running() as engine:
        engine.add([wanted(server.url("/here.bin"), small_disk)])
        engine.add([wanted(server.url("/there.bin"), other_disk)])
        await until(engine, lambda all_: all(is_held(d) for d in all_))
        await looks.more(4)
        hits = here.hits
        ballast.unlink()
        await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
        await looks.more(4)
        assert is_held(engine.snapshot().downloads[0])
        assert here.hits == hits
    assert there.hits >= 2
    assert sha256(other_disk / "there.bin") == FILE.sha256()


async def test_what_is_edited_while_it_waits_has_not_lacked_room_once_more(
    server: Server, small_disk: Path, looks: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    server.put("/file.bin", FILE)
    ballast = fill(small_disk, 2_000_000)
    async with running() as engine:
        request = wanted(server.url("/file.bin"), small_disk)
        (key,) = engine.add([request])
        await seen(engine, is_held)
        await looks.more(3)
        ballast.unlink()
        engine.edit(key, dataclasses.replace(request, limit_bytes_per_s=50_000_000))
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


async def test_a_disk_that_is_full_again_long_after_it_was_is_waited_for_anew(
    server: Server, small_disk: Path, looks: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long after somebody has waited for it, that is: until then it is the same lack of room."""
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    monkeypatch.setattr(full_disks, "_FORGOTTEN_S", 1.5)
    first = server.put("/first.bin", FILE)
    server.put("/second.bin", FILE)
    fill(small_disk, 2_000_000)
    async with running(space_patience_s=2.0) as engine:
        download = await get(engine, server.url("/first.bin"), small_disk)
        assert (download.status, first.hits) == (Status.FAILED, 1)
        await asyncio.sleep(1.6)
        engine.add([wanted(server.url("/second.bin"), small_disk)])
        await until(engine, lambda all_: is_held(all_[1]))
        await looks.more(3)
        assert is_held(engine.snapshot().downloads[1])


async def test_a_pause_of_the_user_on_a_full_disk_stays(server: Server, small_disk: Path) -> None:
    server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    ballast = fill(small_disk, 2_000_000)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), small_disk)])
        await seen(engine, is_held)
        engine.pause([key])
        ballast.unlink()
        (download,) = await idle(engine)
    assert (download.status, download.failure) == (Status.PAUSED, None)


async def test_a_pause_of_what_waits_for_no_space_leaves_why_it_failed(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, status=404)
    async with running() as engine:
        failed = await get(engine, server.url("/file.bin"), tmp_path)
        engine.pause([failed.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.FAILED
    assert download.failure == failed.failure is not None


async def test_patience_for_space_has_an_end_where_nobody_looks(
    server: Server, small_disk: Path
) -> None:
    server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    fill(small_disk, 2_000_000)
    async with running(space_patience_s=0.3) as engine:
        download = await get(engine, server.url("/file.bin"), small_disk)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk-full")
    assert "by itself" not in download.failure.hint
    assert "file.bin" not in names_in(small_disk)


async def test_get_tells_of_a_full_disk_and_goes_on_when_there_is_room(
    server: Server, small_disk: Path
) -> None:
    server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    ballast = fill(small_disk, 2_000_000)
    command = [sys.executable, "-m", "tui_downloader", "get", "-d", str(small_disk)]
    process = await asyncio.create_subprocess_exec(
        *command, server.url("/file.bin"), stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    told = await process.stderr.readline()
    assert told.startswith(b"file.bin: paused, disk full while writing ")
    assert b"B free" in told
    ballast.unlink()
    _, errors = await process.communicate()
    assert process.returncode == 0, errors
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_what_cannot_fit_waits_for_space_before_anything_is_made(
    server: Server, small_disk: Path
) -> None:
    server.put("/file.bin", FILE)
    ballast = fill(small_disk, 3_500_000)  # the reserve counts too
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        held = await seen(engine, is_held)
        assert held.failure is not None
        assert held.failure.message.startswith(f"disk full on {small_disk}: needs 3.00 MB, 3.5")
        assert held.failure.message.count("free") == 1
        assert names_in(small_disk) == ["ballast"]
        ballast.unlink()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(small_disk / "file.bin") == FILE.sha256()


async def test_what_cannot_fit_stops_no_other(server: Server, small_disk: Path) -> None:
    server.put("/large.bin", Pattern(DISK_BYTES))
    server.put("/file.bin", FILE).first(stall_after=1_000_000)
    server.put("/queued.bin", Pattern(300_000))
    async with running(jobs=2) as engine:
        engine.add([wanted(server.url("/file.bin"), small_disk)])
        await server.until(lambda: server.held_now == 1)
        more = ("/large.bin", "/queued.bin")
        engine.add([wanted(server.url(name), small_disk) for name in more])
        await until(engine, lambda each: each[2].status is Status.COMPLETED)
        await asyncio.sleep(0.3)  # three looks
        states = [each.status for each in engine.snapshot().downloads]
        assert states == [Status.DOWNLOADING, Status.PAUSED, Status.COMPLETED]


@pytest.mark.parametrize("size", [DISK_BYTES, 1 << 60])
async def test_get_waits_for_room_for_a_file_and_leaves_nothing_when_there_is_none(
    server: Server, small_disk: Path, size: int
) -> None:
    server.put("/file.bin", Pattern(size))
    async with running(space_patience_s=0.3) as engine:
        began = time.monotonic()
        download = await get(engine, server.url("/file.bin"), small_disk)
    assert time.monotonic() - began >= 0.3
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk-full")
    assert "needs" in download.failure.message
    assert "by itself" not in download.failure.hint
    assert names_in(small_disk) == []


async def test_a_file_that_is_to_be_replaced_survives_a_full_disk(
    server: Server, small_disk: Path
) -> None:
    (small_disk / "file.bin").write_bytes(b"precious")
    server.put("/file.bin", FILE, length="chunked", ranges="ignore")
    fill(small_disk, 2_000_000)
    async with running(space_patience_s=0.2) as engine:
        request = wanted(server.url("/file.bin"), small_disk, on_conflict=OnConflict.OVERWRITE)
        engine.add([request])
        await idle(engine)
    assert (small_disk / "file.bin").read_bytes() == b"precious"


async def test_a_refusal_of_the_system_pauses_on_any_machine(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without a small disk: the first writes are refused, then there is space."""
    real_write, real_usage = os.pwrite, shutil.disk_usage
    full = True

    def write(fd: int, data: bytes, offset: int) -> int:
        if full and offset >= 1_000_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_write(fd, data, offset)

    def usage(path: str) -> tuple[int, int, int]:
        seen_usage = real_usage(path)
        return seen_usage._replace(free=2 << 20) if full else seen_usage

    monkeypatch.setattr(os, "pwrite", write)
    monkeypatch.setattr(shutil, "disk_usage", usage)
    server.put("/file.bin", FILE)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, is_held)
        full = False
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


def have_quota(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the system refuse more than a megabyte of a file, with much room by its numbers."""
    real_write, usage = os.pwrite, shutil.disk_usage(folder)

    def write(fd: int, data: bytes, offset: int) -> int:
        if offset >= 1_000_000:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        return real_write(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", write)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


@pytest.mark.parametrize(("longest_retry_s", "patience_s"), [(300.0, 3.0), (0.5, 1.5)])
async def test_a_quota_that_no_number_shows_is_tried_again_and_in_the_end_given_up(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    longest_retry_s: float,
    patience_s: float,
) -> None:
    """However often it is tried meanwhile, which is ever more seldom."""
    monkeypatch.setattr(full_disks, "_LONGEST_RETRY_S", longest_retry_s)
    have_quota(monkeypatch, tmp_path)
    server.put("/file.bin", FILE)
    async with running(space_patience_s=patience_s) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk-full")
    assert 2 <= len(server.requests) <= (3 if longest_retry_s > patience_s else 4)


async def test_who_waited_in_the_last_run_and_lacks_room_in_this_one_is_not_tried_without_end(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_quota(monkeypatch, tmp_path)
    monkeypatch.setattr(full_disks, "RETRY_S", 10 * PATIENCE_S)
    server.put("/file.bin", FILE)
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)])
        await seen(engine, is_held)
    before = len(server.requests)
    async with running(queue, space_patience_s=1.0) as engine:
        (download,) = await idle(engine)
    assert download.status is Status.FAILED
    assert len(server.requests) == before + 1
