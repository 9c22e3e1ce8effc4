"""Escape and what is typed right behind it are two keys; sequences and editing keys stay whole."""

from __future__ import annotations

import codecs
import itertools

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from tui_downloader.ui.terminal.escape_key import EscapeKeys, keys_of


def keys(*pieces: str, every_s: float = 0.0) -> list[str]:
    """The keys that Textual makes of what comes in pieces, once nothing more comes."""
    times = itertools.count(100.0, every_s)
    decoder = EscapeKeys(codecs.getincrementaldecoder("utf-8")(), lambda: next(times))
    parser = XTermParser()
    texts = [decoder.decode(piece.encode()) for piece in pieces]
    events = [event for text in (*filter(None, texts), "") for event in parser.feed(text)]
    return [key.key for event in events for key in keys_of(event) if isinstance(key, Key)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\x1bj", ["escape", "j"]),
        ("\x1bjk", ["escape", "j", "k"]),
        ("\x1bD", ["escape", "D"]),
        ("\x1bO", ["escape", "O"]),
        ("\x1b1", ["escape", "1"]),
        ("\x1b-", ["escape", "minus"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b\t", ["escape", "tab"]),
        ("\x1b\x1bj", ["escape", "escape", "j"]),
        ("j\x1b", ["j", "escape"]),
        ("\x1bü", ["escape", "ü"]),
    ],
)
def test_an_escape_and_a_key_are_two_keys_however_they_come(typed: str, meant: list[str]) -> None:
    assert keys(typed) == meant
    assert keys(*typed) == meant
    assert keys("\x1b[B", *typed) == ["down", *meant]


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1bOQ", "f2"),
        ("\x1b[13;5u", "ctrl+enter"),
        ("\x1b[27u", "escape"),
        ("\x1bb", "ctrl+left"),
        ("\x1bf", "ctrl+right"),
        ("\x1b\x7f", "ctrl+w"),
    ],
)
def test_what_terminals_send_for_one_key_stays_one(sent: str, key: str) -> None:
    assert keys(sent) == [key]
    assert keys(*sent) == [key]
    assert keys(f"{sent}j") == [key, "j"]


@pytest.mark.parametrize(("typed", "key"), [("b", "b"), ("f", "f"), ("\x7f", "backspace")])
def test_what_a_hand_types_behind_an_escape_is_no_chord_of_a_terminal(typed: str, key: str) -> None:
    assert keys("\x1b", typed, every_s=0.06) == ["escape", key]
    assert keys("\x1b", f"{typed}j", every_s=0.06) == ["escape", key, "j"]
    assert keys("\x1b[A", "\x1b", typed, every_s=0.06) == ["up", "escape", key]


def test_a_chord_that_a_terminal_tells_apart_is_no_key_of_ours() -> None:
    assert keys("\x1b[111;4u") == ["alt+shift+o"]
