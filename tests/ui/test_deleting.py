"""`D` asks about files that are there, and says which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.fake_engine import download
from tests.ui.running import question, running
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

PAGE = download(1, Status.FAILED, failure=Failure("web-page", "a page came"), name="page.zip")
BAD = download(2, Status.FAILED, failure=Failure("checksum", "sha-256 differs"), name="b.bin")
DONE = download(3, Status.COMPLETED, done_bytes=1000, total_bytes=1000, name="done.bin")
PARTLY = download(4, Status.PAUSED, kept_bytes=2000, name="part.bin")


async def test_what_has_no_file_only_leaves_the_list_and_comes_back_with_z() -> None:
    async with running([PAGE]) as ui:
        await ui.press("D")
        asked = question(ui)
        assert "There is no file of page.zip. Remove it from the list?" in asked
        assert "Delete" not in asked
        await ui.press("y")
        await ui.press("z")
        assert ui.engine.calls == [("remove", 1), ("put_back", 1)]


async def test_some_without_a_file_are_counted_apart() -> None:
    async with running([PAGE, PARTLY]) as ui:
        await ui.press("*", "D")
        asked = question(ui)
        assert "Delete part.bin, 2.00 kB, from /downloads? This cannot be undone." in asked
        assert "1 more has no file." in asked
        await ui.press("y")
        assert ui.engine.calls == [("remove", 1, 4, "delete")]


async def test_a_file_with_a_wrong_digest_is_a_file() -> None:
    async with running([BAD]) as ui:
        await ui.press("D")
        assert "Delete b.bin from /downloads?" in question(ui)


async def test_a_finished_file_that_somebody_deleted_is_named(tmp_path: Path) -> None:
    there = download(5, Status.COMPLETED, folder=str(tmp_path), name="there.bin")
    (tmp_path / "there.bin").touch()
    async with running([DONE._replace(folder=str(tmp_path)), there]) as ui:
        await ui.press("*", "D")
        await ui.until(lambda: "done.bin is not there any more." in ui.text)


async def test_nothing_is_said_to_be_gone_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "done.bin").touch()
    async with running([DONE._replace(folder=str(tmp_path))]) as ui:
        await ui.press("D")
        await ui.app.workers.wait_for_complete()
        assert "not there" not in question(ui)
