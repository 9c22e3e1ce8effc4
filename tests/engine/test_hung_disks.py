"""A file system that hangs, such as a dead network mount, holds up nothing on others."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.engine.running import PATIENCE_S, running, seen, until, wanted
from tests.server import Pattern, Server
from tui_downloader.engine import commits, full_disks
from tui_downloader.engine import engine as engine_module
from tui_downloader.engine.disk import Disk
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from tui_downloader.engine.commits import Outcome, SmallFile

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
    monkeypatch.setattr(engine_module, "Disk", partial(Disk, mounts.device_of))
    monkeypatch.setattr(shutil, "disk_usage", mounts.usage)
    monkeypatch.setattr(full_disks, "EVERY_S", 0.1)
    yield mounts
    mounts.released.set()


async def test_a_small_file_that_its_disk_keeps_waiting_says_that_it_is_saved(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, real = threading.Event(), commits.commit_batch

    def hang(files: list[SmallFile], flushers: Executor, recorded: bool) -> list[Outcome]:
        assert released.wait(2 * PATIENCE_S)
        return real(files, flushers, recorded)

    monkeypatch.setattr(commits, "commit_batch", hang)
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
