"""Pastes of terminals without bracketed paste: a burst of keys with a link in it is a paste."""

from __future__ import annotations

import asyncio
import time

import pytest
from textual.events import Key, Paste
from textual.widgets import TextArea

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.commands import COMMANDS
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS, Keymap
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.terminal.key_burst import GAP_S, PASTE_GAP_S, Burst, are_keys, is_paste
from tui_downloader.ui.widgets.details import DetailsPanel

A, B = "https://a.example/a.iso", "https://b.example/b.iso"
_NAMES = {"\r": "enter", "\n": "ctrl+j", "\t": "tab", ":": "colon", "/": "slash", ".": "full_stop"}


def keys(text: str, start_at: float = 100.0, gap_s: float = 0.001) -> list[Key]:
    """Make the keys that a terminal sends for a text."""
    made = []
    for place, char in enumerate(text):
        key = Key(_NAMES.get(char, char), char)
        key.time = start_at + place * gap_s
        made.append(key)
    return made


def names(pressed: list[Key]) -> str:
    return " ".join(key.key for key in pressed)


class Taker:
    """A burst on the main screen with a note of what was pasted."""

    def __init__(self) -> None:
        self.pasted: list[str] = []
        self.burst = Burst(self.pasted.append, lambda: DEFAULT_KEYS)

    def take(self, pressed: list[Key]) -> str:
        return names([ready for key in pressed for ready in self.burst.take(key)])


# What a burst is.


@pytest.mark.parametrize(
    "text",
    [
        A,
        f"curl -O {A}",
        f"/{A}\n",
        "://",
        "a.b/c\nd.e/f",
        "curl a.example/x\n",
        "please delete\nit",
        "/photo\nand delete all the others",
        "/home/me/list.txt\n",
        "/tmp/my\\ list.txt \n",
        "~/list.txt\n",
        "  /home/me/list.txt\n",
        "jjj  please\n",
        "the file\n",
        "100k\n",
        "jjj  ://\n",
    ],
)
def test_links_and_lines_are_pastes(text: str) -> None:
    assert is_pasted(text)
    assert is_pasted(text, None)


@pytest.mark.parametrize(
    "text",
    ["jjjj", "h", "dd", "j\n", "\n\n\n", "", "/photo\n", "/photo\njjp", "jj\n/photo\nx\n",
     "//[ab].*iso/\n", "/size:>1GB !old\n", ":settings\n", "jjjjjjkg\n",
     "jjj  /file-1\n", "jjj  /file-1\njj", "gvjjjjv\n", "2jj*:pause\n", "t300k\n",
     "jj  t1.5M\njj"],
)  # fmt: skip
def test_what_makes_sense_as_keys_is_none(text: str) -> None:
    assert not is_pasted(text)


def test_fields_are_opened_by_the_keys_of_now() -> None:
    own = Keymap({"filter": ("f",)})
    assert is_pasted("fphoto\n")
    assert not is_pasted("fphoto\n", own)
    assert is_pasted("/photo\n", own)
    # In the dialogs with a list, it is always the same key; theirs are no keys of the main screen.
    assert not is_pasted("/photo\n", None)
    assert is_pasted("jjjjjjkg\n", None)


def is_pasted(text: str, keymap: Keymap | None = DEFAULT_KEYS) -> bool:
    return is_paste(text, lambda line: are_keys(line, keymap))


def test_a_burst_with_a_link_is_pasted_whole_and_no_key_of_it_passes() -> None:
    taker = Taker()
    assert taker.take(keys(A)) == ""
    assert taker.burst.is_waiting
    assert taker.burst.end() == []
    assert taker.pasted == [A]


def test_a_first_key_that_only_moves_about_does_not_wait() -> None:
    assert Taker().take(keys("jj")) == "j"


def test_a_first_key_into_a_field_does_not_wait_and_is_taken_back_from_a_paste() -> None:
    done: list[str] = []
    burst = Burst(
        done.append, lambda: None, is_field=lambda: True, take_back=lambda: done.append("back")
    )
    first, *others = keys(A)
    assert burst.take(first) == [first]
    assert not burst.is_waiting
    assert [ready for key in others for ready in burst.take(key)] == []
    assert burst.end() == []
    assert done == ["back", A]


def test_keys_typed_one_by_one_into_a_field_never_wait() -> None:
    pasted: list[str] = []
    burst = Burst(pasted.append, lambda: None, is_field=lambda: True)
    typed = keys(A, gap_s=GAP_S + 0.001)
    assert [ready for key in typed for ready in burst.take(key)] == typed
    assert burst.end() == []
    assert pasted == []


def test_a_first_key_that_does_something_waits() -> None:
    taker = Taker()
    assert taker.take(keys(f"x {A}")) == ""
    assert taker.burst.end() == []
    assert taker.pasted == [f"x {A}"]


def test_keys_that_came_together_without_a_link_are_handled_in_their_order() -> None:
    taker = Taker()
    assert taker.take(keys("xjh")) == ""
    assert names(taker.burst.end()) == "x j h"
    assert taker.pasted == []


