"""The command table: no two commands share a key, and each applies where it makes sense."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.ui.fake_engine import download
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.commands import BY_ID, COMMANDS, bindings
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS
from tui_downloader.ui.commands.situation import Situation

_NEVER_USED = {
    "ctrl+s", "ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m",
    "ctrl+left_square_bracket", "ctrl+backslash", "f10", "f11", "f12",
}  # fmt: skip


def test_no_two_commands_share_a_key() -> None:
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_keys_that_terminals_need_themselves_are_left_alone() -> None:
    keys = {key for command in COMMANDS for key in command.keys}
    assert keys & _NEVER_USED == set()
    assert [key for key in keys if key.startswith("alt+")] == []


def test_every_command_has_a_binding_of_its_own_id() -> None:
    assert [binding.id for binding in bindings()] == [command.command_id for command in COMMANDS]


def test_every_command_is_explained() -> None:
    assert all(command.title and command.help and command.group for command in COMMANDS)


@pytest.mark.parametrize(
    ("status", "applying"),
    [
        (Status.QUEUED, {"pause", "cancel", "remove", "delete_file"}),
        (Status.CONNECTING, {"pause", "cancel", "restart", "remove", "delete_file"}),
        (Status.DOWNLOADING, {"pause", "cancel", "restart", "remove", "delete_file"}),
        (Status.VERIFYING, {"pause", "cancel", "restart", "remove", "delete_file"}),
        (Status.WAITING, {"pause", "cancel", "retry", "restart", "remove", "delete_file"}),
        (Status.PAUSED, {"pause", "cancel", "retry", "restart", "remove", "delete_file"}),
        (Status.COMPLETED, {"restart", "open_file", "remove", "delete_file"}),
        (Status.FAILED, {"cancel", "retry", "restart", "remove", "delete_file"}),
        (Status.CANCELLED, {"retry", "restart", "remove", "delete_file"}),
    ],
)
def test_a_state_offers_what_it_allows(status: Status, applying: set[str]) -> None:
    situation = Situation(highlighted=download(1, status), rows=1, downloads=1)
    candidates = {
        "pause", "cancel", "retry", "restart", "open_file", "remove", "delete_file",
    }  # fmt: skip
    assert {each for each in candidates if BY_ID[each].applies(situation)} == applying


def test_nothing_is_asked_of_an_engine_that_is_not_there_yet() -> None:
    harmless = {
        "copy", "open_folder", "details", "panel", "next_tab", "previous_tab", "switch_focus",
        "view_all", "view_active", "view_queued", "view_done", "view_failed", "down", "up",
        "first", "last", "page_down", "page_up", "half_down", "half_up", "back", "palette",
        "help", "quit", "theme", "log", "diagnostics", "mark", "mark_range", "mark_all",
    }  # fmt: skip
    situation = Situation(
        highlighted=download(1, Status.FAILED), rows=1, downloads=1, is_ready=False, has_panel=True
    )
    applying = {each.command_id for each in COMMANDS if each.applies(situation)}
    assert applying <= harmless


def test_every_sentence_has_room_in_the_help_of_a_usual_window() -> None:
    assert max(len(each.help) for each in COMMANDS) <= 58


def test_commands_that_do_not_exist_yet_are_not_promised() -> None:
    failed = download(1, Status.FAILED, failure=Failure("http-404", ""))
    assert DEFAULT_KEYS.keys_for((("no_such_command", ""), ("retry", "")), failed) == ["r retry"]


@pytest.mark.parametrize(
    ("marked", "title"),
    [
        ({Status.QUEUED, Status.DOWNLOADING}, "Start now"),
        ({Status.QUEUED, Status.PAUSED}, "Retry"),
    ],
)
def test_what_is_marked_and_scheduled_can_start_now(marked: set[Status], title: str) -> None:
    shown = download(1, Status.COMPLETED)
    situation = Situation(shown, frozenset(marked), has_marked_scheduled=True, rows=1)
    assert BY_ID["retry"].applies(situation)
    assert BY_ID["retry"].shown_title(situation) == title
    assert not BY_ID["retry"].applies(Situation(shown, frozenset({Status.QUEUED}), rows=1))


def test_the_pause_key_resumes_what_is_paused() -> None:
    situation = Situation(highlighted=download(1, Status.PAUSED), rows=1)
    assert BY_ID["pause"].shown_title(situation) == "Resume"
