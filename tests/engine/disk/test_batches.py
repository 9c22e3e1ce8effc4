"""Small files in batches: each in its own right, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.engine.crafting import small_file, write_ranges
from tests.engine.disk.bad_folder import good_and_bad
from tests.engine.running import idle, names_in, running, until, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk import batches, small_files
from tui_downloader.engine.disk.batches import Batches
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.small_files import (
    Committed,
    Committer,
    Outcome,
    SmallFile,
    commit_batch,
)
from tui_downloader.engine.queue import hung_disks
from tui_downloader.model.download import OnConflict, Snapshot
from tui_downloader.model.errors import DiskError
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.engine.disk.writer import Unwritten, Writer


def commit(files: list[SmallFile], *, recorded: bool) -> list[object]:
    with ThreadPoolExecutor(4) as flushers:
        return list(commit_batch(files, flushers, recorded))


@pytest.mark.parametrize("recorded", [True, False])
def test_every_file_gets_its_bytes_and_its_name(tmp_path: Path, recorded: bool) -> None:
    names = Names()
    outcomes = commit([small_file(n, tmp_path, names) for n in range(50)], recorded=recorded)
    assert all(isinstance(outcome, Committed) for outcome in outcomes)
    for number in range(50):
        assert (tmp_path / f"{number}.bin").read_bytes() == b"%d" % number


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.skipif(os.name != "posix", reason="folders cannot be flushed there")
def test_the_folder_is_flushed_when_the_names_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    flushed: list[bool] = []  # with the name in it
    flush = os.fsync

    def fsync(fd: int) -> None:
        flush(fd)
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            flushed.append((tmp_path / "1.bin").exists())

    monkeypatch.setattr(os, "fsync", fsync)
    commit([small_file(1, tmp_path, Names())], recorded=recorded)
    assert flushed[-1:] == [True]


@pytest.mark.parametrize("recorded", [True, False])
def test_no_file_has_its_name_before_its_content_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    """A power cut would leave an empty one that passes for whole."""
    flushed: list[int] = []
    flush = os.fsync

    def fsync(fd: int) -> None:
        flush(fd)
        if stat.S_ISREG(os.fstat(fd).st_mode):
            assert not [name for name in names_in(tmp_path) if name.endswith(".bin")]
            flushed.append(os.fstat(fd).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    names = Names()
    outcomes = commit([small_file(n, tmp_path, names) for n in range(40)], recorded=recorded)
    assert {type(outcome) for outcome in outcomes} == {Committed}
    assert sorted(flushed) == sorted((tmp_path / f"{n}.bin").stat().st_ino for n in range(40))


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be flushed there")
def test_names_that_may_not_survive_are_told_as_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = good_and_bad(tmp_path, monkeypatch)
    names = Names()
    files = [small_file(n, bad if n % 2 else good, names) for n in range(4)]
    outcomes = commit(files, recorded=False)
    assert [type(outcome) for outcome in outcomes] == [Committed, DiskError] * 2


class TellingWriter:
    """In the place of the process: knows what it was given, and answers what it is told to."""

    is_there = True

    def __init__(self, *answers: tuple[int, int]) -> None:
        self.answers = list(answers)
        self.given: list[str] = []

    def commit(self, files: Sequence[Unwritten]) -> list[tuple[int, int]]:
        self.given += [os.path.basename(file.path) for file in files]
        return self.answers[: len(files)]

    def close(self) -> None:
        """Nothing runs."""


def commit_by(writer: TellingWriter, files: list[SmallFile]) -> list[Outcome]:
    committer = Committer(recorded=False)
    committer._writer = cast("Writer", writer)
    try:
        return committer.commit(files)
    finally:
        committer.close()


def test_what_the_process_could_not_make_safe_is_told_as_refused(tmp_path: Path) -> None:
    names = Names()
    writer = TellingWriter((0, 0), (0, errno.EIO), (errno.EEXIST, 0))
    outcomes = commit_by(writer, [small_file(n, tmp_path, names) for n in range(3)])
    assert [type(outcome) for outcome in outcomes] == [Committed, DiskError, Committed]
    assert names_in(tmp_path) == ["2.bin"]  # done here, as the process did not


def test_the_process_is_given_nothing_that_takes_a_decision(tmp_path: Path) -> None:
    names = Names()
    names.claim(str(tmp_path), "0.bin", 99)
    taken, replacing, usual = (small_file(n, tmp_path, names) for n in range(3))
    overwriting = replacing.destination._replace(on_conflict=OnConflict.OVERWRITE)
    writer = TellingWriter((0, 0), (0, 0), (0, 0))
    commit_by(writer, [taken, replacing._replace(destination=overwriting), usual])
    assert writer.given == ["2.bin"]
    assert {"0 (1).bin", "1.bin"} < set(names_in(tmp_path))


def test_without_a_queue_nothing_is_left_over(tmp_path: Path) -> None:
    outcomes = commit([small_file(1, tmp_path, Names())], recorded=False)
    assert outcomes == [Committed("1.bin", ())]
    assert names_in(tmp_path) == ["1.bin"]


def test_with_a_queue_a_trace_stays_until_it_knows(tmp_path: Path) -> None:
    (outcome,) = commit([small_file(1, tmp_path, Names())], recorded=True)
    assert isinstance(outcome, Committed)
    assert (tmp_path / "1.bin.part.json").exists()
    assert str(tmp_path / "1.bin.part.json") in outcome.leftovers


def test_of_a_larger_part_in_its_place_nothing_is_left_behind_its_end(tmp_path: Path) -> None:
    """An earlier run had begun the same address when it was a larger file."""
    file, ranges = small_file(1, tmp_path, Names()), ((0, 5000),)
    earlier = file.passport._replace(total_bytes=9000, done=ranges, durable=ranges)
    write_ranges(tmp_path / "1.bin.part", Pattern(9000), ranges)
    passports.write(str(tmp_path / "1.bin.part"), earlier)
    (outcome,) = commit([file], recorded=True)
    assert isinstance(outcome, Committed)
    assert (tmp_path / "1.bin").read_bytes() == b"1"


@pytest.mark.parametrize("recorded", [True, False])
def test_a_refusal_harms_no_other(tmp_path: Path, recorded: bool) -> None:
    names = Names()
    (tmp_path / "no folder").touch()
    files = [small_file(1, tmp_path, names), small_file(2, tmp_path / "no folder", names)]
    outcomes = commit([*files, small_file(3, tmp_path, names)], recorded=recorded)
    assert [type(outcome) for outcome in outcomes] == [Committed, DiskError, Committed]
    assert (tmp_path / "3.bin").read_bytes() == b"3"


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="tells files by their descriptors")
def test_a_disk_that_turns_read_only_in_the_middle_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, flush, unlink = str(tmp_path / "bad"), os.fsync, os.unlink
    os.mkdir(bad)
    is_read_only = threading.Event()

    def failing_flush(fd: int) -> None:
        if os.readlink(f"/proc/self/fd/{fd}").startswith(bad):
            is_read_only.set()
            raise OSError(errno.EIO, "I/O error")
        flush(fd)

    def refused_unlink(path: str, **others: int | None) -> None:
        if is_read_only.is_set() and path.startswith(bad):
            raise OSError(errno.EROFS, "read-only file system")
        unlink(path, **others)

    monkeypatch.setattr(os, "fsync", failing_flush)
    monkeypatch.setattr(os, "unlink", refused_unlink)
    names = Names()
    files = [small_file(n, tmp_path / ("bad" if n == 2 else "good"), names) for n in (1, 2, 3)]
    outcomes = commit(files, recorded=True)
    assert [type(outcome) for outcome in outcomes] == [Committed, DiskError, Committed]


class HangingNames(Names):
    """Names that hang like a dead disk, until they are released."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.released = threading.Event(), threading.Event()

    def claim(self, folder: str, name: str, download_id: int) -> bool:
        self.asked.set()
        assert self.released.wait(2 * PATIENCE_S)
        return super().claim(folder, name, download_id)


