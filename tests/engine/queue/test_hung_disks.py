"""A file system that hangs, such as a dead network mount, holds up nothing on others."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.engine.running import running, seen, until, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine import parts
from tui_downloader.engine.disk import small_files
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.queue import full_disks, hung_disks
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.engine.disk.small_files import Outcome, SmallFile
    from tui_downloader.engine.network.tap import Tap
    from tui_downloader.model.download import Snapshot

HUNG = "hung"


class Usage(NamedTuple):
    free: int


class Mounts:
    """Folders by the names "hung" and "good" on file systems of their own, as the engine sees it.

    Looking at the first one hangs from the start, until it is released.
    """

    def __init__(self) -> None:
        self.begun, self.released = threading.Event(), threading.Event()
        self.is_full = False

    def device_of(self, folder: str) -> int:
        return 1 if os.path.basename(folder) == HUNG else 2

    def usage(self, path: str) -> Usage:
        if os.path.basename(path) == HUNG:
            self.begun.set()
            assert self.released.wait(2 * PATIENCE_S)
        return Usage(0 if self.is_full else 1 << 40)


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mounts]:
    mounts = Mounts()
    monkeypatch.setattr(parts, "Disk", partial(Disk, mounts.device_of))
    monkeypatch.setattr(shutil, "disk_usage", mounts.usage)
    monkeypatch.setattr(full_disks, "EVERY_S", 0.1)
    yield mounts
    mounts.released.set()


async def test_a_small_file_that_its_disk_keeps_waiting_says_that_it_is_saved(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, real = threading.Event(), small_files.commit_batch

    def hang(files: list[SmallFile], flushers: Executor, recorded: bool) -> list[Outcome]:
        assert released.wait(2 * PATIENCE_S)
        return real(files, flushers, recorded)

    monkeypatch.setattr(small_files, "commit_batch", hang)
    server.put("/small.bin", Pattern(1000))
    async with running() as engine:
        try:
            engine.add([wanted(server.url("/small.bin"), tmp_path)])
            await seen(engine, lambda d: (d.status, d.phase) == (Status.VERIFYING, "saving"))
        finally:
            released.set()
        await seen(engine, lambda d: d.status is Status.COMPLETED)


async def test_a_full_disk_is_noticed_while_another_one_hangs(
    server: Server, tmp_path: Path, mounts: Mounts
) -> None:
    for name in (HUNG, "good"):
        (tmp_path / name).mkdir()
        server.put(f"/{name}.bin", Pattern(3_000_000), stall_after=1_000_000)
    async with running() as engine:
        engine.add([wanted(server.url(f"/{HUNG}.bin"), tmp_path / HUNG)])
        assert await asyncio.to_thread(mounts.begun.wait, PATIENCE_S)
        engine.add([wanted(server.url("/good.bin"), tmp_path / "good")])
        await until(engine, lambda all_: all_[1].done_bytes > 0)
        mounts.is_full = True
        await until(engine, lambda all_: all_[1].status is Status.PAUSED)
        (_, good) = engine.snapshot().downloads
        assert good.failure is not None
        assert good.failure.code == "disk-full"
        mounts.released.set()


# Who waits for such a disk says so, and takes nobody's slot.


class Stuck:
    """Writing to a partial in the folder "hung" does not come back until it is released."""

    def __init__(self) -> None:
        self.begun, self.released = threading.Event(), threading.Event()
        self._write = Partial.write

    def write(
        self, partial: Partial, data: bytes | memoryview, offset: int, tap: Tap | None = None
    ) -> int:
        if os.path.basename(partial.folder) == HUNG:
            self.begun.set()
            assert self.released.wait(2 * PATIENCE_S)
        return self._write(partial, data, offset, tap)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    stuck, mounts = Stuck(), Mounts()
    monkeypatch.setattr(Partial, "write", lambda *args: stuck.write(*args))  # noqa: PLW0108 - binds
    monkeypatch.setattr(parts, "Disk", partial(Disk, mounts.device_of))
    monkeypatch.setattr(hung_disks, "EVERY_S", 0.02)
    monkeypatch.setattr(hung_disks, "HUNG_AFTER_S", 0.2)
    yield stuck
    stuck.released.set()


def waits(download: Snapshot) -> bool:
    return download.disk_silent_since is not None


async def test_what_is_queued_for_such_a_disk_says_that_it_waits_for_it(
    server: Server, tmp_path: Path, stuck: Stuck
) -> None:
    server.put("/file.bin", Pattern(3_000_000))
    request = wanted(server.url("/file.bin"), tmp_path / HUNG)
    async with running(jobs=1) as engine:
        engine.add([request])
        await seen(engine, waits)
        engine.add([request, wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda all_: all_[1].hold is not None)
        _, queued, elsewhere = engine.snapshot().downloads
        assert queued.hold is not None
        assert queued.hold.is_disk
        assert elsewhere.hold is None
        stuck.released.set()
        await until(engine, lambda all_: all(each.status is Status.COMPLETED for each in all_))


async def test_who_waits_for_a_disk_says_so_and_where(
    server: Server, tmp_path: Path, stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    server.put("/file.bin", Pattern(3_000_000))
    begun_at = time.time()
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path / HUNG)])
        download = await seen(engine, waits)
        assert download.status is Status.DOWNLOADING
        assert download.disk_silent_since is not None
        assert begun_at <= download.disk_silent_since <= download_time(engine) - 0.2
        why = engine.details(key).slowed_by.words
        assert why.startswith(f"the disk at ~/{HUNG}: no answer for ")
        stuck.released.set()
        done = await seen(engine, lambda d: d.status is Status.COMPLETED)
        assert not waits(done)
        told = [words for _, words in engine.details(key).log]
    assert f"waiting for the disk at {tmp_path / HUNG}" in told
    assert any(words.startswith("the disk answered after ") for words in told)


def download_time(engine: Engine) -> float:
    return engine.snapshot().taken_at


async def test_others_get_the_slot_of_who_waits_for_a_disk_but_nobody_else_on_it(
    server: Server, tmp_path: Path, stuck: Stuck
) -> None:
    for n in range(2):
        server.put(f"/{n}.bin", Pattern(3_000_000 + n))
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url(f"/{n}.bin"), tmp_path / HUNG) for n in range(2)])
        engine.add([wanted(server.url(f"/{n}.bin"), tmp_path / "good") for n in range(2)])
        await until(engine, lambda all_: [d.status for d in all_[2:]] == [Status.COMPLETED] * 2)
        first, second, *_ = engine.snapshot().downloads
        assert waits(first)
        assert (second.status, waits(second)) == (Status.QUEUED, False)
        stuck.released.set()
        await until(engine, lambda all_: {d.status for d in all_} == {Status.COMPLETED})


async def test_who_was_queued_for_such_a_disk_starts_as_soon_as_it_answers(
    server: Server, tmp_path: Path, stuck: Stuck
) -> None:
    """Not only when one of those that waited for it has ended."""
    server.put("/held.bin", Pattern(3_000_000), stall_after=2_000_000)
    server.put("/file.bin", Pattern(3_000_000))
    async with running(jobs=2) as engine:
        (held,) = engine.add([wanted(server.url("/held.bin"), tmp_path / HUNG)])
        await seen(engine, waits)
        engine.add([wanted(server.url("/file.bin"), tmp_path / HUNG)])
        await until(engine, lambda all_: all_[1].hold is not None)
        stuck.released.set()
        await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
        engine.cancel([held], keep=False)


async def test_where_the_disk_hangs_before_anything_is_known_of_it_others_get_the_slot(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def device_of(folder: str) -> int:
        assert os.path.basename(folder) != HUNG or released.wait(2 * PATIENCE_S)
        return 1

    monkeypatch.setattr(parts, "Disk", partial(Disk, device_of))
    monkeypatch.setattr(hung_disks, "EVERY_S", 0.02)
    monkeypatch.setattr(hung_disks, "HUNG_AFTER_S", 0.2)
    server.put("/file.bin", Pattern(3_000_000))
    async with running(jobs=1) as engine:
        try:
            engine.add([wanted(server.url("/file.bin"), tmp_path / HUNG)])
            engine.add([wanted(server.url("/file.bin"), tmp_path / "good")])
            await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
            first, _ = engine.snapshot().downloads
            assert (first.status, waits(first)) == (Status.CONNECTING, True)
        finally:
            released.set()
        await until(engine, lambda all_: all_[0].status is Status.COMPLETED)


async def test_a_small_file_that_waits_for_its_disk_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, real = threading.Event(), small_files.commit_batch

    def hang(files: list[SmallFile], flushers: Executor, recorded: bool) -> list[Outcome]:
        assert released.wait(2 * PATIENCE_S)
        return real(files, flushers, recorded)

    monkeypatch.setattr(small_files, "commit_batch", hang)
    monkeypatch.setattr(hung_disks, "EVERY_S", 0.02)
    monkeypatch.setattr(hung_disks, "HUNG_AFTER_S", 0.2)
    server.put("/small.bin", Pattern(1000))
    async with running() as engine:
        try:
            engine.add([wanted(server.url("/small.bin"), tmp_path)])
            await seen(engine, waits)
        finally:
            released.set()
        done = await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert not waits(done)
