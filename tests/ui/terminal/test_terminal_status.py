"""What is told outside the window: which terminal it is, taskbar, notifications, links."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.style import Style
from textual.events import AppBlur

from tests.ui.fake_engine import NOW, download
from tests.ui.running import running
from tests.ui.timers import Timers
from tui_downloader.engine import EngineEvent, EventKind
from tui_downloader.model.download import Details, QueueSnapshot, Snapshot
from tui_downloader.model.status import Status
from tui_downloader.store.settings import Settings
from tui_downloader.ui.terminal.notices import Notifier, notice_sequence
from tui_downloader.ui.terminal.taskbar import CLEAR_PROGRESS, Bar, Taskbar, progress_sequence
from tui_downloader.ui.terminal.terminal_kind import Notice, TerminalKind, recognise
from tui_downloader.ui.terminal.terminal_status import TerminalStatus
from tui_downloader.ui.terminal.window_title import RESTORE_TITLE, SAVE_TITLE
from tui_downloader.ui.view.board import Board, View, look_at
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import ASCII
from tui_downloader.ui.view.hyperlinks import Linked, file_target, target_of, url_target


def board(*downloads: Snapshot) -> Board:
    scheduled = sum(each.start_at is not None for each in downloads)
    return look_at(QueueSnapshot(downloads, bytes_per_s=1e6, scheduled=scheduled), View.ALL)


HALF = download(1, Status.DOWNLOADING, done_bytes=50, total_bytes=100)
PAUSED = HALF._replace(status=Status.PAUSED)
SIZELESS = download(1, Status.DOWNLOADING, done_bytes=50)
DONE = download(1, Status.COMPLETED, total_bytes=100)
FAILED = download(2, Status.FAILED)


# Which terminal this is.


@pytest.mark.parametrize(
    ("environ", "shows_progress", "notice"),
    [
        ({"TERM": "xterm-256color"}, False, Notice.BELL),
        ({"WT_SESSION": "1"}, True, Notice.BELL),
        ({"ConEmuANSI": "ON"}, True, Notice.BELL),
        ({"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.2.0"}, True, Notice.OSC777),
        ({"TERM_PROGRAM": "ghostty", "TERM_PROGRAM_VERSION": "1.1.3"}, False, Notice.OSC777),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.6.6"}, True, Notice.OSC9),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.10"}, False, Notice.OSC9),
        (
            {"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20240203-110809-5046fc22"},
            False,
            Notice.OSC777,
        ),
        (
            {"TERM_PROGRAM": "WezTerm", "TERM_PROGRAM_VERSION": "20250601-000000-aaaaaaaa"},
            True,
            Notice.OSC777,
        ),
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, False, Notice.OSC99),
        ({"TERM": "foot"}, False, Notice.OSC777),
        ({"VTE_VERSION": "8000"}, True, Notice.BELL),
        ({"VTE_VERSION": "6800"}, False, Notice.BELL),
        ({"VTE_VERSION": "new"}, False, Notice.BELL),
        ({"VTE_VERSION": "²"}, False, Notice.BELL),
        ({"VTE_VERSION": "9" * 5000}, False, Notice.BELL),
        (
            {"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "9" * 5000},
            False,
            Notice.OSC9,
        ),
    ],
)
def test_only_known_terminals_are_told_more_than_the_bell(
    environ: dict[str, str], shows_progress: bool, notice: Notice
) -> None:
    assert recognise(environ) == TerminalKind(shows_progress, notice)


@pytest.mark.parametrize(
    "inside",
    [
        {"TMUX": "/tmp/tmux"},
        {"STY": "1.pts"},
        {"ZELLIJ": "0"},
        {"TERM": "screen.xterm-256color"},
        {"TERM": "tmux-256color"},
    ],
)
def test_a_multiplexer_is_told_nothing_but_the_bell(inside: dict[str, str]) -> None:
    assert recognise({"WT_SESSION": "1", "KITTY_WINDOW_ID": "1"} | inside) == TerminalKind()


# The taskbar.


def shown(*boards: Board) -> list[str]:
    """What a taskbar writes for these samples, a second apart."""
    later, written = Timers(), list[str]()
    taskbar = Taskbar(written.append, lambda: later.now)
    for each in boards:
        taskbar.show(each)
        later.advance(1.0)
    return written


@pytest.mark.parametrize(
    ("downloads", "bar", "percent"),
    [
        ([HALF], Bar.RUNNING, 50),
        ([HALF, download(2)], Bar.RUNNING, 25),
        ([SIZELESS], Bar.UNKNOWN, 0),
        ([HALF._replace(status=Status.VERIFYING, done_bytes=0)], Bar.RUNNING, 100),
        ([HALF._replace(status=Status.COMPLETED, phase="sha-256", done_bytes=0)], Bar.RUNNING, 100),
    ],
)
def test_the_taskbar_tells_how_much_of_the_queue_is_done(
    downloads: list[Snapshot], bar: Bar, percent: int
) -> None:
    assert shown(board(*downloads)) == [progress_sequence(bar, percent)]


def test_what_was_done_before_does_not_count() -> None:
    old = [download(number, Status.COMPLETED) for number in range(10, 20)]
    assert shown(board(*old, HALF)) == [progress_sequence(Bar.RUNNING, 50)]


def test_what_was_done_since_counts() -> None:
    busy = HALF._replace(download_id=2)
    written = shown(board(HALF, busy), board(DONE, busy))
    assert written[-1] == progress_sequence(Bar.RUNNING, 75)


def test_a_failure_turns_the_bar_red_until_the_end() -> None:
    running_on = HALF._replace(download_id=3)
    written = shown(board(HALF, running_on), board(FAILED, running_on), board(FAILED))
    assert written[1:] == [progress_sequence(Bar.FAILED, 50), CLEAR_PROGRESS]


def test_a_failure_of_the_past_is_not_told_again() -> None:
    assert shown(board(FAILED, HALF)) == [progress_sequence(Bar.RUNNING, 50)]


def test_a_pause_turns_the_bar_yellow() -> None:
    assert shown(board(HALF), board(PAUSED))[-1] == progress_sequence(Bar.PAUSED, 50)


def test_what_was_paused_all_along_shows_no_bar() -> None:
    assert shown(board(PAUSED), board(PAUSED)) == []


def test_the_bar_goes_at_the_end() -> None:
    assert shown(board(HALF), board(DONE), board(DONE))[1:] == [CLEAR_PROGRESS]


def test_what_is_scheduled_is_no_part_of_what_goes_on_now() -> None:
    later = download(2, start_at=9e9)
    written = shown(board(HALF, later), board(DONE, later))
    assert written == [progress_sequence(Bar.RUNNING, 50), CLEAR_PROGRESS]


def test_the_bar_is_told_again_every_5_seconds_and_ends_with_st() -> None:
    written = shown(*[board(HALF)] * 11)
    assert written == ["\x1b]9;4;1;50\x1b\\"] * 3


# Notifications.


class Desk:
    """A notifier, a clock, and what was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.later = Timers()
        self.notifier = Notifier(self.told.append, self.later.call, lambda: self.later.now)
        self.notifier.is_focused = False

    def end(self, *downloads: Snapshot) -> None:
        for each in downloads:
            if each.status in (Status.COMPLETED, Status.FAILED):
                self.notifier.note_end(each.download_id)
        self.notifier.look(board(*downloads))


