"""The lens: view, filter and order make a board of a picture, and rows settle when they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.counting import calls_of
from tests.ui.fake_engine import NOW, download
from tests.ui.running import running
from tests.ui.timers import Clock
from tui_downloader.model.download import QueueSnapshot, Snapshot
from tui_downloader.model.status import Status
from tui_downloader.ui.view.board import View
from tui_downloader.ui.view.filtering import parse_filter
from tui_downloader.ui.view.lens import Lens
from tui_downloader.ui.view.sort_keys import Sort, SortKey
from tui_downloader.ui.view.sorting import QUIET_S, RESORT_S

if TYPE_CHECKING:
    from collections.abc import Callable


def row(download_id: int, status: Status, bytes_per_s: float = 0.0, name: str = "x") -> Snapshot:
    return download(download_id, status, bytes_per_s=bytes_per_s, name=name, heard_at=NOW)


BEFORE = QueueSnapshot(
    (
        row(1, Status.DOWNLOADING, 1.0, "alpha"),
        row(2, Status.DOWNLOADING, 2.0, "alpine"),
        row(3, Status.QUEUED, 0.0, "alpaca"),
        row(4, Status.FAILED, 0.0, "bravo"),
    )
)
AFTER = QueueSnapshot((row(1, Status.DOWNLOADING, 9.0, "alpha"), *BEFORE.downloads[1:]))


def test_a_lens_shows_everything_in_queue_order_at_first() -> None:
    board = Lens(Clock()).look(BEFORE)
    assert board.rows is BEFORE.downloads
    assert board.shows_all


def test_view_filter_and_order_work_together_and_counts_stay() -> None:
    lens = Lens(Clock())
    lens.view, lens.wanted = View.ACTIVE, parse_filter("alp")
    lens.sort = Sort(SortKey.NAME, is_reversed=True)
    board = lens.look(BEFORE)
    assert [each.download_id for each in board.rows] == [2, 1]
    assert [board.count(view) for view in View] == [4, 2, 1, 0, 1]
    assert board.snapshot is BEFORE
    assert not board.shows_all


@pytest.mark.parametrize(
    "change",
    [
        lambda lens: setattr(lens, "view", View.DONE),
        lambda lens: setattr(lens, "wanted", parse_filter("x")),
        lambda lens: setattr(lens, "sort", Sort(SortKey.NAME)),
        lambda lens: lens.hold(3),
    ],
)
def test_a_board_of_an_earlier_look_is_recognised(change: Callable[[Lens], None]) -> None:
    lens = Lens(Clock())
    board = lens.look(BEFORE)
    assert lens.saw(board)
    change(lens)
    assert not lens.saw(board)


def test_what_is_held_keeps_its_place_in_the_order_and_is_not_counted() -> None:
    lens = Lens(Clock())
    lens.view, lens.sort = View.ACTIVE, Sort(SortKey.NAME)
    lens.hold(3)
    board = lens.look(BEFORE)
    assert [each.name for each in board.rows] == ["alpaca", "alpha", "alpine"]
    assert (board.count(View.ACTIVE), board.matching, board.has_leftover) == (2, 2, True)
    lens.acted()
    assert not lens.look(BEFORE).has_leftover
    lens.hold(99)
    assert lens.look(BEFORE).matching == 2


def test_rows_settle_two_seconds_after_the_last_time_and_three_after_a_key() -> None:
    clock = Clock()
    lens = Lens(clock)
    lens.sort = Sort(SortKey.SPEED)
    lens.look(BEFORE)
    assert lens.settles_in_s(BEFORE) is None
    assert lens.settles_in_s(AFTER) == pytest.approx(RESORT_S)
    lens.touched()
    assert lens.settles_in_s(AFTER) == pytest.approx(QUIET_S)
    assert lens.look(AFTER).rows[0].download_id == 2
    clock.now += QUIET_S
    assert lens.settles_in_s(AFTER) == 0.0
    assert lens.look(AFTER).rows[0].download_id == 1


def test_downloads_are_found_by_id_whether_or_not_they_are_shown() -> None:
    lens = Lens(Clock())
    lens.view = View.DONE
    board = lens.look(BEFORE)
    assert [each.download_id for each in board.among({4, 2, 77})] == [2, 4]
    assert board.among(()) == []


async def test_rows_that_changed_settle_on_the_screen_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also when nothing runs any more and nothing else makes the screen look again."""
    # Longer than the feed goes on looking after the last change.
    monkeypatch.setattr("tui_downloader.ui.view.sorting.QUIET_S", 0.7)
    rows = [row(1, Status.QUEUED), row(2, Status.FAILED), row(3, Status.QUEUED)]
    async with running(rows) as ui:
        await ui.press("s", "t")
        assert ui.queue.ids == [1, 3, 2]
        ui.engine.change(1, status=Status.COMPLETED)
        ui.desk.wake()
        await ui.until(lambda: ui.queue.ids == [3, 2, 1])


async def test_rows_that_are_due_when_they_are_looked_at_settle_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A slow machine may come to ask how long they have to wait only when that is over."""
    rows = [row(1, Status.QUEUED), row(2, Status.FAILED), row(3, Status.QUEUED)]
    async with running(rows) as ui:
        clock = Clock()
        monkeypatch.setattr(ui.desk.lens, "_clock", clock)
        await ui.press("s", "t")
        ui.engine.change(1, status=Status.COMPLETED)
        await ui.refresh()
        await ui.until(lambda: ui.main._parts.feed.is_resting)
        assert ui.queue.ids == [1, 3, 2]
        clock.now += 10
        ui.main._let_rows_settle()
        await ui.until(lambda: ui.queue.ids == [3, 2, 1])


async def test_nothing_moves_right_after_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_downloader.ui.view.sorting.RESORT_S", 0.0)
    async with running(BEFORE.downloads) as ui:
        await ui.press("s", "v")
        clock = Clock()
        monkeypatch.setattr(ui.desk.lens, "_clock", clock)
        clock.now = 1e9
        await ui.pilot.click("#queue", offset=(10, 1))
        ui.engine.downloads = AFTER.downloads
        await ui.refresh()
        assert ui.queue.ids == [2, 1, 3, 4]
        clock.now += QUIET_S
        await ui.refresh()
        assert ui.queue.ids == [1, 2, 3, 4]


MANY = QueueSnapshot(
    tuple(
        download(
            number,
            list(Status)[number % 9],
            name=f"dataset-part-{number * 7919 % 10_007:05d}-of-10000.tar.zst",
            bytes_per_s=number * 7919 % 10_007,
            total_bytes=number * 104_729 % 1_000_003,
        )
        for number in range(10_000)
    )
)


@pytest.mark.parametrize("text", ["part-01", "!part-01 state:f size:>1kB", "/part-\\d+1-of/"])
def test_filtering_ten_thousand_downloads_is_little_work_for_each(text: str) -> None:
    lens = Lens(Clock())
    lens.wanted = parse_filter(text)
    for pattern in lens.wanted.patterns:
        pattern._clock = Clock()

    def narrow() -> None:
        assert 0 < len(lens.look(MANY).rows) < 10_000

    assert calls_of(narrow) < 10_000 * 35


@pytest.mark.parametrize("key", list(SortKey), ids=lambda key: key.value)
def test_sorting_ten_thousand_downloads_is_little_work_for_each(key: SortKey) -> None:
    lens = Lens(Clock())
    lens.sort = Sort(key, is_reversed=True)

    def sort() -> None:
        assert len(lens.look(MANY).rows) == 10_000

    assert calls_of(sort) < 10_000 * 15
