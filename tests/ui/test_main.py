"""The main screen: what stands where at which size, and what each key asks of the engine."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import pytest
from textual.events import Key

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, question, running
from tui_downloader.engine import EventKind, Move
from tui_downloader.model.download import (
    ConnectionSnapshot,
    Details,
    DownloadRequest,
    OnConflict,
    Snapshot,
)
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.commands import COMMANDS
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.terminal import key_turns
from tui_downloader.ui.terminal.opener import GONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

RUNNING = download(
    1,
    Status.DOWNLOADING,
    done_bytes=5_000,
    total_bytes=10_000,
    bytes_per_s=100.0,
    heard_at=NOW,
    resumable=True,
)
DEAR = download(
    1,
    Status.DOWNLOADING,
    done_bytes=1_200_000_000,
    total_bytes=5_000_000_000,
    heard_at=NOW,
)
BIG_PAUSED = download(
    1, Status.PAUSED, done_bytes=50_000_000, kept_bytes=50_000_000, total_bytes=90_000_000
)
DONE = download(1, Status.COMPLETED, done_bytes=8_100_000_000, total_bytes=8_100_000_000)
FAILED = download(1, Status.FAILED, failure=Failure("http-404", "not found here", "ask again"))
CANCELLED = download(1, Status.CANCELLED)
EXISTS = download(1, Status.FAILED, failure=Failure("exists", "it exists"))


# What stands where.


async def test_an_empty_list_says_how_to_begin() -> None:
    async with running(size=(140, 30)) as ui:
        assert "Paste links here (Ctrl+Shift+V, Cmd+V or Shift+middle click), press a" in ui.text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_an_empty_list_says_all_of_it_in_a_small_window(size: tuple[int, int]) -> None:
    async with running(size=size) as ui:
        told = " ".join(ui.text.split())
        assert (
            "Paste links here (Ctrl+Shift+V, Cmd+V or Shift+middle click), press a, or drop" in told
        )
        assert "a text file of links. ? shows all keys." in told


async def test_no_word_of_an_empty_list_stands_alone_in_its_last_line() -> None:
    async with running(size=(120, 30)) as ui:
        first, last = (
            line.strip() for line in ui.lines if "Paste links" in line or "keys." in line
        )
        assert len(last) > len(first) // 2


async def test_a_message_is_shown_whole_in_a_narrow_window() -> None:
    async with running([download(1)], size=(40, 12)) as ui:
        ui.app.say("Removed 12 downloads from the list, all of them · z undo")
        await ui.until(lambda: "undo" in ui.text)
        told = " ".join(line.partition("▌")[2].strip() for line in ui.lines)
        assert "Removed 12 downloads from the list, all of them · z undo" in " ".join(told.split())


async def test_an_empty_view_says_how_to_leave_it() -> None:
    async with running([download(1)]) as ui:
        await ui.press("4")
        assert "Nothing is done yet; esc shows all" in ui.text
        await ui.press("5")
        assert "Nothing has failed or was cancelled; esc shows all" in ui.text
        await ui.press("escape")
        assert "file-1.bin" in ui.text


async def test_a_window_of_80x24_has_19_rows_a_summary_and_no_panel() -> None:
    async with running([download(number) for number in range(1, 40)]) as ui:
        rows = [line for line in ui.lines if "· file-" in line and "queued" in line]
        assert len(rows) == 19
        assert ui.lines[22].startswith(" file-1.bin · host1.example")
        assert "Overview" not in ui.text


async def test_a_window_of_120x30_has_20_rows_and_the_panel_below() -> None:
    async with running([download(number) for number in range(1, 40)], size=(120, 30)) as ui:
        rows = [line for line in ui.lines if "· file-" in line and "queued" in line]
        assert len(rows) == 20
        assert ui.lines[23].startswith("── file-1.bin ─")
        assert "[Overview]│ Connections │ Server │ Check │ Log" in ui.lines[23]


async def test_a_window_of_200x50_has_the_panel_at_its_right() -> None:
    async with running([download(number) for number in range(1, 60)], size=(200, 50)) as ui:
        rows = [line for line in ui.lines if "· file-" in line and "queued" in line]
        assert len(rows) == 46
        assert ui.lines[2][121:].strip().startswith("file-1.bin")


async def test_a_window_that_is_too_small_says_so() -> None:
    async with running([download(1)], size=(39, 9)) as ui:
        assert ui.lines[0].startswith("window too small (40x10)")
        assert "file-1" not in ui.text


async def test_in_a_window_that_is_too_small_only_quit_acts() -> None:
    done = download(1, Status.COMPLETED)
    async with running([done, download(2)], size=(39, 9)) as ui:
        keys = [key for each in COMMANDS if each.command_id != "quit" for key in each.keys]
        await ui.press(*keys)
        await ui.paste("https://a.example/a.iso")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert ui.engine.calls == []
        assert ui.engine.adds == []
        assert ui.desk.marks.is_empty
        assert ui.queue.highlighted_id == 1
        assert ui.lines[0].startswith("window too small (40x10), paste kept")
        await ui.press("q")
        assert "would be lost" in question(ui)
        await ui.press("q")
        await ui.until(lambda: ui.app._exit)


async def test_what_was_pasted_into_a_window_that_is_too_small_is_there_in_a_larger_one() -> None:
    async with running([download(1)], size=(39, 9)) as ui:
        await ui.paste("https://a.example/a.iso")
        await ui.paste("https://a.example/b.iso\n")
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: "2 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert [each.url for each in ui.engine.added] == [
            "https://a.example/a.iso",
            "https://a.example/b.iso",
        ]
        await ui.pilot.resize_terminal(39, 9)
        await ui.until(lambda: ui.lines[0].rstrip() == "window too small (40x10)")
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: "file-1" in ui.text)
        assert ui.app.screen is ui.main


async def test_the_smallest_window_shows_name_percent_and_speed() -> None:
    async with running([RUNNING], size=(40, 10)) as ui:
        line = ui.lines[ui.highlighted_line]
        assert "file-1.bin" in line
        assert " 50%" in line
        assert "100 B/s" in line


async def test_the_panel_is_shown_and_hidden_by_its_key() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("i")
        assert "Overview" in ui.text
        await ui.press("i")
        assert "Overview" not in ui.text


async def test_a_low_window_keeps_its_rows_and_hides_the_panel() -> None:
    async with running([download(number) for number in range(1, 30)]) as ui:
        await ui.press("i")
        await ui.pilot.resize_terminal(40, 15)
        await ui.until(lambda: "Overview" in ui.text and ui.queue.size.height == 5)
        await ui.pilot.resize_terminal(40, 10)
        await ui.until(lambda: "Overview" not in ui.text and ui.queue.size.height == 5)
        await ui.press("i")
        await ui.until(lambda: "No room for the panel" in ui.text)
        assert ui.queue.size.height == 5
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: "Overview" in ui.text)


@pytest.mark.parametrize("ascii_", ["always", "never"])
async def test_a_message_names_enter_in_words_where_there_is_no_sign_for_it(ascii_: str) -> None:
    async with running([RUNNING], size=(60, 10), ascii=ascii_) as ui:
        await ui.press("i")
        await ui.until(lambda: "Enter shows the details" in ui.text)


async def test_resizing_keeps_the_highlight_and_shows_it() -> None:
    async with running([download(number) for number in range(1, 60)], size=(120, 40)) as ui:
        await ui.press(*["j"] * 25)
        for size in ((80, 24), (45, 11), (200, 50)):
            await ui.pilot.resize_terminal(*size)
            await ui.pilot.pause()
            assert ui.queue.highlighted_id == 26
            assert "file-26.bin" in ui.lines[ui.highlighted_line]


async def test_rows_scrolled_to_with_the_wheel_stay_when_the_window_or_the_panel_changes() -> None:
    async with running([download(number) for number in range(1, 100)], size=(120, 40)) as ui:
        ui.queue.scroll_to(y=50, animate=False, immediate=True)
        await ui.pilot.resize_terminal(120, 30)
        await ui.until(lambda: ui.app.size.height == 30)
        await ui.press("i")
        await ui.pilot.pause()
        assert ui.queue.scroll_offset.y == 50
        await ui.press("j")
        assert "file-2.bin" in ui.lines[ui.highlighted_line]


async def test_the_tabs_of_the_panel_turn() -> None:
    engine = FakeEngine([RUNNING])
    engine.details_by_id[1] = Details(
        server=(("ETag", '"abc"'),),
        log=((NOW, "it began"),),
        connections=(ConnectionSnapshot(1, 0, 2000, 5000),),
    )
    async with running(engine=engine, size=(120, 30)) as ui:
        await ui.press("l", "l")
        assert '"abc"' in ui.text
        await ui.press("right")
        assert "nothing to compare" in ui.text
        await ui.press("l")
        assert "it began" in ui.text
        await ui.press("h", "left", "h", "h")
        assert "file-1.bin →" in ui.text


async def test_a_click_on_a_tab_turns_to_it() -> None:
    engine = FakeEngine([RUNNING])
    engine.details_by_id[1] = Details(log=((NOW, "it began"),))
    async with running(engine=engine, size=(120, 30)) as ui:
        await ui.until(lambda: "Log" in ui.lines[9])
        await ui.pilot.click(offset=(ui.lines[9].index("Log"), 9))
        await ui.pilot.pause()
        assert "it began" in ui.text


async def test_full_screen_details_open_and_close() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("enter")
        assert "downloading 50%" in ui.text
        assert "NAME" not in ui.text
        assert "⏎ Close" in ui.lines[-1]
        await ui.press("escape")
        assert "NAME" in ui.text
        assert "⏎ Details" in ui.lines[-1]


async def test_the_log_scrolls_while_the_panel_has_the_focus() -> None:
    engine = FakeEngine([RUNNING])
    engine.details_by_id[1] = Details(log=tuple((NOW, f"event {n}") for n in range(50)))
    async with running(engine=engine, size=(120, 30)) as ui:
        await ui.press("h", "tab", "G")
        assert "event 49" in ui.text
        await ui.press("tab", "j")
        assert ui.queue.has_focus


async def test_views_show_their_part() -> None:
    rows = [download(1), RUNNING_2, DONE_3]
    async with running(rows) as ui:
        await ui.press("2")
        assert "file-2.bin" in ui.text
        assert "file-1.bin" not in ui.text
        await ui.press("4")
        assert "file-3.bin" in ui.text
        await ui.press("1")
        assert "file-1.bin" in ui.text


async def test_a_click_on_a_view_shows_it() -> None:
    async with running([download(1), DONE_3]) as ui:
        await ui.pilot.click(offset=(ui.lines[1].index("4 Done"), 1))
        await ui.pilot.pause()
        assert "file-1.bin" not in ui.lines[3]


async def test_a_click_in_the_footer_runs_the_command() -> None:
    async with running([RUNNING]) as ui:
        await ui.pilot.click(offset=(ui.lines[-1].index("Pause"), 23))
        await ui.pilot.pause()
        assert ui.engine.calls == [("pause", 1)]


async def test_a_failure_is_told_in_full_in_the_panel() -> None:
    async with running([FAILED], size=(120, 30)) as ui:
        for words in ("404 not found", "not found here", "ask again", "r retry"):
            assert words in ui.text


async def test_the_header_shows_the_speed_limit() -> None:
    async with running([RUNNING]) as ui:
        ui.engine.limit = 60_000_000
        await ui.refresh()
        assert "limit 60.0 MB/s" in ui.lines[0]


# What keys ask of the engine.

RUNNING_2 = download(2, Status.DOWNLOADING, total_bytes=10, heard_at=NOW)
DONE_3 = download(3, Status.COMPLETED)


@pytest.mark.parametrize(
    ("row", "keys", "calls"),
    [
        (RUNNING, ["p"], [("pause", 1)]),
        (BIG_PAUSED, ["p"], [("resume", 1)]),
        (DONE, ["p"], []),
        (RUNNING, ["x"], [("cancel", 1, "delete")]),
        (DEAR, ["x"], []),
        (DEAR, ["x", "y"], [("cancel", 1, "delete")]),
        (DEAR, ["x", "k"], [("cancel", 1, "keep")]),
        (DEAR, ["x", "escape"], []),
        (DEAR, ["x", "enter", "escape"], []),
        (DONE, ["x"], []),
        (FAILED, ["r"], [("resume", 1)]),
        (CANCELLED, ["r"], [("resume", 1)]),
        (RUNNING, ["r"], []),
        (EXISTS, ["r", "n"], [("resolve_conflict", 1, OnConflict.RENAME)]),
        (EXISTS, ["r", "o"], [("resolve_conflict", 1, OnConflict.OVERWRITE)]),
        (EXISTS, ["r", "s"], [("resolve_conflict", 1, OnConflict.SKIP)]),
        (EXISTS, ["r", "enter", "escape"], []),
        (FAILED, ["R"], [("restart", 1)]),
        (DONE, ["R"], [("restart", 1)]),
        (BIG_PAUSED, ["R"], []),
        (BIG_PAUSED, ["R", "y"], [("restart", 1)]),
        (DONE, ["d"], [("remove", 1)]),
        (FAILED, ["delete"], [("remove", 1)]),
        (RUNNING, ["d"], [("remove", 1, "delete")]),
        (DEAR, ["d"], []),
        (DEAR, ["d", "y"], [("remove", 1, "delete")]),
        (DEAR, ["d", "k"], [("remove", 1)]),
        (BIG_PAUSED, ["d"], [("remove", 1)]),
        (DONE, ["D"], []),
        (DONE, ["D", "y"], [("remove", 1, "delete")]),
        (DONE, ["D", "enter", "escape"], []),
        (RUNNING, ["J"], [("move", 1, Move.DOWN)]),
        (RUNNING, ["K"], [("move", 1, Move.UP)]),
        (RUNNING, ["<"], [("move", 1, Move.TOP)]),
        (RUNNING, [">"], [("move", 1, Move.BOTTOM)]),
        (RUNNING, ["P"], [("pause", 1)]),
        (BIG_PAUSED, ["P"], [("resume", 1)]),
        (RUNNING, ["t", *"5M", "enter"], [("set_limit", 5_000_000)]),
        (RUNNING, ["t", "0", "enter"], [("set_limit", None)]),
        (RUNNING, ["t", *"5M", "escape"], []),
        (RUNNING, ["t", *"rubbish", "enter", "escape"], []),
        (
            RUNNING,
            ["t", *"5M", "enter", "T", "T"],
            [("set_limit", 5_000_000), ("set_limit", None), ("set_limit", 5_000_000)],
        ),
    ],
)
async def test_a_key_asks_for_what_the_table_says(
    row: Snapshot, keys: list[str], calls: list[tuple[object, ...]]
) -> None:
    async with running([row]) as ui:
        for key in keys:
            await ui.press(key)
            await ui.refresh()
        assert ui.engine.calls == calls


async def test_a_question_says_how_much_would_be_lost() -> None:
    async with running([DEAR]) as ui:
        await ui.press("x")
        assert "Cancel file-1.bin? 1.20 GB received." in ui.text
        assert "y delete · k keep the parts · esc back" in ui.text


async def test_a_download_that_ends_under_the_question_keeps_its_file() -> None:
    async with running([DEAR]) as ui:
        await ui.press("d")
        ui.engine.change(1, status=Status.COMPLETED)
        await ui.refresh()
        await ui.press("y")
        assert ui.engine.calls == [("remove", 1)]


async def test_a_limit_that_is_no_speed_is_explained() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("t", "f", "a", "s", "t", "enter")
        assert "fast" in ui.text
        assert ui.engine.calls == []


class SlowEngine(FakeEngine):
    """Takes wishes from when `idle` is set on."""

    async def __aenter__(self) -> Self:
        await self.idle.wait()
        return self


async def test_nothing_is_asked_of_an_engine_before_it_is_there() -> None:
    engine = SlowEngine([RUNNING])
    engine.snapshots_taken = 1
    async with running(engine=engine) as ui:
        await ui.press("p", "P", "a", "x")
        assert engine.calls == []
        engine.idle.set()
        await ui.until(lambda: ui.main.situation.is_ready)


@pytest.mark.parametrize("key", ["a", "t", ","])
async def test_what_is_wished_for_before_the_engine_is_there_comes_then(key: str) -> None:
    engine = SlowEngine([RUNNING])
    engine.snapshots_taken = 1
    async with running(engine=engine) as ui:
        await ui.press(key)
        assert ui.app.screen is ui.main
        engine.idle.set()
        await ui.until(lambda: ui.app.screen is not ui.main)


async def test_keys_typed_ahead_of_the_engine_go_where_the_first_one_leads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_turns, "_AT_MOST_S", 60.0)  # a slow machine is no slow engine
    engine = SlowEngine([RUNNING])
    engine.snapshots_taken = 1
    async with running(engine=engine) as ui:
        for key in ("t", "5", "M", "enter"):
            ui.app.post_message(Key(key, key if len(key) == 1 else None))
        engine.idle.set()
        await ui.until(lambda: ("set_limit", 5_000_000) in engine.calls)


@asynccontextmanager
async def unread() -> AsyncIterator[Ui]:
    """Run the interface on a queue of which nothing is known until the engine's `idle` is set."""
    engine = SlowEngine([RUNNING, download(2, name="photo.jpg")])
    engine.snapshots_taken = 1
    async with running(engine=engine) as ui:
        try:
            yield ui
        finally:
            engine.idle.set()  # a test that fails is not to wait for it