LONG = DONE._replace(active_s=61.0)
BUSY = HALF._replace(download_id=9)


def test_the_end_of_the_queue_is_told_once() -> None:
    desk = Desk()
    desk.notifier.look(board(HALF))
    desk.end(DONE, FAILED)
    desk.end(DONE, FAILED)
    assert desk.told == ["Nothing is running any more: 1 completed, 1 failed"]


def test_what_is_scheduled_does_not_put_the_end_off() -> None:
    desk = Desk()
    later = download(2, start_at=9e9)
    desk.notifier.look(board(HALF, later))
    desk.end(DONE, later)
    assert desk.told == ["Nothing is running any more: 1 completed, 1 scheduled"]


def test_a_queue_that_never_ran_has_no_end() -> None:
    desk = Desk()
    desk.notifier.look(board(DONE))
    assert desk.told == []


def test_who_looks_at_the_window_is_not_disturbed() -> None:
    desk = Desk()
    desk.notifier.is_focused = True
    desk.notifier.look(board(HALF))
    desk.end(LONG)
    assert desk.told == []


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (LONG, ["file-1.bin is done"]),
        (LONG._replace(status=Status.FAILED), ["file-1.bin failed"]),
        (LONG._replace(active_s=59.0), []),
    ],
)
def test_only_downloads_over_a_minute_are_told_alone(ended: Snapshot, told: list[str]) -> None:
    desk = Desk()
    desk.end(ended, BUSY)
    assert desk.told == told


