"""A partial that other programs wrote into or copied: nobody knows what of it is sound."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.crafting import leave_part, write_ranges
from tests.engine.one_file import FILE, HALF, OTHER, SIZE
from tests.engine.running import (
    at_rest,
    get,
    idle,
    log_of,
    names_in,
    running,
    seen,
    sha256,
    wanted,
)
from tests.server import Server
from tests.waiting import eventually
from tui_downloader.engine.queue import full_disks
from tui_downloader.model.identity import Identity
from tui_downloader.model.status import Status
from tui_downloader.store import file_systems, passports, progress_notes
from tui_downloader.store.identities import sample_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.server import Content
    from tui_downloader.engine import Engine

PART, RECORD = "file.bin.part", "file.bin.part.json"


async def paused(server: Server, folder: Path, engine: Engine) -> int:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
    await seen(engine, lambda d: d.done_bytes == HALF)
    engine.pause([key])
    await seen(engine, lambda d: d.status is Status.PAUSED)
    await idle(engine)
    return key


def edit(part: Path, *, later_s: float = 60.0) -> bytes:
    """Write into the middle of what is there, some time later; return what is there then."""
    with part.open("r+b") as file:
        file.seek(HALF // 2)
        file.write(b"edited")
    times = part.stat()
    os.utime(part, (times.st_atime, times.st_mtime + later_s))
    return part.read_bytes()


async def test_the_user_decides(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        edited = edit(tmp_path / PART)
        engine.resume([key])
        (download,) = await idle(engine)
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "changed")
        assert "was changed by another program" in download.failure.message
        assert (tmp_path / PART).read_bytes() == edited
        engine.restart([key])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_new_download_leaves_it_alone(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await paused(server, tmp_path, engine)
    edited = edit(tmp_path / PART)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file (1).bin", PART, RECORD]
    assert (tmp_path / PART).read_bytes() == edited


async def killed(server: Server, folder: Path, when: Callable[[], bool]) -> None:
    """Let a program of its own fetch the file, and kill it at some point."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui_downloader", "get", "-q", "-x1", "-d", str(folder)),
        server.url("/file.bin"),
    )
    await eventually(when)
    process.kill()
    await process.wait()


async def test_one_that_was_killed_right_after_it_went_on_was_not_changed_by_others(
    server: Server, tmp_path: Path
) -> None:
    """Its record is not a second old, and tells of the pause before."""
    async with running() as engine:
        await paused(server, tmp_path, engine)
    part = tmp_path / PART
    long_ago_ns = part.stat().st_mtime_ns - 3600 * 10**9
    os.utime(part, ns=(long_ago_ns, long_ago_ns))
    record = passports.read(str(part))
    assert record is not None
    file = Identity(part.stat().st_ino, HALF, long_ago_ns)
    passports.write(str(part), record._replace(file=file))
    server.resources["/file.bin"].first(stall_after=400_000)
    await killed(server, tmp_path, lambda: part.stat().st_size >= HALF + 200_000)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def killed_half_way(server: Server, folder: Path) -> Path:
    """Leave a partial of which half is on record; return it."""
    server.put("/file.bin", FILE).first(stall_after=HALF)
    part = folder / PART

    def is_recorded() -> bool:
        record = passports.read(str(part))
        return record is not None and record.done == ((0, HALF),)

    await killed(server, folder, is_recorded)
    return part


def forget_note(part: Path) -> None:
    """As on a file system that has no extended attributes."""
    with part.open("rb") as file:
        progress_notes.erase(file.fileno())


