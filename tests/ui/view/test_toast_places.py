"""Where messages stand: the lines around the list stay readable, a low window keeps its rows."""

from __future__ import annotations

from functools import partial

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tests.waiting import PATIENCE_S
from tui_downloader.model.status import Status
from tui_downloader.ui.view import toasts

NAME = "dataset-part-00001-of-00064-of-the-long-series.tar.zst"
PAUSED = [download(number, Status.PAUSED, name=f"{number}-{NAME}") for number in range(1, 30)]


@pytest.fixture(autouse=True)
def messages_stay_until_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a crowded machine a message may be gone before a test sees it."""
    monkeypatch.setattr(toasts, "SHOWN_S", PATIENCE_S)
    monkeypatch.setattr(toasts, "_LONGEST_S", PATIENCE_S)


def _stands(ui: Ui, told: str, line: int) -> bool:
    return told in ui.lines[line]


async def test_a_message_leaves_the_summary_in_sight() -> None:
    async with running(PAUSED, size=(80, 24)) as ui:
        before = ui.lines
        ui.app.say("a message that is so long that it takes more lines than one, as notes may do")
        await ui.until(lambda: "as notes may do" in ui.text)
        assert ui.lines[:3] == before[:3]
        assert ui.lines[-2:] == before[-2:]
        assert "host1.example" in ui.lines[-2]


@pytest.mark.parametrize("last", [0, 3, 11, 12, 13, 17, 18])
@pytest.mark.parametrize("is_long", [False, True])
async def test_no_two_messages_cover_the_highlighted_row(last: int, *, is_long: bool) -> None:
    async with running(PAUSED, size=(80, 24)) as ui:
        await ui.press(*["j"] * last)
        row = next(line for line in ui.lines if line.startswith(">"))
        for end in ("first", "second"):
            ui.app.say(f"a message that goes on {'and on ' * 5 * is_long}to its {end} end")
        await ui.until(lambda: "second end" in ui.text)
        assert row in ui.lines
        assert ("first end" in "".join(ui.lines[2:6])) is (last > 12)


async def test_messages_go_out_of_the_way_of_the_highlight() -> None:
    async with running(PAUSED[:19], size=(80, 24)) as ui:
        ui.app.say("a message")
        await ui.until(lambda: "a message" in ui.lines[-3])
        await ui.press("G")
        await ui.until(lambda: "a message" in ui.lines[2])
        await ui.press("g")
        await ui.until(lambda: "a message" in ui.lines[-3])


async def test_a_message_has_two_lines_at_most_and_the_log_has_it_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    story = "a story that goes on " * 20
    async with running(PAUSED, size=(80, 24)) as ui:
        ui.app.say(story)
        await ui.until(lambda: "L shows all" in ui.text)
        assert sum("▌" in line for line in ui.lines) == 2
    assert story in caplog.messages


@pytest.mark.parametrize("size", [(120, 30), (200, 50)])
async def test_beside_or_over_a_panel_a_message_stands_right_above_the_footer(
    size: tuple[int, int],
) -> None:
    async with running(PAUSED, size=size) as ui:
        footer = ui.lines[-1]
        ui.app.say("a message")
        await ui.until(lambda: "a message" in ui.lines[-2])
        assert ui.lines[-1] == footer


async def test_in_the_smallest_window_a_deed_stands_over_the_heads_and_covers_no_row() -> None:
    async with running(PAUSED, size=(40, 10)) as ui:
        await ui.press("d")
        ui.engine.drop(1)
        await ui.refresh()
        await ui.until(lambda: "z undo" in ui.lines[2])
        assert "Removed 1" in ui.lines[2]
        rows = [line for line in ui.lines if "‖" in line]
        assert len(rows) == 5
        assert "2-da" in ui.lines[8]
        assert "Quit" in ui.lines[9]
        assert "NAME" not in ui.text


@pytest.mark.parametrize("size", [(120, 30), (80, 24), (60, 16)])
async def test_over_a_dialog_messages_leave_its_keys_in_sight(size: tuple[int, int]) -> None:
    async with running(PAUSED, size=size) as ui:
        await ui.press("comma")
        keys = next(line for line in ui.lines if "esc" in line)
        ui.app.say("a message")
        await ui.until(lambda: "a message" in ui.lines[0])
        assert keys in ui.lines


@pytest.mark.parametrize("key", ["comma", "H", "L", "t", "question_mark"])
async def test_over_a_dialog_in_the_smallest_window_a_message_covers_its_title_alone(
    key: str,
) -> None:
    async with running(PAUSED, size=(40, 10)) as ui:
        await ui.press(key)
        await ui.until(lambda: ui.app.screen is not ui.main)
        await ui.pilot.pause()
        before = ui.lines
        ui.app.say("a message that takes more than the one line of forty cells that is there")
        await ui.until(lambda: "a message that takes" in ui.lines[0])
        assert ui.lines[1:] == before[1:]


async def test_a_message_is_to_be_read_once_while_dialogs_come_and_go() -> None:
    async with running([download(1, Status.DOWNLOADING)], size=(100, 26)) as ui:
        ui.app.say("a message")
        await ui.until(lambda: "a message" in ui.text)
        for key in ("comma", "ctrl+q"):
            await ui.press(key)
            await ui.until(lambda: "a message" in ui.lines[0])
            assert ui.text.count("a message") == 1
        await ui.press("escape", "escape")
        await ui.until(lambda: "a message" in ui.text)
        assert "a message" not in ui.lines[0]
        assert ui.text.count("a message") == 1


@pytest.mark.parametrize(("size", "line"), [((40, 10), 2), ((80, 24), -3), ((120, 30), -2)])
async def test_what_is_said_of_the_same_again_and_again_stays_in_its_place(
    size: tuple[int, int], line: int
) -> None:
    async with running(PAUSED, size=size) as ui:
        for told in (f"message {number}" for number in range(9)):
            ui.desk.say(told, "topic")
            await ui.until(partial(_stands, ui, told, line))
        ui.desk.say_instead("the last one")
        await ui.until(lambda: "the last one" in ui.lines[line])
        assert "message" not in ui.text


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)])
async def test_a_message_reaches_to_the_edge(size: tuple[int, int]) -> None:
    async with running(PAUSED, size=size) as ui:
        ui.app.say("a message")
        await ui.until(lambda: "a message" in ui.text)
        assert next(line for line in ui.lines if "a message" in line).endswith("a message ")
        assert ui.app.screen.query_one("Toast").region.right == size[0]


async def test_what_a_dialog_takes_off_the_screen_leaves_no_room_behind_it() -> None:
    async with running(PAUSED, size=(40, 10)) as ui:
        for told in (f"message {number}" for number in range(4)):
            ui.desk.say(told, "topic")
            await ui.until(partial(_stands, ui, told, 2))
            await ui.press("comma")
            ui.desk.say(f"{told} again", "topic")
            await ui.until(partial(_stands, ui, "again", 0))
            await ui.press("escape")
            await ui.until(partial(_stands, ui, "again", 2))


LONG = "a message that goes on and on and on and on and on and on and on to its end"


@pytest.mark.parametrize("key", ["?", "a"])
async def test_messages_leave_the_field_of_a_dialog_in_sight(key: str) -> None:
    async with running(PAUSED, size=(80, 24)) as ui:
        await ui.press(key)
        await ui.until(lambda: "─ Keys" in ui.text or "─ Add" in ui.text)
        inside = ui.lines[2:]
        for end in ("first", "second"):
            ui.app.say(f"{LONG} {end}")
        await ui.until(lambda: "end second" in ui.lines[1])
        assert ui.lines[2:] == inside


@pytest.mark.parametrize("key", ["g", "enter"])
async def test_in_the_smallest_window_a_message_of_two_lines_covers_neither_rows_nor_tabs(
    key: str,
) -> None:
    async with running(PAUSED, size=(40, 10)) as ui:
        await ui.press(key)
        below = 3 if key == "g" else 2
        before = ui.lines[below:]
        ui.app.say("a message that goes on and on to its end")
        await ui.until(lambda: "▌ end" in ui.text)
        assert ui.lines[below:] == before
