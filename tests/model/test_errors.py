"""The tree of errors: one root, stable codes, a hint for each, and no retry that cannot help."""

from __future__ import annotations

import re

import pytest

from tui_downloader.model import errors
from tui_downloader.model.deadline import Deadline
from tui_downloader.model.errors import (
    Again,
    DownloadError,
    Failure,
    HostBusy,
    HttpStatusError,
    NetworkError,
    TooManyOpen,
    TruncatedError,
    Unreachable,
)

# Scripts rely on these: change none of them.
CODES = {
    "NetworkError": "connection",
    "TlsError": "tls",
    "TruncatedError": "truncated",
    "RangeError": "range",
    "FramingError": "protocol",
    "FileChanged": "changed",
    "WebPageError": "web-page",
    "RedirectError": "redirect",
    "ChecksumMismatch": "checksum",
    "DiskError": "disk",
    "DiskFull": "disk-full",
    "PartGone": "disk",
    "TooManyOpen": "disk",
    "UrlError": "url",
    "InternalError": "internal",
}
WITH_MORE = {"HostBusy", "HttpStatusError", "Unreachable"}  # than words
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DownloadError) and kind is not DownloadError
]


def test_every_kind_is_in_the_table() -> None:
    assert {kind.__name__ for kind in KINDS} == set(CODES) | WITH_MORE


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = set(re.findall(r"\+- (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("name", CODES)
def test_each_kind_has_its_code_and_a_hint(name: str) -> None:
    error = getattr(errors, name)("it went wrong")
    assert error.failure == Failure(CODES[name], "it went wrong", error.hint)
    assert error.hint
    assert str(error) == "it went wrong"


@pytest.mark.parametrize("kind", KINDS)
def test_only_broken_connections_and_busy_hosts_are_tried_again_by_kind(
    kind: type[DownloadError],
) -> None:
    is_broken = kind in (NetworkError, TruncatedError, Unreachable, TooManyOpen)
    expected = Again.BACKOFF if is_broken else Again.NEVER
    assert kind.again is (Again.SERVER_BUSY if kind is HostBusy else expected)


def test_an_error_can_have_its_own_code_and_hint() -> None:
    error = NetworkError("no such host", code="dns", hint="check it")
    assert error.failure == Failure("dns", "no such host", "check it")
    assert (NetworkError.code, NetworkError("x", hint="").hint) == ("connection", "")


def test_a_host_that_cannot_be_reached_is_told_from_others() -> None:
    error = Unreachable("no way", host="example.org:8080", code="dns")
    assert error.host == "example.org:8080"
    assert error.failure == Failure("dns", "no way", NetworkError.hint)


def test_a_host_that_wants_no_requests_is_named_with_the_end_of_that() -> None:
    until = Deadline(40.0, 0.0, 0.0)
    error = HostBusy("example.org asked to wait", host="example.org", until=until)
    assert (error.host, error.until) == ("example.org", until)
    assert error.failure == Failure(
        "host-busy", "example.org asked to wait", "it goes on by itself"
    )


def test_a_status_gives_the_code() -> None:
    error = HttpStatusError("404 not found", status=404)
    assert (error.code, error.status, error.again, error.retry_after_s) == (
        "http-404",
        404,
        Again.NEVER,
        None,
    )
    busy = HttpStatusError("busy", status=503, again=Again.SERVER_BUSY, retry_after_s=5.0)
    assert (busy.code, busy.again, busy.retry_after_s) == ("http-503", Again.SERVER_BUSY, 5.0)
    assert HttpStatusError.again is Again.NEVER
    assert HttpStatusError("x", status=401, code="auth").code == "auth"
