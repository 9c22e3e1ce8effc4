"""What is there already: a file fetched again, replaced, or a partial added by its path."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import get, idle, names_in, only, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status
from tui_downloader.store.link_requests import request_for
from tui_downloader.store.list_files import read_list

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 2_000_000
FILE, NEWER = Pattern(SIZE, seed=1), Pattern(SIZE, seed=2)


@pytest.mark.parametrize("file", [FILE, Pattern(1000)], ids=["large", "small"])
async def test_a_finished_file_is_fetched_again_beside_the_first(
    server: Server, tmp_path: Path, file: Pattern
) -> None:
    server.put("/file.bin", file)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        engine.restart([only(engine).download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]
    assert sha256(tmp_path / "file (1).bin") == file.sha256()


@pytest.mark.parametrize("newer", [NEWER, Pattern(1000)], ids=["large", "small"])
async def test_a_finished_file_is_replaced_when_the_user_says_so(
    server: Server, tmp_path: Path, newer: Pattern
) -> None:
    resource = server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        resource.replace(newer)
        request = wanted(download.url, tmp_path, on_conflict=OnConflict.OVERWRITE)
        engine.edit(download.download_id, request)
        engine.restart([download.download_id])
        await seen(engine, lambda d: d.status is not Status.COMPLETED)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert names_in(tmp_path) == ["file.bin"]
    assert sha256(tmp_path / "file.bin") == newer.sha256()


@pytest.mark.parametrize("ending", ["", ".json"])
async def test_a_partial_that_was_moved_goes_on_when_it_is_added_by_its_path(
    server: Server, tmp_path: Path, ending: str
) -> None:
    resource = server.put("/get", FILE).first(stall_after=SIZE // 2)
    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()
    async with running() as engine:
        engine.add([wanted(server.url("/get"), first, name="film.mkv")])
        await seen(engine, lambda d: d.done_bytes >= SIZE // 2)
        engine.pause([only(engine).download_id])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        await idle(engine)
    for name in names_in(first):
        shutil.move(first / name, second / name)
    (link,) = read_list(str(second / f"film.mkv.part{ending}")).links
    async with running() as engine:
        engine.add([request_for(link, "/elsewhere", (), OnConflict.RENAME)])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert names_in(second) == ["film.mkv"]
    assert sha256(second / "film.mkv") == FILE.sha256()
    assert resource.sent_bytes <= SIZE + 64 * 1024
