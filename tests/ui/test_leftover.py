"""What the highlight is on stays in sight when it leaves its view by itself, until the user goes.

The next key would else be for a download that came under the highlight a moment ago.
"""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.model.status import Status

ROWS = [download(number, Status.DOWNLOADING, name=f"part-{number}.bin") for number in range(1, 6)]


def shown(ui: Ui) -> list[int]:
    """The numbers of the rows, from the top."""
    return [row.download_id for row in ui.desk.board.rows if row.name in ui.text]


async def go_to_third(ui: Ui, *keys: str) -> None:
    await ui.press(*keys, "g", "j", "j")
    assert ui.queue.highlighted_id == 3


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)])
async def test_a_key_after_the_end_of_a_small_file_is_still_for_that_file(
    size: tuple[int, int],
) -> None:
    async with running(ROWS, size=size) as ui:
        await go_to_third(ui, "2")
        for number in (1, 3, 4):
            ui.engine.change(number, status=Status.COMPLETED)
        await ui.refresh()
        assert shown(ui) == [2, 3, 5]
        assert "✓ part-3.bin" in ui.lines[ui.highlighted_line]
        assert "Active 2" in ui.lines[1]
        await ui.press("p")
        assert ui.engine.calls == []
        await ui.until(lambda: "Nothing to pause: part-3.bin is done" in ui.text)


@pytest.mark.parametrize(("key", "next_id"), [("j", 4), ("k", 2), ("G", 5)])
async def test_it_leaves_the_view_when_the_highlight_leaves_it(key: str, next_id: int) -> None:
    async with running(ROWS) as ui:
        await go_to_third(ui, "2")
        ui.engine.change(3, status=Status.FAILED)
        await ui.refresh()
        await ui.press(key)
        assert ui.queue.highlighted_id == next_id
        assert shown(ui) == [1, 2, 4, 5]
        assert ui.highlighted_line == 3 + shown(ui).index(next_id)


async def test_what_starts_by_itself_stays_among_the_queued_ones_as_long() -> None:
    async with running([row._replace(status=Status.QUEUED) for row in ROWS]) as ui:
        await go_to_third(ui, "3")
        ui.engine.change(3, status=Status.DOWNLOADING)
        await ui.refresh()
        assert shown(ui) == [1, 2, 3, 4, 5]
        await ui.press("2", "3")
        assert shown(ui) == [1, 2, 4, 5]


async def test_a_filter_does_not_count_it_among_what_matches() -> None:
    async with running(ROWS) as ui:
        await go_to_third(ui, "slash", *"state:active", "enter")
        ui.engine.change(3, status=Status.COMPLETED)
        await ui.refresh()
        assert shown(ui) == [1, 2, 3, 4, 5]
        assert "4 of 5" in ui.lines[1]


async def test_what_the_user_takes_out_of_the_view_leaves_it_at_once() -> None:
    async with running(ROWS) as ui:
        await go_to_third(ui, "2")
        await ui.press("p")
        ui.engine.change(3, status=Status.PAUSED)
        await ui.refresh()
        assert ui.queue.highlighted_id == 4
        assert shown(ui) == [1, 2, 4, 5]
        ui.engine.change(4, status=Status.COMPLETED)
        await ui.refresh()
        assert ui.queue.highlighted_id == 4


async def test_esc_shows_all_where_nothing_else_is_left() -> None:
    async with running(ROWS[:1]) as ui:
        await ui.press("2")
        ui.engine.change(1, status=Status.COMPLETED)
        await ui.refresh()
        await ui.press("escape")
        assert "[1 All 1]" in ui.lines[1]


async def test_what_leaves_the_list_leaves_the_view() -> None:
    async with running(ROWS) as ui:
        await go_to_third(ui, "2")
        ui.engine.change(3, status=Status.COMPLETED)
        await ui.refresh()
        ui.engine.drop(3)
        await ui.refresh()
        assert ui.queue.highlighted_id == 4


FAILED = [row._replace(status=Status.FAILED) for row in ROWS]


async def retried_in_vain(ui: Ui, *keys: str) -> None:
    """Retry the second, press keys while it is elsewhere, and let it fail again."""
    await ui.press("5", "g", "j", "r")
    ui.engine.change(2, status=Status.CONNECTING)
    await ui.refresh()
    assert shown(ui) == [1, 3, 4, 5]
    await ui.press(*keys)
    ui.engine.change(2, status=Status.FAILED)
    await ui.refresh()
    assert shown(ui) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "keys",
    [("e", *"x.bin", "enter"), ("u", *"http://h.example/new", "enter"), ("w", *"in 2h", "enter")],
)
async def test_what_is_mended_keeps_the_highlight_while_it_is_tried(keys: tuple[str, ...]) -> None:
    async with running(FAILED, size=(120, 30)) as ui:
        await go_to_third(ui, "5")
        await ui.press(*keys)
        await ui.until(lambda: ui.app.screen is ui.main)
        ui.engine.change(3, status=Status.CONNECTING)
        await ui.refresh()
        assert (ui.queue.highlighted_id, shown(ui)) == (3, [1, 2, 3, 4, 5])
        assert "Failed 4" in ui.lines[1]


async def test_what_comes_back_is_told_where_the_highlight_has_gone_on() -> None:
    async with running(FAILED, size=(120, 30)) as ui:
        await retried_in_vain(ui)
        assert ui.queue.highlighted_id == 3
        told = "part-2.bin is here again, above the highlight"
        await ui.until(lambda: told in "".join(ui.toasts))


@pytest.mark.parametrize("keys", [("j",), ("1", "5")])
async def test_it_is_not_told_to_who_has_gone_elsewhere(keys: tuple[str, ...]) -> None:
    async with running(FAILED, size=(120, 30)) as ui:
        await retried_in_vain(ui, *keys)
        assert "here again" not in "".join(ui.toasts)
