"""Filter and order on the screen: typing, keeping, leaving, the menu, the heads."""

from __future__ import annotations

import random

import pytest
from textual.events import MouseScrollDown

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import Snapshot
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.main import MainScreen
from tui_downloader.ui.view.sort_keys import SORT_LETTERS

ROWS = [
    download(1, Status.DOWNLOADING, name="Bravo.iso", bytes_per_s=1.0, heard_at=NOW),
    download(2, Status.FAILED, name="alpha-10.zip", total_bytes=5_000_000_000),
    download(3, Status.QUEUED, name="alpha-9.zip", total_bytes=1_000),
    download(4, Status.COMPLETED, name="charlie.tar", total_bytes=2_000_000),
]


def shown(ui: Ui) -> list[str]:
    """The names on the screen, from the top."""
    names = [row.name for row in ui.engine.downloads]
    rows = [line[4:].split(" ")[0] for line in ui.lines[3:]]
    return [name for name in rows if name in names]


# The filter.


async def test_typing_narrows_the_list_at_once() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", "a", "l")
        assert shown(ui) == ["alpha-10.zip", "alpha-9.zip"]
        await ui.press("p", "h", "a", "space", "!", "1", "0")
        assert shown(ui) == ["alpha-9.zip"]
        await ui.press("backspace", "backspace", "backspace")
        assert shown(ui) == ["alpha-10.zip", "alpha-9.zip"]


async def test_letters_in_the_filter_are_no_commands() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"qpxd JKG*v?:/")
        assert ui.app.is_running
        assert ui.engine.calls == []
        assert ui.app.screen is ui.main


async def test_enter_keeps_the_filter_and_says_so() -> None:
    async with running(ROWS, size=(120, 30)) as ui:
        await ui.press("slash", *"alpha", "enter")
        assert ui.queue.has_focus
        assert shown(ui) == ["alpha-10.zip", "alpha-9.zip"]
        assert "/ alpha" in ui.lines[1]
        await ui.press("j")
        assert ui.queue.highlighted_id == 3


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)])
async def test_how_many_rows_match_stands_before_the_filter_while_typed_and_kept(
    size: tuple[int, int],
) -> None:
    async with running(ROWS, size=size) as ui:
        assert " of " not in ui.lines[1]
        await ui.press("slash", *"alpha")
        assert "2 of 4 / alpha" in told_of_views(ui)
        await ui.press("enter")
        await ui.pilot.pause()
        assert "2 of 4 / alpha" in told_of_views(ui)
        ui.engine.downloads += (download(8, name="alpha-11.zip"), download(9, name="delta"))
        await ui.refresh()
        assert "3 of 6 / alpha" in told_of_views(ui)
        await ui.press("5")
        assert "1 of 1 / alpha" in told_of_views(ui)
        await ui.press("escape")
        assert " of " not in ui.lines[1]


def told_of_views(ui: Ui) -> str:
    """The line of views, with single spaces."""
    return " ".join(ui.lines[1].split())


async def test_esc_while_typing_clears_the_filter() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"alpha", "escape")
        assert ui.queue.has_focus
        assert len(shown(ui)) == 4
        assert "/ alpha" not in ui.lines[1]


async def test_the_filter_can_be_opened_again_and_gone_on_with() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"alpha", "enter", "slash", *"-9")
        assert shown(ui) == ["alpha-9.zip"]


async def test_arrows_move_the_highlight_while_typing() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"alpha", "down")
        assert ui.queue.highlighted_id == 3


async def test_a_filter_that_fits_nothing_says_how_to_leave_it() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"zulu", "enter")
        assert "Nothing matches; esc shows all" in ui.text
        await ui.press("escape")
        assert len(shown(ui)) == 4