async def test_the_first_picture_does_not_say_that_an_unread_queue_is_empty() -> None:
    async with unread() as ui:
        assert "Reading the list" in ui.text
        for untrue in ("Paste links", "All 0", "Queued 0", "Done 0"):
            assert untrue not in ui.text
        ui.engine.idle.set()
        await ui.until(lambda: "All 2" in ui.text)
        assert "Reading" not in ui.text


async def test_what_is_typed_before_the_list_is_there_goes_where_it_would_have_gone() -> None:
    async with unread() as ui:
        for key in ("slash", "p", "h", "o", "x", "enter", "r"):
            await ui.press(key)  # one after the other, as a hand types
        assert ui.desk.lens.wanted.text == ""
        ui.engine.idle.set()
        await ui.until(lambda: ui.desk.lens.wanted.text == "phox" and ui.app.focused is ui.queue)
        assert ui.engine.calls == []


@pytest.mark.parametrize("keys", [["q"], ["ctrl+q"], ["x", "ctrl+q"]])
async def test_the_program_can_be_left_before_the_list_is_there(keys: list[str]) -> None:
    async with unread() as ui:
        await ui.press(*keys)
        await ui.until(lambda: ui.app.life.is_leaving)


async def test_a_q_within_a_word_typed_before_the_list_is_there_quits_nothing() -> None:
    async with unread() as ui:
        await ui.press("slash", "q")
        ui.engine.idle.set()
        await ui.until(lambda: ui.desk.lens.wanted.text == "q")
        assert not ui.app.life.is_leaving