async def test_a_file_system_that_hangs_holds_up_no_small_file_elsewhere(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    disk = Disk(lambda folder: ord(folder[-1]))
    batches, names = Batches(disk, recorded=False), HangingNames()
    running = asyncio.create_task(batches.run())
    stuck = asyncio.create_task(batches.put(small_file(1, tmp_path / "a", names)))
    try:
        await asyncio.to_thread(names.asked.wait, PATIENCE_S)
        files = [small_file(n, tmp_path / "b", Names()) for n in range(2, 300)]
        puts = [asyncio.create_task(batches.put(file)) for file in files]
        _, late = await asyncio.wait(puts, timeout=PATIENCE_S)
        assert not late
        assert len(names_in(tmp_path / "b")) == 298
        assert not stuck.done()
    finally:
        names.released.set()
    assert (await stuck).name == "1.bin"
    running.cancel()
    disk.close()


SLOW_SIZE, HELD = 10_000, 5


@pytest.mark.parametrize(
    ("limit", "value"), [("MOST_HELD_BYTES", HELD * SLOW_SIZE), ("MOST_HELD", HELD)]
)
async def test_what_waits_for_a_slow_disk_does_not_fill_the_memory(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    size, jobs, held = SLOW_SIZE, 4, HELD
    released, real = threading.Event(), small_files.commit_batch

    def slow(files: list[SmallFile], flushers: Executor, recorded: bool) -> list[Outcome]:
        assert released.wait(2 * PATIENCE_S)
        return real(files, flushers, recorded)

    monkeypatch.setattr(small_files, "commit_batch", slow)
    monkeypatch.setattr(batches, limit, value)
    monkeypatch.setattr(hung_disks, "HUNG_AFTER_S", 2 * PATIENCE_S)
    for number in range(40):
        server.put(f"/{number}.bin", Pattern(size, seed=number))
    async with running(jobs=jobs) as engine:
        engine.add([wanted(server.url(f"/{number}.bin"), tmp_path) for number in range(40)])
        try:
            await until(engine, lambda all_: sum(map(is_here, all_)) == held + jobs)
            await server.until(lambda: server.answers_now == 0)
            assert len(server.requests) == held + jobs
        finally:
            released.set()
        ended = await idle(engine)
    assert all(download.status is Status.COMPLETED for download in ended)
    for number in range(40):
        assert (tmp_path / f"{number}.bin").read_bytes() == bytes(Pattern(size, seed=number))


def is_here(download: Snapshot) -> bool:
    is_whole = download.done_bytes == download.total_bytes is not None
    return download.status is Status.VERIFYING or (
        download.status is Status.DOWNLOADING and is_whole
    )
