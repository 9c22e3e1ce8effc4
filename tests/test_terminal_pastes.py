"""Pastes as terminals really send them: bracketed or as keys, with CR, LF or both."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

# Nobody answers there, and nothing is asked before F2.
A, B = "http://127.0.0.1:1/a.iso", "http://127.0.0.1:1/b.iso"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Terminal("-d", str(tmp_path / "downloads"), home=tmp_path / "home") as running:
        running.until(lambda: "Paste links" in running.text and "q Quit" in running.text)
        yield running


def line_of(terminal: Terminal, text: str) -> int:
    """The first line of the screen that shows a text."""
    return next(number for number, line in enumerate(terminal.lines) if text in line)


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_keys_that_come_in_a_burst_are_a_paste(terminal: Terminal, line_end: str) -> None:
    terminal.press(f"{A}{line_end}{B}{line_end}")
    terminal.until(lambda: "2 new" in terminal.text)
    assert line_of(terminal, B) > line_of(terminal, A)


def test_a_filter_that_comes_in_one_piece_is_typed(tmp_path: Path) -> None:
    with Terminal("-d", str(tmp_path), A, B, home=tmp_path / "home") as terminal:
        terminal.until(lambda: terminal.names == ["a.iso", "b.iso"])
        terminal.press("/b.iso\r")
        terminal.until(lambda: terminal.names == ["b.iso"])
        terminal.press("\x1b")
        terminal.until(lambda: terminal.names == ["a.iso", "b.iso"])


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_a_bracketed_paste(terminal: Terminal, line_end: str) -> None:
    terminal.press(f"\x1b[200~{A}{line_end}{B}\x1b[201~")
    terminal.until(lambda: "2 new" in terminal.text)
    assert line_of(terminal, B) == line_of(terminal, A) + 1


def test_a_file_that_is_dropped(terminal: Terminal, tmp_path: Path) -> None:
    dropped = tmp_path / "my list.txt"
    dropped.write_text(f"{A}\n{B}\n")
    terminal.paste(str(dropped).replace(" ", "\\ ") + " ")
    terminal.until(lambda: "2 new" in terminal.text)


def test_ten_thousand_links(terminal: Terminal) -> None:
    links = [f"http://127.0.0.1:1/part-{number:05}.bin" for number in range(10_000)]
    terminal.paste("\r".join(links))
    terminal.until(lambda: "10000 new" in terminal.text)
    terminal.press("escape")
    terminal.until(lambda: "Add downloads" not in terminal.text)


def test_markup_in_a_paste_is_text(terminal: Terminal) -> None:
    terminal.paste(f"[b]{B}[/b] [@click=app.quit]x[/]")
    terminal.until(lambda: "1 new" in terminal.text)
    assert "[b]http://127.0.0.1:1/b.iso[/b] [@click=app.quit]x[/]" in terminal.text


def test_escape_sequences_in_a_paste_are_neither_obeyed_nor_sent_on(terminal: Terminal) -> None:
    terminal.paste(f"{A}\x1b]2;owned\x07qq\r{B}\x1b[5m")
    terminal.until(lambda: "invalid" in terminal.text)
    assert "there is a space or a control character" in terminal.text
    assert b"\x1b]2;owned" not in terminal.output
    assert b"\x1b[5m" not in terminal.output


def test_what_follows_an_escape_character_in_a_paste_stays_where_it_is(terminal: Terminal) -> None:
    terminal.paste(f"{A}\rx\x1b{'q,?d' * 12}\r{B}")
    terminal.until(lambda: "2 new, 1 invalid" in terminal.text)
    assert line_of(terminal, B) == line_of(terminal, "q,?d") + 1
    terminal.press("escape")
    terminal.until(lambda: "Add downloads" not in terminal.text)


def test_bytes_that_are_no_text_are_survived_and_the_link_beside_them_stays(
    terminal: Terminal,
) -> None:
    terminal.send_bytes(b"\x1b[200~" + A.encode() + b"\r\xff\xfe\x00\xc3\r\x1b[201~")
    terminal.until(lambda: "1 new" in terminal.text)
    terminal.press("\x1b")
    terminal.until(lambda: "Add downloads" not in terminal.text)


@pytest.mark.parametrize("key", ["j", "O", "/"])
def test_what_is_typed_ahead_behind_escape_goes_where_that_leads(tmp_path: Path, key: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text(
        '[keys]\ndown = "j,O,/"\nopen_folder = "f8"\nfilter = "f9"\n'
    )
    with Terminal("-d", str(tmp_path), A, B, home=home) as terminal:
        terminal.until(lambda: terminal.names == ["a.iso", "b.iso"])
        terminal.press(":")
        terminal.until(lambda: "Search for commands" in terminal.text)
        terminal.press("escape", key)
        terminal.until(lambda: terminal.highlighted == "b.iso")
