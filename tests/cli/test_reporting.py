"""Downloads as lines of text and of JSON."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tui_downloader.cli.reporting import (
    ended_facts,
    ended_line,
    json_line,
    summary_line,
)
from tui_downloader.model.download import Assurance, QueueSnapshot, Snapshot
from tui_downloader.model.errors import (
    ALLOW_HOST,
    DownloadError,
    Failure,
    HttpStatusError,
    TlsError,
    skipped,
)
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Status
from tui_downloader.model.statuses import GIVE_LOGIN, status_error

EXISTS = Failure("exists", "a file of that name exists")
SKIPPED = skipped("x.bin")
LOST = Failure("connection", "the connection was reset", "check the network")


def shot(status: Status, **facts: Any) -> Snapshot:
    known: dict[str, Any] = {"url": "https://***@h.example/x", "name": "x.bin", "folder": "/d"}
    return Snapshot(1, 1, status=status, **(known | facts))


COMPLETE = shot(Status.COMPLETED, total_bytes=5_870_000_000, assurance=Assurance.COMPLETE)


@pytest.mark.parametrize(
    ("download", "line"),
    [
        (COMPLETE, "x.bin: 5.87 GB, complete"),
        (
            shot(
                Status.COMPLETED,
                total_bytes=100_000_000,
                active_s=25.0,
                received_bytes=50_000_000,
                assurance=Assurance.VERIFIED,
                checked_by="sha-256",
            ),
            "x.bin: 100 MB, 50.0 MB of it in 25s, 2.00 MB/s, sha256 verified",
        ),
        (
            shot(
                Status.COMPLETED,
                total_bytes=100_000_000,
                active_s=25.0,
                received_bytes=100_000_000,
                assurance=Assurance.COMPLETE,
            ),
            "x.bin: 100 MB in 25s, 4.00 MB/s, complete",
        ),
        (
            shot(Status.COMPLETED, total_bytes=5, assurance=Assurance.CHECKED, checked_by="md5"),
            "x.bin: 5 B, md5 checked",
        ),
        (
            shot(Status.COMPLETED, total_bytes=0, active_s=9.0, assurance=Assurance.UNCHECKED),
            "x.bin: 0 B, size was not announced, so unchecked",
        ),
        (
            shot(Status.FAILED, failure=LOST, kept_bytes=1_200_000),
            "x.bin: the connection was reset (1.20 MB kept); check the network",
        ),
        (shot(Status.FAILED, failure=Failure("x", "it broke")), "x.bin: it broke"),
        (
            shot(Status.CANCELLED, failure=SKIPPED),
            "x.bin: skipped, a file of that name exists",
        ),
        (shot(Status.CANCELLED), "x.bin: cancelled"),
        (shot(Status.CANCELLED, kept_bytes=1000), "x.bin: cancelled (1.00 kB kept)"),
        # It was waiting for something when the user cancelled it.
        (shot(Status.CANCELLED, failure=LOST), "x.bin: cancelled"),
    ],
)
def test_how_it_ended_is_one_sentence(download: Snapshot, line: str) -> None:
    assert ended_line(download) == line


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (HttpStatusError("401 needs a login", status=401, hint=GIVE_LOGIN), "or a header with -H"),
        (TlsError("no"), "with --ca-certificate FILE, or, if you must, use --insecure"),
        (TlsError("no", hint=f"if you must, {ALLOW_HOST}"), "if you must, use --insecure"),
    ],
)
def test_what_helps_is_an_option_where_there_is_no_interface(
    error: DownloadError, words: str
) -> None:
    failed = shot(Status.FAILED, failure=error.failure)
    assert words in ended_line(failed)
    assert words in json.loads(json_line(ended_facts(failed), "utf-8"))["error"]["hint"]
    assert words not in error.failure.hint


def test_a_login_elsewhere_goes_with_the_address_there() -> None:
    failure = status_error(401, led_to="http://far:1/a?b").failure
    line = ended_line(shot(Status.FAILED, failure=failure))
    advice = "give the address that it leads to, with user and password in it: http://far:1/a?b"
    assert line.startswith("x.bin: 401 far:1 needs a login;")
    assert line.endswith(advice)


def test_a_login_for_the_proxy_is_no_option() -> None:
    failure = status_error(407, by="the proxy p:1").failure
    assert ended_line(shot(Status.FAILED, failure=failure)).endswith(f"; {failure.hint}")


def test_skipped_is_what_the_user_said_to_skip() -> None:
    assert shot(Status.CANCELLED, failure=SKIPPED).is_skipped
    assert not shot(Status.FAILED, failure=SKIPPED).is_skipped
    # Asked about the name, the user has cancelled it.
    assert not shot(Status.CANCELLED, failure=EXISTS).is_skipped
    assert not shot(Status.CANCELLED).is_skipped
    assert not shot(Status.CANCELLED, failure=LOST).is_skipped


def test_json_of_a_whole_file() -> None:
    done = shot(Status.COMPLETED, total_bytes=5, kept_bytes=3, active_s=1.23456, name='ü "x"')
    assert ended_facts(done) == {
        "url": "https://***@h.example/x",
        "path": '/d/ü "x"',
        "status": "COMPLETED",
        "bytes": 5,
        "seconds": 1.235,
        "error": None,
    }
    assert "ü" in json_line(ended_facts(done), "utf-8")
    assert "\n" not in json_line(ended_facts(done), "utf-8")


def test_json_keeps_what_the_encoding_has_not() -> None:
    done = shot(Status.COMPLETED, name="ü名😀")
    for encoding in ("ascii", "latin-1", "utf-8"):
        line = json_line(ended_facts(done), encoding).encode(encoding)
        assert json.loads(line.decode(encoding))["path"] == "/d/ü名😀"


def test_json_keeps_the_bytes_of_a_folder_that_are_no_text() -> None:
    done = shot(Status.COMPLETED, folder=os.fsdecode(b"/d\xff"))
    line = json_line(ended_facts(done), "utf-8").encode()
    assert os.fsencode(json.loads(line)["path"]) == b"/d\xff/x.bin"


def test_json_of_what_was_cancelled_has_no_error() -> None:
    assert ended_facts(shot(Status.CANCELLED, failure=LOST))["error"] is None
    assert ended_facts(shot(Status.CANCELLED, failure=EXISTS))["error"] is None
    assert ended_facts(shot(Status.CANCELLED, failure=SKIPPED))["error"] is not None


def test_json_of_a_failure_has_no_path() -> None:
    failed = shot(Status.FAILED, total_bytes=5, kept_bytes=3, failure=LOST)
    assert ended_facts(failed) == {
        "url": "https://***@h.example/x",
        "path": None,
        "status": "FAILED",
        "bytes": 3,
        "seconds": 0.0,
        "error": {
            "code": "connection",
            "message": "the connection was reset",
            "hint": "check the network",
        },
    }


@pytest.mark.parametrize(
    ("downloads", "facts", "line"),
    [
        ([], {}, "0/0  0 B/s"),
        ([COMPLETE, shot(Status.QUEUED)], {}, "1/2  0 B/s"),
        (
            [COMPLETE, shot(Status.DOWNLOADING, done_bytes=250, total_bytes=1000)],
            {"bytes_per_s": 41_200_000, "eta_s": 54},
            "1/2  25% of 1.00 kB  41.2 MB/s  0:54 left  x.bin",
        ),
        (
            [COMPLETE, shot(Status.DOWNLOADING, done_bytes=250, total_bytes=1000)],
            {"bytes_per_s": 41_200_000, "eta_s": 54, "is_eta_least": True},
            "1/2  25% of 1.00 kB  41.2 MB/s  >0:54 left  x.bin",
        ),
        (
            [COMPLETE, shot(Status.DOWNLOADING, done_bytes=250, total_bytes=1000)],
            {"bytes_per_s": 41_200_000, "eta_s": 9, "is_eta_least": True},
            "1/2  25% of 1.00 kB  41.2 MB/s  x.bin",
        ),
        (
            [
                shot(Status.DOWNLOADING, done_bytes=250, total_bytes=1000),
                shot(Status.CONNECTING, name="y", done_bytes=750, total_bytes=1000),
            ],
            {},
            "0/2  50% of 2.00 kB  0 B/s  x.bin",
        ),
        (
            [
                shot(Status.DOWNLOADING, done_bytes=250),
                shot(Status.DOWNLOADING, name="y", done_bytes=750, total_bytes=1000),
            ],
            {},
            "0/2  1.00 kB  0 B/s  x.bin",
        ),
        ([shot(Status.DOWNLOADING, total_bytes=0)], {}, "0/1  100% of 0 B  0 B/s  x.bin"),
        (
            [shot(Status.WAITING, failure=LOST, resume_at=112.0, retry=Retry(12.0, 2, 5))],
            {"taken_at": 100.0},
            "0/1  0 B  0 B/s  x.bin: the connection was reset, retry 2/5 in 0:12",
        ),
        (
            [shot(Status.WAITING, failure=LOST, resume_at=90.0)],
            {"taken_at": 100.0},
            "0/1  0 B  0 B/s  x.bin: the connection was reset, in 0:00",
        ),
        (
            [shot(Status.VERIFYING, phase="sha-256", done_bytes=1, total_bytes=1)],
            {},
            "0/1  100% of 1 B  0 B/s  x.bin: checking sha256",
        ),
        (
            # What has been hashed of it is here, and so is the rest.
            [
                shot(Status.VERIFYING, phase="sha-256", done_bytes=110, total_bytes=1000),
                shot(Status.DOWNLOADING, name="y", done_bytes=500, total_bytes=1000),
            ],
            {},
            "0/2  75% of 2.00 kB  0 B/s  x.bin: checking sha256 11%",
        ),
        (
            [shot(Status.QUEUED), shot(Status.PAUSED, failure=Failure("disk-full", "disk full"))],
            {},
            "0/2  0 B/s  x.bin: disk full; waiting for space",
        ),
        ([shot(Status.PAUSED)], {}, "0/1  0 B/s"),
        ([shot(Status.PAUSED, failure=LOST)], {}, "0/1  0 B/s"),
        ([shot(Status.VERIFYING)], {}, "0/1  0 B  0 B/s  x.bin: checking"),
    ],
)
def test_everything_in_one_line(
    downloads: list[Snapshot], facts: dict[str, Any], line: str
) -> None:
    assert summary_line(QueueSnapshot(tuple(downloads), **facts), 200) == line


def test_a_line_that_fits_exactly_is_whole() -> None:
    assert summary_line(QueueSnapshot((COMPLETE,)), 10) == "1/1  0 B/s"
    assert summary_line(QueueSnapshot((COMPLETE,)), 9) == "1/1  0 B…"


@pytest.mark.parametrize("width", [0, 1, 5, 10, 11])
def test_a_line_is_never_wider_than_the_terminal(width: int) -> None:
    line = summary_line(QueueSnapshot((COMPLETE,)), width)
    assert len(line) <= max(1, width)
    assert line == "1/1  0 B/s" or line.endswith("…")


def test_a_line_is_measured_in_cells() -> None:
    queue = QueueSnapshot((shot(Status.VERIFYING, name="名" * 20),))
    assert summary_line(queue, 40) == "0/1  0 B  0 B/s  " + "名" * 11 + "…"
    assert summary_line(queue, 39) == "0/1  0 B  0 B/s  " + "名" * 10 + "…"
    assert summary_line(queue, 200).endswith("名: checking")
