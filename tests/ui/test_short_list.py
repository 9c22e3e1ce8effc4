"""A short list lends its empty rows to the details, and nothing jumps but when rows come or go."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import ConnectionSnapshot, Details
from tui_downloader.model.status import Status
from tui_downloader.ui.widgets.details import DetailsLines

MB = 1_000_000
ALL = "── All downloads ─"


def engine_with(count: int) -> FakeEngine:
    facts = {"total_bytes": 100 * MB, "done_bytes": 40 * MB, "heard_at": NOW}
    first = download(1, Status.DOWNLOADING, bytes_per_s=5.0 * MB, **facts)
    engine = FakeEngine([first, *(download(number) for number in range(2, count + 1))])
    engine.details_by_id[1] = Details(path="/downloads/1", throughput=(4.0 * MB, 5.0 * MB) * 60)
    return engine


def line_of(ui: Ui, words: str) -> int:
    """The line of the screen with these words; -1 for none."""
    return next((y for y, line in enumerate(ui.lines) if words in line), -1)


@pytest.mark.parametrize(
    ("count", "title"), [(1, 9), (2, 9), (5, 9), (6, 15), (11, 15), (12, 23), (300, 23)]
)
async def test_below_few_rows_the_panel_is_higher(count: int, title: int) -> None:
    async with running(engine=engine_with(count), size=(120, 30)) as ui:
        await ui.until(lambda: line_of(ui, "[Overview]") == title)
        await ui.until(lambda: "MB/s ┤" in ui.text)
        assert all(f"file-{number}.bin" in ui.text for number in range(1, min(count, 20) + 1))


async def test_the_panel_stays_while_what_there_is_ends_and_is_looked_through() -> None:
    async with running(engine=engine_with(5), size=(120, 30)) as ui:
        panel = ui.main.query_one("#panel")
        await ui.until(lambda: panel.region.y == 9)
        for key in ("2", "4", "1", "/"):
            await ui.press(key)
            assert panel.region.y == 9
        await ui.press(*"nothing", "escape")
        ui.engine.change(1, status=Status.COMPLETED, done_bytes=100 * MB, finished_at=NOW)
        await ui.refresh()
        assert panel.region.y == 9
        ui.engine.drop(2)
        await ui.refresh()
        assert panel.region.y == 9


async def test_a_row_too_many_gets_its_room_and_gives_it_back() -> None:
    async with running(engine=engine_with(5), size=(120, 30)) as ui:
        await ui.until(lambda: line_of(ui, "[Overview]") == 9)
        ui.engine.downloads += (download(6),)
        await ui.refresh()
        await ui.until(lambda: line_of(ui, "[Overview]") == 15)
        assert ui.highlighted_line == 3
        ui.engine.drop(6)
        await ui.refresh()
        await ui.until(lambda: line_of(ui, "[Overview]") == 9)
        await ui.until(lambda: "-60 s" in ui.text)


async def test_a_lower_panel_keeps_no_scroll_bar_and_its_lines_keep_their_width() -> None:
    engine = engine_with(5)
    five = tuple(ConnectionSnapshot(n, 0, 10 * MB, 100 * MB, 1.0 * MB) for n in range(1, 6))
    log = ((NOW, "asks the server"),) * 50
    engine.details_by_id[1] = engine.details_by_id[1]._replace(connections=five, log=log)
    async with running(engine=engine, size=(120, 30)) as ui:
        body = ui.main.query_one(DetailsLines)
        await ui.until(lambda: line_of(ui, "[Overview]") == 9)
        width = body.scrollable_content_region.width
        engine.downloads += (download(6),)
        await ui.refresh()
        await ui.until(lambda: line_of(ui, "#5 ") == 27)
        await ui.until(lambda: not body.show_vertical_scrollbar)
        assert body.scrollable_content_region.width == width
        await ui.press("h")
        await ui.until(lambda: body.show_vertical_scrollbar)
        assert body.scrollable_content_region.width == width


async def test_beside_the_panel_a_chart_of_all_downloads_has_the_room() -> None:
    engine = engine_with(3)
    engine.bytes_per_s = 5.0 * MB
    async with running(engine=engine, size=(200, 50)) as ui:
        await ui.until(lambda: line_of(ui, ALL) == 21)
        await ui.until(lambda: "max 5.00 MB/s" in ui.lines[21])
        assert ui.lines[48].count(" now ") == 1
        await ui.press("i")
        assert line_of(ui, ALL) == -1
        await ui.press("i", "enter")
        assert line_of(ui, ALL) == -1


@pytest.mark.parametrize(("count", "line"), [(0, -1), (17, 21), (18, 29), (25, 29), (60, -1)])
async def test_the_chart_leaves_the_list_what_it_needs(count: int, line: int) -> None:
    engine = engine_with(count) if count else FakeEngine()
    async with running(engine=engine, size=(200, 50)) as ui:
        await ui.until(lambda: line_of(ui, ALL) == line)


async def test_no_chart_of_all_repeats_that_of_the_only_download() -> None:
    async with running(engine=engine_with(2), size=(200, 50)) as ui:
        await ui.until(lambda: line_of(ui, ALL) == 21)
        ui.engine.drop(2)
        await ui.refresh()
        await ui.until(lambda: line_of(ui, ALL) == -1)
        assert "MB/s ┤" in ui.text
        ui.engine.downloads += (download(2),)
        await ui.refresh()
        await ui.until(lambda: line_of(ui, ALL) == 21)


@pytest.mark.parametrize("size", [(80, 24), (120, 27), (40, 10)])
async def test_where_no_panel_is_all_rows_are_the_list(size: tuple[int, int]) -> None:
    async with running(engine=engine_with(1), size=size) as ui:
        await ui.refresh()
        assert ui.queue.size.height == size[1] - 5
