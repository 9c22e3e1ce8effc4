"""What is recorded in the queue, in which order, and what is kept when the disk refuses it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.store.queue_entries import entries, ids
from tests.undeletable import undeletable
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.queue import journal
from tui_downloader.engine.queue.journal import Journal
from tui_downloader.store.entry import Entry, QueueError
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from tui_downloader.model.errors import DiskError


ALL = (1, 2, 3)


class Store(QueueStore):
    """A queue on disk that refuses what a test wants it to, and that can take its time.

    Attributes:
        refused: ids of what it does not save.
    """

    refused: tuple[int, ...] = ()
    reached: threading.Event | None = None
    released: threading.Event | None = None

    def save(self, entries: Iterable[Entry]) -> None:
        if self.reached is not None and self.released is not None:
            self.reached.set()
            assert self.released.wait(2 * PATIENCE_S)
        saved = list(entries)
        if any(entry.download_id in self.refused for entry in saved):
            raise QueueError("no room")
        super().save(saved)


class Desk:
    """A list of downloads and its journal.

    Attributes:
        listed: the entries that are in the list, by id.
        told: what the user was told.
    """

    def __init__(self, queue: Path, disk: Disk) -> None:
        self.store = Store.open(queue)
        self.listed = {entry.download_id: entry for entry in entries(*ALL)}
        self.told: list[str] = []
        self.came_back: list[Entry] = []  # which have files that stay
        self.journal = Journal(self.store, self.listed.get, disk, self.told.append, self._ended)

    def _ended(self, path: str, error: DiskError | None) -> None:
        for entry in self.came_back:
            self.put_back(entry)

    def remove(self, download_id: int) -> None:
        self.journal.remove([self.listed.pop(download_id)])

    def put_back(self, entry: Entry) -> None:
        self.listed[entry.download_id] = entry
        self.journal.put_back([entry.download_id])

    async def hold(self) -> asyncio.Task[None]:
        """Begin to write, and hold the thread at it until `release`."""
        self.store.reached, self.store.released = threading.Event(), threading.Event()
        writing = asyncio.create_task(self.journal.flush())
        assert await asyncio.to_thread(self.store.reached.wait, PATIENCE_S)
        return writing

    def release(self) -> None:
        assert self.store.released is not None
        self.store.released.set()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    disk = Disk()
    desk = Desk(tmp_path / "queue.db", disk)
    with closing(desk.store), closing(desk.journal), closing(disk):
        desk.journal.touch(ALL)
        await desk.journal.flush()
        yield desk


def test_nothing_is_kept_where_there_is_no_queue() -> None:
    journal = Journal(None, lambda _: None, Disk(), lambda _: None)
    journal.touch((1,))
    journal.remove(entries(2))
    assert not journal._wake.is_set()
    journal.close()


async def test_what_changes_is_written_without_anybody_asking_for_it(desk: Desk) -> None:
    """kill -9 may come at any time."""
    writing = asyncio.create_task(desk.journal.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            desk.listed[1] = desk.listed[1]._replace(name="renamed")
            desk.journal.touch((1,))
            while (await desk.journal.load())[0][0].name != "renamed":
                pass
            desk.remove(2)
            while [each.download_id for each in (await desk.journal.load())[0]] != [1, 3]:
                pass
    finally:
        writing.cancel()


async def test_what_was_removed_is_in_the_history_as_it_was_then(desk: Desk) -> None:
    desk.listed[2] = desk.listed[2]._replace(name="renamed")
    desk.remove(2)
    await desk.journal.flush()
    assert ids(desk.store.load()) == [1, 3]
    assert [entry.name for entry in desk.store.history()] == ["renamed"]


async def test_what_was_put_back_before_it_was_written_never_was_away(desk: Desk) -> None:
    entry = desk.listed[2]
    desk.remove(2)
    desk.put_back(entry)
    await desk.journal.flush()
    assert ids(desk.store.load()) == [1, 2, 3]
    assert desk.store.history() == []


async def test_what_was_put_back_while_its_removal_was_written_is_in_the_list(desk: Desk) -> None:
    entry = desk.listed[2]
    desk.remove(2)
    writing = await desk.hold()
    desk.put_back(entry)
    desk.release()
    await writing
    assert ids(desk.store.load()) == [1, 2, 3]


async def test_what_changes_while_something_is_written_is_written_as_well(desk: Desk) -> None:
    desk.journal.touch((1,))
    writing = await desk.hold()
    desk.listed[3] = desk.listed[3]._replace(name="renamed")
    desk.journal.touch((3,))
    desk.release()
    await writing
    assert [entry.name for entry in desk.store.load()] == ["x", "x", "renamed"]


async def test_what_was_refused_is_written_the_next_time(desk: Desk) -> None:
    desk.listed[1] = desk.listed[1]._replace(name="renamed")
    desk.journal.touch((1,))
    desk.remove(2)
    desk.store.refused = ALL
    with pytest.raises(QueueError):
        await desk.journal.flush()
    desk.store.refused = ()
    await desk.journal.flush()
    assert [(entry.download_id, entry.name) for entry in desk.store.load()] == [
        (1, "renamed"),
        (3, "x"),
    ]
    assert ids(desk.store.history()) == [2]


async def test_what_was_refused_is_tried_again_though_nothing_else_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_RETRY_S", 0.01)
    desk.store.refused = (2,)
    desk.listed[2] = desk.listed[2]._replace(name="new")
    desk.journal.touch([2])
    writing = asyncio.create_task(desk.journal.run())
    try:
        await eventually(lambda: len(desk.told) == 1)
        desk.store.refused = ()
        await eventually(lambda: len(desk.told) == 2)
    finally:
        writing.cancel()
    assert desk.told[0].startswith("no room; until it can, ")
    assert desk.told[1] == "the queue is saved again"
    assert desk.store.load()[1].name == "new"


async def test_what_is_put_back_while_its_removal_is_refused_stays(desk: Desk) -> None:
    entry = desk.listed[2]
    desk.remove(2)
    desk.store.refused = ALL
    writing = await desk.hold()
    desk.put_back(entry)
    desk.release()
    with pytest.raises(QueueError):
        await writing
    desk.store.refused = ()
    await desk.journal.flush()
    assert ids(desk.store.load()) == [1, 2, 3]


async def test_what_is_removed_anew_while_its_removal_is_refused_goes_as_it_is_now(
    desk: Desk,
) -> None:
    entry = desk.listed[2]
    desk.remove(2)
    desk.store.refused = ALL
    writing = await desk.hold()
    desk.put_back(entry._replace(name="renamed"))
    desk.remove(2)
    desk.release()
    with pytest.raises(QueueError):
        await writing
    desk.store.refused = ()
    await desk.journal.flush()
    assert ids(desk.store.load()) == [1, 3]
    assert [entry.name for entry in desk.store.history()] == ["renamed"]


async def test_what_is_left_over_goes_only_when_the_queue_knows(desk: Desk, tmp_path: Path) -> None:
    left = tmp_path / "x.part.json"
    left.touch()
    desk.journal.touch((1,))
    desk.journal.clean_up((str(left),), str(tmp_path / "x"))
    desk.store.refused = ALL
    with pytest.raises(QueueError):
        await desk.journal.flush()
    await desk.journal.tidied()
    assert left.exists()
    desk.store.refused = ()
    await desk.journal.flush()
    await desk.journal.tidied()
    assert not left.exists()


async def test_what_is_left_over_while_something_is_written_waits_for_its_own_record(
    desk: Desk, tmp_path: Path
) -> None:
    left = tmp_path / "x.part.json"
    left.touch()
    desk.journal.touch((1,))
    writing = await desk.hold()
    desk.journal.touch((2,))
    desk.journal.clean_up((str(left),), str(tmp_path / "x"))
    desk.store.refused = (2,)
    desk.release()
    with pytest.raises(QueueError):
        await writing
    await desk.journal.tidied()
    assert left.exists()


async def test_names_are_free_once_the_queue_knows_what_had_them(
    desk: Desk, tmp_path: Path
) -> None:
    left = tmp_path / "x.part.json"
    left.touch()
    desk.listed[1] = desk.listed[1]._replace(name="renamed")
    desk.journal.touch((1,))
    desk.journal.clean_up((str(left),), str(tmp_path / "x"))
    await desk.journal.settle(str(tmp_path / "x"))
    assert desk.store.load()[0].name == "renamed"
    assert not left.exists()


async def test_names_that_are_needed_are_free_though_the_queue_refuses(
    desk: Desk, tmp_path: Path
) -> None:
    left = tmp_path / "x.part.json"
    left.touch()
    desk.journal.touch((1,))
    desk.journal.clean_up((str(left),), str(tmp_path / "x"))
    desk.store.refused = ALL
    await desk.journal.settle(str(tmp_path / "x"))
    assert not left.exists()


async def test_a_record_that_is_refused_holds_nobody_up(desk: Desk) -> None:
    desk.store.refused = ALL
    await desk.journal.record(1)
    desk.store.refused = ()
    desk.listed[2] = desk.listed[2]._replace(name="renamed")
    await desk.journal.record(2)
    assert [entry.name for entry in desk.store.load()] == ["x", "renamed", "x"]


async def test_whoever_reads_the_history_sees_what_was_just_removed(desk: Desk) -> None:
    desk.remove(2)
    assert ids(await desk.journal.history()) == [2]


async def test_what_comes_back_while_everything_ends_is_recorded(
    desk: Desk, tmp_path: Path
) -> None:
    """Its file is deleted only after the last write, and stays."""
    (tmp_path / "files").mkdir()
    file = tmp_path / "files" / "2.bin"
    file.touch()
    desk.came_back.append(desk.listed[2])
    with undeletable(file.parent):
        desk.remove(2)
        desk.journal.clean_up((str(file),), str(file))
        await desk.journal.flush()
        await desk.journal.tidied()
    assert [each.download_id for each in desk.store.load()] == [1, 2, 3]
