"""The list: the highlight belongs to a download, and only the user moves it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len
from textual.events import MouseDown, MouseUp, Resize
from textual.geometry import Region
from textual.strip import Strip

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.ui.view.board import View
from tui_downloader.ui.widgets.queue import QueueList


async def test_the_first_download_is_highlighted_at_the_start() -> None:
    async with running([download(1), download(2)]) as ui:
        assert ui.queue.highlighted_id == 1
        assert "file-1.bin" in ui.lines[ui.highlighted_line]


async def test_the_highlight_stays_with_its_download_when_others_vanish() -> None:
    async with running([download(number) for number in range(1, 9)]) as ui:
        await ui.press("j", "j", "j")
        ui.engine.drop(1, 2)
        await ui.refresh()
        assert ui.queue.highlighted_id == 4
        assert "file-4.bin" in ui.lines[ui.highlighted_line]


async def test_the_highlight_goes_to_the_next_when_its_download_vanishes() -> None:
    async with running([download(number) for number in range(1, 6)]) as ui:
        await ui.press("j", "j")
        ui.engine.drop(3)
        await ui.refresh()
        assert ui.queue.highlighted_id == 4


async def test_the_highlight_goes_to_the_last_when_the_end_vanishes() -> None:
    async with running([download(number) for number in range(1, 6)]) as ui:
        await ui.press("G")
        ui.engine.drop(4, 5)
        await ui.refresh()
        assert ui.queue.highlighted_id == 3


async def test_each_row_is_found_while_others_come_to_the_end_and_go() -> None:
    async with running([download(number) for number in range(1, 4)]) as ui:
        for gone, come in ((), (4, 5)), ((), (6,)), ((2,), (7,)), ((7,), ()), ((), (8,)):
            ui.engine.drop(*gone)
            ui.engine.downloads += tuple(download(number) for number in come)
            await ui.refresh()
            listed = [each.download_id for each in ui.engine.downloads]
            assert sorted(ui.queue.ids) == sorted(listed)
            for number in listed:
                ui.queue.move_to_id(number)
                assert ui.queue.highlighted_id == number
                assert ui.queue.highlighted is not None
                assert ui.queue.highlighted.download_id == number


async def test_an_emptied_list_has_no_highlight() -> None:
    async with running([download(1)]) as ui:
        ui.engine.drop(1)
        await ui.refresh()
        assert ui.queue.highlighted_id is None
        assert "Paste links" in ui.text


async def test_a_thousand_changes_do_not_move_the_highlight_on_the_screen() -> None:
    chance = random.Random(7)
    async with running([download(number) for number in range(1, 1001)]) as ui:
        await ui.press("ctrl+d", "ctrl+d", "ctrl+d", "pagedown", "pagedown", "k", "k")
        highlighted, line = ui.queue.highlighted_id, ui.highlighted_line
        for step in range(8):
            others = [each for each in ui.engine.downloads if each.download_id != highlighted]
            gone = chance.sample([each.download_id for each in others], 100)
            ui.engine.drop(*gone)
            new = tuple(download(number) for number in range(5000 + step * 90, 5090 + step * 90))
            ui.engine.downloads = new + ui.engine.downloads + new[:0]
            await ui.refresh()
            assert ui.queue.highlighted_id == highlighted
            assert ui.highlighted_line == line


async def test_reordering_keeps_the_highlight_on_its_line() -> None:
    async with running([download(number) for number in range(1, 101)]) as ui:
        await ui.press("pagedown", "pagedown")
        highlighted, line = ui.queue.highlighted_id, ui.highlighted_line
        order = list(ui.engine.downloads)
        order[10:80] = reversed(order[10:80])
        ui.engine.downloads = tuple(order)
        await ui.refresh()
        assert ui.queue.highlighted_id == highlighted
        assert ui.highlighted_line == line


async def test_rows_scrolled_to_with_the_wheel_stay_while_rows_above_vanish() -> None:
    async with running([download(number) for number in range(1, 201)]) as ui:
        ui.queue.scroll_to(y=100, animate=False, immediate=True)
        await ui.refresh()
        top = ui.lines[3]
        ui.engine.drop(*range(20, 40))
        await ui.refresh()
        assert ui.lines[3] == top
        assert ui.queue.highlighted_id == 1


@pytest.mark.parametrize(
    ("keys", "highlighted"),
    [
        (["j"], 2),
        (["down", "down"], 3),
        (["j", "j", "k"], 2),
        (["k"], 1),
        (["G"], 100),
        (["end", "up"], 99),
        (["G", "g"], 1),
        (["G", "home"], 1),
        (["pagedown"], 20),
        (["pagedown", "pageup"], 1),
        (["ctrl+d"], 10),
        (["ctrl+d", "ctrl+u"], 1),
        (["G", "j"], 100),
    ],
)
async def test_keys_move_the_highlight(keys: list[str], highlighted: int) -> None:
    async with running([download(number) for number in range(1, 101)]) as ui:
        await ui.press(*keys)
        assert ui.queue.highlighted_id == highlighted
        assert f"file-{highlighted}.bin" in ui.lines[ui.highlighted_line]


async def test_a_click_highlights() -> None:
    async with running([download(number) for number in range(1, 6)]) as ui:
        await ui.pilot.click("#queue", offset=(10, 2))
        assert ui.queue.highlighted_id == 3


async def test_a_click_below_the_last_row_changes_nothing() -> None:
    async with running([download(1), download(2)]) as ui:
        await ui.pilot.click("#queue", offset=(10, 8))
        assert ui.queue.highlighted_id == 1


async def drag(ui: Ui, start: tuple[int, int], end: tuple[int, int], button: int = 1) -> None:
    """Press and let go as a terminal tells it; Pilot hands clicks to the screen, past the app."""
    for kind, (x, y) in ((MouseDown, start), (MouseUp, end)):
        ui.app.post_message(kind(None, x, y, 0, 0, button, shift=False, meta=False, ctrl=False))
    await ui.pilot.pause()


async def click(ui: Ui, button: int, y: int) -> None:
    await drag(ui, (14, y), (14, y), button)


async def test_who_lets_the_button_go_elsewhere_has_clicked_nothing() -> None:
    rows = [download(number, Status.DOWNLOADING) for number in range(1, 6)]
    async with running(rows) as ui:
        pause, cancel = (ui.lines[-1].index(word) for word in ("Pause", "Cancel"))
        await drag(ui, (pause, 23), (cancel, 23))
        await drag(ui, (10, 4), (10, 6))
        assert ui.queue.highlighted_id == 1
        await ui.press("question_mark")
        line = next(y for y, line in enumerate(ui.lines) if "Take it out of the list" in line)
        await drag(ui, (30, line - 1), (40, line))
        assert "Take it out of the list" in ui.text
        await ui.press("escape")
        assert ui.engine.calls == []
        await drag(ui, (pause, 23), (pause + 1, 23))  # a hand is never quite still
        assert ui.engine.calls == [("pause", 1)]


async def test_only_the_left_button_of_the_mouse_does_something() -> None:
    async with running([download(number) for number in range(1, 6)]) as ui:
        for button in (2, 3):
            await click(ui, button, 5)
            assert ui.queue.highlighted_id == 1
            await click(ui, button, 1)
            assert ui.desk.lens.view is View.ALL
        await click(ui, 1, 5)
        assert ui.queue.highlighted_id == 3
        await click(ui, 1, 1)
        assert ui.desk.lens.view is View.ACTIVE


@pytest.mark.parametrize(("button", "words"), [(2, "to paste"), (3, "right button")])
async def test_the_other_buttons_say_how_the_terminal_gets_them(button: int, words: str) -> None:
    async with running([download(1)]) as ui:
        await click(ui, button, 3)
        await ui.until(lambda: len(ui.toasts) == 1)
        assert "Hold Shift" in ui.toasts[0]
        assert words in ui.toasts[0]


async def test_a_double_click_opens_the_details() -> None:
    async with running([download(1), download(2)]) as ui:
        await ui.pilot.click("#queue", offset=(10, 1), times=2)
        await ui.pilot.pause()
        assert ui.main.has_class("-full")


async def test_a_row_that_looks_the_same_is_not_painted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=10**9, heard_at=NOW),
        download(2),
    ]
    async with running(rows) as ui:
        painted: list[object] = []
        paint = ui.queue.refresh

        def noted(*regions: Region, **options: Any) -> QueueList:
            painted.append(regions)
            return paint(*regions, **options)

        monkeypatch.setattr(ui.queue, "refresh", noted)
        ui.engine.change(1, done_bytes=6)  # less than any digit shows
        await ui.refresh()
        assert painted == []
        ui.engine.change(1, done_bytes=900_000_000)
        await ui.refresh()
        await ui.refresh()
        assert len(painted) == 1


async def test_rows_that_come_out_of_sight_paint_nothing_of_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(map(download, range(1, 61))) as ui:
        drawn: list[int] = []
        monkeypatch.setattr(QueueList, "render_line", _noting(drawn))
        ui.engine.add([DownloadRequest("https://host.example/new.bin", "/downloads")])
        await ui.refresh()
        assert len(ui.queue.ids) == 61
        assert ui.queue.vertical_scrollbar.window_virtual_size == 61
        assert drawn == []


def _noting(drawn: list[int]) -> Callable[[QueueList, int], Strip]:
    """Draw lines as always, and note which ones."""
    draw = QueueList.render_line

    def render_line(widget: QueueList, y: int) -> Strip:
        drawn.append(y)
        return draw(widget, y)

    return render_line


async def test_a_row_is_painted_again_when_the_window_was_painted_before_it_was_told() -> None:
    """A loaded machine may paint the new size before the list hears of it."""
    async with running([download(1, Status.DOWNLOADING, total_bytes=10**9)]) as ui:
        ui.queue.on_resize(Resize(ui.queue.size, ui.queue.virtual_size))
        ui.engine.change(1, done_bytes=900_000_000)
        await ui.refresh()
        assert " 90% " in ui.lines[ui.highlighted_line]


HOSTILE = {
    "[b]bold[/b]": "[b]bold[/b]",
    "[@click=app.quit]x[/]": "[@click=app.quit]x[/]",
    "[/]": "[/]",
    "$primary": "$primary",
    "日本語の名前.mkv": "日本語の名前.mkv",
    "e\u0301cole.txt": "e\u0301cole.txt",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_shown_as_it_is_and_moves_nothing(name: str) -> None:
    rows = [
        download(1, name=name, status=Status.FAILED),
        download(2, Status.FAILED),
    ]
    async with running(rows, size=(120, 30)) as ui:
        line = ui.lines[ui.highlighted_line]
        assert line.startswith(f"> ✗ {HOSTILE[name]} ")
        assert cell_len(line) == 120
        before_message = [each.partition("failed")[0] for each in ui.lines[3:5]]
        assert cell_len(before_message[0]) == cell_len(before_message[1])


async def test_a_message_with_markup_is_shown_as_it_is() -> None:
    async with running() as ui:
        ui.app.say("[red]not red[/red] [/nonsense")
        await ui.until(lambda: "[red]not red[/red] [/nonsense" in ui.text)
