"""Calls in threads: nobody goes on while a thread still works, not even when cancelled."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tui_downloader.engine.disk.disk import Disk, device_of
from tui_downloader.model.errors import DiskError

TIMEOUT_S = 60.0


@pytest.fixture
async def disk() -> AsyncIterator[Disk]:
    disk = Disk()
    yield disk
    disk.close()


class Work:
    """A call that a thread is held in until it is released."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._released = threading.Event()
        self.is_over = False

    def __call__(self) -> str:
        self._begun.set()
        assert self._released.wait(TIMEOUT_S)
        self.is_over = True
        return "done"

    def release(self) -> None:
        self._released.set()

    async def begun(self) -> None:
        assert await asyncio.to_thread(self._begun.wait, TIMEOUT_S)


async def test_a_call_returns_what_its_thread_returned(disk: Disk) -> None:
    assert await disk.run("path", max, 1, 2) == 2


async def test_an_error_of_the_system_becomes_one_of_the_disk(disk: Disk) -> None:
    with pytest.raises(DiskError, match="somewhere"):
        await disk.run("somewhere", open, "/nowhere/at/all")


async def test_a_cancellation_waits_for_the_thread(disk: Disk) -> None:
    work = Work()
    task = asyncio.create_task(disk.run("path", work))
    await work.begun()
    for _ in range(3):  # the impatient press more than once
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    work.release()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.is_over


async def test_a_step_that_cannot_be_taken_back_outranks_a_cancellation(disk: Disk) -> None:
    work = Work()
    task = asyncio.create_task(disk.land("path", work))
    await work.begun()
    task.cancel()
    await asyncio.sleep(0)
    work.release()
    assert await task == "done"


async def test_what_was_acquired_is_owned_even_after_a_cancellation(disk: Disk) -> None:
    work = Work()
    owned: list[str] = []
    task = asyncio.create_task(disk.acquire("path", owned.append, work))
    await work.begun()
    task.cancel()
    await asyncio.sleep(0)
    work.release()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert owned == ["done"]


@pytest.mark.parametrize("way", ["run", "acquire"])
async def test_who_cancels_a_call_is_not_told_of_what_goes_wrong_just_then(
    disk: Disk, way: str
) -> None:
    """Else a download that the user pauses would fail."""
    work = Work()

    def fail() -> None:
        work()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def own(_: None) -> None:
        raise AssertionError("nothing came of it")

    call = disk.run("path", fail) if way == "run" else disk.acquire("path", own, fail)
    task = asyncio.create_task(call)
    await work.begun()
    task.cancel()
    await asyncio.sleep(0)
    work.release()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.fixture
async def mounts() -> AsyncIterator[Disk]:
    """Folders "/a..." and "/b..." are on file systems of their own."""
    disk = Disk(lambda folder: ord(folder[1]))
    yield disk
    disk.close()


async def test_a_file_system_that_hangs_holds_up_no_other(mounts: Disk) -> None:
    hanging = [Work() for _ in range(12)]
    await mounts.run("/a/met", max, 1, 2)
    calls = [asyncio.create_task(mounts.run("/a/file", work)) for work in hanging]
    await hanging[0].begun()
    async with asyncio.timeout(TIMEOUT_S / 2):
        assert await mounts.run("/b/file", max, 1, 2) == 2
        assert await mounts.run("/b1/file", max, 1, 2) == 2
    for work in hanging:
        work.release()
    assert await asyncio.gather(*calls) == ["done"] * 12


async def test_a_folder_that_cannot_even_be_looked_at_holds_up_no_other() -> None:
    look = Work()

    def device_of_folder(folder: str) -> int:
        return len(look()) if folder == "/dead" else 1

    disk = Disk(device_of_folder)
    stuck = asyncio.create_task(disk.run("/dead/file", max, 1, 2))
    await look.begun()
    async with asyncio.timeout(TIMEOUT_S / 2):
        assert await disk.run("/alive/file", max, 1, 2) == 2
    assert not stuck.done()
    look.release()
    assert await stuck == 2
    disk.close()


async def test_folders_of_one_file_system_share_its_threads(mounts: Disk) -> None:
    names = set()
    for n in range(30):
        await mounts.run(f"/a{n}/file", max, 1, 2)
        await asyncio.sleep(0)  # what was learnt of the folder counts from the next turn on
        names.add((await mounts.run(f"/a{n}/file", threading.current_thread)).ident)
    assert len(names) <= 8


def test_a_folder_to_be_made_is_on_the_file_system_of_the_one_above(tmp_path: Path) -> None:
    assert device_of(str(tmp_path / "not" / "yet")) == os.stat(tmp_path).st_dev
