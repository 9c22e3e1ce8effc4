"""The file that most tests of a download are about: half of it on its way, and whole in the end."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.engine.running import names_in, seen, sha256, wanted
from tests.server import Pattern
from tests.waiting import PATIENCE_S
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from tests.server import Content, Server
    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot

SIZE = 2_000_000
HALF = SIZE // 2
FILE = Pattern(SIZE)
OTHER = Pattern(SIZE, seed=9)


def assert_whole(folder: Path, download: Snapshot, content: Content = FILE) -> None:
    """The download is complete, and its file alone is in the folder, with this content."""
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(folder / "file.bin") == content.sha256()
    assert names_in(folder) == ["file.bin"]


async def half_way(server: Server, folder: Path, engine: Engine) -> int:
    """Begin the download, return its id when half of it is here and the server holds the rest."""
    server.put("/file.bin", FILE).first(stall_after=HALF)
    (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
    await seen(engine, lambda d: d.done_bytes == HALF)
    return key


@asynccontextmanager
async def getting_its_name(
    server: Server, engine: Engine, key: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Let the rest come; inside, the file is whole and about to get its name, and then gets it."""
    download = engine._parts.roster.downloads[key]
    begun, go_on, real = threading.Event(), threading.Event(), os.fsync

    def fsync(fd: int) -> None:
        if download.status is Status.VERIFYING:
            begun.set()
            go_on.wait(PATIENCE_S)
        real(fd)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        server.release()
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    try:
        yield
    finally:
        go_on.set()
