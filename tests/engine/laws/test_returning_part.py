"""A part that was set aside for another file goes on when its own address is asked for again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import FILE, HALF, OTHER, SIZE, assert_whole, half_way
from tests.engine.running import at_rest, change, idle, log_of, names_in, only, running, seen
from tui_downloader.engine.disk import set_aside
from tui_downloader.model.errors import FileChanged
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server
    from tui_downloader.engine import Engine

LITTLE = 4000
BOTH = [f"file.bin.part{ending}" for ending in ("", ".json", ".old", ".old.json")]


async def turn_to_other(server: Server, folder: Path, engine: Engine, n_bytes: int) -> None:
    """Get half of a file, and then so much of another one at another address."""
    await half_way(server, folder, engine)
    other = server.put("/other.bin", OTHER, stall_after=n_bytes)
    other.first(stall_after=None)  # what is compared first
    change(engine, url=server.url("/other.bin"))
    await seen(engine, lambda d: d.done_bytes == n_bytes and d.set_aside_bytes == HALF)


async def test_it_goes_on_and_what_came_of_the_other_file_is_deleted_and_told(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await turn_to_other(server, tmp_path, engine, LITTLE)
        before = server.resources["/file.bin"].sent_bytes
        change(engine, url=server.url("/file.bin"))
        (done,) = await idle(engine)
        assert "its own part is back" in log_of(engine)
        assert "4.00 kB of the other file are deleted" in log_of(engine)
    assert_whole(tmp_path, done)
    assert server.resources["/file.bin"].sent_bytes - before < HALF + HALF // 4


async def test_it_goes_on_in_a_later_run(server: Server, tmp_path: Path) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    folder.mkdir()
    async with running(queue) as engine:
        await turn_to_other(server, folder, engine, LITTLE)
        engine.pause([1])
        await at_rest(engine)
        change(engine, url=server.url("/file.bin"))
    before = server.resources["/file.bin"].sent_bytes
    async with running(queue) as engine:
        engine.resume([1])
        (done,) = await idle(engine)
    assert_whole(folder, done)
    assert server.resources["/file.bin"].sent_bytes - before < HALF + HALF // 4


async def test_more_than_a_little_of_the_other_file_is_not_deleted_for_less(
    server: Server, tmp_path: Path
) -> None:
    much = HALF + 200_000
    async with running(restart_below_bytes=HALF + 100_000) as engine:
        await turn_to_other(server, tmp_path, engine, much)
        change(engine, url=server.url("/file.bin"))
        failed = await seen(engine, lambda d: d.status is Status.FAILED)
        assert failed.failure is not None
        assert failed.failure.code == FileChanged.code
        await at_rest(engine)
        assert (only(engine).kept_bytes, only(engine).set_aside_bytes) == (much, HALF)
    assert names_in(tmp_path) == BOTH


async def test_who_wants_it_from_0_gets_it_from_0(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await turn_to_other(server, tmp_path, engine, LITTLE)
        engine.pause([1])
        await at_rest(engine)
        change(engine, url=server.url("/file.bin"))
        before = server.resources["/file.bin"].sent_bytes
        engine.restart([1])
        (done,) = await idle(engine)
        assert "its own part is back" not in log_of(engine)
    assert_whole(tmp_path, done)
    assert server.resources["/file.bin"].sent_bytes - before >= SIZE


@pytest.mark.parametrize("ending", ["", ".old"])
async def test_a_file_of_the_user_in_the_place_of_a_part_stays(
    server: Server, tmp_path: Path, ending: str
) -> None:
    async with running() as engine:
        await turn_to_other(server, tmp_path, engine, LITTLE)
        engine.pause([1])
        await at_rest(engine)
        mine = tmp_path / f"file.bin.part{ending}"
        mine.rename(tmp_path / "looked at")
        mine.write_bytes(b"mine")
        back = set_aside.take_back(str(tmp_path / "file.bin.part"), server.url("/file.bin"), SIZE)
    assert back is None
    assert mine.read_bytes() == b"mine"


@pytest.mark.parametrize("step", ["write", "replace", "delete"])
async def test_a_kill_while_it_comes_back_loses_nothing_of_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    part_path, url = str(tmp_path / "file.bin.part"), server.url("/file.bin")
    async with running() as engine:
        await turn_to_other(server, tmp_path, engine, LITTLE)
        engine.pause([1])
        await at_rest(engine)
        change(engine, url=url)
        kill_after(step, monkeypatch)
        with pytest.raises(Killed):
            set_aside.take_back(part_path, url, SIZE)
        monkeypatch.undo()
        before = server.resources["/file.bin"].sent_bytes
        engine.resume([1])
        (done,) = await idle(engine)
    assert_whole(tmp_path, done)
    assert server.resources["/file.bin"].sent_bytes - before < HALF + HALF // 4


class Killed(BaseException):
    """The program ends here."""


def kill_after(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing happen any more once this step of bringing a part back is done."""
    owner = os if step == "replace" else passports
    really = getattr(owner, step)

    def last(*args: object) -> None:
        really(*args)
        if not str(args[0]).endswith(".tmp"):
            raise Killed

    monkeypatch.setattr(owner, step, last)


async def test_a_part_is_recorded_with_the_address_that_it_came_from(
    server: Server, tmp_path: Path
) -> None:
    """Also when another one is asked for while it comes: its ETag is not that one's."""
    async with running() as engine:
        await half_way(server, tmp_path, engine)
        server.put("/other.bin", FILE, etag='"another"').first(stall_after=0)
        change(engine, url=server.url("/other.bin"))
        await server.until(lambda: server.resources["/other.bin"].hits == 1)
        record = passports.read(str(tmp_path / "file.bin.part"))
        assert record is not None
        assert record.urls == (server.url("/file.bin"),)
        assert "if-range" not in server.requests[-1].headers
        server.release()
        (done,) = await idle(engine)
    assert_whole(tmp_path, done)
