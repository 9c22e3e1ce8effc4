"""Failures in words: what is told where there is room, and where there is hardly any."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.cells import fitting
from tui_downloader.ui.columns import columns_for
from tui_downloader.ui.figures import Figures
from tui_downloader.ui.reasons import tellings
from tui_downloader.ui.words import Context, message_forms


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (
            "dns",
            "cannot find host a.example",
            ("cannot find host a.example", "cannot find the host"),
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
            ("no TLS with a.example: wrong version", "certificate not accepted"),
        ),
        (
            "checksum",
            "sha-256 differs: expected 1a2b, got 3c4d; kept as a.bad",
            ("sha-256 differs: expected 1a2b, got 3c4d", "checksum differs"),
        ),
        ("http-404", "404 not found", ("404 not found",)),
        ("http-418", "418 the server refused", ("418 refused by the server",)),
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
@pytest.mark.parametrize("code", ["connection", "truncated", "tls-cut", "timeout"])
def test_a_lost_connection_tells_how_far_it_got(status: Status, words: str, code: str) -> None:
    lost = download(
        1,
        status,
        failure=Failure(code, "the connection was lost"),
        kept_bytes=1_200_000_000,
        total_bytes=4_700_000_000,
        attempt=2,
        attempts=10,
        resume_at=NOW + 12,
    )
    assert message_forms(lost, Context(NOW, Figures()))[0] == words


def test_a_login_for_the_proxy_is_not_one_for_the_server() -> None:
    failed = download(1, Status.FAILED, failure=Failure("auth", "407 the proxy needs a login"))
    assert message_forms(failed, Context(NOW, Figures()))[0] == "407 proxy needs a login · r retry"


@pytest.mark.parametrize("code", ["range", "changed"])
def test_what_cannot_go_on_can_start_from_0(code: str) -> None:
    failed = download(1, Status.FAILED, failure=Failure(code, ""))
    assert message_forms(failed, Context(NOW, Figures()))[0].endswith(" · R from 0  u new URL")


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("dns", "cannot find host a.example", "cannot find the host · r retry  u new URL"),
        ("connect", "a.example:81 refused the connection", "· r retry  u new URL"),
        (
            "tls",
            "the certificate of a.example has an unknown issuer",
            "bad certificate · e allow for this host",
        ),
        ("http-401", "401", "401 needs a login · e user and password"),
        ("http-403", "403", "403 forbidden · u new URL"),
        ("http-404", "404", "404 not found · u new URL  r retry"),
        ("changed", "changed", "file changed since the last part · R from 0"),
        ("web-page", "got text/html", "got a web page instead of the file · o look"),
        ("permission", "cannot write to /home/me/a/long/folder/name", "· e other folder"),
        ("disk-full", "disk full on /home: needs 3.10 GB, 0.40 GB free", "· r after freeing"),
        ("checksum", "sha-256 differs: expected 1a2b, got 3c4d", "checksum differs · R again"),
    ],
)
def test_a_failure_names_its_first_key_in_a_window_of_80(
    code: str, message: str, told: str
) -> None:
    row = download(1, Status.FAILED, failure=Failure(code, message))
    forms = message_forms(row, Context(NOW, Figures()))
    assert told in fitting(forms, columns_for(79).message_width)