async def test_what_was_wished_for_early_does_not_come_before_a_question() -> None:
    engine = SlowEngine([RUNNING])
    engine.snapshots_taken = 1
    async with running(engine=engine) as ui:
        await ui.press(",")
        theirs = Dialog[None]()
        await ui.app.push_screen(theirs)
        engine.idle.set()
        await ui.until(lambda: ui.main.situation.is_ready)
        await ui.pilot.pause()
        assert ui.app.screen is theirs


# Esc, opening.


@pytest.mark.parametrize("keys", [[], ["i"], ["enter"], ["?"], ["a"], ["t"], ["y"], ["q"], [":"]])
async def test_esc_never_quits(keys: list[str]) -> None:
    async with running([RUNNING]) as ui:
        await ui.press(*keys, "escape", "escape", "escape")
        assert ui.app.is_running
        assert not ui.engine.is_left
        assert ui.app.screen is ui.main


async def test_the_next_in_line_says_why_it_waits_as_long_as_that_holds() -> None:
    async with running([download(1, queue_place=1), download(2, queue_place=2)]) as ui:
        assert "1st in line  " in ui.text
        ui.engine.at_once = 5
        await ui.refresh()
        assert "queued · 1st in line, 5 run at once" in ui.text
        assert "queued · 2nd in line  " in ui.text
        ui.engine.at_once = 0
        await ui.refresh()
        assert "at once" not in ui.text


