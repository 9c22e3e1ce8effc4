"""Nothing in a paste becomes a key, and nothing outside of one changes or waits."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

from tui_downloader.ui.terminal import driver
from tui_downloader.ui.terminal.paste_guard import PasteGuard

START, END = "\x1b[200~", "\x1b[201~"


def guarded(*pieces: str | bytes) -> tuple[list[str], list[str]]:
    """What comes out for each piece that comes in, and what was pasted."""
    guard = PasteGuard(codecs.getincrementaldecoder("utf-8")("replace"))
    raw = (piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return [guard.decode(each) for each in raw], [*guard.pasted]


@pytest.mark.parametrize(
    ("pasted", "becomes"),
    [
        ("a\tb\r\nc\n", "a\tb\r\nc\n"),
        ("a\x1bdd", "a\ufffddd"),
        ("a\x1b[Bq\x1b", "a\ufffd[Bq\ufffd"),
        (f"a{START}b", "a\ufffd[200~b"),
        ("a\x00\x07\x7f\x9bb", "a\ufffd\ufffd\ufffd\ufffdb"),
        ("", ""),
    ],
)
def test_controls_are_taken_out_of_a_paste(pasted: str, becomes: str) -> None:
    typed = f"j{START}{START}{END}\x1b[Bq"
    assert guarded(f"j{START}{pasted}{END}\x1b[Bq") == ([typed], [becomes])


async def test_the_driver_hands_on_what_was_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pastes of one read, too, with keys around them and what is no text."""
    reading, handed_on = driver.TerminalDriver(App[object]()), list[Message]()
    monkeypatch.setattr(reading, "send_message", handed_on.append)
    assert driver.TerminalDriver.run_input_thread is LinuxDriver.run_input_thread
    decoder = vars(linux_driver)["getincrementaldecoder"]("utf-8")()
    data = f"{START}a\x1bq{END}j{START}b{END}".encode() + b"\xff"
    for message in XTermParser().feed(decoder.decode(data)):
        reading.process_message(message)
    reading.close()
    pastes = [each.text for each in handed_on if isinstance(each, Paste)]
    keys = [each.character for each in handed_on if isinstance(each, Key)]
    assert (pastes, keys) == (["a\ufffdq", "b"], ["j", "\ufffd"])


def test_keys_go_on_as_they_are_and_at_once() -> None:
    pieces = ["\x1b", "\x1b[", "A", "\x1b[20", "\x1b\x1b", "\x03", "ü", "\x1b[201~"]
    assert guarded(*pieces) == (pieces, [])


def test_the_end_of_a_paste_waits_until_it_is_clear_what_it_is() -> None:
    assert guarded(START + "a\x1b", "[20", "1~q") == ([START, "", START + END + "q"], ["a"])
    assert guarded(START + "a\x1b[20", "b" + END) == ([START, START + END], ["a\ufffd[20b"])


_TEXT = st.lists(
    st.sampled_from(["\x1b", "[", "20", "0~", "1~", "\x1b[A", "q", "dd", "\r", "\x07", "ü", "😀"])
).map("".join)


@given(_TEXT, _TEXT, st.lists(st.integers(1, 9), min_size=1))
def test_however_a_paste_is_cut_it_is_one_paste(
    pasted: str, behind: str, lengths: list[int]
) -> None:
    pasted = pasted.replace(END, "")
    raw = f"{START}{pasted}{END}".encode()
    pieces: list[bytes] = []
    while raw:
        length = lengths[len(pieces) % len(lengths)]
        pieces.append(raw[:length])
        raw = raw[length:]
    parser = XTermParser()
    typed, found = guarded(*pieces)
    events = [event for text in typed if text for event in parser.feed(text)]
    assert [type(event) for event in events] == [Paste]
    expected = "".join("\ufffd" if char in "\x1b\x07" else char for char in pasted)
    assert found == [expected]
    assert guarded(f"{START}{pasted}{END}{behind}")[1][0] == expected