def test_notifications_are_10_seconds_apart_and_joined() -> None:
    desk = Desk()
    for number in (1, 2, 3):
        desk.end(LONG._replace(download_id=number, name=f"{number}.bin"), BUSY)
    assert desk.told == ["1.bin is done"]
    desk.later.advance(10.0)
    assert desk.told == ["1.bin is done", "3.bin is done, and 1 more"]


def test_what_waited_is_dropped_when_the_user_comes_back() -> None:
    desk = Desk()
    desk.end(LONG, BUSY)
    desk.end(LONG, BUSY)
    desk.notifier.is_focused = True
    desk.later.advance(10.0)
    assert desk.told == ["file-1.bin is done"]


@pytest.mark.parametrize("notice", [Notice.OSC9, Notice.OSC99, Notice.OSC777])
def test_a_name_cannot_break_out_of_a_notification(notice: Notice) -> None:
    sequence = notice_sequence(notice, "a\x1b\\b\a;c\u202e.bin is done")
    text = sequence.replace("\x1b\\", "").replace("\x1b]", "")
    assert text.isprintable()
    assert "a\\b,c.bin is done" in text


@pytest.mark.parametrize(
    ("notice", "sequence"),
    [
        (Notice.OSC777, "\x1b]777;notify;tui-downloader;done\x1b\\"),
        (Notice.OSC9, "\x1b]9;tui-downloader: done\x1b\\"),
        (Notice.OSC99, "\x1b]99;i=1:d=0;tui-downloader\x1b\\\x1b]99;i=1:p=body;done\x1b\\"),
        (Notice.BELL, "\a"),
    ],
)
def test_each_terminal_is_asked_in_its_own_way(notice: Notice, sequence: str) -> None:
    assert notice_sequence(notice, "done") == sequence


# Together, by setting.

EVERYTHING = TerminalKind(shows_progress=True, notice=Notice.OSC777)


def told(kind: TerminalKind = EVERYTHING, **settings: Any) -> str:
    """Everything that is written while a queue runs and ends out of focus."""
    written: list[str] = []
    later = Timers()
    outside = TerminalStatus(
        replace(Settings(), **settings),
        kind,
        written.append,
        later.call,
        Figures(),
        ASCII,
        lambda: later.now,
    )
    outside.set_focused(is_focused=False)
    outside.show(board(HALF))
    later.advance(2.0)
    outside.note(EngineEvent(EventKind.COMPLETED, 1, "", ""))
    outside.show(board(DONE))
    outside.begin_again()
    outside.show(board(HALF))
    return "".join(written) + outside.parting


def test_everything_is_told_unless_a_setting_says_no() -> None:
    text = told()
    assert text.count("\x1b]2;") == 2
    assert text.isascii()
    assert text.count("\x1b]9;4;1;50") == 2
    assert text.count("\x1b]777;") == 1
    assert text.endswith(CLEAR_PROGRESS)