def test_a_pause_ends_a_burst() -> None:
    taker = Taker()
    assert taker.take(keys("xd", gap_s=GAP_S + 0.001)) == "x"
    assert names(taker.burst.end()) == "d"


def test_what_is_a_paste_already_may_stutter() -> None:
    taker = Taker()
    first, second = keys(A), keys(f"\r{B}\r", 100 + len(A) * 0.001 + PASTE_GAP_S / 2)
    assert taker.take(first + second) == ""
    assert taker.burst.end() == []
    assert taker.pasted == [f"{A}\n{B}\n"]


def test_a_key_that_is_no_text_keeps_its_place_in_a_burst() -> None:
    taker = Taker()
    up, escape = keys("^^", 100.002)
    up.key, up.character, escape.key, escape.character = "up", None, "escape", "\x1b"
    assert taker.take([*keys("xd"), up]) == ""
    assert names(taker.burst.end()) == "x d up"
    assert taker.take([*keys("h"), up]) == ""
    assert names(taker.burst.end()) == "h up"
    assert taker.take([*keys(A[:-2]), escape, *keys("so", 100.03)]) == ""
    assert taker.burst.end() == []
    assert taker.pasted == [A]


@pytest.mark.parametrize("key", ["enter", "tab", "ctrl+j"])
def test_a_lone_key_that_is_no_letter_is_never_held(key: str) -> None:
    taker = Taker()
    assert taker.take([Key(key, "\r")]) == key
    assert not taker.burst.is_waiting


def test_tabs_and_line_breaks_inside_a_burst_belong_to_it() -> None:
    taker = Taker()
    assert taker.take(keys(f"{A}\t{B}\r\n")) == ""
    assert taker.burst.end() == []
    assert taker.pasted == [f"{A}\t{B}\n\n"]


def test_a_line_break_that_comes_late_is_the_end_of_the_paste_and_no_key() -> None:
    taker = Taker()
    assert taker.take(keys(A)) == ""
    assert taker.burst.end() == []
    assert taker.take(keys("\r", start_at=100.2)) == ""
    assert taker.take(keys("\r", start_at=101.0)) == "enter"


def test_a_screen_that_takes_lines_gets_short_ones_too() -> None:
    pasted: list[str] = []
    burst = Burst(pasted.append, lambda: None, lambda: True)
    assert [key for pressed in keys("a\nb\n") for key in burst.take(pressed)] == []
    assert burst.end() == []
    assert pasted == ["a\nb\n"]
    assert [key.key for key in burst.take(keys("\r", start_at=200.0)[0])] == ["enter"]


def test_h_is_harmless() -> None:
    """Most links begin with it: what it does on the main screen must not matter."""
    assert {"h", "j", "k", "1"} <= DEFAULT_KEYS.harmless_keys
    harmful = {"x", "d", "D", "r", "R", "p", "P", "a", "q", "<", "J"}
    assert not harmful & DEFAULT_KEYS.harmless_keys
    assert {command.command_id for command in COMMANDS if "h" in command.keys} == {"previous_tab"}


# In the interface.


def burst(ui: Ui, text: str) -> None:
    """Send a text as keys, as fast as a terminal does."""
    for key in keys(text):
        ui.app.post_message(key)


def hand_on(ui: Ui, pressed: list[Key]) -> None:
    """Send keys the way they come from the thread that reads the terminal."""
    for key in pressed:
        asyncio.run_coroutine_threadsafe(ui.app._post_message(key), asyncio.get_running_loop())


def be_busy(seconds: float) -> None:
    """Keep the program from its loop."""
    time.sleep(seconds)


async def test_a_burst_opens_the_dialog_and_does_nothing_else() -> None:
    known = [download(1, Status.DOWNLOADING), download(2)]
    async with running(known) as ui:
        burst(ui, f"dx;{A}\r{B}\r")
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        await ui.until(lambda: "2 new" in ui.text)
        assert ui.app.screen.query_one("#links", TextArea).text == f"dx;{A}\n{B}\n"
        assert ui.engine.calls == []


async def test_what_was_handed_on_while_the_program_was_busy_belongs_to_the_burst() -> None:
    async with running() as ui:
        first, *rest = keys(f"{A}\n{B}\n")
        await ui.app.on_event(first)
        hand_on(ui, rest)
        be_busy(2 * GAP_S)  # the pause is over before the program gets round to any of them
        await ui.until(lambda: "2 new" in ui.text)
        assert ui.app.screen.query_one("#links", TextArea).text == f"{A}\n{B}\n"


async def test_a_burst_does_not_turn_the_tabs_of_the_panel() -> None:
    async with running([download(1)], size=(120, 30)) as ui:
        panel = ui.main.query_one(DetailsPanel)
        before = panel.tab
        burst(ui, A)
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        assert panel.tab is before
        await ui.press("escape", "h")
        await ui.until(lambda: panel.tab is not before)


