"""kill -9 at any instant: the same command goes on, and never is there half a file or two.

Each run is a real process; the blows fall at random instants and at every step of finishing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.engine.running import names_in, sha256
from tests.server import Pattern, Server

SIZE = 40_000_000
FILE = Pattern(SIZE)
SECOND_BYTES = 20_000_000

# Runs `get` and kills itself when the function named first is called for the given time.
DIE_AT = """
import os, signal, sys
from tui_downloader.cli import main
from tui_downloader.engine.disk import partial
from tui_downloader.store import passports

name, when, side = sys.argv[1], int(sys.argv[2]), sys.argv[3]
owner, _, attribute = name.partition(".")
owner = {"os": os, "passports": passports, "Partial": partial.Partial}[owner]
original, calls = getattr(owner, attribute), 0

def deadly(*args, **kwargs):
    global calls
    calls += 1
    if calls == when and side == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*args, **kwargs)
    if calls == when and side == "after":
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(owner, attribute, deadly)
sys.exit(main(sys.argv[4:]))
"""


async def get(folder: Path, *urls: str, die_at: tuple[str, int, str] | None = None) -> int:
    """Run `get` in a process of its own; return its exit code."""
    arguments = ["get", "-q", "-d", str(folder), *urls]
    if die_at is None:
        command = ["-m", "tui_downloader", *arguments]
    else:
        name, when, side = die_at
        command = ["-c", DIE_AT, name, str(when), side, *arguments]
    process = await asyncio.create_subprocess_exec(sys.executable, *command)
    return await process.wait()


async def killed_in_the_middle(
    server: Server, folder: Path, *arguments: str, at_bytes: int
) -> None:
    """Run `get` and kill it once the server has sent so much."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_downloader", "get", "-q", "-d", str(folder), *arguments
    )
    await server.until(lambda: server.sent_bytes >= at_bytes)
    process.send_signal(signal.SIGKILL)
    await process.wait()


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("connections", ["1", "4"])
async def test_a_killed_run_is_continued_with_little_fetched_again(
    server: Server, tmp_path: Path, part: float, connections: str
) -> None:
    each = SECOND_BYTES / int(connections)
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=each)
    await killed_in_the_middle(
        server, tmp_path, "-x", connections, server.url("/file.bin"), at_bytes=int(SIZE * part)
    )
    assert "file.bin" not in names_in(tmp_path)
    resource.behaviour.throttle_bytes_per_s = None
    assert await get(tmp_path, "-x", "1", server.url("/file.bin")) == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]
    # What was in sockets and buffers at that moment, and the bytes that are compared.
    assert resource.sent_bytes - SIZE <= SIZE // 10


STEPS = [
    ("os.fsync", 1, "before"),
    ("os.fsync", 2, "before"),
    ("os.fsync", 3, "after"),
    ("os.fsync", 4, "after"),
    ("passports.write", 1, "before"),
    ("passports.write", 1, "after"),
    ("passports.write", 2, "before"),
    ("passports.write", 2, "after"),
    ("os.link", 1, "before"),
    ("os.link", 1, "after"),
    ("os.unlink", 1, "before"),
    ("os.unlink", 1, "after"),
    ("os.unlink", 2, "before"),
    ("os.unlink", 2, "after"),
    ("os.unlink", 3, "after"),
    ("Partial.finish", 1, "after"),
    ("Partial.write", 1, "after"),
]


@pytest.mark.parametrize("size", [10_000, 3_000_000])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: "-".join(map(str, step)))
async def test_a_kill_at_each_step_leaves_one_whole_file_or_a_resume(
    server: Server, tmp_path: Path, step: tuple[str, int, str], size: int
) -> None:
    file = Pattern(size)
    server.put("/file.bin", file)
    code = await get(tmp_path, server.url("/file.bin"), die_at=step)
    assert code in (0, -signal.SIGKILL)
    final = tmp_path / "file.bin"
    whole = final.exists()
    if whole:
        assert sha256(final) == file.sha256()
    resumable = (tmp_path / "file.bin.part").exists()
    if not (whole and not resumable):
        assert await get(tmp_path, server.url("/file.bin")) == 0
    assert sha256(final) == file.sha256()
    assert [name for name in names_in(tmp_path) if not name.endswith(".json")] == ["file.bin"]


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("when", range(1, 5))
async def test_a_kill_around_decoding_leaves_the_file_as_sent_or_decoded_and_no_doubt(
    server: Server, tmp_path: Path, when: int, side: str
) -> None:
    """The coding that nobody asked for is undone once, whichever rename was the last."""
    file = Pattern(3_000_000)
    server.put("/file.bin", file, content_encoding="gzip", ranges="ignore")
    await get(tmp_path, server.url("/file.bin"), die_at=("os.replace", when, side))
    assert await get(tmp_path, server.url("/file.bin")) == 0
    assert sha256(tmp_path / "file.bin") == file.sha256()
    assert names_in(tmp_path) == ["file.bin"]


def test_the_steps_are_real() -> None:
    """Every function named above exists, or the blow would never fall."""
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.store import passports

    owners = {"os": os, "passports": passports, "Partial": Partial}
    for name, _, _ in STEPS:
        owner, _, attribute = name.partition(".")
        assert callable(getattr(owners[owner], attribute))
