"""Nothing in a paste becomes a key, and nothing outside of one changes or waits."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste

from tui_downloader.ui.terminal import driver
from tui_downloader.ui.terminal.paste_guard import PasteGuard

START, END = "\x1b[200~", "\x1b[201~"


def guarded(*pieces: str | bytes) -> list[str]:
    """What comes out for each piece that comes in."""
    guard = PasteGuard(codecs.getincrementaldecoder("utf-8")("replace"))
    raw = (piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return [guard.decode(each) for each in raw]


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
    assert guarded(f"j{START}{pasted}{END}\x1b[Bq") == [f"j{START}{becomes}{END}\x1b[Bq"]


def test_the_driver_reads_through_a_guard() -> None:
    reader = vars(linux_driver)["getincrementaldecoder"]("utf-8")()
    assert driver.TerminalDriver.run_input_thread is LinuxDriver.run_input_thread
    assert reader.decode(f"{START}\x1bq{END}".encode()) == f"{START}\ufffdq{END}"
    assert reader.decode(b"\xff") == "\ufffd"


def test_keys_go_on_as_they_are_and_at_once() -> None:
    pieces = ["\x1b", "\x1b[", "A", "\x1b[20", "\x1b\x1b", "\x03", "ü", "\x1b[201~"]
    assert guarded(*pieces) == pieces


def test_the_end_of_a_paste_waits_until_it_is_clear_what_it_is() -> None:
    assert guarded(START + "a\x1b", "[20", "1~q") == [START + "a", "", END + "q"]
    assert guarded(START + "a\x1b[20", "b" + END) == [START + "a", "\ufffd[20b" + END]


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
    events = [event for text in guarded(*pieces) if text for event in parser.feed(text)]
    assert not [event for event in events if isinstance(event, Key)]
    expected = "".join("\ufffd" if char in "\x1b\x07" else char for char in pasted)
    assert [event.text for event in events if isinstance(event, Paste)] in ([expected], [])
    assert guarded(f"{START}{pasted}{END}{behind}")[0].startswith(f"{START}{expected}{END}")
