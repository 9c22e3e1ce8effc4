"""kill -9 while a file gets its name: in the end there is one whole file, nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.disk.no_links import know_no_links
from tests.engine.dying import DEADLY
from tests.engine.running import idle, names_in, running, sha256, wanted
from tests.server import Pattern
from tui_downloader.engine.disk import unnamed
from tui_downloader.engine.disk.small_files import SMALL_BYTES
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

SMALL = Pattern(10_000)
LARGE = Pattern(SMALL_BYTES + 1)

# Lets the only download of a queue go on, and kills itself behind the step of that number.
DIE_AT = (
    DEADLY
    + """
import asyncio, sys
from pathlib import Path
from tests.engine.disk.no_links import know_no_links
from tests.engine.running import idle, only, running
from tui_downloader.engine.disk import unnamed, writer
from tui_downloader.store.queue import QueueStore

def deadly_for(final_name, original):
    deadly_one = deadly(original)
    def call(*args, **kwargs):
        names = final_name, final_name + ".reserved"
        is_it = any(os.path.basename(str(each)) in names for each in args)
        return (deadly_one if is_it else original)(*args, **kwargs)
    return call

queue, way, when = sys.argv[1], sys.argv[2], int(sys.argv[3])
if way == "a partial":
    unnamed.OPEN_FILES = "/nowhere"
elif way == "a process":
    writer._WORTH_IT = 1
elif way == "no links":
    know_no_links()

async def main():
    async with running(Path(queue)) as engine:
        if way == "no links":
            for name in ("open", "replace"):
                setattr(os, name, deadly_for("file (1).bin", getattr(os, name)))
        else:
            steps = [(os, name) for name in ("pwrite", "link", "replace", "unlink", "fsync")]
            for owner, name in (*steps, (QueueStore, "save")):
                setattr(owner, name, deadly(getattr(owner, name)))
        engine.resume([only(engine).download_id])
        await idle(engine)
        await engine.flush()
    os._exit(min(calls, 100))

asyncio.run(main())
"""
)


async def crashed(queue: Path, way: str, when: int) -> None:
    """Let a program of its own finish the only download of a queue, and die of it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DIE_AT, str(queue), way, str(when))
    )
    code = await process.wait()
    assert code == -signal.SIGKILL or 0 < code < when  # there are no more steps


@pytest.mark.parametrize("way", ["no name", "a partial", "a process"])
@pytest.mark.parametrize("when", range(1, 16))
async def test_a_crash_leaves_one_whole_file_or_what_it_is_fetched_again_for(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, when: int
) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    server.put("/file.bin", SMALL)
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)], paused=True)
        await engine.flush()
    await crashed(queue, way, when)
    if way == "a partial":
        monkeypatch.setattr(unnamed, "OPEN_FILES", str(tmp_path / "nowhere"))
    async with running(queue) as engine:
        (before,) = engine.snapshot().downloads
        if before.status is Status.PAUSED:  # the wish was not recorded yet
            engine.resume([before.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert download.total_bytes == SMALL.size
    assert names_in(folder) == ["file.bin"]
    assert sha256(folder / "file.bin") == SMALL.sha256()
    assert len(server.requests) <= 2


@pytest.mark.parametrize("file", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("when", [1, 2, 3])  # marked, reserved, renamed
async def test_without_links_a_crash_leaves_no_empty_file_in_the_place_of_the_whole_one(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Pattern, when: int
) -> None:
    """Nor is a name that another file has taken before."""
    queue, folder = tmp_path / "queue.db", tmp_path / "to"
    folder.mkdir()
    (folder / "file.bin").write_bytes(b"")
    os.utime(folder / "file.bin", (1, 1))
    server.put("/file.bin", file)
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)], paused=True)
        await engine.flush()
    await crashed(queue, "no links", when)
    know_no_links(monkeypatch)
    async with running(queue) as engine:
        (before,) = engine.snapshot().downloads
        if before.status is Status.PAUSED:
            engine.resume([before.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert names_in(folder) == ["file (1).bin", "file.bin"]
    assert sha256(folder / "file (1).bin") == file.sha256()
    assert (folder / "file.bin").read_bytes() == b""
