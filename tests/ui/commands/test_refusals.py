"""A key whose command does not apply says why, instead of nothing."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import running
from tui_downloader.model.download import Assurance, Snapshot
from tui_downloader.model.status import Status

DONE = download(1, Status.COMPLETED)
WRONG = DONE._replace(assurance=Assurance.DIFFERS)
QUEUED = download(2)
PAUSED = download(3, Status.PAUSED)
FAILED = download(4, Status.FAILED)


@pytest.mark.parametrize(
    ("rows", "keys", "told"),
    [
        ([DONE], ["p"], "Nothing to pause: file-1.bin is done"),
        ([DONE], ["x"], "Nothing to cancel: file-1.bin is done"),
        ([DONE], ["r"], "Nothing to try again: file-1.bin is done"),
        ([WRONG], ["r"], "Nothing to try again: file-1.bin is done, but its digest differs"),
        ([DONE], ["+"], "Nothing to connect: file-1.bin is done"),
        ([DONE], ["u"], "Nothing to get from elsewhere: file-1.bin is done"),
        ([FAILED], ["p"], "Nothing to pause: file-4.bin has failed"),
        ([PAUSED], ["o"], "Nothing to open: file-3.bin is paused"),
        ([QUEUED], ["R"], "Nothing to start again: file-2.bin is queued"),
        ([DONE, FAILED], ["*", "p"], "Nothing to pause: what is marked has failed or is done"),
        ([DONE], ["5", "d"], "Nothing to remove: nothing is highlighted"),
        ([], ["d"], "Nothing to remove: the list is empty"),
        ([], ["y"], "Nothing to copy: the list is empty"),
        ([], ["S"], "Nothing to sort: the list is empty"),
        ([], ["P"], "Nothing to pause: the list is empty"),
        ([QUEUED], ["z"], "Nothing to undo: it goes for 10 s after what was done"),
    ],
)
async def test_a_key_that_can_do_nothing_says_why(
    rows: list[Snapshot], keys: list[str], told: str
) -> None:
    async with running(rows) as ui:
        await ui.press(*keys)
        await ui.until(lambda: len(ui.toasts) == 1 and ui.toasts[0].startswith(told))
        assert ui.engine.calls == []


async def test_asked_again_it_says_it_once() -> None:
    async with running([DONE]) as ui:
        await ui.press("p", "p", "p")
        await ui.until(lambda: ui.toasts == ["Nothing to pause: file-1.bin is done"])


async def test_what_takes_the_next_keys_opens_although_it_is_of_no_use() -> None:
    async with running() as ui:
        await ui.press("s", "q")
        await ui.press("/", "q")
        assert ui.app.is_running
        assert ui.desk.lens.wanted.text == "q"
        assert ui.toasts == []
        await ui.press("escape")
        assert "s Sort" not in ui.text  # the footer offers what is of use


async def test_marks_can_be_copied_from_where_none_of_them_is_in_sight() -> None:
    async with running([QUEUED]) as ui:
        await ui.press("*", "5", "y", "n")
        await ui.until(lambda: ui.app.clipboard == "file-2.bin")
        assert ui.engine.calls == []
