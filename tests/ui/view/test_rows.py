"""Rows of all states at six widths, as text.

The pictures are kept in `rows.txt`. After a wanted change `python -m tests.ui.view.test_rows`
writes them anew; look at the difference before keeping it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.download import LAST_PLACE, Assurance, Hold, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Status
from tui_downloader.ui.view.columns import columns_for, heads_text
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import ASCII, UNICODE, Glyphs
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.view.rows import Looks, connections_text, percent_text, row_pieces

PICTURES = Path(__file__).with_name("rows.txt")
WIDTHS = (40, 60, 80, 100, 140, 180)
GB, MB = 1_000_000_000, 1_000_000

ROWS = (
    download(
        1,
        Status.DOWNLOADING,
        name="ubuntu-26.04-desktop-amd64.iso",
        done_bytes=3_640 * MB,
        total_bytes=5_870 * MB,
        bytes_per_s=41.2e6,
        eta_s=54.0,
        connections=8,
        wanted_connections=8,
        heard_at=NOW,
    ),
    download(
        2,
        Status.DOWNLOADING,
        name="dataset-part-00001-of-00064.tar.zst",
        done_bytes=380 * MB,
        total_bytes=2_100 * MB,
        bytes_per_s=0.0,
        heard_at=NOW - 12,
        phase_since=NOW - 60,
        connections=4,
    ),
    download(
        3,
        Status.DOWNLOADING,
        name="stream.ts",
        done_bytes=1_240 * MB,
        bytes_per_s=3.2e6,
        heard_at=NOW,
    ),
    download(4, Status.CONNECTING, name="dataset-part-00002-of-00064.tar.zst", phase="TLS"),
    download(
        5,
        Status.VERIFYING,
        name="model-weights-q8.gguf",
        phase="sha-256",
        done_bytes=44 * MB,
        total_bytes=100 * MB,
        eta_s=2.55,
    ),
    download(
        6,
        Status.PAUSED,
        name="backup-2026-11-01.tar.gz",
        done_bytes=71 * MB,
        kept_bytes=71 * MB,
        total_bytes=100 * MB,
        resumable=True,
    ),
    download(
        7,
        Status.PAUSED,
        name="talk-recording.mp4",
        done_bytes=9 * MB,
        kept_bytes=9 * MB,
        total_bytes=100 * MB,
        resumable=False,
    ),
    download(
        8,
        Status.WAITING,
        name="linux-6.19.tar.xz",
        done_bytes=33 * MB,
        total_bytes=100 * MB,
        failure=Failure("http-503", "the server is busy"),
        retry=Retry(12.0, 2, 5),
        resume_at=NOW + 12,
    ),
    download(9, Status.QUEUED, name="dataset-part-00003-of-00064.tar.zst", queue_place=3),
    download(10, Status.FAILED, name="report-final.pdf", failure=Failure("http-404", "")),
    download(11, Status.FAILED, name="taken.zip", failure=Failure("exists", "")),
    download(12, Status.CANCELLED, name="old-image.img", kept_bytes=312 * MB),
    download(
        13,
        Status.COMPLETED,
        name="firmware-2.4.1.bin",
        total_bytes=3 * GB,
        active_s=130.0,
        received_bytes=3 * GB,
        finished_at=NOW - 60,
        checked_by="sha-256",
        assurance=Assurance.VERIFIED,
    ),
    download(14, Status.QUEUED, name="日本語の長い長い名前のファイル-第一巻.tar.gz"),
)


def line(row: Snapshot, width: int, glyphs: Glyphs = UNICODE) -> str:
    # The list is one cell narrower than its window: the scroll bar.
    looks = Looks(columns_for(width - 1), glyphs)
    pieces = row_pieces(
        row,
        looks,
        Context(NOW, Figures(), glyphs.dot),
        is_highlighted=row.download_id == 1,
        is_marked=row.download_id == 6,
        rates=[1.0, 2.0, 4.0, 8.0] if row.download_id == 1 else [],
    )
    return text_of(pieces)


def picture(width: int) -> str:
    rows = [heads_text(columns_for(width - 1)), *(line(row, width) for row in ROWS)]
    return "\n".join([f"== {width} ==", *(row.rstrip() for row in rows)])


def pictures() -> str:
    return "\n".join(picture(width) for width in WIDTHS) + "\n"


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize("width", WIDTHS)
def test_rows_look_as_kept(width: int) -> None:
    kept = PICTURES.read_text(encoding="utf-8")
    assert picture(width) + "\n" in kept


WAITING = {"retry": Retry(12.0, 1, 10), "resume_at": NOW + 12}
HALF = {"done_bytes": 33 * MB, "kept_bytes": 33 * MB, "total_bytes": 100 * MB}


@pytest.mark.parametrize(
    ("status", "facts", "words"),
    [
        (Status.QUEUED, {}, "queued"),
        (Status.QUEUED, {"queue_place": 999}, "queued 999"),
        (Status.QUEUED, {"queue_place": LAST_PLACE}, "queued 1000+"),
        (Status.QUEUED, {"queue_place": 1, "hold": Hold(is_disk=True)}, "queued 1"),
        (Status.QUEUED, {"start_at": NOW + 3600}, "scheduled 15:13"),
        (Status.QUEUED, {"start_at": NOW + 86400 * 3}, "starts 24 Sep"),
        (Status.CONNECTING, {"phase": "DNS"}, "connecting 2 s"),
        (Status.CONNECTING, {"phase_since": NOW - 100}, "connecting"),
        (Status.CONNECTING, {"disk_silent_since": NOW - 9}, "disk hangs"),
        (Status.QUEUED, {**HALF, "moving_to": "/mnt/nas"}, " 33% moving"),
        (Status.COMPLETED, {"moving_to": "/mnt/nas/films/of/2026"}, "moving"),
        (Status.DOWNLOADING, {"done_bytes": GB, "bytes_per_s": 3.2e6}, "1.00 GB so far"),
        (Status.DOWNLOADING, {**HALF, "phase_since": NOW - 12}, "stalled 12 s"),
        (Status.QUEUED, {**HALF, "queue_place": 12}, " 33% queued 12"),
        (Status.CONNECTING, {**HALF, "phase": "TLS"}, " 33% connecting"),
        (Status.PAUSED, HALF, " 33% paused"),
        (Status.PAUSED, {**HALF, "resumable": False}, " 33% paused"),
        (Status.PAUSED, {**HALF, "failure": Failure("disk-full", "disk full")}, " 33% paused · p"),
        (Status.WAITING, {}, "retry 0:00"),
        (Status.WAITING, {**WAITING, **HALF}, " 33% retry 0:12"),
        (Status.WAITING, {**WAITING, "failure": Failure("dns", "")}, "retry 0:12"),
        (Status.WAITING, {**WAITING, "failure": Failure("http-503", "")}, "503 retry 0:12"),
        (Status.WAITING, {**WAITING, **HALF, "resume_at": NOW + 5000}, "retry 1:23:20"),
        (Status.VERIFYING, {**HALF, "phase": "sha-256"}, " 33% sha256"),
        (Status.VERIFYING, {"phase": "saving"}, "saving"),
        (Status.COMPLETED, {}, "done"),
        (Status.COMPLETED, {**HALF, "phase": "sha-256"}, " 33% sha256"),
        (Status.FAILED, {**HALF, "phase": "sha-256"}, " 33% sha256"),
        (Status.FAILED, {}, "failed"),
        (Status.FAILED, {"failure": Failure("http-503", "")}, "503 · r retry"),
        (Status.CANCELLED, {"kept_bytes": GB}, "cancelled · r"),
    ],
)
def test_every_state_has_a_word_in_the_smallest_window(
    status: Status, facts: dict[str, Any], words: str
) -> None:
    told = line(download(2, status, name="a", **facts), 40)
    assert told[4 + columns_for(39).name + 1 :].rstrip() == words


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.download_id}-{row.status.value}")
@pytest.mark.parametrize("width", range(40, 220, 3))
def test_every_row_fills_its_width_exactly(row: Snapshot, width: int) -> None:
    assert cell_len(line(row, width)) == width - 1


@pytest.mark.parametrize("row", ROWS[:13], ids=lambda row: f"{row.download_id}-{row.status.value}")
def test_rows_in_ascii_are_ascii(row: Snapshot) -> None:
    assert line(row, 140, ASCII).isascii()


@example("[", Status.DOWNLOADING, 100, 0, 1_000_000_000, 0.0, None)
@example("[", Status.DOWNLOADING, 60, 0, 0, 0.0, 36_000.0)
@given(
    st.text(alphabet=st.sampled_from("ab.[/]日e\u0301 -"), min_size=1, max_size=80),
    st.sampled_from(list(Status)),
    st.integers(40, 200),
    st.none() | st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.floats(0, 1e12),
    st.none() | st.floats(0, 1e9),
)
def test_no_value_breaks_the_columns(
    name: str,
    status: Status,
    width: int,
    total_bytes: int | None,
    done_bytes: int,
    bytes_per_s: float,
    eta_s: float | None,
) -> None:
    row = download(
        2,
        status,
        name=name,
        total_bytes=total_bytes,
        done_bytes=done_bytes,
        bytes_per_s=bytes_per_s,
        eta_s=eta_s,
        heard_at=NOW,
    )
    assert cell_len(line(row, width)) == width - 1


@pytest.mark.parametrize(
    ("connections", "wanted", "text"),
    [(8, 8, "8/8"), (4, 8, "4/8"), (1, 0, "1"), (64, 64, "64/64"), (9, 8, "9/9")],
)
def test_connections_are_counted_of_those_wanted(connections: int, wanted: int, text: str) -> None:
    row = download(1, Status.DOWNLOADING, connections=connections, wanted_connections=wanted)
    assert connections_text(row) == text
    assert len(text) <= columns_for(119).connections


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.0, "  0%"), (0.0999, "  9%"), (0.9999, " 99%"), (1.0, "100%")]
)
def test_a_percentage_is_never_rounded_up(fraction: float, text: str) -> None:
    assert percent_text(fraction) == text


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    PICTURES.write_text(pictures(), encoding="utf-8")