@pytest.mark.parametrize("has_note", [True, False])
async def test_one_that_was_changed_after_a_crash_starts_again_beside_what_is_there(
    server: Server, tmp_path: Path, has_note: bool
) -> None:
    """Nobody knows what of it is still the server's; nobody is sure that it is not, either."""
    part = await killed_half_way(server, tmp_path)
    if not has_note:
        forget_note(part)
    edited = edit(part, later_s=20.0 if has_note else 700.0)
    server.resources["/file.bin"].first(stall_after=HALF // 2)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF // 2)
        assert (tmp_path / f"{PART}.old").read_bytes() == edited
        log = [words for _, words in engine.details(key).log]
        server.release()
        (download,) = await idle(engine)
    assert [words for words in log if "seems to have been changed by another program" in words]
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]


async def test_what_is_much_is_the_users_decision_after_a_crash_too(
    server: Server, tmp_path: Path
) -> None:
    part = await killed_half_way(server, tmp_path)
    edited = edit(part)
    url, queue = server.url("/file.bin"), tmp_path / "queue.db"
    async with running(queue, restart_below_bytes=HALF) as engine:
        download = await get(engine, url, tmp_path)
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "changed")
        assert "seems to have been changed by another program" in download.failure.message
        assert (download.kept_bytes, part.read_bytes()) == (HALF, edited)
    async with running(queue, restart_below_bytes=HALF) as engine:
        engine.resume([download.download_id])  # looking at it twice makes it no better
        (download,) = await idle(engine)
        assert (download.status, part.read_bytes()) == (Status.FAILED, edited)
        server.resources["/file.bin"].first(stall_after=HALF // 2)
        engine.restart([download.download_id])
        await seen(engine, lambda d: d.done_bytes == HALF // 2)
        assert (tmp_path / f"{PART}.old").read_bytes() == edited
        server.release()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert [name for name in names_in(tmp_path) if "queue" not in name] == ["file.bin"]


@pytest.mark.parametrize(
    ("has_note", "later_s"),
    [
        *((has_note, later_s) for has_note in (True, False) for later_s in (0.0, 3.0, -3600.0)),
        (False, 300.0),  # the passport of then was still being flushed to a slow disk
    ],
)
async def test_one_that_may_have_been_written_last_by_who_crashed_goes_on(
    server: Server, tmp_path: Path, later_s: float, has_note: bool
) -> None:
    part = await killed_half_way(server, tmp_path)
    if not has_note:
        forget_note(part)
    times = part.stat()
    os.utime(part, (times.st_atime, times.st_mtime + later_s))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    _, again = (each for each in server.requests if each.path == "/file.bin")
    assert again.range_start


async def test_one_that_has_no_room_for_a_record_goes_on_when_there_is(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_disks, "RETRY_S", 0.1)
    monkeypatch.setattr(full_disks, "EVERY_S", 0.1)
    flush, is_full = os.fsync, asyncio.Event()

    def no_room(fd: int) -> None:
        if is_full.is_set():
            raise OSError(errno.ENOSPC, "no space left")
        flush(fd)

    monkeypatch.setattr(os, "fsync", no_room)
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        is_full.set()
        engine.resume([key])
        await seen(engine, lambda d: d.failure is not None and d.failure.code == "disk-full")
        is_full.clear()
        (download,) = await idle(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
    assert names_in(tmp_path) == ["file.bin"]


async def test_what_is_written_right_after_the_pause_counts(server: Server, tmp_path: Path) -> None:
    if not file_systems.keeps_times(str(tmp_path)):
        pytest.skip("this file system may correct times")
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        part = tmp_path / PART
        before = part.stat().st_mtime_ns
        while part.stat().st_mtime_ns == before:  # its clock ticks every few milliseconds
            with part.open("r+b") as file:
                file.seek(HALF // 3)  # no piece of the sample
                file.write(b"edited")
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "changed")


@pytest.fixture
def network_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the system says to be on another machine."""
    folder = tmp_path / "far away"
    folder.mkdir()
    point = str(folder).replace(" ", "\\040")
    table = tmp_path / "mountinfo"
    table.write_text(
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        f"40 22 0:51 / {point} rw,relatime shared:2 - nfs4 far:/away rw,vers=4.2\n"
    )
    monkeypatch.setattr(file_systems, "MOUNTS_FILE", str(table))
    return folder


async def test_what_is_written_there_right_after_the_pause_counts_where_a_sample_differs(
    server: Server, network_folder: Path
) -> None:
    async with running() as engine:
        key = await paused(server, network_folder, engine)
        edit(network_folder / PART, later_s=2.0)
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "changed")


async def test_a_time_that_the_file_system_corrects_is_no_change(
    server: Server, network_folder: Path
) -> None:
    tmp_path = network_folder
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        times = (tmp_path / PART).stat()
        os.utime(tmp_path / PART, (times.st_atime, int(times.st_mtime) + 2))
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert len(server.requests) == 2
    assert server.requests[1].range_start


@pytest.mark.parametrize("is_same_boot", [True, False])
async def test_a_time_that_a_power_cut_lost_is_no_change(
    server: Server, tmp_path: Path, is_same_boot: bool
) -> None:
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        edit(tmp_path / PART, later_s=-60.0) if is_same_boot else os.utime(tmp_path / PART, (0, 0))
        record = passports.read(str(tmp_path / PART))
        assert record is not None
        if not is_same_boot:
            passports.write(str(tmp_path / PART), record._replace(boot_id="before"))
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.status is (Status.FAILED if is_same_boot else Status.COMPLETED)


async def test_what_came_back_from_before_with_the_same_inode_may_lack_bytes(
    server: Server, tmp_path: Path
) -> None:
    """File systems give a number again; after a reboot an earlier time alone is no change."""
    resource = server.put("/file.bin", FILE)
    url, part = server.url("/file.bin"), tmp_path / PART
    leave_part(tmp_path, resource, url, (0, HALF))
    facts = part.stat()
    put_down = Identity(facts.st_ino, HALF, facts.st_mtime_ns)
    write_ranges(part, FILE, [(0, 132_000), (150_000, HALF)])
    os.utime(part, (0, 0))
    record = passports.read(str(part))
    assert record is not None
    passports.write(str(part), record._replace(file=put_down, boot_id="before"))
    assert part.stat().st_ino == put_down.inode
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert server.requests[0].range_start


async def test_a_copy_goes_on(server: Server, tmp_path: Path) -> None:
    """The pair is self-contained: what another file system says of its time proves nothing."""
    async with running() as engine:
        await paused(server, tmp_path, engine)
    part = tmp_path / PART
    content = part.read_bytes()
    part.rename(tmp_path / "before")  # holds the inode
    part.write_bytes(content)
    os.utime(part, (0, 0))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert server.requests[1].range_start


@pytest.mark.parametrize("content", [OTHER, bytes(SIZE)], ids=["other bytes", "zeros"])
@pytest.mark.parametrize("n_bytes", [18, HALF, SIZE])
@pytest.mark.parametrize("act", ["resume", "restart"])
async def test_another_file_in_its_place_is_left_alone(
    server: Server, tmp_path: Path, act: str, n_bytes: int, content: Content
) -> None:
    """Neither gone on with, nor set aside, nor deleted in the end."""
    part, foreign = tmp_path / PART, bytes(content[0:n_bytes])
    async with running() as engine:
        key = await paused(server, tmp_path, engine)
        (tmp_path / "foreign").write_bytes(foreign)
        (tmp_path / "foreign").replace(part)
        getattr(engine, act)([key])
        (download,) = await idle(engine)
        assert "its part of 1.00 MB is not here any more" in log_of(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()
    assert part.read_bytes() == foreign


SLIGHTLY_LATER = ((0, 100_000), (500_000, 900_000), (1_200_000, 1_300_000))


@pytest.mark.parametrize("had", [500_000, 500_001, 504_096, 700_000, 898_000, 900_000])
async def test_a_copy_of_one_in_use_may_have_less_than_its_passport_says(
    server: Server, tmp_path: Path, had: int
) -> None:
    """A backup reads the partial first."""
    resource = server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, *SLIGHTLY_LATER, file=Identity(1 << 40))
    in_time = [(0, 100_000), (500_000, had), (1_200_000, 1_300_000)]
    write_ranges(tmp_path / PART, FILE, [each for each in in_time if each[0] < each[1]])
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    missing = SIZE - 200_000 - (had - 500_000)
    assert sum(request.sent_bytes for request in server.requests) < missing + 200_000


async def test_a_part_that_came_back_alone_may_have_less_than_its_passport_says(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    put_down = Identity(1 << 40, 1_300_000, 1_790_000_000_000_000_000)
    leave_part(tmp_path, resource, url, *SLIGHTLY_LATER, file=put_down)
    write_ranges(tmp_path / PART, FILE, [(0, 100_000), (500_000, 600_000), (1_200_000, 1_300_000)])
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("n_bytes", [1_300_000, SIZE], ids=["the rest", "nothing"])
async def test_a_part_that_came_back_alone_may_lack_what_lies_within_its_only_range(
    server: Server, tmp_path: Path, n_bytes: int
) -> None:
    """What several connections brought came together later; neither its end nor a sample tells."""
    resource = server.put("/file.bin", FILE)
    url, part = server.url("/file.bin"), tmp_path / PART
    put_down = Identity(1 << 40, n_bytes, 1_790_000_000_000_000_000)
    leave_part(tmp_path, resource, url, (0, n_bytes))
    with part.open("rb") as file:
        sample = sample_of(file.fileno(), [(0, n_bytes)])
    leave_part(tmp_path, resource, url, (0, n_bytes), file=put_down, sample=sample)
    write_ranges(part, FILE, [(0, 132_000), (150_000, n_bytes)])
    with part.open("rb") as file:
        assert sample_of(file.fileno(), [(0, n_bytes)]) == sample
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert sum(request.sent_bytes for request in server.requests) < SIZE - n_bytes + 200_000


async def test_a_copy_that_kept_its_time_is_not_searched_for_zeros(
    server: Server, tmp_path: Path
) -> None:
    """It was last written when its original was put down: to read all of it would tell nothing."""
    zeros = bytes(SIZE)
    resource = server.put("/file.bin", zeros)
    url, part = server.url("/file.bin"), tmp_path / PART
    put_down = Identity(1 << 40, HALF, 1_790_000_000_000_000_000)
    leave_part(tmp_path, resource, url, (0, HALF), file=put_down)
    os.utime(part, ns=(0, 1_790_000_000_000_000_000))
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == zeros
    assert sum(request.sent_bytes for request in server.requests) < SIZE - HALF + 100_000


async def test_what_a_part_that_came_back_alone_lacks_is_on_record_no_more_when_it_goes_on(
    server: Server, tmp_path: Path
) -> None:
    """It goes on as the original: after a kill nobody would look for what it lacks again."""
    resource = server.put("/file.bin", FILE, stall_after=100_000)
    url = server.url("/file.bin")
    put_down = Identity(1 << 40, 1_300_000, 1_790_000_000_000_000_000)
    leave_part(tmp_path, resource, url, *SLIGHTLY_LATER, file=put_down)
    write_ranges(tmp_path / PART, FILE, [(0, 100_000), (500_000, 600_000), (1_200_000, 1_300_000)])
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path)])
        await seen(engine, lambda d: d.received_bytes > 0)
        record = passports.read(str(tmp_path / PART))
        engine.pause([key])
        await at_rest(engine)
    assert record is not None
    part = (tmp_path / PART).read_bytes()
    assert len(record.done) > 2
    for start, end in (*record.done, *record.durable):
        assert part[start:end] == FILE[start:end]


async def test_zeros_that_were_received_are_fetched_again_at_most(
    server: Server, tmp_path: Path
) -> None:
    zeros = bytes(SIZE)
    resource = server.put("/file.bin", zeros)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), file=Identity(1 << 40))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == zeros
