"""Calls in threads: nobody goes on while a thread still works, not even when cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from tui_downloader.engine.disk import Disk
from tui_downloader.model.errors import DiskError

TIMEOUT_S = 5.0


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
