"""What a run has of its file is on record whenever it has anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import half_way
from tests.engine.running import idle, names_in, running, wanted
from tui_downloader.engine.disk.set_aside import UNTIL_WHOLE
from tui_downloader.engine.transfer.download import Download
from tui_downloader.engine.transfer.holdings import Holdings
from tui_downloader.engine.transfer.recorder import Recorder
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server


async def test_a_partial_that_begins_again_has_a_record_before_its_first_byte(
    tmp_path: Path,
) -> None:
    """Also when that says nothing but what the last one said, which is gone."""
    part = tmp_path / "file.bin.part"
    async with running() as engine:
        tools = engine._parts.tools
        download = Download(1, wanted("http://host.test/file.bin", tmp_path), 0.0)
        recorder = Recorder(download, tools.disk)
        destination = tools.destination_of(download)
        holdings = Holdings(download, tools, destination, recorder, lambda: None)
        await holdings.create("file.bin", None)
        for _ in range(2):
            await holdings.start_over(UNTIL_WHOLE)
            assert passports.read(str(part)) is not None
        await recorder.put_down()
    assert names_in(tmp_path) == [
        *(part.name, f"{part.name}.json", f"{part.name}.old", f"{part.name}.old.json"),
    ]


@pytest.mark.parametrize("event", ["pause", "cancel"])
async def test_what_the_user_wishes_comes_about_though_the_part_is_gone(
    server: Server, tmp_path: Path, event: str
) -> None:
    """There is nothing to be recorded any more; that is no fault of the download."""
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        (tmp_path / "file.bin.part").unlink()
        engine.pause([key]) if event == "pause" else engine.cancel([key], keep=True)
        (download,) = await idle(engine)
    assert download.failure is None
    assert download.status is (Status.PAUSED if event == "pause" else Status.CANCELLED)
