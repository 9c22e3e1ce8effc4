"""The lines around the list leave out the least important parts first."""

from __future__ import annotations

import os
import re

import pytest

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.download import SAVING, QueueSnapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.view.bars import header_pieces, summary_pieces
from tui_downloader.ui.view.board import Board, View, look_at
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import UNICODE
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.view.viewline import Marked, views_pieces

CONTEXT = Context(NOW, Figures())

SNAPSHOT = QueueSnapshot(
    (
        download(1, Status.DOWNLOADING),
        download(2, Status.CONNECTING),
        *(download(number) for number in range(3, 15)),
        download(20, Status.FAILED),
        download(21, Status.COMPLETED),
        download(22, Status.CANCELLED),
        download(23, Status.PAUSED),
    ),
    bytes_per_s=48.1e6,
    eta_s=252.0,
    free_bytes=212_000_000_000,
)


def header(width: int, snapshot: QueueSnapshot = SNAPSHOT, note: str = "") -> str:
    board = look_at(snapshot, View.ALL)
    return text_of(header_pieces(board, CONTEXT, UNICODE, width, note=note))


def test_a_window_of_80_shows_speed_limit_counts_and_time_left() -> None:
    assert header(80) == (
        " ▼ 48.1 MB/s  limit off   2 active · 13 queued · 1 failed, 1 cancelled   4m12s"
    )


@pytest.mark.parametrize("width", range(40, 201, 5))
def test_the_header_always_fits(width: int) -> None:
    assert len(header(width)) <= width


@pytest.mark.parametrize("width", [40, 50, 60])
def test_speed_limit_and_failures_are_never_left_out(width: int) -> None:
    line = header(width, SNAPSHOT._replace(limit_bytes_per_s=60_000_000))
    assert "48.1 MB/s" in line
    assert "limit 60.0 MB/s" in line
    assert "1 failed" in line


def test_the_header_counts_as_the_views_do_and_says_what_else_is_in_them() -> None:
    assert " 2 active · 13 queued (1 paused) · 1 failed, 1 cancelled · 1 done " in header(120)
    statuses = (Status.WAITING, Status.PAUSED, Status.CANCELLED)
    others = QueueSnapshot(tuple(download(n, status) for n, status in enumerate(statuses)))
    assert header(80, others).endswith("1 waiting · 1 paused · 1 cancelled")


def test_what_was_skipped_is_not_counted_as_cancelled() -> None:
    taken = Failure("exists", "skipped: b.iso exists already")
    skipped = tuple(download(n, Status.CANCELLED, failure=taken) for n in (1, 2))
    others = (download(3, Status.CANCELLED), download(4, Status.FAILED))
    assert header(80, QueueSnapshot(skipped)).endswith("0 active · 2 skipped")
    both = QueueSnapshot((*skipped, *others))
    assert header(80, both).endswith("1 failed, 1 cancelled, 2 skipped")
    pieces = header_pieces(look_at(both), CONTEXT, UNICODE, 80)
    assert [text for text, role in pieces if role == "error"] == ["1 failed"]
    line, _ = views_pieces(look_at(both), Marked(), UNICODE, 100)
    assert [text for text, role in line if role == "error"] == ["5 Failed 1"]


@pytest.mark.parametrize(
    ("statuses", "words"),
    [
        ([], "1 scheduled"),
        ([Status.QUEUED], "2 queued (1 scheduled)"),
        ([Status.PAUSED], "1 paused, 1 scheduled"),
        ([Status.PAUSED, Status.QUEUED], "3 queued (1 paused, 1 scheduled)"),
    ],
)
def test_the_header_counts_what_is_scheduled(statuses: list[Status], words: str) -> None:
    rows = (download(1), *(download(n, status) for n, status in enumerate(statuses, 2)))
    assert f" 0 active · {words} " in header(120, QueueSnapshot(rows, scheduled=1))


@pytest.mark.parametrize("width", range(40, 201, 10))
@pytest.mark.parametrize("view", [View.ACTIVE, View.QUEUED, View.FAILED])
def test_a_number_in_the_header_is_the_one_beside_the_title_of_its_view(
    view: View, width: int
) -> None:
    pieces, _ = views_pieces(look_at(SNAPSHOT), Marked(), UNICODE, 120)
    told = re.findall(rf"(\d+) {view.value.lower()}", header(width))
    assert told in ([], re.findall(rf"{view.value} (\d+)", text_of(pieces)))


def test_a_narrow_header_drops_what_else_is_in_a_view_before_the_number_of_another() -> None:
    assert header(40).endswith("2 active · 1 failed")


def test_the_header_drops_the_disk_before_the_time_left() -> None:
    line = header(80)
    assert "4m12s" in line
    assert "free" not in line


