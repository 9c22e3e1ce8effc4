"""Undo on the screen: what can be taken back, how it is offered, and what the engine is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.engine.running import names_in
from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.real import real, wanted
from tests.ui.running import running
from tui_downloader.engine import EventKind, Move
from tui_downloader.model.download import DownloadRequest, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.actions.restorer import SLICE

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = download(1, Status.DOWNLOADING, total_bytes=100, heard_at=NOW)
PAUSED = download(2, Status.PAUSED)
GONE = Failure("http", "404 not found")
FAILED = download(3, Status.FAILED, failure=GONE)
CANCELLED = download(4, Status.CANCELLED, kept_bytes=7)
DONE = download(5, Status.COMPLETED)
QUEUED = download(6)


@pytest.mark.parametrize(
    ("rows", "keys", "back"),
    [
        ([RUNNING], ["p"], [("resume", 1)]),
        ([PAUSED], ["p"], [("resume", 2), ("pause", 2)]),
        ([FAILED], ["r"], [("fail_again", {3: GONE})]),
        ([FAILED], ["x"], [("fail_again", {3: GONE})]),
        ([CANCELLED], ["r"], [("cancel", 4, "keep")]),
        ([RUNNING], ["x"], [("resume", 1)]),
        ([DONE], ["d"], [("put_back", 5)]),
        ([QUEUED], ["J"], [("arrange", 6)]),
        ([QUEUED, DONE], [">"], [("arrange", 6, 5)]),
        ([RUNNING, PAUSED, DONE], ["P"], [("resume", 1)]),
        ([RUNNING, PAUSED, FAILED], ["*", "d"], [("put_back", 1, 2, 3)]),
        ([RUNNING, QUEUED], ["*", "p"], [("resume", 1, 6)]),
        (
            [RUNNING, PAUSED, QUEUED],
            ["*", "x"],
            [("resume", 1, 2, 6), ("pause", 2)],
        ),
    ],
)
async def test_z_takes_the_last_deed_back(
    rows: list[Snapshot], keys: list[str], back: list[tuple[object, ...]]
) -> None:
    async with running(rows) as ui:
        await ui.press(*keys)
        done = len(ui.engine.calls)
        await ui.press("z")
        assert ui.engine.calls[done:] == back


async def test_deeds_are_taken_back_one_by_one() -> None:
    async with running([QUEUED, DONE]) as ui:
        await ui.press("p", "J", "z", "z", "z")
        assert ui.engine.calls == [
            ("pause", 6),
            ("move", 6, Move.DOWN),
            ("arrange", 6, 5),
            ("resume", 6),
        ]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("K", "already at the top"),
        ("<", "already at the top"),
        ("J", "already at the bottom"),
        (">", "already at the bottom"),
    ],
)
async def test_what_is_at_the_end_already_is_not_moved_and_leaves_nothing_to_undo(
    key: str, told: str
) -> None:
    async with running([QUEUED, DONE]) as ui:
        ui.engine.is_at_the_end = True
        await ui.press(key, key)
        await ui.until(lambda: ui.toasts == [told])
        assert "z Undo" not in ui.lines[-1]


async def test_the_end_of_a_narrowed_list_is_told_as_that() -> None:
    async with running([QUEUED, DONE]) as ui:
        ui.engine.is_at_the_end = True
        await ui.press("slash", *"state:queued", "enter", "K")
        await ui.until(lambda: ui.toasts == ["already at the top of what is shown"])


async def test_a_removal_is_told_with_its_undo() -> None:
    async with running([DONE, QUEUED], size=(120, 30)) as ui:
        await ui.press("*", "d")
        await ui.until(lambda: "Removed 2 · z undo" in ui.text)
        assert "z Undo" in ui.lines[-1]
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["Undone: Removed 2"])
        await ui.until(lambda: "z Undo" not in ui.lines[-1])


async def test_what_was_said_of_the_same_downloads_before_gives_way() -> None:
    async with running([RUNNING, QUEUED]) as ui:
        await ui.press("*", "p")
        await ui.until(lambda: ui.toasts == ["Paused 2 · z undo"])
        for number in (1, 6):
            ui.engine.change(number, status=Status.PAUSED)
        await ui.refresh()
        await ui.press("p")
        await ui.until(lambda: ui.toasts == ["Resumed 2 · z undo"])


async def test_what_a_row_tells_by_itself_is_not_told_twice() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("p")
        assert ui.toasts == []
        assert "z Undo" in ui.lines[-1]


async def test_cancelling_a_single_small_one_is_told_with_its_undo() -> None:
    small = download(1, Status.DOWNLOADING, done_bytes=500, heard_at=NOW)
    async with running([small]) as ui:
        await ui.press("x")
        await ui.until(lambda: ui.toasts == ["Cancelled file-1.bin · z undo"])
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["Undone: Cancelled file-1.bin"])


async def test_the_row_of_what_was_cancelled_says_what_will_be_of_its_bytes_then_what_is() -> None:
    going = download(1, Status.CANCELLED, kept_bytes=500, parts_go_at=NOW + 7)
    async with running([going]) as ui:
        assert "cancelled · 500 B gone in 7 s · r resume" in ui.text
        taken = ui.engine.snapshots_taken
        # Nobody wakes it: it looks by itself for as long as there is something to count down.
        await ui.until(lambda: ui.engine.snapshots_taken > taken + 2)
        ui.engine.change(1, kept_bytes=0, parts_go_at=None)
        await ui.until(lambda: "cancelled · nothing kept · r restart" in ui.text)


async def test_a_cancelled_one_that_leaves_the_view_takes_its_row_along_so_a_message_says_it() -> (
    None
):
    small = download(1, Status.DOWNLOADING, done_bytes=500, heard_at=NOW)
    async with running([small]) as ui:
        await ui.press("2", "x")
        told = "Cancelled file-1.bin: 500 B gone in 10 s · 5 shows it · z undo"
        await ui.until(lambda: ui.toasts == [told])


async def test_the_bytes_of_several_that_are_cancelled_are_told_together() -> None:
    facts = {"done_bytes": 500, "heard_at": NOW}
    async with running([download(n, Status.DOWNLOADING, **facts) for n in (1, 2)]) as ui:
        await ui.press("*", "x")
        await ui.until(lambda: ui.toasts == ["Cancelled 2: 1.00 kB gone in 10 s · z undo"])


async def test_what_was_asked_and_answered_with_delete_is_final() -> None:
    dear = download(1, Status.DOWNLOADING, done_bytes=50_000_000, heard_at=NOW)
    async with running([dear, DONE]) as ui:
        await ui.press("x")
        assert "Deleting cannot be undone." in ui.text
        await ui.press("y")
        told = "Cancelled file-1.bin: 50.0 MB deleted"
        await ui.until(lambda: ui.toasts == [told])
        await ui.until(lambda: "z Undo" not in ui.lines[-1])
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["Cannot be undone: Cancelled file-1.bin"])
        assert ui.engine.calls == [("cancel", 1, "delete")]


@pytest.mark.parametrize(
    ("rows", "keys", "told"),
    [
        ([DONE], ["D", "y"], "Deleting file-5.bin"),
        ([DONE, DONE._replace(download_id=7)], ["*", "D", "y"], "Deleting 2 files"),
        (
            [CANCELLED._replace(kept_bytes=50_000_000)],
            ["D", "y"],
            "Deleting file-4.bin",
        ),
        ([PAUSED], ["R"], "Restarted file-2.bin"),
        ([PAUSED._replace(kept_bytes=50_000_000)], ["R", "y"], "Restarted file-2.bin"),
    ],
)
async def test_what_cannot_be_undone_lets_z_take_back_nothing_older(
    rows: list[Snapshot], keys: list[str], told: str
) -> None:
    async with running([*rows, QUEUED]) as ui:
        await ui.press("J")
        assert "z Undo" in ui.lines[-1]
        await ui.press("K", "g", *keys)
        calls = list(ui.engine.calls)
        await ui.until(lambda: "z Undo" not in ui.lines[-1])
        await ui.press("z")
        await ui.until(lambda: ui.toasts == [f"Cannot be undone: {told}"])
        assert ui.engine.calls == calls


async def test_a_page_that_is_wanted_after_all_and_a_checksum_are_taken_back() -> None:
    page = download(1, Status.FAILED, failure=Failure("web-page", "a page came"))
    async with running([page]) as ui:
        before = ui.engine.request_of(1)
        await ui.press("r", "s")
        await ui.press("z")
        assert ui.engine.request_of(1) == before
        assert ui.engine.calls[-1] == ("fail_again", {1: page.failure})
        await ui.press("c", *"0" * 64, "enter")
        changed = ui.engine.request_of(1)
        assert changed is not None
        assert changed.checksum is not None
        await ui.press("z")
        assert ui.engine.request_of(1) == before


async def test_undo_is_over_after_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running([RUNNING]) as ui:
        await ui.press("p")
        monkeypatch.setattr(ui.desk.undo, "_clock", lambda: 1e12)
        await ui.refresh()
        await ui.until(lambda: "z Undo" not in ui.lines[-1])
        await ui.press("z")
        assert ui.engine.calls == [("pause", 1)]


async def test_an_add_is_undone_and_only_cheap_parts_go() -> None:
    async with running([QUEUED], size=(120, 30), paste="add") as ui:
        await ui.paste("http://a.example/1\nhttp://a.example/2\nhttp://a.example/3")
        await ui.until(lambda: "Added 3 · z undo" in ui.text)
        ids = [row.download_id for row in ui.engine.downloads[1:]]
        ui.engine.change(ids[0], status=Status.DOWNLOADING, done_bytes=1000, received_bytes=1000)
        ui.engine.change(ids[1], status=Status.DOWNLOADING, done_bytes=50_000_000)
        await ui.press("z")
        assert ui.engine.calls == [("remove", ids[0], "delete"), ("remove", *ids[1:])]


async def test_an_add_of_many_is_undone_in_slices_with_keys_between() -> None:
    async with running(paste="add") as ui:
        await ui.paste("\n".join(f"http://a.example/{number}" for number in range(2 * SLICE + 1)))
        await ui.until(lambda: len(ui.engine.downloads) == 2 * SLICE + 1)
        await ui.until(lambda: "z undo" in ui.text)
        await ui.press("z")
        await ui.until(lambda: len(ui.engine.calls) == 3)
        assert [len(call) - 1 for call in ui.engine.calls] == [SLICE, SLICE, 1]
        assert {call[0] for call in ui.engine.calls} == {"remove"}


async def test_undoing_an_add_deletes_no_part_that_was_here_before() -> None:
    async with running([QUEUED], paste="add") as ui:
        await ui.paste("http://a.example/1")
        await ui.until(lambda: len(ui.engine.downloads) == 2)
        added = ui.engine.downloads[1].download_id
        ui.engine.change(added, status=Status.DOWNLOADING, done_bytes=9000, received_bytes=1000)
        await ui.press("z")
        await ui.until(lambda: ("remove", added) in ui.engine.calls)
        assert ("remove", added, "delete") not in ui.engine.calls


async def test_nothing_added_is_nothing_to_undo() -> None:
    async with running([QUEUED], paste="add") as ui:
        await ui.paste(QUEUED.url)
        await ui.until(lambda: "Nothing added: 1 is there already" in ui.text)
        await ui.until(lambda: "z Undo" not in ui.lines[-1])


async def test_what_leaves_the_list_says_what_stays_of_it_on_the_disk() -> None:
    parts = [download(n, Status.PAUSED, kept_bytes=4_000_000) for n in (1, 2)]
    going = download(3, Status.CANCELLED, kept_bytes=500, parts_go_at=NOW + 7)
    async with running([*parts, going, DONE, QUEUED]) as ui:
        await ui.press("d")
        await ui.until(
            lambda: ui.toasts == ["Removed file-1.bin, its part stays: 4.00 MB · z undo"]
        )
        await ui.press("z", "*", "d")
        await ui.until(lambda: "Removed 5, 2 parts stay: 8.00 MB · z undo" in ui.toasts)


async def test_keeping_the_parts_of_what_runs_says_so_and_deleting_them_does_not() -> None:
    dear = RUNNING._replace(done_bytes=50_000_000, total_bytes=60_000_000)
    async with running([dear]) as ui:
        await ui.press("d", "k")
        await ui.until(
            lambda: ui.toasts == ["Removed file-1.bin, its part stays: 50.0 MB · z undo"]
        )
        await ui.press("z", "d", "y")
        await ui.until(lambda: "Removed file-1.bin · z undo" in ui.toasts)


async def test_undoing_an_add_says_what_stays_of_a_large_one() -> None:
    async with running([QUEUED], paste="add") as ui:
        await ui.paste("http://a.example/1")
        await ui.until(lambda: len(ui.engine.downloads) == 2)
        added = ui.engine.downloads[1].download_id
        ui.engine.change(added, status=Status.DOWNLOADING, done_bytes=50_000_000)
        await ui.until(lambda: ui.toasts)
        ui.app.clear_notifications()
        await ui.press("z")
        await ui.until(lambda: "its part stays: 50.0 MB in /downloads" in "".join(ui.toasts))


async def test_the_undo_of_a_new_address_does_not_say_that_it_tries_again() -> None:
    async with running([FAILED]) as ui:
        await ui.press("u")
        ui.app.screen.query_one("#field", Input).value = "http://new.example/file-3.bin"
        await ui.press("enter")
        await ui.until(lambda: "Changed file-3.bin, trying again · z undo" in ui.toasts)
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["Undone: Changed file-3.bin"])


async def test_marks_return_with_what_was_removed() -> None:
    async with running([DONE, QUEUED, PAUSED]) as ui:
        before = ui.engine.downloads
        await ui.press("space", "space", "d")
        ui.engine.drop(5, 6)
        await ui.refresh()
        assert ui.desk.marks.ids == set()
        await ui.press("z")
        await ui.refresh()
        assert ui.desk.marks.ids == set()
        ui.engine.downloads = before
        await ui.refresh()
        assert ui.desk.marks.ids == {5, 6}
        assert "2 marked" in ui.text


async def test_a_retry_that_has_brought_something_is_paused_by_undo() -> None:
    async with running([FAILED]) as ui:
        await ui.press("r")
        ui.engine.change(3, status=Status.DOWNLOADING, done_bytes=10)
        await ui.refresh()
        done = len(ui.engine.calls)
        await ui.press("z")
        assert ui.engine.calls[done:] == [("resume", 3), ("pause", 3)]


async def test_an_undo_says_of_what_is_done_by_now_that_it_stays() -> None:
    async with running([FAILED, QUEUED]) as ui:
        await ui.press("r")
        ui.engine.change(3, status=Status.COMPLETED)
        await ui.refresh()
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["file-3.bin is done by now, and stays"])


async def test_an_undo_of_several_says_how_many_are_done_by_now() -> None:
    async with running([FAILED, PAUSED, QUEUED]) as ui:
        await ui.press("space", "space", "r")
        ui.engine.change(3, status=Status.COMPLETED)
        await ui.refresh()
        await ui.press("z")
        await ui.until(lambda: any("1 is done by now, and stays" in told for told in ui.toasts))
        assert any(told.startswith("Undone: ") for told in ui.toasts)


async def test_taking_a_move_back_names_what_was_moved() -> None:
    async with running([QUEUED, DONE]) as ui:
        await ui.press("J", "z")
        await ui.until(lambda: ui.toasts == [f"Undone: Moved {QUEUED.name}"])


@pytest.mark.parametrize(("field", "value"), [("name", "other.bin"), ("folder", "deep")])
async def test_a_file_that_was_renamed_or_moved_is_where_it_was_again(
    tmp_path: Path, server: Server, field: str, value: str
) -> None:
    server.put("/file.bin", Pattern(1_000_000))
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("✓ file")
        await ui.press("e")
        ui.app.screen.query_one(f"#{field}", Input).value = value
        await ui.press("f2")
        await ui.until(lambda: names_in(tmp_path) == [value])
        verb = "renamed" if field == "name" else "moved"
        await ui.until(lambda: any(f"file.bin: {verb} to " in each for each in ui.toasts))
        assert all(each.endswith(" · z undo") for each in ui.toasts)
        await ui.press("z")
        await ui.until((tmp_path / "file.bin").exists)
        await ui.until(lambda: ui.download.name == "file.bin")
        assert "Undone: Changed file.bin" in ui.toasts
        await ui.until(lambda: any(": " + verb in each and " z " not in each for each in ui.toasts))


async def test_only_the_move_that_an_undo_takes_back_offers_one() -> None:
    engine = FakeEngine([DONE, QUEUED])
    engine.requests[DONE.download_id] = DownloadRequest(DONE.url, DONE.folder)
    async with running(engine=engine) as ui:
        await ui.press("e")
        ui.app.screen.query_one("#name", Input).value = "other.bin"
        await ui.press("f2")
        await ui.until(lambda: ui.engine.moving)
        (key,) = ui.engine.moving
        ui.engine.tell(EventKind.NOTE, key, "a.bin", "not renamed: other.bin exists")
        ui.engine.tell(EventKind.MOVED, key + 1, "b.bin", "renamed to c.bin")
        await ui.until(lambda: "b.bin: renamed to c.bin" in ui.toasts)
        assert "a.bin: not renamed: other.bin exists" in ui.toasts
        ui.engine.tell(EventKind.MOVED, key, "a.bin", "renamed to other.bin")
        await ui.until(lambda: "a.bin: renamed to other.bin · z undo" in ui.toasts)