async def test_a_kept_filter_that_is_not_understood_says_so_and_leaves_nothing_out() -> None:
    async with running([download(1), download(2)]) as ui:
        await ui.press("slash", *"size:huge", "enter")
        await ui.until(lambda: "/ size:huge: 'huge' is not a size" in ui.text)
        assert "file-1.bin" in ui.text
        assert "file-2.bin" in ui.text


async def test_views_combine_with_the_filter_and_keep_their_counts() -> None:
    async with running(ROWS, size=(120, 30)) as ui:
        await ui.press("slash", *"alpha", "enter", "5")
        assert shown(ui) == ["alpha-10.zip"]
        assert "1 All 4" in ui.lines[1]
        assert "[5 Failed 1]" in ui.lines[1]


async def test_new_downloads_are_filtered_too() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"alpha", "enter")
        new = (download(8, name="alpha-11.zip"), download(9, name="delta"))
        ui.engine.downloads += new
        await ui.refresh()
        assert shown(ui) == ["alpha-10.zip", "alpha-9.zip", "alpha-11.zip"]


async def test_the_language_is_explained_while_typing() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash")
        assert "⏎ Keep" in ui.lines[-1]
        assert "state:failed" in ui.lines[-1]
        await ui.press(*"size:x")
        assert "'x' is not a size" in ui.lines[-1]
        await ui.press("escape")
        assert "q Quit" in ui.lines[-1]


async def test_a_click_on_the_list_keeps_the_filter() -> None:
    async with running(ROWS, size=(120, 30)) as ui:
        await ui.press("slash", *"alpha")
        await ui.pilot.click("#queue", offset=(10, 1))
        await ui.pilot.pause()
        assert ui.queue.has_focus
        assert "/ alpha" in ui.lines[1]
        assert "q Quit" in ui.lines[-1]


async def test_the_highlight_comes_home_when_the_filter_is_left() -> None:
    async with running(ROWS) as ui:
        await ui.press("j", "j", "j", "slash", *"bravo")
        assert ui.queue.highlighted_id == 1
        ui.engine.change(2, status=Status.QUEUED)
        await ui.refresh()
        await ui.press("escape")
        assert ui.queue.highlighted_id == 4


async def test_it_comes_home_also_when_progress_is_shown_meanwhile() -> None:
    async with running(ROWS) as ui:
        await ui.press("j", "j", "j", "slash", *"bravo", "enter")
        assert ui.queue.highlighted_id == 1
        main = ui.app.main
        main._back()  # the progress is in the queue before the screen has had its next layout
        main.post_message(MainScreen.Progress(main.desk.board))
        await ui.pilot.pause()
        assert ui.queue.highlighted_id == 4
        assert shown(ui) == [row.name for row in ROWS]


async def test_a_highlight_that_the_user_moved_stays_when_the_filter_is_left() -> None:
    async with running(ROWS) as ui:
        await ui.press("slash", *"alpha", "enter", "j", "escape")
        assert ui.queue.highlighted_id == 3


async def test_a_row_that_comes_back_by_itself_does_not_take_the_highlight() -> None:
    async with running(ROWS) as ui:
        await ui.press("2", "p")
        ui.engine.change(1, status=Status.PAUSED)
        ui.engine.change(3, status=Status.CONNECTING)
        await ui.refresh()
        assert ui.queue.highlighted_id == 3
        ui.engine.change(1, status=Status.DOWNLOADING)
        await ui.refresh()
        assert ui.queue.highlighted_id == 3


async def test_the_highlight_that_followed_is_kept_in_another_view() -> None:
    async with running(ROWS) as ui:
        await ui.press("j", "k", "2", "p")
        ui.engine.change(1, status=Status.PAUSED)
        ui.engine.change(3, status=Status.CONNECTING)
        await ui.refresh()
        await ui.press("1")
        assert ui.queue.highlighted_id == 3


