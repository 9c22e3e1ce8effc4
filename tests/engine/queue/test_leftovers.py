"""What finishing leaves behind goes away by itself, and is waited for by nobody else."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.engine.crafting import leave_part, small_file
from tests.engine.running import get, idle, names_in, running, until, wanted
from tests.server import Pattern, Server
from tests.store.queue_entries import PLAIN
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.disk import part_files
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.small_files import commit_batch
from tui_downloader.engine.queue import leftovers
from tui_downloader.engine.queue.entries import download_of
from tui_downloader.engine.queue.journal import Journal
from tui_downloader.engine.queue.leftovers import Leftovers, finished_last
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui_downloader.engine.disk.owned_files import Finished
    from tui_downloader.engine.transfer.download import Download


class Hang:
    """Deleting in a folder named "hung" hangs until it is released."""

    def __init__(self) -> None:
        self._delete = part_files.delete
        self.begun, self.released = threading.Event(), threading.Event()

    def delete(self, paths: tuple[str, ...]) -> None:
        if any("hung" in os.path.dirname(path) for path in paths):
            self.begun.set()
            assert self.released.wait(2 * PATIENCE_S)
        self._delete(paths)


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hang]:
    hang = Hang()
    monkeypatch.setattr(leftovers, "delete", hang.delete)
    yield hang
    hang.released.set()


async def test_a_file_system_that_hangs_holds_up_no_record(
    server: Server, tmp_path: Path, hang: Hang
) -> None:
    queue = tmp_path / "queue.db"
    server.put("/file.bin", Pattern(1_000_000))
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path / "hung")])
        assert await asyncio.to_thread(hang.begun.wait, PATIENCE_S)
        engine.add([wanted(server.url("/file.bin"), tmp_path / "good")])
        await idle(engine)
        async with asyncio.timeout(PATIENCE_S):
            await engine.flush()
        with closing(QueueStore.open(queue)) as store:
            assert [entry.status for entry in store.load()] == [Status.COMPLETED] * 2
        hang.released.set()
    assert names_in(tmp_path / "hung") == ["file.bin"]
    assert names_in(tmp_path / "good") == ["file.bin"]


async def test_a_new_run_waits_for_the_names_of_the_last_one_and_for_no_others(
    tmp_path: Path, hang: Hang
) -> None:
    folder = tmp_path / "hung"
    folder.mkdir()
    for name in ("a.part", "b.part"):
        (folder / name).touch()
    disk = Disk()
    left = Leftovers(disk)
    left.add([str(folder / "a.part"), str(folder / "b.part")])
    assert left.due_of(str(folder / "a")) == (str(folder / "a.part"),)
    left.delete(left.due_of(str(folder / "a")))
    assert await asyncio.to_thread(hang.begun.wait, PATIENCE_S)
    await left.gone(str(folder / "b"))
    waiting = asyncio.create_task(left.gone(str(folder / "a")))
    await asyncio.sleep(0)
    assert not waiting.done()
    hang.released.set()
    await waiting
    assert names_in(folder) == ["b.part"]
    assert left.due == (str(folder / "b.part"),)
    disk.close()


@pytest.mark.parametrize("finds_first", ["the file", "its second name"])
async def test_a_finished_file_goes_with_its_second_name_whichever_thread_is_first(
    tmp_path: Path, finds_first: str
) -> None:
    file, part = str(tmp_path / "file.bin"), str(tmp_path / "file.bin.part")
    (tmp_path / "file.bin").touch()
    os.link(file, part)
    disk = Disk()
    left = Leftovers(disk)
    left.add([part], file)
    left.add([file], file)
    for path in (file, part) if finds_first == "the file" else (part, file):
        left.delete([path])
        await left.gone()
    assert names_in(tmp_path) == []
    disk.close()


async def test_the_second_name_of_a_file_goes_that_the_user_has_moved_meanwhile(
    tmp_path: Path,
) -> None:
    file, part = str(tmp_path / "file.bin"), str(tmp_path / "file.bin.part")
    (tmp_path / "moved.bin").touch()
    os.link(tmp_path / "moved.bin", part)
    disk = Disk()
    left = Leftovers(disk)
    left.add([part], file)
    left.delete([part])
    await left.gone()
    assert names_in(tmp_path) == ["moved.bin"]
    disk.close()


async def test_a_finished_file_goes_without_another_that_has_its_partials_name(
    tmp_path: Path,
) -> None:
    file = str(tmp_path / "file.bin")
    for name in ("file.bin", "file.bin.part"):
        (tmp_path / name).touch()
    disk = Disk()
    left = Leftovers(disk)
    left.add([file], file)
    left.delete([file])
    await left.gone()
    assert names_in(tmp_path) == ["file.bin.part"]
    disk.close()


@pytest.mark.parametrize("has_both_names", [True, False])
async def test_what_a_crash_left_of_a_finished_file_goes_when_the_program_starts(
    server: Server, tmp_path: Path, has_both_names: bool
) -> None:
    """It came when the queue knew of the completion, and before the rest was deleted."""
    queue, folder = tmp_path / "queue.db", tmp_path / "downloads"
    resource = server.put("/file.bin", Pattern(1_000_000))
    url = server.url("/file.bin")
    async with running(queue) as engine:
        await get(engine, url, folder)
    leave_part(folder, resource, url, (0, 1_000_000), finishing=True)
    (folder / "file.bin.part").unlink()
    if has_both_names:
        os.link(folder / "file.bin", folder / "file.bin.part")
    assert len(names_in(folder)) == 2 + has_both_names
    async with running(queue):
        await eventually(lambda: names_in(folder) == ["file.bin"])


async def test_what_a_crash_left_goes_even_when_the_next_start_has_nothing_to_do(
    server: Server, tmp_path: Path
) -> None:
    """As the line mode, which ends at once then."""
    queue, folder = tmp_path / "queue.db", tmp_path / "downloads"
    resource = server.put("/file.bin", Pattern(1_000_000))
    url = server.url("/file.bin")
    async with running(queue) as engine:
        await get(engine, url, folder)
    leave_part(folder, resource, url, (0, 1_000_000), finishing=True)
    (folder / "file.bin.part").unlink()
    async with running(queue):
        pass
    assert names_in(folder) == ["file.bin"]


async def test_another_part_of_that_name_stays(server: Server, tmp_path: Path) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "downloads"
    resource = server.put("/file.bin", Pattern(1_000_000))
    url = server.url("/file.bin")
    async with running(queue) as engine:
        await get(engine, url, folder)
    leave_part(folder, resource, url, (0, 500_000))
    async with running(queue) as engine:
        await engine._parts.journal.repair()
        await engine._parts.journal.flush()
    assert names_in(folder) == ["file.bin", "file.bin.part", "file.bin.part.json"]


@pytest.mark.parametrize("size", [18, 2_000_000])
async def test_a_new_run_has_the_name_of_a_file_that_is_just_being_deleted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """It waits for that; another one in the same folder does not."""
    begun, released, delete = threading.Event(), threading.Event(), part_files.delete

    def slow(paths: tuple[str, ...]) -> None:
        if str(tmp_path / "file.bin") in paths:
            begun.set()
            assert released.wait(2 * PATIENCE_S)
        delete(paths)

    monkeypatch.setattr(leftovers, "delete", slow)
    for name in ("file.bin", "other.bin"):
        server.put(f"/{name}", Pattern(size))
    async with running() as engine:
        before = await get(engine, server.url("/file.bin"), tmp_path)
        engine.remove([before.download_id], delete_file=True)
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda _: len(server.requests) == 2)
        engine.add([wanted(server.url("/other.bin"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        released.set()
        downloads = await idle(engine)
    assert [each.name for each in downloads] == ["file.bin", "other.bin"]
    assert names_in(tmp_path) == ["file.bin", "other.bin"]


async def test_what_several_crashes_left_beside_small_files_goes_with_the_next_start(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, queue, names = tmp_path / "to", tmp_path / "queue.db", [f"{n}.bin" for n in range(300)]
    for name in names:
        server.put(f"/{name}", Pattern(100))
    with monkeypatch.context() as patched:
        patched.setattr(leftovers, "_delete", lambda _: {})
        async with running(queue, jobs=16) as engine:
            engine.add([wanted(server.url(f"/{name}"), folder) for name in names])
            await idle(engine)
    assert len(names_in(folder)) > 2 * len(names)
    async with running(queue):
        pass
    assert names_in(folder) == sorted(names)


async def test_what_a_late_look_found_is_not_deleted_from_a_new_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor() as flushers:
        commit_batch([small_file(1, tmp_path, Names())], flushers, recorded=True)
    assert names_in(tmp_path) == ["1.bin", "1.bin.part", "1.bin.part.json"]
    find, is_late, released = leftovers._find, threading.Event(), threading.Event()

    def late(paths: list[str]) -> list[tuple[str, Finished]]:
        found = find(paths)
        if not is_late.is_set():
            is_late.set()
            assert released.wait(2 * PATIENCE_S)
        return found

    monkeypatch.setattr(leftovers, "_find", late)
    disk = Disk()
    journal = Journal(None, lambda _: None, disk, lambda _: None)
    journal.may_need_repair([str(tmp_path / "1.bin")])
    repairing = asyncio.create_task(journal.repair())
    await asyncio.to_thread(is_late.wait, PATIENCE_S)
    await journal.settle(str(tmp_path / "1.bin"))
    assert names_in(tmp_path) == ["1.bin"]
    record = tmp_path / "1.bin.part.json"  # of a new run
    record.write_text("{}")
    released.set()
    await repairing
    await journal.flush()
    await journal.tidied()
    assert record.exists()
    journal.close()
    disk.close()


def finished(number: int, at: float, status: Status = Status.COMPLETED) -> Download:
    row = PLAIN._replace(download_id=number, name=str(number), status=status)
    return download_of(row._replace(finished_at=at))


def test_files_are_looked_at_that_were_finished_within_a_minute_of_the_last_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = [finished(1, 939.0), finished(2, 1000.0), finished(3, 940.0), finished(4, 970.0)]
    again = finished(5, 1000.0, Status.PAUSED)
    assert finished_last([*done, again]) == [f"/downloads/{n}" for n in (2, 4, 3)]
    monkeypatch.setattr(leftovers, "_LAST", 2)
    assert finished_last(done) == ["/downloads/2", "/downloads/4"]
    assert finished_last([]) == []
