"""Marks on the screen: keys and mouse, what is said of them, and that commands are about them."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, question, running
from tui_downloader.engine import Move
from tui_downloader.model.download import OnConflict, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.actions.restorer import SLICE
from tui_downloader.ui.actions.selection import without

FIVE = [download(number) for number in range(1, 6)]


def running_download(download_id: int, done_bytes: int = 0) -> Snapshot:
    return download(
        download_id,
        Status.DOWNLOADING,
        done_bytes=done_bytes,
        total_bytes=900_000_000,
        heard_at=NOW,
    )


def marked(ui: Ui) -> list[int]:
    """The downloads that the user sees a mark at."""
    return [
        int(line.partition("file-")[2].partition(".")[0])
        for line in ui.lines
        if line[1:2] == "*" and "file-" in line
    ]


@pytest.mark.parametrize(
    ("keys", "expected", "highlighted"),
    [
        (["space"], [1], 2),
        (["space", "space"], [1, 2], 3),
        (["space", "k", "space"], [], 2),
        (["G", "space"], [5], 5),
        (["v", "j", "j"], [1, 2, 3], 3),
        (["v", "j", "j", "v", "j"], [1, 2, 3], 4),
        (["G", "v", "k", "k", "j", "v"], [4, 5], 4),
        (["v", "j", "escape"], [], 2),
        (["space", "v", "j", "escape"], [1], 3),
        (["v", "j", "space"], [1], 3),
        (["*"], [1, 2, 3, 4, 5], 1),
        (["space", "*"], [1, 2, 3, 4, 5], 2),
        (["*", "*"], [], 1),
        (["*", "escape"], [], 1),
    ],
)
async def test_keys_mark_one_a_range_or_all(
    keys: list[str], expected: list[int], highlighted: int
) -> None:
    async with running(FIVE) as ui:
        await ui.press(*keys)
        assert marked(ui) == expected
        assert ui.queue.highlighted_id == highlighted


async def test_a_click_on_the_mark_cell_marks_and_leaves_the_highlight() -> None:
    async with running(FIVE) as ui:
        await ui.pilot.click("#queue", offset=(1, 3))
        await ui.pilot.pause()
        assert marked(ui) == [4]
        assert ui.queue.highlighted_id == 1
        await ui.pilot.click("#queue", offset=(1, 3))
        await ui.pilot.pause()
        assert marked(ui) == []


async def test_marks_are_counted_and_hidden_ones_told() -> None:
    async with running([*FIVE, download(6, Status.COMPLETED)], size=(120, 30)) as ui:
        await ui.press("*")
        assert "6 marked" in ui.lines[1]
        await ui.press("4")
        assert "6 marked (5 hidden)" in ui.lines[1]
        assert marked(ui) == [6]
        await ui.press("1")
        assert marked(ui) == [1, 2, 3, 4, 5, 6]


async def test_marks_survive_sorting_and_filtering() -> None:
    async with running(FIVE, size=(120, 30)) as ui:
        await ui.press("space", "j", "space")
        await ui.press("s", "n", "S")
        assert marked(ui) == [3, 1]
        await ui.press("slash", *"file-3")
        assert marked(ui) == [3]
        assert "2 marked (1 hidden)" in ui.lines[1]
        await ui.press("escape")
        assert marked(ui) == [3, 1]


async def test_marking_all_marks_what_the_filter_shows() -> None:
    async with running(FIVE) as ui:
        await ui.press("slash", *"!file-3", "enter", "*")
        await ui.press("escape")
        assert marked(ui) == [1, 2, 4, 5]


async def test_marks_go_with_their_downloads() -> None:
    async with running(FIVE, size=(120, 30)) as ui:
        await ui.press("*")
        ui.engine.drop(2, 3)
        await ui.refresh()
        assert "3 marked" in ui.lines[1]


async def test_a_range_stays_with_its_downloads_while_others_vanish() -> None:
    async with running(FIVE) as ui:
        await ui.press("j", "v", "j", "j")
        ui.engine.drop(1, 3)
        await ui.refresh()
        assert marked(ui) == [2, 4]


# Esc.


async def test_esc_leaves_the_filter_then_the_marks_then_nothing() -> None:
    async with running(FIVE, size=(120, 30)) as ui:
        await ui.press("space", "slash", *"file", "enter")
        assert "/ file" in ui.lines[1]
        await ui.press("escape")
        assert "/ file" not in ui.lines[1]
        assert marked(ui) == [1]
        await ui.press("escape")
        assert marked(ui) == []
        await ui.press("escape", "escape")
        assert ui.app.is_running
        assert ui.app.screen is ui.main


async def test_esc_closes_a_menu_before_anything_else() -> None:
    async with running(FIVE) as ui:
        await ui.press("space", "s", "escape")
        assert ui.app.screen is ui.main
        assert marked(ui) == [1]


# Commands are about the marks.

EXISTS = {"failure": Failure("exists", "it exists")}
MIXED = [
    running_download(1, 600_000_000),
    running_download(2, 600_000_000),
    download(3),
    download(4, Status.PAUSED, kept_bytes=50_000_000),
    download(5, Status.COMPLETED, total_bytes=8_100_000_000, done_bytes=8_100_000_000),
    download(6, Status.FAILED, failure=Failure("http-404", "")),
]


@pytest.mark.parametrize(
    ("rows", "keys", "calls"),
    [
        (MIXED, ["p"], [("pause", 1, 2, 3)]),
        (MIXED[3:], ["p"], [("resume", 4)]),
        (MIXED, ["r"], [("resume", 4, 6)]),
        (MIXED, ["x"], []),
        (MIXED, ["x", "k"], [("cancel", 1, 2, 3, 4, 6, "keep")]),
        (MIXED, ["x", "y"], [("cancel", 1, 2, 3, 4, 6, "delete")]),
        (MIXED, ["x", "escape"], []),
        ([download(1), running_download(2)], ["x"], [("cancel", 1, 2, "delete")]),
        ([running_download(n, 6_000_000) for n in (1, 2)], ["x"], []),
        (MIXED, ["d"], []),
        (MIXED, ["d", "y"], [("remove", 1, 2, "delete"), ("remove", 3, 4, 5, 6)]),
        (MIXED, ["d", "k"], [("remove", 1, 2, 3, 4, 5, 6)]),
        (MIXED[2:], ["d"], [("remove", 3, 4, 5, 6)]),
        (MIXED[4:], ["D", "y"], [("remove", 5, 6, "delete")]),
        (MIXED, ["D", "escape"], []),
        (MIXED, ["R", "y"], [("restart", 1, 2, 4, 5, 6)]),
        (MIXED[4:], ["R"], [("restart", 5, 6)]),
        (MIXED, ["J"], [("move", 1, 2, 3, 4, 5, 6, Move.DOWN)]),
        (MIXED, [">"], [("move", 1, 2, 3, 4, 5, 6, Move.BOTTOM)]),
        (
            [download(1, Status.FAILED, **EXISTS), download(2, Status.FAILED, **EXISTS)],
            ["r", "n"],
            [("resolve_conflict", 1, 2, OnConflict.RENAME)],
        ),
    ],
)
async def test_a_command_is_about_all_marks_at_once(
    rows: list[Snapshot], keys: list[str], calls: list[tuple[object, ...]]
) -> None:
    async with running(rows) as ui:
        await ui.press("*")
        for key in keys:
            await ui.press(key)
            await ui.refresh()
        assert ui.engine.calls == calls


async def test_marks_outrank_the_highlight_also_when_they_are_hidden() -> None:
    async with running([download(1), download(2, Status.PAUSED)]) as ui:
        await ui.press("space", "slash", *"file-2", "enter", "p")
        assert ui.engine.calls == [("pause", 1)]


async def test_a_command_ends_an_open_range_and_is_about_it() -> None:
    async with running(FIVE) as ui:
        await ui.press("v", "j", "p", "j")
        assert ui.engine.calls == [("pause", 1, 2)]
        assert marked(ui) == [1, 2]


@pytest.mark.parametrize(
    ("rows", "key", "asked"),
    [
        (MIXED, "x", "Cancel 5 downloads? 1.25 GB received."),
        (MIXED[:2], "x", "Cancel 2 downloads? 1.20 GB received."),
        (
            MIXED,
            "d",
            "Cancel and remove 6 downloads? 1.20 GB received. The 50.0 MB of another stay.",
        ),
        (MIXED[4:], "D", "Delete file-5.bin, 8.10 GB, from /downloads? This cannot be undone."),
        (MIXED[:2], "R", "Start 2 downloads again from 0? 1.20 GB received."),
    ],
)
async def test_there_is_one_question_for_all_with_the_total(
    rows: list[Snapshot], key: str, asked: str
) -> None:
    async with running(rows, size=(120, 30)) as ui:
        await ui.press("*", key)
        assert asked in question(ui)


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("x", "Cancel 5 downloads (4 hidden)? 1.25 GB received."),
        ("d", "Cancel and remove 6 downloads (5 hidden)? 1.20 GB received."),
        ("R", "Start 5 downloads (4 hidden) again from 0?"),
        ("D", "Delete 4 files (3 hidden), "),
    ],
)
async def test_a_question_tells_how_many_of_the_marked_are_hidden(key: str, asked: str) -> None:
    async with running(MIXED, size=(120, 30)) as ui:
        await ui.press("*", "slash", *"file-1", "enter", key)
        assert asked in question(ui)


async def test_a_question_about_the_only_one_tells_that_it_is_hidden() -> None:
    async with running(MIXED, size=(120, 30)) as ui:
        await ui.press("space", "slash", *"file-2", "enter", "x")
        assert "Cancel file-1.bin (hidden)? " in ui.text


async def test_a_question_about_removal_tells_which_parts_stay_whatever_is_answered() -> None:
    rows = [
        MIXED[0],
        download(2, Status.PAUSED, kept_bytes=9_000_000),
        download(3, Status.FAILED, kept_bytes=5_500_000),
        download(4, Status.CANCELLED, kept_bytes=1_000_000, parts_go_at=NOW + 5),
    ]
    async with running(rows, size=(120, 30)) as ui:
        await ui.press("*", "d")
        assert "600 MB received. The 14.5 MB of 2 others stay." in question(ui)


async def test_files_in_several_folders_are_told() -> None:
    rows = [download(1, Status.COMPLETED), download(2, Status.COMPLETED, folder="/elsewhere")]
    async with running(rows, size=(120, 30)) as ui:
        await ui.press("*", "D")
        assert "Delete 2 files from 2 folders?" in ui.text


def test_downloads_are_told_apart_by_their_ids() -> None:
    """Comparing thousands with thousands of others, field by field, would take seconds."""
    now = [row._replace(version=2, bytes_per_s=1.0) for row in FIVE]
    assert without(FIVE, now[1:3]) == [FIVE[0], *FIVE[3:]]


@pytest.mark.parametrize(
    ("code", "answer", "wish"), [("exists", "s", "resolve_conflict"), ("web-page", "t", "resume")]
)
async def test_an_answer_about_many_is_carried_out_in_slices(
    code: str, answer: str, wish: str
) -> None:
    failure = Failure(code, "")
    rows = [download(n, Status.FAILED, failure=failure) for n in range(1, SLICE + 2)]
    async with running(rows) as ui:
        await ui.press("*", "r", answer)
        await ui.until(lambda: len(ui.engine.calls) == 2)
        assert [call[:2] for call in ui.engine.calls] == [(wish, 1), (wish, SLICE + 1)]


async def test_what_ends_under_the_question_keeps_its_file() -> None:
    async with running(MIXED) as ui:
        await ui.press("*", "d")
        ui.engine.change(1, status=Status.COMPLETED)
        await ui.refresh()
        await ui.press("y")
        assert ui.engine.calls == [("remove", 2, "delete"), ("remove", 1, 3, 4, 5, 6)]


async def test_a_limit_is_set_for_each_marked_download() -> None:
    async with running(FIVE) as ui:
        await ui.press("space", "space", "t")
        assert "Speed limit of 2 downloads, each" in ui.text
        await ui.press(*"5M", "enter")
        edits = [call for call in ui.engine.calls if call[0] == "edit"]
        assert [call[1] for call in edits] == [1, 2]
        assert {ui.engine.requests[key].limit_bytes_per_s for key in (1, 2)} == {5_000_000}
        await ui.until(lambda: "Speed limit of 2 downloads 5.00 MB/s · z undo" in ui.text)
        await ui.press("z")
        assert {ui.engine.requests[key].limit_bytes_per_s for key in (1, 2)} == {None}
        assert ui.engine.limit is None


async def test_thousands_are_asked_for_in_slices() -> None:
    async with running([download(number) for number in range(1, 2501)]) as ui:
        await ui.press("*", "p")
        await ui.until(lambda: len(ui.engine.calls) == 3)
        assert [len(call) - 1 for call in ui.engine.calls] == [1000, 1000, 500]
        await ui.press("z")
        await ui.until(lambda: len(ui.engine.calls) == 6)
        assert [call[0] for call in ui.engine.calls[3:]] == ["resume"] * 3


async def test_the_footer_offers_what_fits_any_mark() -> None:
    async with running([download(1, Status.PAUSED), running_download(2)], size=(120, 30)) as ui:
        assert "p Resume" in ui.lines[-1]
        await ui.press("*")
        assert "p Pause" in ui.lines[-1]
        assert "x Cancel" in ui.lines[-1]


# The order of the queue.


@pytest.mark.parametrize("keys", [["s", "n"], ["S"], ["s", "v"]])
async def test_moving_in_another_order_says_how_to_get_back(keys: list[str]) -> None:
    async with running(FIVE) as ui:
        await ui.press(*keys, "J")
        assert ui.engine.calls == []
        await ui.until(lambda: "sort by queue first: s q" in ui.text)
        await ui.press("s", "q", "J")
        assert ui.engine.calls == [("move", 1, Move.DOWN)]


async def test_a_step_in_a_view_goes_past_what_is_shown() -> None:
    rows = [download(1), download(2, Status.COMPLETED), download(3)]
    async with running(rows) as ui:
        await ui.press("3", "J")
        assert ui.engine.calls == [("move", 1, Move.DOWN, [1, 3])]


async def test_a_moved_download_moves_on_the_screen_and_the_rest_stays() -> None:
    async with running([download(number) for number in range(1, 60)]) as ui:
        await ui.press(*["j"] * 30)
        line = ui.highlighted_line
        above = ui.lines[line - 2]
        await ui.press("K")
        order = list(ui.engine.downloads)
        order[29], order[30] = order[30], order[29]
        ui.engine.downloads = tuple(order)
        await ui.refresh()
        assert ui.queue.highlighted_id == 31
        assert ui.highlighted_line == line - 1
        assert ui.lines[line - 2] == above


@pytest.mark.parametrize(
    ("key", "told"), [("n", "New name for"), ("o", "Overwriting"), ("s", "Skipped")]
)
async def test_an_answer_about_files_of_that_name_is_told_as_what_it_does(
    key: str, told: str
) -> None:
    failed = [download(n, Status.FAILED, **EXISTS) for n in (1, 2)]
    async with running(failed) as ui:
        await ui.press("*", "r", key, "z")
        await ui.until(lambda: ui.toasts == [f"Undone: {told} 2"])
