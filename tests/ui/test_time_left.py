"""The time left follows a new speed limit at once, everywhere the same: on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.server import Pattern, Server
from tests.ui.real import real, wanted

KB, MB = 1_000, 1_000_000
SIZE = 185 * MB  # two and a half hours at 20 kB/s: far from a full one


async def test_a_new_limit_counts_at_once(tmp_path: Path, server: Server) -> None:
    # So slow that a minute of typing leaves as many hours.
    server.put("/file.bin", Pattern(SIZE), throttle_bytes_per_s=500 * KB)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.bytes_per_s > 100 * KB)
        await ui.press("t")
        await ui.until(lambda: isinstance(ui.app.focused, Input))
        await ui.press("ctrl+u", *"20k", "enter")
        await ui.until(lambda: ui.snapshot.limit_bytes_per_s == 20 * KB)
        queue = ui.snapshot  # one look: bytes come between two
        (row,) = queue.downloads
        left_s = (SIZE - row.done_bytes) / (20 * KB)
        assert row.eta_s is not None
        assert row.eta_s >= 0.99 * left_s
        assert queue.eta_s == pytest.approx(row.eta_s)
        hour = ui.desk.figures.duration(row.eta_s).partition("h")[0]
        # The header, the row, and the details on the full screen.
        await ui.until_seen(f"about {hour}h")
        await ui.until(lambda: f" {hour}:" in ui.lines[ui.highlighted_line])
        await ui.press("enter")
        await ui.until_seen(f"left {hour}:")


async def test_nothing_is_said_of_the_time_left_while_no_size_is_known(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/stream.ts", Pattern(MB), length="chunked", ranges="ignore", stall_after=MB)
    file.behaviour.throttle_bytes_per_s = 100 * KB
    async with real(tmp_path, wanted(server.url("/stream.ts"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.bytes_per_s > 10 * KB)
        assert ui.snapshot.eta_s is None
        await ui.until_seen("so far, size not told")
        assert "left" not in ui.lines[0]


async def test_what_waits_and_has_no_size_yet_takes_time_besides(
    tmp_path: Path, server: Server
) -> None:
    for name in ("first", "second"):
        server.put(f"/{name}.bin", Pattern(SIZE), throttle_bytes_per_s=2 * MB)
    requests = [wanted(server.url(f"/{name}.bin"), tmp_path) for name in ("first", "second")]
    async with real(tmp_path, *requests, jobs=1) as ui:
        await ui.until_seen("at least ")
        await ui.press("j", "d")
        await ui.until_seen("about ")
        assert "at least " not in ui.text
