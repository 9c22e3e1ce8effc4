"""Every dialog can be used in the smallest window: what is typed and the keys are in sight."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.model.status import Status
from tui_downloader.ui.adding.add_plan import Plan
from tui_downloader.ui.adding.add_question import choices_of
from tui_downloader.ui.screens.ask import AskScreen, choice_lines
from tui_downloader.ui.view.pieces import text_of

SMALLEST = (40, 10)
RUNNING = download(1, Status.DOWNLOADING, total_bytes=10**9, done_bytes=5 * 10**8)
A, B = "https://a.example/a.iso", "https://b.example/b.iso"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("e", ["Name", "file-1.bin", "enter saves · esc back"]),
        ("u", ["now", "file-1.bin", "paste the new address", "enter takes it · esc back"]),
        ("c", ["file-1.bin", "sha-256=9f86", "enter takes it · esc back"]),
        ("comma", ["download_dir", "Folder that downloads go to", "enter edit", "esc close"]),
        (
            "t",
            [
                "Speed limit of",
                "is off",
                "download alone: e",
                "space, then t",
                "enter applies",
                "old one",
            ],
        ),
        ("question_mark", ["search", "Stop it; asks", "enter runs it · esc closes"]),
        ("H", ["History", "enter adds · esc close"]),
        ("L", ["Log", "esc close"]),
        ("a", ["Add downloads", "Add  F2", "F2 adds · ctrl+o more"]),
        (
            "q",
            [
                "1 running.",
                "at the next start.",
                "y or q: pause and quit",
                "w quit when done",
                "esc back",
            ],
        ),
        ("x", ["Cancel file-1.bin? 500 MB", "y delete", "k keep the parts", "esc back"]),
        ("s", ["q queue", "t state", "S reverse"]),
    ],
)
async def test_the_smallest_window_shows_all_that_a_dialog_needs(
    key: str, words: list[str]
) -> None:
    async with running([RUNNING], size=SMALLEST) as ui:
        await ui.press(key)
        await ui.until(lambda: ui.app.screen is not ui.main)
        await ui.until(lambda: all(word in ui.text for word in words))


async def test_a_long_question_is_read_by_scrolling_and_its_keys_stay_in_sight() -> None:
    keys = ("s skip", "n add again, new name", "r replace", "esc back")
    async with running(size=SMALLEST) as ui:
        question = " ".join(f"word-{number}" for number in range(40))
        ui.app.push_screen(AskScreen(question, choices_of(Plan())))
        await ui.until(lambda: all(key in ui.text for key in keys))
        assert "word-0 word-1 word-2" in ui.text
        await ui.press(*["down"] * 40)
        await ui.until(lambda: "word-39" in ui.text)
        assert all(key in ui.text for key in keys)
        await ui.press("s")
        assert ui.app.screen is ui.main


async def test_a_setting_shows_its_value_and_is_edited_in_the_smallest_window() -> None:
    async with running(size=SMALLEST) as ui:
        await ui.press("comma", "down", "down", "down")
        await ui.until(lambda: "> jobs" in ui.text)
        assert "jobs              5" in ui.text
        await ui.press("enter", *"no")
        await ui.until(lambda: "must be a whole number" in ui.text)
        assert "default 5 · a whole number" in ui.text
        assert any(line.strip("│ ") == "no" for line in ui.lines)
        await ui.press("backspace", "backspace", "7", "enter")
        await ui.until(lambda: "jobs              7" in ui.text)


async def test_a_limit_that_is_refused_says_why_in_the_smallest_window() -> None:
    async with running([RUNNING], size=SMALLEST) as ui:
        await ui.press("t", *"junk", "enter")
        await ui.until(
            lambda: all(word in ui.text for word in ("'junk' is not a rate", "no limit"))
        )
        assert any(line.strip(" │") == "junk" for line in ui.lines)
        await ui.press("backspace")
        await ui.until(lambda: "old one" in ui.text)


async def test_every_field_of_the_add_dialog_is_reached_in_the_smallest_window() -> None:
    async with running(size=SMALLEST) as ui:
        await ui.press("a")
        await ui.paste(f"{A}\n{B}\n")
        await ui.press("ctrl+o")
        for field in ("folder", "connections", "limit", "user", "password"):
            while not (ui.app.focused is not None and ui.app.focused.id == field):
                await ui.press("tab")
            await see_what_is_typed(ui)
        assert "Add  F2" in ui.text


async def see_what_is_typed(ui: Ui) -> None:
    focused = ui.app.focused
    assert isinstance(focused, Input)
    focused.value = "here"
    shown = "••••" if focused.password else "here"
    await ui.until(lambda: shown in ui.text)
    focused.value = ""


async def test_every_field_of_the_edit_dialog_is_reached_in_the_smallest_window() -> None:
    async with running([RUNNING], size=SMALLEST) as ui:
        await ui.press("e", *["tab"] * 8)
        await ui.until(lambda: "Headers" in ui.text)
        await ui.press("tab", "tab")
        await ui.until(lambda: "Save  F2" in ui.text)


def test_answers_that_do_not_fit_into_one_line_take_several() -> None:
    entries = [("y", "delete", "a"), ("k", "keep the parts", "b"), ("esc", "back", "c")]
    (whole, targets), *more = choice_lines(entries, 60)
    assert text_of(whole) == "y delete · k keep the parts · esc back"
    assert not more
    assert [target.value for target in targets] == ["a", "b", "c"]
    lines = choice_lines(entries, 20)
    shown = [text_of(pieces) for pieces, _ in lines]
    assert shown == ["y delete", "k keep the parts", "esc back"]
    assert [(t.start, t.end, t.value) for _, found in lines for t in found] == [
        (0, 8, "a"),
        (0, 16, "b"),
        (0, 8, "c"),
    ]


async def test_what_is_said_before_a_question_is_drawn_is_in_it_from_the_start() -> None:
    """A quick disk tells how much goes before there is anything to show it in."""
    async with running() as ui:
        asking = AskScreen("Delete it?", choices_of(Plan()))
        ui.app.push_screen(asking)
        asking.add("It is not there any more.")
        await ui.until(lambda: "Delete it?" in ui.text and "It is not there any more." in ui.text)
