"""Parts, also those set aside, count after `kill -9`, whatever the queue was still told."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tests.engine.one_file import FILE, HALF
from tests.engine.running import at_rest, names_in, only, running, seen, wanted
from tests.program import has_ended, plain
from tests.waiting import eventually
from tui_downloader.engine import Engine, EngineOptions
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

PART = ["file.bin.part", "file.bin.part.json"]
OLD = ["file.bin.part.old", "file.bin.part.old.json"]
LITTLE = HALF // 4


async def test_a_little_of_which_nobody_knew_is_not_deleted_with_much(
    server: Server, tmp_path: Path
) -> None:
    """Only both parts together are as much as is asked about."""
    folder, queue = tmp_path / "to", tmp_path / "queue.db"
    folder.mkdir()
    file = server.put("/file.bin", FILE, ranges="ignore", accept_ranges=None, stall_after=HALF)
    async with running(queue) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
        for n_bytes in (HALF, LITTLE):
            file.behaviour.stall_after = n_bytes
            engine.resume([key])
            await seen(engine, lambda d, n=n_bytes: d.done_bytes == n)  # type: ignore[misc]
            engine.pause([key])
            await at_rest(engine)
    forget(queue)
    here = names_in(folder)
    async with running(queue, restart_below_bytes=HALF + LITTLE - 1) as engine:
        engine.cancel([key], keep=False)
        await at_rest(engine)
        assert only(engine).set_aside_bytes == HALF
        assert names_in(folder) == here


async def test_after_kill_9_both_parts_are_found_on_the_disk(
    server: Server, tmp_path: Path
) -> None:
    folder, home = tmp_path / "to", tmp_path / "home"
    folder.mkdir()
    file = server.put("/file.bin", FILE, ranges="ignore", accept_ranges=None, stall_after=HALF)
    at_home = {"TUI_DOWNLOADER_HOME": str(home)}
    for given, stall_after in (((server.url("/file.bin"),), HALF), ((), LITTLE)):
        file.behaviour.stall_after = stall_after
        async with plain(folder, **at_home) as program:
            program.tell(*given)
            await eventually(lambda n=stall_after: has_part(folder, n))  # type: ignore[misc]
            program.process.kill()
            await has_ended(program.process)
    assert set(OLD) < set(names_in(folder))
    (queue,) = home.rglob("queue.db")
    forget(queue)
    with closing(QueueStore.open(queue)) as store:
        async with Engine(EngineOptions(), store, start_paused=True) as engine:
            found = await seen(engine, lambda d: d.set_aside_bytes == HALF)
            assert (found.status, found.kept_bytes) == (Status.PAUSED, LITTLE)


def forget(queue: Path) -> None:
    """Leave the queue as a kill does that comes before it says what was set aside."""
    with closing(sqlite3.connect(queue)) as raw, raw:
        raw.execute("UPDATE downloads SET set_aside_bytes = 0")


def has_part(folder: Path, n_bytes: int) -> bool:
    """The part has so many bytes, and its record."""
    with contextlib.suppress(FileNotFoundError):
        return (
            os.stat(folder / PART[0]).st_size == n_bytes
            and f"[[0, {n_bytes}]]" in (folder / PART[1]).read_text()
        )
    return False
