"""Under a speed limit: what is taken, how many connections there are, and who is to blame."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import only, running, seen, until, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.network.limiter import BURST_S
from tui_downloader.model.slowness import Remedy
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot

RATE = 160_000
SLICE_BYTES = RATE // 16
LARGE = Pattern(20_000_000)
READS_BEFORE = 4  # with a head, and until its body is attached


def blamed(engine: Engine) -> Remedy | None:
    return engine.details(only(engine).download_id).slowed_by.remedy


@pytest.mark.parametrize("length", ["content-length", "chunked"])
async def test_what_comes_with_the_heads_is_within_the_limit(
    server: Server, tmp_path: Path, length: Any
) -> None:
    urls = [server.url(server.put(f"/{n}.bin", LARGE, length=length).path) for n in range(3)]
    async with running(limit_bytes_per_s=RATE, connections=0) as engine:
        began_at = time.monotonic()
        engine.add([wanted(url, tmp_path) for url in urls])
        await until(engine, lambda downloads: all(each.done_bytes for each in downloads))
        taken = sum(each.done_bytes for each in engine.snapshot().downloads)
        elapsed_s = time.monotonic() - began_at
    assert taken <= RATE * (elapsed_s + BURST_S) + len(urls) * READS_BEFORE * SLICE_BYTES


async def test_a_limit_that_holds_a_download_opens_no_more_connections(
    server: Server, tmp_path: Path
) -> None:
    file = server.put("/large.bin", LARGE)
    async with running(limit_bytes_per_s=300_000, connections=0) as engine:
        engine.add([wanted(server.url("/large.bin"), tmp_path)])
        held = await seen(engine, lambda _: blamed(engine) is Remedy.PROGRAM_LIMIT)
        hits = file.hits
        await seen(engine, lambda download: download.done_bytes > held.done_bytes + 600_000)
        assert file.hits == hits


@pytest.mark.parametrize("is_its_own", [True, False])
async def test_a_limit_is_named_and_never_taken_for_a_stall(
    server: Server, tmp_path: Path, is_its_own: bool
) -> None:
    server.put("/large.bin", LARGE)
    async with running(limit_bytes_per_s=None if is_its_own else 1) as engine:
        limit = 1 if is_its_own else None
        engine.add([wanted(server.url("/large.bin"), tmp_path, limit_bytes_per_s=limit)])

        def is_held(download: Snapshot) -> bool:
            return download.heard_at is not None and blamed(engine) is not None

        held = await seen(engine, is_held)
        remedy = Remedy.OWN_LIMIT if is_its_own else Remedy.PROGRAM_LIMIT
        assert blamed(engine) is remedy
        first = held.heard_at or 0.0
        # It goes on being held, though not a byte comes at this limit.
        later = await seen(engine, lambda download: (download.heard_at or 0.0) > first)
        assert later.status is Status.DOWNLOADING
        assert later.done_bytes == held.done_bytes


async def test_a_server_that_sends_nothing_is_not_excused_by_a_limit(
    server: Server, tmp_path: Path
) -> None:
    server.put("/large.bin", LARGE, stall_after=1000)
    async with running(limit_bytes_per_s=10**9) as engine:
        engine.add([wanted(server.url("/large.bin"), tmp_path)])
        silent = await seen(engine, lambda download: download.done_bytes == 1000)
        await until(engine, lambda _: engine.details(silent.download_id).slowed_by.words != "")
        assert only(engine).heard_at == silent.heard_at
