"""A download that has failed twice, with different bytes, of which each is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.running import get, idle, names_in, only
from tests.server import Pattern, Server
from tui_downloader.model.digests import parse_checksum

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine

FILE, OTHER = Pattern(300_000), Pattern(300_000, seed=3)
RIGHT = parse_checksum(f"sha-256={FILE.sha256()}")
WRONG = parse_checksum("sha-256=" + "1a" * 32)


async def fail(engine: Engine, server: Server, folder: Path) -> None:
    """Let it fail twice, with different bytes: two files are kept."""
    resource = server.put("/file.bin", OTHER)
    await get(engine, server.url("/file.bin"), folder, checksum=WRONG)
    resource.replace(FILE)
    engine.restart([only(engine).download_id])
    await idle(engine)
    assert names_in(folder) == ["file (1).bin.bad", "file.bin.bad"]
