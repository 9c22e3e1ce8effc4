"""kill -9 while a replaced file is given back: no entry of the queue names a file of the user's."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.dying import DEADLY
from tests.engine.running import names_in, sha256
from tests.server import Pattern, Server
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from tui_downloader.store.entry import Entry

OWN = b"my own"
FILE = Pattern(1_000_000)
STEPS = 8  # more than there are

# Replaces the user's file, then kills itself after the step of that number of going back.
DIE_AT = (
    DEADLY
    + """
import asyncio, sys
from dataclasses import replace
from pathlib import Path
from tests.engine.running import at_rest, get, idle, running
from tui_downloader.model.download import OnConflict
from tui_downloader.store.queue import QueueStore

queue, folder, url, way, when = *sys.argv[1:5], int(sys.argv[5])
async def main():
    async with running(Path(queue), undo_s=600.0) as engine:
        done = await get(engine, url, Path(folder), on_conflict=OnConflict.OVERWRITE)
        if way == "keep_finished":
            engine.restart([done.download_id])
            await idle(engine)
        await engine._parts.journal.flush()
        await engine._parts.journal.tidied()
        for owner, name in ((os, "link"), (os, "replace"), (os, "unlink"), (QueueStore, "save")):
            setattr(owner, name, deadly(getattr(owner, name)))
        if way == "keep_finished":
            engine.keep_finished({done.download_id: done.finished_at})
        elif way == "move":
            request = engine.request_of(done.download_id)
            wanted = replace(request, folder=os.path.join(folder, "there"))
            engine.edit(done.download_id, wanted)
        elif way == "give_back":
            engine.give_back([done.download_id])
        else:
            engine.remove([done.download_id], delete_file=True, gives_back=True)
        await at_rest(engine)
        await engine._parts.journal.flush()
        await engine._parts.journal.tidied()
        os._exit(calls)

asyncio.run(main())
"""
)


async def crashed(queue: Path, folder: Path, url: str, way: str, when: int) -> int:
    """Let a program of its own go back; return how it ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIE_AT, str(queue), str(folder), url, way, str(when)
    )
    return await process.wait()


def listed(queue: Path) -> list[Entry]:
    store = QueueStore.open(queue)
    try:
        return store.load()
    finally:
        store.close()


@pytest.mark.parametrize("when", range(1, STEPS))
@pytest.mark.parametrize("way", ["give_back", "remove"])
async def test_a_crash_while_a_file_comes_back_is_harmless(
    server: Server, tmp_path: Path, way: str, when: int
) -> None:
    server.put("/file.bin", FILE)
    queue, folder = tmp_path / "queue.db", tmp_path / "downloads"
    folder.mkdir()
    (folder / "file.bin").write_bytes(OWN)
    code = await crashed(queue, folder, server.url("/file.bin"), way, when)
    assert code == -signal.SIGKILL or 0 < code < when  # there are no more steps
    here = {name: (folder / name).read_bytes() for name in names_in(folder)}
    assert OWN in here.values()
    assert set(here.values()) <= {OWN, FILE[0 : FILE.size]}
    for entry in listed(queue):
        assert entry.status is Status.COMPLETED
        assert here[entry.name] != OWN
    if way == "give_back":
        assert FILE[0 : FILE.size] in here.values()


@pytest.mark.parametrize("when", range(1, STEPS))
async def test_a_crash_while_a_restart_is_taken_back_leaves_one_of_both_files(
    server: Server, tmp_path: Path, when: int
) -> None:
    server.put("/file.bin", FILE)
    queue, url = tmp_path / "queue.db", server.url("/file.bin")
    folder = tmp_path / "downloads"
    folder.mkdir()
    code = await crashed(queue, folder, url, "keep_finished", when)
    assert code == -signal.SIGKILL or 0 < code < when
    assert {sha256(folder / name) for name in names_in(folder)} == {FILE.sha256()}
    (entry,) = listed(queue)
    assert entry.status is Status.COMPLETED
    assert (folder / entry.name).exists()


@pytest.mark.parametrize("when", range(1, STEPS))
async def test_a_crash_while_a_finished_file_moves_leaves_it_where_the_queue_says(
    server: Server, tmp_path: Path, when: int
) -> None:
    server.put("/file.bin", FILE)
    queue, url = tmp_path / "queue.db", server.url("/file.bin")
    folder = tmp_path / "downloads"
    folder.mkdir()
    code = await crashed(queue, folder, url, "move", when)
    assert code == -signal.SIGKILL or 0 < code < when
    (entry,) = listed(queue)
    assert entry.status is Status.COMPLETED
    assert entry.path is not None
    assert sha256(Path(entry.path)) == FILE.sha256()