@pytest.mark.parametrize(
    ("row", "key", "path"), [(DONE, "o", "/downloads/1"), (RUNNING, "O", "/downloads")]
)
async def test_files_and_folders_are_opened(row: Snapshot, key: str, path: str) -> None:
    async with running([row]) as ui:
        await ui.press(key)
        await ui.until(lambda: f"Opening {path}" in ui.text)
        assert ui.engine.opened == [path]


async def test_a_desktop_without_an_opener_is_explained() -> None:
    async with running([DONE]) as ui:
        ui.engine.opener_problem = "cannot open it: no desktop here"
        await ui.press("o")
        told = "cannot open it: no desktop here · y p copies its path"
        await ui.until(lambda: told in ui.toasts)


async def test_a_finished_file_that_is_gone_names_the_key_that_fetches_it_again() -> None:
    async with running([DONE]) as ui:
        ui.engine.opener_problem = GONE
        await ui.press("o")
        told = "cannot open it: it was moved or deleted · R fetches it again"
        await ui.until(lambda: told in ui.toasts)


async def test_a_file_that_is_not_finished_is_not_opened() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("o")
        assert ui.engine.opened == []


# The whole table.


async def test_there_is_a_handler_for_every_command_and_for_nothing_else() -> None:
    async with running() as ui:
        assert set(ui.main._actions.handlers) == {command.command_id for command in COMMANDS}