@pytest.mark.parametrize(
    ("setting", "value", "gone"),
    [("title", False, "\x1b]2;"), ("taskbar", "never", "\x1b]9;4"), ("notify", False, "\x1b]777")],
)
def test_each_can_be_switched_off(setting: str, value: Any, gone: str) -> None:
    assert gone not in told(**{setting: value})


def test_an_unknown_terminal_gets_a_taskbar_only_when_asked_to() -> None:
    assert "\x1b]9;4" not in told(TerminalKind())
    assert "\x1b]9;4" in told(TerminalKind(), taskbar="always")


async def test_the_application_tells_samples_events_and_focus() -> None:
    async with running([HALF]) as ui:
        written: list[str] = []
        ui.app._terminal_status._notifier._send = written.append
        ui.app.post_message(AppBlur())
        await ui.pilot.pause()
        ui.engine.change(1, status=Status.COMPLETED)
        ui.engine.tell(EventKind.COMPLETED, 1)
        await ui.until(lambda: written)
        assert written == ["Nothing is running any more: 1 completed"]


# Links.


@pytest.mark.parametrize(
    ("target", "address"),
    [
        (url_target("https://a.example/b"), "https://a.example/b"),
        (url_target("https://***@a.example/b"), ""),
        (file_target("/home/me/a b;ü.bin"), "file:///home/me/a%20b%3B%C3%BC.bin"),
        (file_target("relative"), ""),
    ],
)
def test_addresses_to_follow(target: str, address: str) -> None:
    assert target == address


def test_a_text_with_another_address_is_another_text() -> None:
    assert Linked("text", "a") == Linked("text", "a")
    assert Linked("text", "a") != Linked("text", "b")
    assert Linked("text", "a") != "text"
    assert target_of("text") == ""


@pytest.mark.parametrize("size", [(120, 30), (200, 50)])
async def test_paths_and_addresses_in_the_details_are_links(size: tuple[int, int]) -> None:
    async with running([HALF._replace(heard_at=NOW)], size=size) as ui:
        ui.engine.details_by_id[1] = Details(path="/downloads/file-1.bin")
        await ui.refresh()
        assert links_of(ui) >= {HALF.url, "file:///downloads/file-1.bin"}


def links_of(ui: Any) -> set[str]:
    """Addresses that the terminal is given to open."""
    strips = ui.app.screen._compositor.render_strips()
    styles: list[Style] = [s.style for strip in strips for s in strip if s.style is not None]
    return {style.link for style in styles if style.link}


def test_what_is_wanted_outside_changes_at_once() -> None:
    written: list[str] = []
    settings = Settings(title=False, taskbar="never", notify=False)
    outside = TerminalStatus(
        settings, TerminalKind(), written.append, lambda *_: None, Figures(), ASCII, lambda: 0.0
    )
    outside.show(board(HALF))
    assert not written
    outside.obey(Settings(title=True, taskbar="always"))
    outside.show(board(HALF))
    assert "\x1b]2;" in "".join(written)
    assert "\x1b]9;4;1" in "".join(written)
    assert outside.parting == CLEAR_PROGRESS
    written.clear()
    outside.obey(settings)
    outside.show(board(HALF))
    assert written == [RESTORE_TITLE + SAVE_TITLE, CLEAR_PROGRESS]
    assert not outside.parting


def test_a_title_that_waits_is_not_shown_once_no_title_is_wanted() -> None:
    written: list[str] = []
    later = Timers()
    outside = TerminalStatus(
        Settings(), TerminalKind(), written.append, later.call, Figures(), ASCII, lambda: later.now
    )
    outside.show(board(HALF))
    outside.show(board(DONE))  # within the same second
    outside.obey(Settings(title=False))
    later.advance(2.0)
    assert written[1:] == [RESTORE_TITLE + SAVE_TITLE]
