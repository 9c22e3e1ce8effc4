"""The user's own keys: read, checked, and named wherever a key is named."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import download
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.commands import COMMANDS
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS, FORBIDDEN, read_keymap, read_keys


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("f5", ("f5",)),
        ("f5, p", ("f5", "p")),
        ("P", ("P",)),
        ("comma", (",",)),
        ("question_mark,PgDn", ("?", "pagedown")),
        ("ctrl+x,shift+tab", ("ctrl+x", "shift+tab")),
        ("x,x", ("x",)),
    ],
)
def test_keys_are_read_as_they_are_written(text: str, keys: tuple[str, ...]) -> None:
    assert read_keys(text) == keys


@pytest.mark.parametrize("text", [*sorted(FORBIDDEN), "alt+x"])
def test_keys_that_terminals_need_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="kept free for the terminal"):
        read_keys(text)


@pytest.mark.parametrize("text", ["", "nonsense", "ctrl+", "hyper+x", "ab", "f13"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        read_keys(text)


def test_a_command_gets_the_keys_of_the_user() -> None:
    keymap, problems = read_keymap({"pause": "f5,f6"})
    assert problems == {}
    assert keymap.by_id["pause"].keys == ("f5", "f6")
    assert keymap.by_id["cancel"].keys == ("x",)


def test_two_commands_can_swap_their_keys() -> None:
    keymap, problems = read_keymap({"pause": "x", "cancel": "p"})
    assert problems == {}
    assert keymap.by_id["pause"].keys == ("x",)
    assert keymap.by_id["cancel"].keys == ("p",)


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        ({"paus": "f5"}, {"paus": "names no command (did you mean pause?)"}),
        ({"toggle": "f5"}, {"toggle": "names no command"}),
        ({"pause": "x"}, {"pause": "x is the key of Cancel"}),
        ({"pause": "f5", "cancel": "f5"}, {"cancel": "f5 is the key of Pause"}),
        ({"pause": "ctrl+s"}, {"pause": "ctrl+s is kept free for the terminal"}),
        # Cancel keeps x because f10 is refused, so pause cannot have it either.
        (
            {"pause": "x", "cancel": "f10"},
            {"cancel": "f10 is kept free for the terminal", "pause": "x is the key of Cancel"},
        ),
    ],
)
def test_what_makes_no_sense_falls_back_alone(
    table: dict[str, str], problems: dict[str, str]
) -> None:
    keymap, told = read_keymap({"add": "f2", **table})
    assert told == problems
    assert keymap.by_id["add"].keys == ("f2",)
    for command in COMMANDS:
        if command.command_id in problems:
            assert keymap.by_id[command.command_id].keys == command.keys


@pytest.mark.parametrize("command_id", ["more_connections", "fewer_connections"])
def test_a_pair_of_keys_is_named_as_one_while_both_are_as_usual(command_id: str) -> None:
    keymap, _ = read_keymap({command_id: "f5"})
    assert DEFAULT_KEYS.by_id["more_connections"].footer_key == "+/-"
    assert not keymap.by_id["more_connections"].footer_key
    assert keymap.by_id["move_down"].footer_key == "J/K"


def test_messages_name_the_keys_that_work() -> None:
    failed = download(1, Status.FAILED, failure=Failure("http-404", ""))
    keymap, _ = read_keymap({"retry": "f5"})
    assert keymap.keys_for((("retry", ""),), failed) == ["f5 retry"]
    assert DEFAULT_KEYS.keys_for((("retry", ""),), failed) == ["r retry"]