# Events, notices, requests.


async def test_many_failures_at_once_are_one_message() -> None:
    async with running([FAILED]) as ui:
        for number in range(14):
            ui.engine.tell(EventKind.FAILED, number)
        await ui.until(lambda: "14 downloads failed · 5 shows them" in ui.text)


async def test_a_note_of_the_engine_is_shown() -> None:
    async with running([RUNNING]) as ui:
        ui.engine.tell(EventKind.NOTE, 1, "file-1.bin", "the file changed on the server")
        await ui.until(lambda: "file-1.bin: the file changed on the server" in ui.text)


async def test_a_mirror_takes_over_without_a_message() -> None:
    async with running([RUNNING]) as ui:
        ui.engine.tell(EventKind.MIRROR, 1, "file-1.bin", "an address failed")
        ui.engine.tell(EventKind.NOTE, 1, "file-1.bin", "the file changed on the server")
        await ui.until(lambda: "the file changed on the server" in ui.text)
        assert "an address failed" not in ui.text


async def test_the_log_has_a_notice_once_however_much_of_it_was_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    notices = ("a long notice " * 20, "short", *(f"number {n}" for n in range(9)))
    async with running(notices=notices) as ui:
        await ui.until(lambda: "and 10 more: see the log (L)" in ui.text)
    assert sorted(caplog.messages) == sorted(notices)