# The order.


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["s", "n"], [3, 2, 1, 4]),
        (["s", "n", "s", "n"], [4, 1, 2, 3]),
        (["s", "n", "S"], [4, 1, 2, 3]),
        (["s", "n", "s", "S"], [4, 1, 2, 3]),
        (["s", "s"], [2, 4, 3, 1]),
        (["s", "v"], [1, 2, 3, 4]),
        (["s", "t"], [1, 3, 2, 4]),
        (["s", "n", "s", "q"], [1, 2, 3, 4]),
        (["S"], [4, 3, 2, 1]),
        (["s", "escape"], [1, 2, 3, 4]),
        (["s", "x"], [1, 2, 3, 4]),
    ],
)
async def test_the_menu_sorts(keys: list[str], expected: list[int]) -> None:
    async with running(ROWS) as ui:
        await ui.press(*keys)
        assert ui.queue.ids == expected
        assert ui.engine.calls == []
        assert ui.app.screen is ui.main


async def test_the_menu_shows_its_choices_on_the_last_line() -> None:
    async with running(ROWS, size=(120, 30)) as ui:
        await ui.press("s")
        line = ui.lines[-1]
        for letter, key in SORT_LETTERS.items():
            assert f"{letter} {key.value}" in line
        assert "S reverse" in line
        assert "Bravo.iso" in ui.text


@pytest.mark.parametrize("width", [40, 60, 80])
async def test_the_menu_fits_narrow_windows(width: int) -> None:
    async with running(ROWS, size=(width, 24)) as ui:
        await ui.press("s")
        words = " ".join(ui.lines[-3:]).split()
        menu = [word for word in words if word in SORT_LETTERS]
        assert menu == list(SORT_LETTERS)
        assert {key.value for key in SORT_LETTERS.values()} <= set(words)


async def test_a_choice_of_the_menu_can_be_clicked() -> None:
    async with running(ROWS, size=(120, 30)) as ui:
        await ui.press("s")
        await ui.pilot.click(offset=(ui.lines[-1].index("n name"), 29))
        await ui.pilot.pause()
        assert ui.queue.ids == [3, 2, 1, 4]


async def test_the_order_is_told() -> None:
    async with running(ROWS, size=(120, 30)) as ui:
        assert "sort: queue ▲" in ui.lines[1]
        await ui.press("s", "s")
        assert "sort: size ▼" in ui.lines[1]
        assert "SIZE▼" in ui.lines[2]


async def test_a_click_on_a_head_sorts_and_another_reverses() -> None:
    async with running(ROWS) as ui:
        for expected in ([3, 2, 1, 4], [4, 1, 2, 3]):
            await ui.pilot.click(offset=(6, 2))
            await ui.pilot.pause()
            assert ui.queue.ids == expected


async def test_the_wheel_scrolls_and_leaves_the_highlight() -> None:
    async with running([download(number) for number in range(1, 60)]) as ui:
        for _ in range(5):
            ui.queue.post_message(
                MouseScrollDown(ui.queue, 10, 5, 0, 1, 0, False, False, False, 10, 8)
            )
        await ui.until(lambda: ui.queue.scroll_offset.y > 0)
        await ui.refresh()
        assert ui.queue.highlighted_id == 1
        assert "file-1.bin" not in ui.lines[3]
        await ui.press("j")
        assert "file-2.bin" in ui.lines[ui.highlighted_line]


async def test_sorting_keeps_the_highlight_and_shows_it() -> None:
    rows = [download(number, name=f"{999 - number}") for number in range(1, 200)]
    async with running(rows) as ui:
        await ui.press("j", "j", "s", "n")
        assert ui.queue.highlighted_id == 3
        assert "996" in ui.lines[ui.highlighted_line]


async def test_every_order_is_in_the_palette() -> None:
    async with running(ROWS) as ui:
        for key in SORT_LETTERS.values():
            ui.main.action_run(f"sort_{key.value}")
            await ui.pilot.pause()
            assert ui.desk.lens.sort.key is key


# Whatever happens at once.