def test_a_wide_header_says_where_the_space_is_free() -> None:
    folder = os.path.expanduser("~/Downloads")
    statuses = {Status.DOWNLOADING: 3, Status.QUEUED: 12, Status.FAILED: 1, Status.COMPLETED: 240}
    rows = [status for status, count in statuses.items() for _ in range(count)]
    snapshot = SNAPSHOT._replace(
        downloads=tuple(download(n, status) for n, status in enumerate(rows)),
        limit_bytes_per_s=60_000_000,
        free_folder=folder,
    )
    assert header(120, snapshot) == (
        " ▼ 48.1 MB/s  limit 60.0 MB/s   3 active · 12 queued · 1 failed · 240 done   "
        "about 4m12s left   212 GB free"
    )
    assert "about 4m12s left   212 GB free on ~/Downloads" in header(130, snapshot)
    quiet = QueueSnapshot((), free_bytes=212_000_000_000, free_folder=folder)
    assert header(80, quiet).endswith("212 GB free")
    assert "212 GB free on ~/Downloads" in header(100, quiet)


@pytest.mark.parametrize("width", range(100, 201, 5))
def test_a_long_folder_gives_way_and_a_strange_one_is_plain_text(width: int) -> None:
    snapshot = SNAPSHOT._replace(free_folder="/mnt/\x1b[31m" + "deep/" * 30 + "end")
    line = header(width, snapshot)
    assert len(line) <= width
    assert "\x1b" not in line
    if " on " in line:
        assert "deep/end" in line


@pytest.mark.parametrize(("eta_s", "is_told"), [(0.4, False), (9.0, False), (11.0, True)])
def test_at_least_some_seconds_is_no_time_left(eta_s: float, is_told: bool) -> None:
    running = (download(1, Status.DOWNLOADING),)
    least = QueueSnapshot(running, bytes_per_s=1e6, eta_s=eta_s, is_eta_least=True)
    assert ("left" in header(130, least)) == is_told
    assert "left" in header(130, least._replace(is_eta_least=False))


def test_a_queue_that_rests_has_no_time_left() -> None:
    resting = QueueSnapshot((download(1),), eta_s=9.0)
    assert "0:09" not in header(80, resting)
    assert "9s" not in header(80, resting)


def test_a_note_is_shown_in_the_header() -> None:
    assert "quits when done" in header(80, note="quits when done")


def test_the_summary_tells_host_connections_and_folder() -> None:
    running = download(1, Status.DOWNLOADING, connections=8)
    assert text_of(summary_pieces(running, CONTEXT, 80)) == (
        " file-1.bin · host1.example · 8 conns · /downloads"
    )


def test_the_summary_tells_how_large_a_complete_file_is() -> None:
    done = download(1, Status.COMPLETED, done_bytes=31_500_000, total_bytes=31_500_000)
    assert text_of(summary_pieces(done, CONTEXT, 80)) == (
        " file-1.bin · 31.5 MB · host1.example · /downloads"
    )


def test_the_summary_of_a_failure_tells_what_happened_and_what_helps() -> None:
    failed = download(1, Status.FAILED, failure=Failure("dns", "cannot find x", "check the name"))
    assert text_of(summary_pieces(failed, CONTEXT, 80)) == (
        " file-1.bin · cannot find x · check the name"
    )


def test_a_long_name_leaves_the_summary_room_for_what_went_wrong() -> None:
    name = f"dataset-{'long-' * 9}00001.tar.zst"
    failed = download(1, Status.FAILED, name=name, failure=Failure("dns", "cannot find x", ""))
    line = text_of(summary_pieces(failed, CONTEXT, 40))
    assert line.startswith(" datas…")
    assert line.endswith("1.tar.zst · cannot find x")


def test_the_summary_of_nothing_is_empty() -> None:
    assert summary_pieces(None, CONTEXT, 80) == []


def test_the_home_folder_is_written_short() -> None:
    assert short_folder(os.path.expanduser("~/Downloads")) == "~/Downloads"


def test_a_folder_that_begins_like_the_home_folder_is_not_home() -> None:
    other = os.path.expanduser("~") + "-other"
    assert short_folder(other) == other


def test_an_empty_queue_has_a_header_too() -> None:
    line = text_of(header_pieces(Board(), CONTEXT, UNICODE, 80))
    assert "0 active" in line


def test_what_only_has_to_be_saved_is_counted_apart_among_the_active_ones() -> None:
    rows = [download(1, Status.DOWNLOADING), download(2, Status.CONNECTING)]
    rows += [download(n, Status.VERIFYING, phase=SAVING) for n in range(10, 195)]
    queue = QueueSnapshot(tuple(rows), bytes_per_s=10.8e6)
    for width in (60, 80, 120, 200):
        assert "187 active (185 finishing)" in header(width, queue)
    waiting = download(3, Status.WAITING)
    both = queue._replace(downloads=(*queue.downloads, waiting))
    assert "188 active (1 waiting, 185 finishing)" in header(80, both)
    alone = queue._replace(downloads=queue.downloads[2:])
    assert header(80, alone).endswith("   185 finishing")


def test_downloads_that_wait_are_counted_apart_among_the_active_ones() -> None:
    rows = [download(1, Status.DOWNLOADING), *(download(n, Status.WAITING) for n in range(2, 12))]
    queue = QueueSnapshot(tuple(rows))
    for width in (40, 80, 120):
        assert "11 active (10 waiting) " in header(width, queue) + " "
