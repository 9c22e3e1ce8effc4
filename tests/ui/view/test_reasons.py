"""Failures in words: what is told where there is room, and where there is hardly any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.errors import Failure
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Status
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS
from tui_downloader.ui.view import reasons
from tui_downloader.ui.view.cells import fitting
from tui_downloader.ui.view.columns import columns_for
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import UNICODE
from tui_downloader.ui.view.pieces import text_of
from tui_downloader.ui.view.reasons import steps_for, tellings
from tui_downloader.ui.view.rows import Looks, row_pieces
from tui_downloader.ui.view.words import message_forms

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (
            "dns",
            "cannot find host a.example",
            ("cannot find host a.example", "host not found"),
        ),
        (
            "connect",
            "a.example:81 refused the connection",
            ("a.example:81 refused the connection", "refused the connection"),
        ),
        ("connect", "no network to a.example", ("no network to a.example", "no network")),
        (
            "tls",
            "the certificate of a.example expired 2 Nov 2025",
            ("the certificate of a.example expired 2 Nov 2025", "certificate expired 2 Nov 2025"),
        ),
        (
            "tls",
            "no TLS with a.example: wrong version",
            ("no TLS with a.example: wrong version", "no TLS there"),
        ),
        (
            "checksum",
            "sha256 differs: expected 1a2b, got 3c4d; kept as a.bad",
            ("sha256 differs: expected 1a2b, got 3c4d", "sha256 differs"),
        ),
        (
            "host-busy",
            "a.example asked to wait until 12:41:07 (Retry-After)",
            (
                "a.example asked to wait until 12:41:07 (Retry-After)",
                "a.example asked to wait",
                "host asked to wait",
            ),
        ),
        ("http-404", "404 not found", ("404 not found",)),
        ("http-418", "418 refused by the server", ("418 refused by the server",)),
        ("http-418", "no, thank you", ("418 refused by the server",)),
        ("http-451", "451 unavailable for legal reasons", ("451 unavailable for legal reasons",)),
        ("odd", "something odd", ("something odd",)),
    ],
)
def test_a_failure_is_told_with_its_numbers_where_they_fit(
    code: str, message: str, told: tuple[str, ...]
) -> None:
    assert tellings(Failure(code, message)) == told


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.WAITING, "connection lost at 1.20 of 4.70 GB · retry 2/10 in 0:12 · r now"),
        (Status.FAILED, "connection lost at 1.20 of 4.70 GB · r retry  u new URL"),
    ],
)
@pytest.mark.parametrize("code", ["connection", "truncated", "timeout"])
def test_a_lost_connection_tells_how_far_it_got(status: Status, words: str, code: str) -> None:
    lost = download(
        1,
        status,
        failure=Failure(code, "the connection was lost"),
        kept_bytes=1_200_000_000,
        total_bytes=4_700_000_000,
        retry=Retry(12.0, 2, 10),
        resume_at=NOW + 12,
    )
    assert message_forms(lost, Context(NOW, Figures()))[0] == words


def test_just_before_the_end_the_two_amounts_would_be_the_same() -> None:
    lost = download(
        1,
        Status.FAILED,
        failure=Failure("truncated", "the server closed the connection 1.00 kB before the end"),
        kept_bytes=5_999_000,
        total_bytes=6_000_000,
    )
    told = message_forms(lost, Context(NOW, Figures()))[0]
    assert told == "connection lost just before the end · r retry  u new URL"


def test_beside_a_bar_a_lost_connection_is_not_a_share_that_is_lost() -> None:
    lost = download(
        1,
        Status.WAITING,
        failure=Failure("connection", "the connection was lost after 5.90 MB"),
        kept_bytes=5_940_000,
        done_bytes=5_940_000,
        total_bytes=6_000_000,
        retry=Retry(12.0, 2, 10),
        resume_at=NOW + 12,
    )
    columns = columns_for(79)  # a window of 80
    forms = message_forms(lost, Context(NOW, Figures()))
    assert fitting(forms, columns.after_percent_width) == "cut off · retry 0:12"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("has an unknown issuer", "unknown issuer · e allow for this host"),
        ("is self-signed", "self-signed · e allow for this host"),
        ("is not valid yet", "not valid yet · e allow for this host"),
        # The one who may say so took it back: there is nothing to allow.
        ("was revoked", "revoked · u new URL"),
        ("is not trusted: no reason", "bad certificate · e allow for this host"),
    ],
)
def test_a_fault_of_a_certificate_names_what_helps(fault: str, words: str) -> None:
    failure = Failure("tls", f"the certificate of downloads.example.org {fault}")
    assert words in message_forms(
        download(1, Status.FAILED, failure=failure), Context(NOW, Figures())
    )


@pytest.mark.parametrize(
    ("message", "forms"),
    [
        (
            "the certificate of the proxy 127.0.0.1:3128 has an unknown issuer",
            ("proxy certificate has an unknown issuer · r retry",),
        ),
        ("the certificate of the proxy 127.0.0.1:3128 is not trusted: why", ("bad proxy · r",)),
        ("no TLS with the proxy 127.0.0.1:3128: wrong", ("no TLS with proxy · r retry",)),
    ],
)
def test_a_fault_of_a_proxy_offers_neither_another_address_nor_to_trust_the_host(
    message: str, forms: tuple[str, ...]
) -> None:
    failed = download(1, Status.FAILED, failure=Failure("tls", message))
    told = message_forms(failed, Context(NOW, Figures()))
    assert told[0] == f"{message} · r retry"
    assert set(forms) <= set(told), told
    assert not any("allow" in form or "new URL" in form for form in told)


def test_where_no_tls_is_spoken_there_is_no_certificate_to_allow() -> None:
    failed = download(1, Status.FAILED, failure=Failure("tls", "no TLS with a.example: wrong"))
    told = message_forms(failed, Context(NOW, Figures()))[0]
    assert told == "no TLS with a.example: wrong · u new URL  r retry"


def test_a_login_for_the_proxy_is_not_one_for_the_server() -> None:
    failed = download(1, Status.FAILED, failure=Failure("auth", "407 the proxy needs a login"))
    told = message_forms(failed, Context(NOW, Figures()))[0]
    assert told == "407 proxy needs a login · e proxy  r retry"


def test_a_proxy_that_is_not_reached_can_be_changed() -> None:
    failure = Failure("connect", "cannot reach the proxy p.example:3128: refused")
    failed = download(1, Status.FAILED, failure=failure)
    assert message_forms(failed, Context(NOW, Figures()))[0].endswith(" · e proxy  r retry")


@pytest.mark.parametrize("code", ["range", "changed"])
def test_what_cannot_go_on_can_start_from_0(code: str) -> None:
    failed = download(1, Status.FAILED, failure=Failure(code, ""))
    assert message_forms(failed, Context(NOW, Figures()))[0].endswith(" · R from 0  u new URL")


EVERY_CODE = sorted(reasons._BY_CODE)
# What the row of a failure says in windows of 40, 60, 80, 120 and 180 columns (ux.md section 9).
WIDTHS = (40, 60, 80, 120, 180)
ROWS: dict[tuple[str, str], tuple[str, ...]] = {
    ("dns", "cannot find host a.example"): (
        "no host · r",
        "no host · r retry",
        "cannot find host a.example · r retry",
        "cannot find host a.example · r retry  u new URL",
        "cannot find host a.example · r retry  u new URL",
    ),
    ("connect", "example.org:8080 refused the connection"): (
        "refused · r",
        "refused · r retry",
        "refused the connection · r retry  u new URL",
        "refused the connection · r retry  u new URL",
        "example.org:8080 refused the connection · r retry  u new URL",
    ),
    ("connect", "no network to example.org"): (
        "no network · r",
        "no network · r retry",
        "no network · r retry  u new URL",
        "no network to example.org · r retry  u new URL",
        "no network to example.org · r retry  u new URL",
    ),
    ("tls", "the certificate of example.org expired 2 Nov 2025"): (
        "expired · e",
        "certificate expired · e",
        "certificate expired · e allow for this host",
        "certificate expired 2 Nov 2025 · e allow for this host",
        "certificate expired 2 Nov 2025 · e allow for this host  r retry",
    ),
    ("tls", "the certificate of example.org is for another name"): (
        "wrong name · e",
        "wrong name · e",
        "wrong name · e allow for this host",
        "certificate is for another name · e allow for this host",
        "certificate is for another name · e allow for this host  r retry",
    ),
    ("tls", "the certificate of example.org has an unknown issuer"): (
        "certificate · e",
        "unknown issuer · e",
        "unknown issuer · e allow for this host",
        "unknown issuer · e allow for this host",
        "certificate has an unknown issuer · e allow for this host  r retry",
    ),
    ("auth", "401 Unauthorized"): (
        "login · e",
        "401 needs a login · e",
        "401 needs a login · e user and password",
        "401 needs a login · e user and password  r retry",
        "401 needs a login · e user and password  r retry",
    ),
    ("auth", "401 far.example needs a login"): (
        "login · u",
        "login · u new URL",
        "401 far.example needs a login · u new URL",
        "401 far.example needs a login · u new URL  r retry",
        "401 far.example needs a login · u new URL  r retry",
    ),
    ("http-403", "403 forbidden, says far.example"): (
        "403 · u new URL",
        "403 · u new URL",
        "403 forbidden, says far.example · u new URL",
        "403 forbidden, says far.example · u new URL  r retry",
        "403 forbidden, says far.example · u new URL  r retry",
    ),
    ("auth", "401 login refused"): (
        "login · e",
        "401 login refused · e",
        "401 login refused · e user and password",
        "401 login refused · e user and password  r retry",
        "401 login refused · e user and password  r retry",
    ),
    ("http-403", "403 Forbidden"): (
        "403 · u new URL",
        "403 · u new URL",
        "403 forbidden · u new URL",
        "403 forbidden, link may have expired · u new URL",
        "403 forbidden, link may have expired · u new URL  r retry",
    ),
    ("http-404", "404 Not Found"): (
        "404 · u new URL",
        "404 · u new URL",
        "404 not found · u new URL  r retry",
        "404 not found · u new URL  r retry",
        "404 not found · u new URL  r retry",
    ),
    ("http-410", "410 Gone"): (
        "410 · u new URL",
        "410 gone · u new URL",
        "410 gone · u new URL  r retry",
        "410 gone · u new URL  r retry",
        "410 gone · u new URL  r retry",
    ),
    ("http-429", "429 Too Many Requests"): (
        "429 · r retry",
        "429 too many · r retry",
        "429 too many requests · r retry",
        "429 too many requests · r retry",
        "429 too many requests · r retry",
    ),
    ("http-503", "503 Service Unavailable"): (
        "503 · r retry",
        "503 · r retry",
        "503 server busy · r retry",
        "503 server busy · r retry",
        "503 server busy · r retry",
    ),
    ("connection", "the connection was lost after 1.20 GB"): (
        "cut off · r",
        "cut off · r retry",
        "connection lost · r retry  u new URL",
        "connection lost · r retry  u new URL",
        "connection lost · r retry  u new URL",
    ),
    ("changed", "the file changed on the server (was 1.00 MB, is 2.00 MB)"): (
        "changed · R",
        "file changed · R from 0",
        "file changed since the last part · R from 0",
        "file changed since the last part · R from 0  u new URL",
        "file changed since the last part · R from 0  u new URL",
    ),
    ("range", "the server does not send what it says"): (
        "no resume · R",
        "no resume · R from 0",
        "cannot resume here · R from 0  u new URL",
        "cannot resume here · R from 0  u new URL",
        "cannot resume here · R from 0  u new URL",
    ),
    ("disk-full", "disk full on /home/me/Downloads: needs 3.10 GB, 0.40 GB free"): (
        "disk full · r",
        "disk full · r retry",
        "disk full · r retry  e other folder",
        "disk full · r retry  e other folder",
        "disk full · r retry  e other folder",
    ),
    ("permission", "cannot write to /home/me/Downloads: permission denied"): (
        "no access · e",
        "no permission · e",
        "no permission · e other folder",
        "no permission to write there · e other folder  r retry",
        "cannot write to /home/me/Downloads: permission denied · e other folder  r retry",
    ),
    ("permission", "cannot write to /media/stick: its file system is read-only"): (
        "read-only · e",
        "read-only disk · e",
        "read-only disk · e other folder  r retry",
        "read-only disk · e other folder  r retry",
        "read-only disk · e other folder  r retry",
    ),
    ("disk", "cannot write to /srv/file/sub: a file is where a folder should be"): (
        "no folder · e",
        "file in the way · e",
        "file in the way · e other folder",
        "a file is in the folder's place · e other folder",
        "a file is in the folder's place · e other folder  r retry",
    ),
    ("disk", "cannot write /mnt/x/a.part: Input/output error"): (
        "I/O error · e",
        "input/output error · e",
        "input/output error · e other folder",
        "input/output error · e other folder  r retry",
        "cannot write /mnt/x/a.part: Input/output error · e other folder  r retry",
    ),
    ("disk", "a.part was removed or replaced while it was written"): (
        "part gone · r",
        "part gone · r from 0",
        "its part was removed or replaced · r from 0",
        "its part was removed or replaced · r from 0",
        "its part was removed or replaced · r from 0",
    ),
    ("disk-gone", "cannot write /mnt/x/a.part: its disk is gone (Stale file handle)"): (
        "disk gone · r",
        "disk gone · r retry",
        "its disk is not mounted · r retry",
        "its disk is not mounted · r retry  e other folder",
        "its disk is not mounted · r retry  e other folder",
    ),
    ("disk", "a.part was cut while it was written"): (
        "part cut · r",
        "part cut · r retry",
        "its part was cut · r retry",
        "its part was cut · r retry",
        "its part was cut · r retry",
    ),
    ("checksum", "sha256 differs: expected 1a2b3c4d…9f9f, got 3c4d5e6f…1a1a; kept as a.bad"): (
        "checksum · R",
        "checksum · R again",
        "sha256 differs · R again  c change expected",
        "sha256 differs · R again  c change expected",
        "sha256 differs · R again  c change expected",
    ),
    ("web-page", "the server sent a web page (text/html) where a (application/zip) was expected"): (
        "web page · o",
        "got a web page · o look",
        "got text/html, not application/zip · o look",
        "got text/html, not application/zip · o look  u new URL",
        "got text/html where application/zip was expected · o look  u new URL",
    ),
    ("web-page", "the server sent a web page (TEXT/HTML) where a.bin (1) was expected"): (
        "web page · o",
        "got a web page · o look",
        "got text/html instead of the file · o look",
        "got text/html instead of the file · o look  u new URL",
        "got text/html instead of the file · o look  u new URL",
    ),
    # It is a page by its first bytes, and its type says nothing.
    ("web-page", "the server sent a web page (application/zip) where a.zip was expected"): (
        "web page · o",
        "got a web page · o look",
        "got a web page instead of the file · o look",
        "got a web page instead of the file · o look  u new URL",
        "got a web page instead of the file · o look  u new URL",
    ),
}


def row_of(row: Snapshot, window: int) -> str:
    """What the row says where its numbers would stand, in a window of so many columns."""
    forms = message_forms(row, Context(NOW, Figures()))
    return fitting(forms, columns_for(window - 1).message_width)


@pytest.mark.parametrize("failure", ROWS, ids=" ".join)
def test_a_failed_row_says_what_happened_and_which_key_helps(failure: tuple[str, str]) -> None:
    row = download(1, Status.FAILED, failure=Failure(*failure))
    assert tuple(row_of(row, window) for window in WIDTHS) == ROWS[failure]
    # Between them only the names of files get more room.
    assert (row_of(row, 79), row_of(row, 100)) == (ROWS[failure][1], ROWS[failure][3])


@pytest.mark.parametrize("code", [*EVERY_CODE, "http-418", "tls"])
@pytest.mark.parametrize("window", [40, 60, 79, 80, 100, 120, 140, 180])
def test_every_failed_row_names_a_key(code: str, window: int) -> None:
    row = download(1, Status.FAILED, failure=Failure(code, "a long story of what happened " * 9))
    key = DEFAULT_KEYS.keys_for(steps_for(row), row)[0].partition(" ")[0]
    assert f" · {key}" in row_of(row, window)


@pytest.mark.parametrize("status", [Status.FAILED, Status.WAITING, Status.PAUSED])
@pytest.mark.parametrize("done_bytes", [0, 33_000_000])
@pytest.mark.parametrize("code", [*EVERY_CODE, "http-418", "tls", "host-busy"])
def test_from_80_columns_on_no_row_names_a_key_without_saying_what_it_does(
    code: str, done_bytes: int, status: Status
) -> None:
    for story in ("a story of this, and that", "a story of what happened " * 9):
        row = download(
            1,
            status,
            failure=Failure(code, story),
            done_bytes=done_bytes,
            kept_bytes=done_bytes,
            total_bytes=100_000_000,
            retry=Retry(12.0, 2, 10),
            resume_at=NOW + 57,
        )
        for window in range(80, 200):
            assert re.search(r" · \S$", row_in(row, window)) is None


def row_in(row: Snapshot, window: int) -> str:
    """The whole row in a window of so many columns."""
    looks = Looks(columns_for(window - 1), UNICODE)
    context = Context(NOW, Figures())
    return text_of(row_pieces(row, looks, context)).rstrip()


def test_what_another_answer_has_closed_the_host_for_says_so_beside_its_bar() -> None:
    asked = Failure("host-busy", "a.example asked to wait until 12:41:07 (Retry-After)")
    row = download(
        1, Status.WAITING, failure=asked, done_bytes=8, total_bytes=100, resume_at=NOW + 57
    )
    assert row_in(row, 80).endswith("8% host busy · retry in 0:57")


def test_a_row_that_waits_counts_down_and_names_its_key_where_there_is_room() -> None:
    failure = Failure("http-503", "503 Service Unavailable")
    row = download(1, Status.WAITING, failure=failure, retry=Retry(12.0, 2, 6), resume_at=NOW + 12)
    assert [row_of(row, window) for window in WIDTHS] == [
        "503 retry 0:12",
        "503 · retry 2/6 in 0:12",
        "503 server busy · retry 2/6 in 0:12 · r now",
        "503 server busy · retry 2/6 in 0:12 · r now",
        "503 server busy · retry 2/6 in 0:12 · r now",
    ]


def test_a_row_that_waits_for_a_host_that_is_not_found_names_it_as_long_as_it_can() -> None:
    failure = Failure("dns", "cannot find host downloads.example.org")
    row = download(1, Status.WAITING, failure=failure, retry=Retry(12.0, 2, 6), resume_at=NOW + 12)
    assert [row_of(row, window) for window in WIDTHS] == [
        "retry 0:12",
        "no host · retry 0:12",
        "host not found · retry 2/6 in 0:12 · r now",
        "cannot find host downloads.example.org · retry 0:12",
        "cannot find host downloads.example.org · retry 2/6 in 0:12 · r now",
    ]


def test_a_pause_for_a_reason_names_what_ends_it() -> None:
    full = Failure("disk-full", "disk full on /home/me/Downloads: 0.40 GB free")
    row = download(1, Status.PAUSED, failure=full)
    assert [row_of(row, window) for window in WIDTHS[:3]] == [
        "disk full · p",
        "disk full · p resume",
        "paused · disk full · p resume",
    ]


def test_a_skipped_row_is_not_called_cancelled_at_any_width() -> None:
    exists = Failure("exists", "skipped: b.iso exists already")
    row = download(1, Status.CANCELLED, failure=exists)
    assert [row_of(row, window) for window in WIDTHS[:3]] == [
        "skipped · r",
        "skipped · r restart",
        "skipped: b.iso exists already · r restart",
    ]


def test_a_cancelled_row_names_its_key_at_any_width() -> None:
    row = download(1, Status.CANCELLED, kept_bytes=312_000_000)
    assert [row_of(row, window) for window in WIDTHS[:3]] == [
        "cancelled · r",
        "cancelled · r resume",
        "cancelled · 312 MB kept · r resume",
    ]