_LIVELY = [Status.DOWNLOADING, Status.QUEUED, Status.PAUSED, Status.COMPLETED, Status.FAILED]


def stirred(rows: tuple[Snapshot, ...], chance: random.Random) -> tuple[Snapshot, ...]:
    """Start, end, speed up and rename a third of them."""
    return tuple(
        row
        if chance.random() < 0.66
        else row._replace(
            version=row.version + 1,
            status=chance.choice(_LIVELY),
            bytes_per_s=chance.random() * 1e6,
            heard_at=NOW,
            total_bytes=chance.choice([None, 10, 1000]),
            name=f"file-{chance.randrange(9999)}.bin",
        )
        for row in rows
    )


@pytest.mark.parametrize("seed", range(3))
async def test_the_highlight_stays_with_its_download_while_a_thousand_rows_stir(seed: int) -> None:
    chance = random.Random(seed)
    async with running([download(number) for number in range(1, 1001)]) as ui:
        await ui.press("pagedown", "pagedown", "pagedown", "j", "j", "space", "k")
        highlighted, marked = ui.queue.highlighted_id, ui.desk.marks.ids
        for step in range(12):
            others = [row for row in ui.engine.downloads if row.download_id != highlighted]
            gone = {row.download_id for row in chance.sample(others, 60)} - marked
            ui.engine.drop(*gone)
            new = tuple(download(2000 + step * 60 + number) for number in range(60))
            rows = list(stirred(new + ui.engine.downloads, chance))
            chance.shuffle(rows)
            ui.engine.downloads = tuple(rows)
            await ui.refresh()
            await ui.press("s", chance.choice(list(SORT_LETTERS)))
            assert ui.queue.highlighted_id == highlighted
            assert ui.lines[ui.highlighted_line].startswith(
                ">*" if marked == {highlighted} else ">"
            )
            assert ui.desk.marks.ids == marked
            assert sorted(ui.queue.ids) == sorted(row.download_id for row in rows)


async def test_the_footer_offers_to_move_only_where_the_rows_are_in_the_order_of_the_queue() -> (
    None
):
    async with running([download(number) for number in (1, 2)], size=(120, 30)) as ui:
        assert "J/K Move" in ui.lines[-1]
        await ui.press("s", "n")
        assert "J/K Move" not in ui.lines[-1]
        await ui.press("s", "q")
        assert "J/K Move" in ui.lines[-1]


async def test_the_views_keep_their_counts_while_a_filter_is_typed() -> None:
    statuses = [Status.DOWNLOADING] * 2 + [Status.QUEUED] * 12 + [Status.COMPLETED] * 7
    rows = [download(number, status) for number, status in enumerate(statuses, 1)]
    async with running(rows) as ui:
        await ui.press("slash")
        await ui.until(
            lambda: "[1 All 21]  2 Act 2   3 Que 12   4 Done 7   5 Fail 0" in ui.lines[1]
        )
        await ui.press(*"file-1")
        assert "[1 All 21]  2 Act 2  3 Que 12  4 Done 7  5 Fail 0   11 of 21 " in ui.lines[1]
        assert "/ file-1" in ui.lines[1]


async def test_the_views_make_room_for_a_new_field_although_nothing_moves() -> None:
    rows = [download(number, Status.PAUSED) for number in range(1, 22)]
    async with running(rows) as ui:
        await ui.until(lambda: "[1 All 21]" in ui.lines[1] and ui.app._feed.is_resting)
        await ui.press("slash")
        # At once: the clock in the header would draw the line anew some time.
        assert "[1 All 21]  2 Act 0   3 Que 21   4 Done 0   5 Fail 0 " in ui.lines[1]


async def test_the_key_that_ends_a_range_is_the_one_that_works() -> None:
    async with running(ROWS, size=(120, 24), keys={"mark_range": "f5"}) as ui:
        await ui.press("f5")
        assert "1 marked, f5 ends" in ui.lines[1]
