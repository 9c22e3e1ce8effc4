"""kill -9 while the files of a download move: who dies of it, and what is left."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from tests.engine.dying import DEADLY
from tests.engine.running import names_in

if TYPE_CHECKING:
    from pathlib import Path

# Moves the only download, and kills itself after the step of that number.
DIE_AT = (
    DEADLY
    + """
import asyncio, errno, shutil, sys
from dataclasses import replace
from pathlib import Path
from tests.engine.disk.no_links import know_no_links
from tests.engine.running import at_rest, only, running
from tui_downloader.engine.disk import renaming
from tui_downloader.store.queue import QueueStore

queue, folder, way, when = *sys.argv[1:4], int(sys.argv[4])
def half(source, target, length):
    all_bytes = os.fstat(source.fileno()).st_size
    target.write(source.read(all_bytes // 2 if calls == when else all_bytes))
    target.flush()

def refused(*args, **kwargs):
    raise OSError(errno.EPERM, "no hard links here")

async def main():
    async with running(Path(queue)) as engine:
        await at_rest(engine)
        await engine.flush()
        steps = [(os, "link"), (os, "replace"), (os, "unlink"), (QueueStore, "save")]
        if way == "rename":
            os.link = refused
            steps[0] = renaming, "_renamed"
        elif way == "reserve":
            know_no_links()
            steps[0] = os, "open"
        elif way == "copy":
            steps.append((os, "open"))
        elif way == "half a copy":
            shutil.copyfileobj = half
            steps = [(shutil, "copyfileobj")]
        for owner, name in steps:
            setattr(owner, name, deadly(getattr(owner, name)))
        key = only(engine).download_id
        engine.edit(key, replace(engine.request_of(key), folder=folder))
        await at_rest(engine)
        await engine.flush()
        os._exit(calls)

asyncio.run(main())
"""
)


async def crashed(queue: Path, folder: Path, way: str, when: int) -> None:
    """Let a program of its own move the only download of a queue, and die of it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DIE_AT, str(queue), str(folder), way, str(when))
    )
    code = await process.wait()
    assert code == -signal.SIGKILL or 0 < code < when  # there are no more steps


def found(here: Path, there: Path) -> list[str]:
    """The names at both places."""
    return sorted(name for folder in (here, there) if folder.exists() for name in names_in(folder))