async def test_notices_are_shown_at_the_start() -> None:
    async with running(notices=("settings.toml: theme is not a word",)) as ui:
        await ui.until(lambda: "settings.toml: theme is not a word" in ui.text)


async def test_requests_of_the_command_line_are_added_once() -> None:
    new = DownloadRequest("https://new.example/a", "/downloads")
    known = DownloadRequest(RUNNING.url, "/downloads")
    elsewhere = DownloadRequest(RUNNING.url, "/elsewhere")
    async with running([RUNNING], requests=(new, known, elsewhere)) as ui:
        await ui.until(lambda: ui.engine.adds)
        assert ui.engine.added == [new, elsewhere]
        await ui.until(lambda: "Added 2, skipped 1" in ui.text)


async def test_what_the_command_line_names_twice_is_one_download_as_in_a_paste() -> None:
    new = DownloadRequest("https://new.example/a", "/downloads")
    named = DownloadRequest("https://new.example/a", "/downloads", name="b")
    again = DownloadRequest("HTTPS://new.example/a#top", "/downloads")
    async with running(requests=(new, named, again)) as ui:
        await ui.until(lambda: ui.engine.adds)
        assert ui.engine.added == [new, named]
        await ui.until(lambda: "Added 2, skipped 1" in ui.text)


async def test_what_the_command_line_names_again_is_fetched_again_once_its_file_is_gone(
    tmp_path: Path,
) -> None:
    there, gone = (download(n, Status.COMPLETED, name=f"{n}.bin", total_bytes=4) for n in (1, 2))
    engine = FakeEngine([there, gone])
    for each in (there, gone):
        engine.details_by_id[each.download_id] = Details(path=str(tmp_path / each.name))
    (tmp_path / there.name).write_bytes(b"1234")
    requests = tuple(DownloadRequest(f"{each.url}#top", each.folder) for each in (there, gone))
    async with running(engine=engine, requests=requests) as ui:
        await ui.until(lambda: "Added 0, restarted 1, skipped 1" in ui.text)
    assert engine.added == []
    wishes = [call for call in engine.calls if call[0] in ("edit", "restart")]
    assert wishes == [("edit", 2, requests[1]), ("restart", 2)]


async def test_what_failed_is_tried_again_with_the_login_that_the_command_line_has_now() -> None:
    failed = download(1, Status.FAILED)
    engine = FakeEngine([failed])
    now = DownloadRequest(failed.url, failed.folder, credentials=("joe", "secret"))
    async with running(engine=engine, requests=(now,)) as ui:
        await ui.until(lambda: "Added 0, retried 1" in ui.text)
    wishes = [call for call in engine.calls if call[0] in ("edit", "resume")]
    assert wishes == [("edit", 1, now), ("resume", 1)]


async def test_in_ascii_a_name_keeps_its_letters_and_has_signs_that_look_alike() -> None:
    named = RUNNING._replace(name="nf—dash 世界 📦.bin")
    async with running([named], ascii="always") as ui:
        assert "nf-dash 世界 📦.bin" in ui.text


async def test_a_question_is_drawn_with_ascii_alone_where_that_is_asked() -> None:
    async with running([DEAR], ascii="always") as ui:
        await ui.press("x")
        assert "y delete - k keep the parts - esc back" in ui.text
        assert ui.text.isascii()
