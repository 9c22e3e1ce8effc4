"""kill -9 while a download moves: it goes on with all its bytes, and from one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.disk.moving_crash import crashed, found
from tests.engine.one_file import FILE, assert_whole, half_way
from tests.engine.running import at_rest, get, idle, names_in, only, running, seen, sha256
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tests.server import Server

PAIR = ["file.bin.part", "file.bin.part.json"]
OLD_PAIR = ["file.bin.part.old", "file.bin.part.old.json"]


async def paused(server: Server, queue: Path, folder: Path) -> None:
    """Leave half of the file on disk."""
    async with running(queue) as engine:
        key = await half_way(server, folder, engine)
        engine.pause([key])
        await idle(engine)


async def assert_goes_on(server: Server, queue: Path, here: Path, there: Path) -> None:
    """The next start has one pair, of which nothing is fetched again."""
    async with running(queue) as engine:
        await at_rest(engine)
        assert found(here, there) == PAIR
        engine.resume([only(engine).download_id])
        (done,) = await idle(engine)
    assert Path(done.folder) in (here, there)
    assert_whole(Path(done.folder), done)
    assert found(here, there) == ["file.bin"]
    assert server.resources["/file.bin"].sent_bytes <= FILE.size + 64 * 1024


@pytest.mark.parametrize(
    ("way", "when"),
    [
        *(("link", when) for when in range(1, 11)),
        *(("rename", when) for when in range(1, 6)),
        *(("reserve", when) for when in range(1, 21)),
    ],
)
async def test_a_crash_while_it_moves_leaves_one_pair_with_all_its_bytes(
    server: Server, tmp_path: Path, here: Path, there: Path, way: str, when: int
) -> None:
    queue = tmp_path / "queue.db"
    await paused(server, queue, here)
    await crashed(queue, there, way, when)
    await assert_goes_on(server, queue, here, there)


@pytest.mark.parametrize("when", range(1, 30))
async def test_a_crash_while_it_moves_to_another_file_system_leaves_one_pair(
    server: Server, tmp_path: Path, here: Path, elsewhere: Path, when: int
) -> None:
    queue = tmp_path / "queue.db"
    await paused(server, queue, here)
    await crashed(queue, elsewhere, "copy", when)
    await assert_goes_on(server, queue, here, elsewhere)


@pytest.mark.parametrize("when", [1, 2])
async def test_a_copy_that_a_crash_cut_short_is_gone_at_the_next_start(
    server: Server, tmp_path: Path, here: Path, elsewhere: Path, when: int
) -> None:
    queue = tmp_path / "queue.db"
    await paused(server, queue, here)
    await crashed(queue, elsewhere, "half a copy", when)
    assert any(name.endswith(".copy") for name in names_in(elsewhere))
    await assert_goes_on(server, queue, here, elsewhere)


@pytest.mark.parametrize("when", [3, 6, 9, 12])
@pytest.mark.parametrize("way", ["link", "rename"])
async def test_a_part_that_was_set_aside_is_in_one_place_as_well(
    server: Server, tmp_path: Path, here: Path, there: Path, way: str, when: int
) -> None:
    queue = tmp_path / "queue.db"
    await paused(server, queue, here)
    async with running(queue) as engine:
        key = only(engine).download_id
        server.resources["/file.bin"].first(stall_after=1000)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == 1000)
        engine.pause([key])
        await idle(engine)
    await crashed(queue, there, way, when)
    async with running(queue) as engine:
        await at_rest(engine)
        assert found(here, there) == PAIR + OLD_PAIR
        folder = Path(only(engine).folder)
        assert names_in(folder) == PAIR + OLD_PAIR
        engine.resume([only(engine).download_id])
        (done,) = await idle(engine)
    assert_whole(folder, done)


@pytest.mark.parametrize("when", range(1, 10))
async def test_what_the_user_puts_at_either_place_after_a_crash_stays(
    server: Server, tmp_path: Path, here: Path, there: Path, when: int
) -> None:
    queue = tmp_path / "queue.db"
    await paused(server, queue, here)
    await crashed(queue, there, "link", when)
    names = [*PAIR, *OLD_PAIR, "file.bin.part.copy", "file.bin"]
    there.mkdir(exist_ok=True)
    mine = [path for name in names for path in (here / name, there / name) if not path.exists()]
    for path in mine:
        path.write_text(path.name)
    async with running(queue) as engine:
        await at_rest(engine)
        folder = Path(only(engine).folder)
        engine.resume([only(engine).download_id])
        (done,) = await idle(engine)
    assert done.name == "file (1).bin"
    assert sha256(folder / done.name) == FILE.sha256()
    assert {path: path.read_text() for path in mine} == {path: path.name for path in mine}


@pytest.mark.parametrize(
    ("way", "when"),
    [
        *(("link", when) for when in range(1, 6)),
        *(("rename", when) for when in range(1, 6)),
        *(("reserve", when) for when in range(1, 11)),
    ],
)
async def test_a_crash_while_a_finished_file_moves_leaves_it_where_the_list_says(
    server: Server, tmp_path: Path, here: Path, there: Path, way: str, when: int
) -> None:
    queue = tmp_path / "queue.db"
    server.put("/file.bin", FILE)
    async with running(queue) as engine:
        assert (await get(engine, server.url("/file.bin"), here)).status is Status.COMPLETED
    await crashed(queue, there, way, when)
    async with running(queue) as engine:
        await at_rest(engine)
        done = only(engine)
    assert found(here, there) == ["file.bin"]
    assert_whole(Path(done.folder), done)


@pytest.mark.parametrize("size", [FILE.size, 3])
async def test_what_the_user_puts_where_a_finished_file_was_to_go_stays_there(
    server: Server, tmp_path: Path, here: Path, there: Path, size: int
) -> None:
    """Also when the finished one is gone, so that it might be that."""
    queue = tmp_path / "queue.db"
    server.put("/file.bin", FILE)
    async with running(queue) as engine:
        done = await get(engine, server.url("/file.bin"), here)
    await crashed(queue, there, "rename", 1)
    assert found(here, there) == ["file.bin"]
    (here / "file.bin").unlink()
    (there / "file.bin").write_bytes(bytes(size))
    assert done.finished_at is not None
    later = done.finished_at + 60
    os.utime(there / "file.bin", (later, later) if size == FILE.size else (0, 0))
    async with running(queue) as engine:
        await at_rest(engine)
    assert names_in(here) == []
    assert (there / "file.bin").read_bytes() == bytes(size)
