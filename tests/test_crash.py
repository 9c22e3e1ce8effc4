"""A fault of the program where there is no interface: told with words, and without secrets."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.server import Pattern, Server

FILE = Pattern(1_000_000)
# Fails at the first look at what goes on.
FAILING = """
import sys
from tui_downloader import cli
from tui_downloader.cli.get_report import Report
from tui_downloader.cli.plain_teller import Teller

def fail(*_, **__):
    # In parts: from Python 3.13 on a traceback shows lines of what was given with -c.
    secret = "S3C" + "RET"
    raise RuntimeError(f"no way to https://user:{secret}@host.example/?token={secret}")

Report.show = Teller.look = fail
sys.exit(cli.main())
"""


@pytest.mark.parametrize(
    ("way", "goes_on"), [("--plain", "the next start goes on"), ("get", "the same command goes on")]
)
async def test_a_crash_is_told_without_secrets(
    server: Server, tmp_path: Path, way: str, goes_on: str
) -> None:
    server.put("/file.bin", FILE, stall_after=500_000)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FAILING, way, "-d", str(tmp_path), server.url("/file.bin")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"TUI_DOWNLOADER_HOME": str(tmp_path / "home")},
    )
    async with asyncio.timeout(60):
        said, told = await process.communicate()
    assert process.returncode == 1
    assert b"RuntimeError" in told
    assert goes_on.encode() in told
    assert b"S3CRET" not in said + told
    assert (tmp_path / "file.bin.part.json").exists()
