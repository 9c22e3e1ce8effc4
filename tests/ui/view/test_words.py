"""What rows say in words (ux.md sections 3 and 9)."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.download import LAST_PLACE, Assurance, Hold
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Status
from tui_downloader.ui.view.columns import columns_for
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import UNICODE
from tui_downloader.ui.view.phrases import clock_time, ordinal
from tui_downloader.ui.view.rows import role_of, sign_of
from tui_downloader.ui.view.words import is_stalled, message_forms

CONTEXT = Context(NOW, Figures())

BUSY = Failure("http-503", "the server is busy", "")

FULL = Hold(running=2, limit=2)
ASKED = Failure("host-busy", "a.example asked to wait until 12:41:07 (Retry-After)", "")


def long_form(status: Status, **facts: Any) -> str:
    return message_forms(download(1, status, **facts), CONTEXT)[0]


@pytest.mark.parametrize(
    ("status", "facts", "words"),
    [
        (Status.QUEUED, {"queue_place": 3}, "queued · 3rd in line"),
        (Status.QUEUED, {"queue_place": 999}, "queued · 999th in line"),
        (Status.QUEUED, {"queue_place": LAST_PLACE}, "queued · 1000th or later in line"),
        (Status.QUEUED, {"queue_place": 3, "hold": FULL}, "queued · waits for host limit 2/2"),
        (
            Status.QUEUED,
            {"queue_place": 1, "hold": Hold(is_disk=True)},
            "queued · waits for the disk at /downloads",
        ),
        (
            Status.QUEUED,
            {"queue_place": 3, "hold": Hold(is_offline=True)},
            "queued · no network",
        ),
        (
            Status.QUEUED,
            {"queue_place": 3, "hold": Hold(is_silent=True)},
            "queued · host cannot be reached",
        ),
        (
            Status.QUEUED,
            {"queue_place": 3, "hold": Hold(is_crowded=True)},
            "queued · host serves no more at once",
        ),
        (
            Status.QUEUED,
            {"queue_place": 3, "hold": Hold(2, 2, NOW + 600)},
            f"queued · waits for host1.example until {clock_time(NOW + 600, NOW)}",
        ),
        (
            Status.QUEUED,
            {"start_at": NOW + 600, "queue_place": 3, "hold": FULL},
            f"queued · scheduled {clock_time(NOW + 600, NOW)} · r start now",
        ),
        (
            Status.QUEUED,
            {"start_at": NOW + 90_000},
            time.strftime(
                "queued · scheduled %Y-%m-%d %H:%M · r start now", time.localtime(NOW + 90_000)
            ),
        ),
        (Status.QUEUED, {}, "queued"),
        (Status.CONNECTING, {"phase": "TLS"}, "connecting · TLS handshake · 2 s"),
        (Status.CONNECTING, {"phase": "DNS"}, "connecting · DNS · 2 s"),
        (
            Status.CONNECTING,
            {"phase": "TCP", "phase_since": NOW - 4},
            "connecting · TCP · 4 s · others start meanwhile",
        ),
        (
            Status.CONNECTING,
            {"phase": "waiting for answer", "phase_since": NOW - 4},
            "connecting · waiting for answer · 4 s",
        ),
        (Status.CONNECTING, {}, "connecting · 2 s"),
        *(
            (
                status,
                {"disk_silent_since": NOW - 12.3, "folder": "/mnt/nas"},
                "waiting for the disk at /mnt/nas · 12 s",
            )
            for status in (Status.CONNECTING, Status.DOWNLOADING, Status.VERIFYING)
        ),
        *(
            (status, {"moving_to": "/mnt/nas", "queue_place": 1}, "moving to /mnt/nas")
            for status in (Status.QUEUED, Status.PAUSED, Status.COMPLETED)
        ),
        (Status.PAUSED, {}, "paused"),
        (Status.PAUSED, {"kept_bytes": 5, "resumable": True}, "paused · can resume"),
        (
            Status.PAUSED,
            {"kept_bytes": 5, "resumable": False},
            "paused · cannot resume, restarts at 0",
        ),
        (
            Status.PAUSED,
            {"failure": Failure("disk-full", "disk full")},
            "paused · disk full · p resume",
        ),
        (
            Status.WAITING,
            {"failure": BUSY, "retry": Retry(12.0, 2, 5), "resume_at": NOW + 12},
            "503 server busy · retry 2/5 in 0:12 · r now",
        ),
        (
            Status.WAITING,
            {"failure": ASKED, "resume_at": NOW + 12},
            "a.example asked to wait until 12:41:07 (Retry-After) · retry in 0:12 · r now",
        ),
        (Status.WAITING, {"resume_at": NOW - 1}, "host is busy · retry in 0:00 · r now"),
        (
            Status.WAITING,
            {"failure": Failure("no-network", "no network", "it goes on by itself")},
            "no network · goes on by itself · r now",
        ),
        (Status.VERIFYING, {"phase": "sha-256"}, "checking sha256"),
        (
            Status.VERIFYING,
            {
                "phase": "sha-256",
                "phase_since": NOW - 3,
                "done_bytes": 3_300_000_000,
                "total_bytes": 7_700_000_000,
                "eta_s": 4.0,
            },
            "checking sha256 · 1.10 GB/s · 0:04",
        ),
        (
            Status.VERIFYING,
            {"phase": "sha-256", "phase_since": NOW - 0.5, "done_bytes": 5, "total_bytes": 9},
            "checking sha256",
        ),
        (Status.VERIFYING, {"phase": "saving"}, "saving"),
        (Status.COMPLETED, {"phase": "sha-256"}, "checking sha256"),
        (
            Status.FAILED,
            {"phase": "sha-256", "failure": Failure("checksum", "sha256 differs")},
            "checking sha256",
        ),
        (
            Status.FAILED,
            {"failure": Failure("http-404", "answered 404")},
            "404 not found · u new URL  r retry",
        ),
        (Status.FAILED, {"failure": Failure("teapot", "I am a teapot")}, "I am a teapot · r retry"),
        (
            Status.FAILED,
            {"failure": Failure("http-418", "answered 418")},
            "418 refused by the server · r retry  u new URL",
        ),
        (
            Status.FAILED,
            {"failure": Failure("exists", "it exists")},
            "a file of that name exists · r choose  d remove",
        ),
        (Status.FAILED, {}, "failed"),
        (Status.CANCELLED, {"kept_bytes": 312_000_000}, "cancelled · 312 MB kept · r resume"),
        (Status.CANCELLED, {}, "cancelled · nothing kept · r restart"),
        (
            Status.CANCELLED,
            {"failure": Failure("exists", "skipped: my.bin exists already")},
            "skipped: my.bin exists already · r restart",
        ),
        (
            Status.CANCELLED,
            {
                "failure": Failure("exists", "skipped: my.bin exists already"),
                "kept_bytes": 312_000_000,
            },
            "skipped: my.bin exists already · 312 MB kept · r resume",
        ),
        (
            Status.CANCELLED,
            {"kept_as": (KeptFile("/x.bad", Identity(1)),)},
            "cancelled · 1 wrong file kept · r restart",
        ),
        (
            Status.CANCELLED,
            {"failure": Failure("exists", "my.bin exists already in /home/me")},
            "cancelled · nothing kept · r restart",
        ),
        (
            Status.CANCELLED,
            {"kept_bytes": 1_670_000, "parts_go_at": NOW + 6.2},
            "cancelled · 1.67 MB gone in 7 s · r resume",
        ),
        (
            Status.CANCELLED,
            {"kept_bytes": 1_670_000, "parts_go_at": NOW - 1},
            "cancelled · deleting 1.67 MB · r resume",
        ),
    ],
)
def test_each_state_says_what_it_is(status: Status, facts: dict[str, Any], words: str) -> None:
    assert long_form(status, **facts) == words


def test_a_finished_download_says_when_how_fast_and_whether_it_was_checked() -> None:
    words = long_form(
        Status.COMPLETED,
        finished_at=NOW - 60,
        total_bytes=3_000_000_000,
        active_s=100.0,
        received_bytes=3_000_000_000,
        checked_by="sha-256",
        assurance=Assurance.VERIFIED,
    )
    at = time.strftime("%H:%M", time.localtime(NOW - 60))
    assert words == f"done {at} · avg 30.0 MB/s · 1m40s · sha256 ok"


def test_how_long_a_file_took_is_left_out_where_a_part_of_it_was_here_before() -> None:
    words = long_form(
        Status.COMPLETED,
        finished_at=NOW - 60,
        total_bytes=3_000_000_000,
        active_s=100.0,
        received_bytes=2_000_000_000,  # a killed run received the rest
    )
    at = time.strftime("%H:%M", time.localtime(NOW - 60))
    assert words == f"done {at} · avg 20.0 MB/s"


def test_a_finished_file_that_differs_says_so_at_any_width() -> None:
    facts: dict[str, Any] = {"checked_by": "md5", "assurance": Assurance.DIFFERS}
    row = download(1, Status.COMPLETED, finished_at=NOW, **facts)
    forms = message_forms(row, CONTEXT)
    assert all(form.startswith("md5 differs") for form in forms)
    assert "R again  c change expected" in forms[0]
    assert sign_of(row, UNICODE) == "✗"
    assert role_of(row, NOW) == "error"
    assert not any("ok" in form for form in forms)


def test_a_finished_download_of_unknown_size_says_so() -> None:
    words = long_form(Status.COMPLETED, finished_at=NOW, assurance=Assurance.UNCHECKED)
    assert words.endswith("size not told")


def test_what_finished_days_ago_shows_its_day() -> None:
    moment = time.localtime(NOW - 3 * 86400)
    assert clock_time(NOW - 3 * 86400, NOW) == f"{moment.tm_mday} {time.strftime('%b', moment)}"


def test_a_running_download_of_known_size_needs_no_words() -> None:
    running = download(1, Status.DOWNLOADING, total_bytes=10, heard_at=NOW)
    assert message_forms(running, CONTEXT) == ()


def test_a_download_of_unknown_size_tells_what_came() -> None:
    words = long_form(Status.DOWNLOADING, done_bytes=1_240_000_000, bytes_per_s=3.2e6, heard_at=NOW)
    assert words == "1.24 GB so far, size not told · 3.20 MB/s"


@pytest.mark.parametrize(("silence_s", "stalled"), [(0.0, False), (4.9, False), (5.0, True)])
def test_a_download_is_stalled_after_five_seconds_without_a_byte(
    silence_s: float, stalled: bool
) -> None:
    running = download(
        1, Status.DOWNLOADING, total_bytes=9, heard_at=NOW - silence_s, phase_since=NOW - 99
    )
    assert is_stalled(running, NOW) is stalled


def test_a_download_that_has_just_begun_is_not_stalled() -> None:
    resumed = download(1, Status.DOWNLOADING, heard_at=NOW - 900, phase_since=NOW - 1)
    assert not is_stalled(resumed, NOW)


def test_a_stalled_download_says_when_it_reconnects() -> None:
    words = long_form(Status.DOWNLOADING, total_bytes=9, heard_at=NOW - 12, phase_since=NOW - 99)
    assert words == "no data for 12 s · reconnects at 30 s"


@pytest.mark.parametrize("status", list(Status))
def test_forms_go_from_long_to_tiny(status: Status) -> None:
    facts: dict[str, Any] = {
        "queue_place": 3,
        "phase": "TLS" if status is Status.CONNECTING else "sha-256",
        "failure": BUSY if status in (Status.WAITING, Status.FAILED) else None,
        "kept_bytes": 5_000_000,
        "resumable": False,
        "resume_at": NOW + 5,
        "retry": Retry(12.0, 1, 5),
        "finished_at": NOW,
        "active_s": 9.0,
        "bytes_per_s": 5e6,
    }
    lengths = [len(form) for form in message_forms(download(1, status, **facts), CONTEXT)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] <= 15


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")],
)
def test_places_in_line_are_ordinals(number: int, text: str) -> None:
    assert ordinal(number) == text


def test_a_waiting_row_gets_short_with_its_room() -> None:
    forms = message_forms(download(1, Status.WAITING, failure=ASKED, resume_at=NOW + 12), CONTEXT)
    assert forms[1:5] == (
        "a.example asked to wait · retry in 0:12 · r now",
        "host asked to wait · retry in 0:12 · r now",
        "host asked to wait · retry in 0:12",
        "host asked to wait · retry 0:12",
    )


@pytest.mark.parametrize(
    ("place", "at_once", "forms"),
    [
        (1, 5, ("queued · 1st in line, 5 run at once", "queued · 1st in line", "queued 1")),
        (1, 1, ("queued · 1st in line, one at a time", "queued · 1st in line", "queued 1")),
        (1, 0, ("queued · 1st in line", "queued 1")),
        (2, 5, ("queued · 2nd in line", "queued 2")),
    ],
)
def test_who_is_the_next_says_what_it_waits_for(
    place: int, at_once: int, forms: tuple[str, ...]
) -> None:
    row = download(1, Status.QUEUED, queue_place=place)
    assert message_forms(row, replace(CONTEXT, at_once=at_once)) == forms


def test_a_scheduled_row_gets_short_with_its_room() -> None:
    forms = message_forms(download(1, Status.QUEUED, start_at=NOW + 600), CONTEXT)
    at = clock_time(NOW + 600, NOW)
    assert forms[1:] == (
        f"scheduled {at} · r start now",
        f"scheduled {at}",
        f"starts {at}",
    )


def test_a_row_that_waits_for_its_host_says_until_when_also_beside_a_bar() -> None:
    hold = Hold(until=NOW + 600)
    forms = message_forms(download(1, Status.QUEUED, queue_place=3, hold=hold), CONTEXT)
    words = f"waits for host until {clock_time(NOW + 600, NOW)}"
    assert forms == (
        f"queued · {words.replace('host', 'host1.example')}",
        f"queued · {words}",
        words,
        "queued · waits for host",
        "queued · 3rd in line",
        "queued 3",
    )
    assert len(words) <= columns_for(79).after_percent_width


def test_a_held_row_gets_short_with_its_room() -> None:
    forms = message_forms(download(1, Status.QUEUED, queue_place=3, hold=FULL), CONTEXT)
    assert forms[1:] == ("queued · host limit 2/2", "queued · 3rd in line", "queued 3")
