"""A finished file that starts again, and what undoing that leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.one_file import FILE, OTHER
from tests.engine.running import change, get, idle, names_in, running, seen
from tests.waiting import eventually
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

WRONG = Checksum("sha-256", "0" * 64)


async def test_a_wrong_file_is_as_before_and_what_came_instead_goes(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    async with running(undo_s=600.0) as engine:
        before = await get(engine, server.url("/file.bin"), tmp_path)
        key = before.download_id
        change(engine, checksum=WRONG)
        engine.verify([key])
        await seen(engine, lambda each: each.assurance is Assurance.DIFFERS)
        told = engine.details(key).computed_checksum
        resource.replace(OTHER)
        engine.restart([key])
        (failed,) = await idle(engine)
        assert failed.status is Status.FAILED
        assert names_in(tmp_path) == ["file (1).bin.bad", "file.bin"]
        engine.keep_finished({key: before.finished_at})
        now = await seen(engine, lambda each: each.status is Status.COMPLETED)
        assert (now.assurance, now.finished_at) == (Assurance.DIFFERS, before.finished_at)
        assert engine.details(key).computed_checksum == told != ""
        await idle(engine)
    assert names_in(tmp_path) == ["file.bin"]


async def test_what_had_been_kept_before_stays(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with running(undo_s=600.0) as engine:
        bad = await get(engine, server.url("/file.bin"), tmp_path, checksum=WRONG)
        key = bad.download_id
        change(engine, checksum=None)
        engine.restart([key])
        before = await seen(engine, lambda each: each.status is Status.COMPLETED)
        await eventually(lambda: names_in(tmp_path) == ["file.bin", "file.bin.bad"])
        change(engine, checksum=WRONG)
        engine.restart([key])
        await seen(engine, lambda each: each.status is Status.FAILED)
        engine.keep_finished({key: before.finished_at})
        await seen(engine, lambda each: each.status is Status.COMPLETED)
        await idle(engine)
        assert names_in(tmp_path) == ["file.bin", "file.bin.bad"]
        engine.remove([key], delete_file=True)
    assert names_in(tmp_path) == []
