"""An engine for tests: short to start, strict to end."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import Engine, EngineOptions
from tui_downloader.model import retry
from tui_downloader.model.download import DownloadRequest, Snapshot
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest


@asynccontextmanager
async def running(queue_file: Path | None = None, **options: Any) -> AsyncIterator[Engine]:
    """Yield an engine inside its context; with `queue_file` it has a queue on disk.

    A file has one connection unless a test says otherwise (0: as many as pay): how many pay depends
    on how fast the machine is.
    """
    options = {"connections": 1} | options
    queue = QueueStore.open(queue_file) if queue_file is not None else None
    try:
        async with Engine(EngineOptions(**options), queue) as engine:
            yield engine
    finally:
        if queue is not None:
            queue.close()


def wanted(url: str, folder: Path, **fields: Any) -> DownloadRequest:
    """A request for `url` into `folder`."""
    return DownloadRequest(url=url, folder=str(folder), **fields)


async def idle(engine: Engine) -> tuple[Snapshot, ...]:
    """Wait until nothing runs and return what there is."""
    async with asyncio.timeout(PATIENCE_S):
        await engine.wait_idle()
    return engine.snapshot().downloads


async def get(engine: Engine, url: str, folder: Path, **fields: Any) -> Snapshot:
    """Download one address to its end and return how it ended."""
    (download_id,) = engine.add([wanted(url, folder, **fields)])
    return next(d for d in await idle(engine) if d.download_id == download_id)


def only(engine: Engine) -> Snapshot:
    """The only download of an engine."""
    (download,) = engine.snapshot().downloads
    return download


def change(engine: Engine, **fields: Any) -> None:
    """Edit the only download."""
    download_id = only(engine).download_id
    request = engine.request_of(download_id)
    assert request is not None
    engine.edit(download_id, replace(request, **fields))


def log_of(engine: Engine, download_id: int = 1) -> str:
    """The log of a download as one text, a line for each entry."""
    return "\n".join(words for _, words in engine.details(download_id).log)


async def until(engine: Engine, condition: Callable[[tuple[Snapshot, ...]], bool]) -> None:
    """Wait until the downloads fit `condition`."""
    await eventually(lambda: condition(engine.snapshot().downloads))


async def at_rest(engine: Engine) -> None:
    """Wait until no task has a download in hand: every wish is carried out."""
    await eventually(lambda: not engine._parts.tasks.ids)


async def seen(engine: Engine, condition: Callable[[Snapshot], bool]) -> Snapshot:
    """Wait until the only download fits `condition`, and return it."""
    await until(engine, lambda downloads: len(downloads) == 1 and condition(downloads[0]))
    return only(engine)


async def most_connections(engine: Engine) -> int:
    """Wait until the only download has ended; return how many connections it had at most."""
    seen_counts = [0]

    def has_ended(download: Snapshot) -> bool:
        seen_counts.append(download.connections)
        return download.status.is_ended

    await seen(engine, has_ended)
    await idle(engine)  # what is beside the file goes a little later
    return max(seen_counts)


def sha256(path: Path) -> str:
    """Digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names_in(folder: Path) -> list[str]:
    """Every name in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def try_again_after(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each wait for the next try take so long."""
    monkeypatch.setattr(retry, "FIRST_WAIT_S", seconds)
    monkeypatch.setattr(retry, "LONGEST_BACKOFF_S", seconds)
