"""A finished file is of one download, also where another of its address looks for a part."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, SIZE, half_way
from tests.engine.running import get, idle, names_in, only, running, sha256, until, wanted
from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk import owned_files
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.queue import leftovers
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server
    from tui_downloader.model.download import Snapshot


def assert_each_has_its_own(folder: Path, downloads: tuple[Snapshot, ...]) -> None:
    assert [each.status for each in downloads] == [Status.COMPLETED] * 2
    names = sorted(each.name for each in downloads)
    assert names == names_in(folder) == ["file (1).bin", "file.bin"]
    assert {sha256(path) for path in folder.iterdir()} == {FILE.sha256()}


async def test_what_another_download_is_about_to_finish_is_not_taken_for_a_part(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "files"
    async with running(queue) as engine:
        engine.pause([await half_way(server, folder, engine)])
        await idle(engine)
    finish, named, may_go_on = Partial.finish, threading.Event(), threading.Event()

    def slow(partial: Partial, *rest: Any) -> tuple[str, ...]:
        done = finish(partial, *rest)
        if not named.is_set():
            named.set()
            may_go_on.wait(PATIENCE_S)
        return done

    monkeypatch.setattr(Partial, "finish", slow)
    async with running(queue) as engine:
        engine.resume([only(engine).download_id])
        await until(engine, lambda _: named.is_set())
        engine.add([wanted(server.url("/file.bin"), folder)])
        await until(engine, lambda both: both[1].status is Status.COMPLETED)
        may_go_on.set()
        downloads = await idle(engine)
    assert_each_has_its_own(folder, downloads)


async def test_a_part_of_another_download_does_not_hide_ones_own(
    server: Server, tmp_path: Path
) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "files"
    resource = server.put("/file.bin", FILE).first(stall_after=SIZE // 2)
    url = server.url("/file.bin")
    async with running(queue) as engine:
        (other,) = engine.add([wanted(url, folder, name="other.bin")])
        await until(engine, lambda one: one[0].done_bytes == SIZE // 2)
        engine.pause([other])
        await idle(engine)
    leave_part(folder, resource, url, (0, SIZE // 2), name="file (1).bin")
    async with running(queue) as engine:
        download = await get(engine, url, folder)
        assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert sha256(folder / download.name) == FILE.sha256()
    assert server.requests[-1].sent_bytes < SIZE


async def test_what_a_crash_left_of_a_finished_download_finishes_no_other(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is first: it is tidied up before another one looks for a part of its own."""
    queue, folder = tmp_path / "queue.db", tmp_path / "files"
    resource, url = server.put("/file.bin", FILE), server.url("/file.bin")
    async with running(queue) as engine:
        await get(engine, url, folder)
    (folder / "file.bin").rename(folder / "whole")
    leave_part(folder, resource, url, (0, SIZE), finishing=True)
    (folder / "whole").unlink()
    os.link(folder / "file.bin.part", folder / "file.bin")
    look, looks, may_go_on = owned_files.finished_earlier, [0], threading.Event()

    def slow_at_first(path: str) -> Any:
        looks[0] += 1
        if looks[0] == 1:
            may_go_on.wait(PATIENCE_S)
        return look(path)

    monkeypatch.setattr(leftovers, "finished_earlier", slow_at_first)
    async with running(queue) as engine:
        await until(engine, lambda _: looks[0] == 1)
        engine.add([wanted(url, folder)])
        await until(engine, lambda both: both[1].status is Status.COMPLETED)
        may_go_on.set()
        downloads = await idle(engine)
    assert_each_has_its_own(folder, downloads)


async def test_what_a_crash_left_finished_is_fetched_again_where_that_is_wished(
    server: Server, tmp_path: Path
) -> None:
    """It is the file from before: the wish was to have it from byte 0."""
    queue, folder = tmp_path / "queue.db", tmp_path / "files"
    async with running(queue) as engine:
        engine.pause([await half_way(server, folder, engine)])
        await idle(engine)
    resource = server.put("/file.bin", FILE)
    leave_part(folder, resource, server.url("/file.bin"), (0, SIZE), finishing=True)
    os.link(folder / "file.bin.part", folder / "file.bin")
    asked = len(server.requests)
    async with running(queue) as engine:
        engine.restart([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert len(server.requests) > asked
    for name in ("file.bin", download.name):
        assert sha256(folder / name) == FILE.sha256()


async def test_what_a_crash_left_finished_is_of_one_of_those_that_look_for_it(
    server: Server, tmp_path: Path
) -> None:
    """Both addresses are in its record, and nothing in the queue says whose it is."""
    resource = server.put("/file.bin", FILE)
    server.put("/mirror/file.bin", FILE)
    urls = tuple(map(server.url, ("/file.bin", "/mirror/file.bin")))
    leave_part(tmp_path, resource, urls[0], (0, SIZE), finishing=True, urls=urls)
    os.link(tmp_path / "file.bin.part", tmp_path / "file.bin")
    async with running() as engine:
        engine.add([wanted(url, tmp_path) for url in urls])
        downloads = await idle(engine)
        await until(engine, lambda _: len(names_in(tmp_path)) == 2)
    assert_each_has_its_own(tmp_path, downloads)


async def test_a_part_with_another_name_than_the_wanted_one_is_left_alone(
    server: Server, tmp_path: Path
) -> None:
    resource, url = server.put("/file.bin", FILE), server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, SIZE // 2))
    async with running() as engine:
        download = await get(engine, url, tmp_path, name="wanted.bin")
    assert (download.status, download.name) == (Status.COMPLETED, "wanted.bin")
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json", "wanted.bin"]
