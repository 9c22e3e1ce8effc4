"""Starting and leaving: quick, and nothing said is lost."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests.server import Server

# Lists, settings and mistakes of users, a log file, faults, and what comes behind the answer where
# the file is not small: all of them take modules that a plain download does without.
ONLY_WHEN_NEEDED = {
    "tui_downloader.model.links.links",
    "tui_downloader.model.links.found_addresses",
    "tui_downloader.model.checksum_files",
    "tui_downloader.engine.transfer.connections",
    "tui_downloader.engine.network.certificates",
    "tomllib",
    "difflib",
    "logging.handlers",
    "html",
}
# What nobody sees in the first picture is loaded behind it.
AFTER_THE_FIRST_PICTURE = {
    "aiohttp",
    "textual.widgets._text_area",
    "tui_downloader.model.links.links",
    "tui_downloader.ui.adding.editing",
    "tui_downloader.ui.screens.add",
}


async def run(*arguments: str) -> tuple[int | None, str]:
    """Run the program as `python -m` does, its output into a pipe; return exit code and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_downloader", *arguments, stdout=subprocess.PIPE
    )
    told, _ = await process.communicate()
    return process.returncode, told.decode()


async def test_leaving_at_once_loses_no_output(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", b"x" * 1000)
    code, told = await run("get", "-q", "--json", "-d", str(tmp_path), server.url("/file.bin"))
    assert code == 0
    assert json.loads(told)["bytes"] == 1000


async def test_the_exit_code_of_a_failure_is_kept(server: Server, tmp_path: Path) -> None:
    code, _ = await run("get", "-q", "-d", str(tmp_path), server.url("/missing.bin"))
    assert code == 1


async def test_a_reader_that_left_is_no_error(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", b"x" * 1000)
    command = [sys.executable, "-m", "tui_downloader", "get", "-q", "-d", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", '"$@" | true', "sh", *command, server.url("/file.bin"), stderr=subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert complaint == b""


async def test_a_plain_download_loads_only_what_it_uses(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", b"x")
    code = (
        "import sys\n"
        "from tui_downloader.cli import main\n"
        f"main(['get', '-q', {server.url('/file.bin')!r}, '-d', {str(tmp_path)!r}])\n"
        "print(*sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE
    )
    loaded, _ = await process.communicate()
    assert "aiohttp" in loaded.decode().split()
    assert not ONLY_WHEN_NEEDED & set(loaded.decode().split())


async def test_the_first_picture_loads_only_what_it_shows() -> None:
    code = "import sys, tui_downloader.cli.with_queue, tui_downloader.ui.run; print(*sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE
    )
    loaded, _ = await process.communicate()
    assert "textual.app" in loaded.decode().split()
    assert not AFTER_THE_FIRST_PICTURE & set(loaded.decode().split())