async def test_a_burst_is_added_at_once_when_the_settings_say_so() -> None:
    async with running(paste="add") as ui:
        burst(ui, f"{A}\n{B}")
        await ui.until(lambda: "Added 2" in ui.text)
        assert [request.url for request in ui.engine.added] == [A, B]


async def test_other_keys_that_come_together_do_what_they_do_alone() -> None:
    known = [download(1), download(2), download(3)]
    async with running(known) as ui:
        burst(ui, "jjp")
        await ui.until(lambda: ui.engine.calls)
        assert ui.engine.calls == [("pause", 3)]


async def test_a_filter_typed_at_once_is_a_filter() -> None:
    known = [download(1, name="photo.jpg"), download(2, name="other.iso")]
    async with running(known) as ui:
        burst(ui, "/photo\rp")
        await ui.until(lambda: ui.engine.calls)
        assert ui.engine.calls == [("pause", 1)]
        assert ui.app.screen is ui.main
        assert "photo.jpg" in ui.text
        assert "other.iso" not in ui.text


async def test_a_key_finds_the_question_that_the_one_before_it_opened() -> None:
    known = [download(1, Status.DOWNLOADING, done_bytes=50_000_000, total_bytes=100_000_000)]
    async with running(known) as ui:
        burst(ui, "xk")
        await ui.until(lambda: ui.engine.calls)
        assert ui.engine.calls == [("cancel", 1, "keep")]


async def test_a_burst_over_a_question_answers_nothing() -> None:
    known = [download(1, Status.DOWNLOADING, done_bytes=50_000_000, total_bytes=100_000_000)]
    async with running(known) as ui:
        await ui.press("x")
        asked = ui.app.screen
        burst(ui, f"y{A}")
        await ui.until(lambda: ui.toasts)
        assert ui.toasts == ["The paste is kept until the list is back"]
        assert ui.engine.calls == []
        assert ui.app.screen is asked


async def test_an_escape_character_in_a_paste_turns_none_of_it_into_commands() -> None:
    known = [download(1), download(2)]
    async with running(known) as ui:
        # So does the parser hand on "https://a.example/x ESC ddp".
        burst(ui, "^ddp")
        ui.app.post_message(Paste("https://a.example/x"))
        await ui.until(lambda: "0 new, 1 invalid" in ui.text)
        assert "control character" in ui.text
        await ui.pilot.pause(0.1)
        assert ui.engine.calls == []


async def test_a_burst_into_a_field_is_typing() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        burst(ui, f"{A}\r{B}")
        await ui.until(lambda: "2 new" in ui.text)
        assert ui.app.screen.query_one("#links", TextArea).text == f"{A}\n{B}"


async def test_line_feeds_typed_into_the_box_break_lines() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        burst(ui, f"{A}\n{B}")
        box = ui.app.screen.query_one("#links", TextArea)
        await ui.until(lambda: box.text == f"{A}\n{B}")
        await ui.until(lambda: "2 new" in ui.text)


@pytest.mark.parametrize("end", ["", "\r", "\n"])
async def test_links_that_come_in_bursts_one_after_the_other_are_lines(end: str) -> None:
    async with running() as ui:
        await ui.press("a")
        box = ui.app.screen.query_one("#links", TextArea)
        burst(ui, A + end)
        await ui.until(lambda: box.text == A + end.replace("\r", "\n"))
        burst(ui, B)
        await ui.until(lambda: "2 new" in ui.text)
        assert box.text == f"{A}\n{B}"


async def test_a_burst_before_a_link_is_a_line_above_it() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.paste(A)
        await ui.press("home")
        burst(ui, B)
        await ui.until(lambda: "2 new" in ui.text)
        assert ui.app.screen.query_one("#links", TextArea).text == f"{B}\n{A}"


async def test_a_line_break_soon_behind_a_burst_into_the_box_is_one() -> None:
    async with running() as ui:
        await ui.press("a")
        box = ui.app.screen.query_one("#links", TextArea)
        burst(ui, A)
        await ui.until(lambda: box.text == A)
        burst(ui, "\r")
        await ui.until(lambda: box.text == f"{A}\n")


async def test_a_burst_into_the_box_that_is_no_link_is_typed_where_the_cursor_is() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.paste(A)
        burst(ui, ".sig")
        box = ui.app.screen.query_one("#links", TextArea)
        await ui.until(lambda: box.text == f"{A}.sig")


async def test_a_burst_while_no_field_has_the_cursor_goes_into_the_box() -> None:
    async with running() as ui:
        await ui.press("a", "tab")
        burst(ui, A)
        await ui.until(lambda: ui.app.screen.query_one("#links", TextArea).text == A)


async def test_lines_that_come_at_once_never_press_the_button() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        burst(ui, "ab\ncd\n")
        await ui.until(lambda: "ab\ncd\n" in ui.app.screen.query_one("#links", TextArea).text)
        assert not ui.engine.adds


async def test_a_command_typed_at_once_is_run() -> None:
    async with running([download(1)]) as ui:
        burst(ui, ":settings\r")
        await ui.until(lambda: "─ Settings ─" in ui.text)
        assert ui.engine.calls == []
