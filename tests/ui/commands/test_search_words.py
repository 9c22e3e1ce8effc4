"""Words of the palette: everything has some, and they say what it says."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.status import Status
from tui_downloader.store.settings import SETTINGS
from tui_downloader.ui.commands import search_words
from tui_downloader.ui.commands.commands import COMMANDS
from tui_downloader.ui.commands.search_words import FILTERS, command_words, likeness, setting_words
from tui_downloader.ui.view.filtering import parse_filter


def test_every_command_and_every_setting_has_other_words() -> None:
    commands = {command.command_id for command in COMMANDS} - {"palette"}
    assert set(search_words._COMMANDS) == commands
    assert set(search_words._SETTINGS) == set(SETTINGS)
    assert all(command_words(name) for name in commands)
    assert all(setting_words(name) for name in SETTINGS)


@pytest.mark.parametrize("status", list(Status))
def test_every_state_can_be_asked_for(status: Status) -> None:
    row = download(1, status)
    assert any(parse_filter(text).lets_through(row) for text, _, _ in FILTERS)


def test_every_filter_is_understood_and_leaves_something_out() -> None:
    rows = [download(number, status) for number, status in enumerate(Status, 1)]
    for text, _, _ in FILTERS:
        wanted = parse_filter(text)
        assert wanted.tests
        assert not wanted.problem
        assert not all(wanted.lets_through(row) for row in rows)


def test_what_waits_for_its_time_is_scheduled() -> None:
    wanted = parse_filter(FILTERS[0][0])
    assert wanted.lets_through(download(1, start_at=NOW + 60))
    assert not wanted.lets_through(download(2))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("Sched", "Filter state:scheduled", 1),
        ("state:scheduled", "Filter state:scheduled", 2),
        ("downloads finished", "what is finished, a download", 1),
        ("finished later", "what is finished", 0),
        ("inished", "what is finished", 0),
        ("per host", "connections_per_host", 2),
        ("", "anything", 0),
        (" + ", "anything", 0),
    ],
)
def test_words_are_found_by_how_they_begin(query: str, text: str, found: int) -> None:
    assert likeness(query, text) == found


@pytest.mark.parametrize("command_id", ["details", "more_connections", "limit", "sort_speed"])
def test_who_finds_it_slow_finds_why_and_what_helps(command_id: str) -> None:
    assert likeness("slow", command_words(command_id))
