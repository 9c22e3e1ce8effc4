"""The free space where downloads go is known soon after it has changed."""

from __future__ import annotations

import asyncio
import shutil
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.engine.running import only, running, seen, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.disk import free_space
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.free_space import FreeSpace
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

GB = 10**9


class Usage(NamedTuple):
    free: int


@pytest.fixture(autouse=True)
def _looks_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_space, "_PAUSE_S", 0.0)


@asynccontextmanager
async def watching(
    space: FreeSpace, folder: Callable[[], str], tell: Callable[[], None] = lambda: None
) -> AsyncIterator[None]:
    disk = Disk()
    watch = asyncio.create_task(space.watch(disk, folder, tell))
    try:
        yield
    finally:
        watch.cancel()
        disk.close()


async def test_the_free_space_is_looked_up_soon_after_the_first_download_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space, "_EVERY_S", 3600.0)
    folders, asked = [""], []
    space = FreeSpace()

    def folder() -> str:
        asked.append(folders[-1])
        return folders[-1]

    async with watching(space, folder):
        await eventually(lambda: asked)
        folders.append(str(tmp_path))
        space.look_soon()
        await eventually(lambda: space.free_bytes)
        assert space.folder == str(tmp_path)
        folders.append("")
        space.look_soon()
        await eventually(lambda: space.free_bytes is None)
        assert space.folder == ""


async def test_what_others_write_there_is_noticed_and_told_where_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In three digits, as it is written: less than that nobody would see."""
    monkeypatch.setattr(free_space, "_EVERY_S", 0.01)
    frees, told, asked = [40 * GB], [], []

    def disk_usage(_: str) -> Usage:
        asked.append(frees[-1])
        return Usage(frees[-1])

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    space = FreeSpace()
    async with watching(space, lambda: str(tmp_path), lambda: told.append(space.free_bytes)):
        await eventually(lambda: told == [40 * GB])
        frees.append(40 * GB + 1)
        await eventually(lambda: asked.count(40 * GB + 1) > 1)
        frees.append(38 * GB)
        await eventually(lambda: len(told) > 1)
    assert told == [40 * GB, 38 * GB]


async def test_a_disk_that_does_not_answer_holds_up_no_look_at_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space, "_PATIENCE_S", 0.01)
    monkeypatch.setattr(free_space, "_EVERY_S", 0.01)
    answers, asked = threading.Event(), []
    hung, good = str(tmp_path / "hung"), str(tmp_path)

    def disk_usage(path: str) -> Usage:
        asked.append(path)
        assert path == good or answers.wait(PATIENCE_S)
        return Usage(GB)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    folders, space = [hung], FreeSpace()
    async with watching(space, lambda: folders[-1]):
        await eventually(lambda: space.folder == hung)
        assert space.free_bytes is None
        folders.append(good)
        await eventually(lambda: (space.folder, space.free_bytes) == (good, GB))
        folders.append(hung)
        await eventually(lambda: (space.folder, space.free_bytes) == (hung, None))
        assert asked.count(hung) == 1  # what does not answer is not asked again
        answers.set()
        await eventually(lambda: (space.folder, space.free_bytes) == (hung, GB))


async def test_the_folder_is_that_of_what_still_comes_and_of_nothing_that_left_the_list(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_space, "_EVERY_S", 3600.0)
    server.put("/file.bin", Pattern(1000))
    done, to_come = tmp_path / "done", tmp_path / "to come"
    async with running(tmp_path / "queue.db") as engine:
        engine.add([wanted(server.url("/file.bin"), done)])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
        await eventually(lambda: engine.snapshot().free_folder == str(done))
        engine.add([wanted(server.url("/other.bin"), to_come)], paused=True)
        await eventually(lambda: engine.snapshot().free_folder == str(to_come))
        first, second = (each.download_id for each in engine.snapshot().downloads)
        engine.remove([second])
        await eventually(lambda: engine.snapshot().free_folder == str(done))
        assert only(engine).download_id == first
        engine.remove([first])
        await eventually(lambda: engine.snapshot().free_folder == "")
        assert engine.snapshot().free_bytes is None
