"""Header fields are read by their RFCs; junk in them is nothing, never a crash or a long wait."""

from __future__ import annotations

import base64
import os
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.errors import FramingError
from tui_downloader.model.http import (
    LONGEST_RETRY_AFTER_S,
    ContentRange,
    Unsatisfied,
    Validators,
    cannot_be_web_page,
    check_transfer_coding,
    content_coding,
    content_length,
    digest_challenge,
    is_page_instead,
    is_web_page,
    parse_content_range,
    parse_disposition,
    parse_http_date,
    parse_retry_after,
)
from tui_downloader.model.ranges import LARGEST_BYTES

ANY_TEXT = st.text(st.characters(exclude_categories=()))
JUNK = st.one_of(ANY_TEXT, st.text("bytes 0123456789-/*;=\"'\\%?utf,"))
LONGEST_FIELD = 65_536
NOON = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes 0-99/100", ContentRange(0, 100, 100)),
        ("bytes 5-5/*", ContentRange(5, 6, None)),
        ("  BYTES 5-9/10 ", ContentRange(5, 10, 10)),
        ("bytes */100", Unsatisfied(100)),
        ("bytes */0", Unsatisfied(0)),
        ("bytes */*", None),
        ("bytes 0-100/100", None),
        ("bytes 9-8/100", None),
        ("bytes -5-8/100", None),
        ("bytes 0-9", None),
        ("bytes=0-9/100", None),
        ("bytes 0-9/100, bytes 20-29/100", None),
        ("items 0-9/100", None),
        ("0-9/100", None),
        ("bytes ٠-٩/١٠٠", None),
        ("bytes 0-9/1e3", None),
        ("", None),
        ("bytes 0-9/" + "9" * 5000, None),
        ("bytes */" + "9" * 5000, None),
        (f"bytes 0-{LARGEST_BYTES - 1}/*", ContentRange(0, LARGEST_BYTES, None)),
        (f"bytes 0-{LARGEST_BYTES}/*", None),
        (f"bytes 0-9/{LARGEST_BYTES}", ContentRange(0, 10, LARGEST_BYTES)),
        (f"bytes 0-9/{LARGEST_BYTES + 1}", None),
        (f"bytes */{LARGEST_BYTES}", Unsatisfied(LARGEST_BYTES)),
        (f"bytes */{LARGEST_BYTES + 1}", None),
    ],
)
def test_a_content_range_is_read_or_makes_no_sense(
    value: str, expected: ContentRange | Unsatisfied | None
) -> None:
    assert parse_content_range(value) == expected


@given(st.integers(0, 10**18 - 2), st.integers(1, 10**6), st.none() | st.integers(0, 10**6))
def test_a_content_range_that_is_written_is_read(start: int, length: int, rest: int | None) -> None:
    end = min(start + length, 10**18 - 1)
    total = None if rest is None else min(end + rest, 10**18 - 1)
    value = f"bytes {start}-{end - 1}/{'*' if total is None else total}"
    assert parse_content_range(value) == ContentRange(start, end, total)


@given(JUNK)
def test_a_content_range_is_in_the_file_or_nothing(value: str) -> None:
    answered = parse_content_range(value)
    if isinstance(answered, ContentRange):
        assert 0 <= answered.start < answered.end
        assert answered.total is None or answered.end <= answered.total


@pytest.mark.parametrize(
    ("values", "length"),
    [
        ([], None),
        (["5"], 5),
        ([" 5 "], 5),
        (["5", "5"], 5),
        (["0"], 0),
        ([str(LARGEST_BYTES)], LARGEST_BYTES),
    ],
)
def test_lengths_that_agree_are_read(values: list[str], length: int | None) -> None:
    assert content_length(values) == length


@pytest.mark.parametrize(
    "values",
    [
        ["-1"],
        ["+5"],
        ["5", "6"],
        ["5, 5"],
        ["5,"],
        [""],
        ["abc"],
        ["1e3"],
        ["٥"],
        [str(LARGEST_BYTES + 1)],
        ["9" * 5000],
    ],
)
def test_a_length_that_is_none_is_refused(values: list[str]) -> None:
    with pytest.raises(FramingError):
        content_length(values)


@pytest.mark.parametrize(
    "values", [[], [""], ["chunked"], [" Chunked"], ["chunked", "chunked"], ["identity"]]
)
def test_chunks_are_no_coding(values: list[str]) -> None:
    check_transfer_coding(values)


@pytest.mark.parametrize(
    "values",
    [
        ["gzip"],
        ["gzip, chunked"],
        ["chunked", "gzip"],
        ["gzip", "chunked"],
        ["identity", "gzip"],
        ["identity", "chunked"],
        ["", "chunked"],
    ],
)
def test_any_other_coding_of_the_way_is_refused_in_whichever_line(values: list[str]) -> None:
    with pytest.raises(FramingError, match=values[-1]):
        check_transfer_coding(values)


@pytest.mark.parametrize(
    ("values", "challenge"),
    [
        ([], ""),
        (['Basic realm="a"'], ""),
        (["Digest"], ""),
        (["Digest, Basic"], ""),
        (['Digest realm="a"'], 'Digest realm="a"'),
        (["Negotiate", 'digest realm="a"'], 'digest realm="a"'),
        (['Negotiate, Digest realm="a"'], 'Digest realm="a"'),
        (['Digest realm="a"', "Negotiate"], 'Digest realm="a", Negotiate'),
        (['Basic realm="a, Digest b=c"'], ""),
        (['Basic realm="a\\", Digest b=c"', 'Digest realm="a"'], 'Digest realm="a"'),
    ],
)
def test_a_login_by_digest_is_found_among_others(values: list[str], challenge: str) -> None:
    assert digest_challenge(values) == challenge


@given(st.lists(JUNK, max_size=3))
def test_a_length_fits_what_is_stored_or_is_refused(values: list[str]) -> None:
    try:
        length = content_length(values)
    except FramingError:
        return
    assert length is None or 0 <= length < 1 << 63


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> object:
    """The machine's own time zone is not UTC."""
    if not hasattr(time, "tzset"):
        pytest.skip("this platform has no tzset")
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "UTC-9")
    time.tzset()
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()


@pytest.mark.parametrize(
    "value",
    [
        DATE,
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        DATE.replace("GMT", "-0000"),
    ],
)
@pytest.mark.usefixtures("far_east")
def test_all_forms_of_a_date_are_in_utc(value: str) -> None:
    assert parse_http_date(value) == NOON


@pytest.mark.parametrize(
    "value", [None, "", "0", "-1", "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT"]
)
def test_a_date_that_makes_no_sense_is_none(value: str | None) -> None:
    assert parse_http_date(value) is None


@pytest.mark.parametrize(
    ("values", "coding"),
    [
        ([], ""),
        ([" Identity "], ""),
        (["UTF-8"], ""),
        (["aws-chunked,GZIP"], "gzip"),
        (["gzip", "none", "br"], "gzip, br"),
        (["\x1b"], "\x1b"),
    ],
)
def test_what_is_no_coding_is_none(values: list[str], coding: str) -> None:
    assert content_coding(values) == coding


@given(st.one_of(ANY_TEXT, st.text("0123456789 ,:-+GMTSunNov()\t")))
def test_no_date_is_a_crash(value: str) -> None:
    parse_http_date(value)
    parse_retry_after(value, NOON)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("00000000000000000000007", 7.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 5000, LONGEST_RETRY_AFTER_S),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60.0),
        ("Sun, 06 Nov 1994 08:48:37 GMT", 0.0),
        ("Sun, 06 Nov 2094 08:48:37 GMT", LONGEST_RETRY_AFTER_S),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(
    value: str | None, seconds: float | None
) -> None:
    assert parse_retry_after(value, NOON) == seconds


@pytest.mark.parametrize(
    ("etag", "modified", "date", "if_range"),
    [
        ('"v1"', None, None, '"v1"'),
        ('"v1"', DATE, None, '"v1"'),
        (None, DATE, None, None),  # nobody knows how sure it is
        (None, DATE, "yesterday", None),
        (None, DATE, "Sun, 06 Nov 1994 08:50:37 GMT", DATE),
        (None, DATE, "Sun, 06 Nov 1994 08:50:36 GMT", None),
        (None, DATE, DATE, None),
        ('W/"v1"', None, None, None),
        ('W/"v1"', DATE, None, None),  # RFC 9110, 13.1.5: a date only where there is no ETag
        ('w/"v1"', None, None, None),
        ("", "", "", None),
        (None, "yesterday", None, None),
        (None, None, None, None),
    ],
)
def test_only_a_strong_validator_goes_into_if_range(
    etag: str | None, modified: str | None, date: str | None, if_range: str | None
) -> None:
    assert Validators(etag, modified, date).if_range == if_range


def test_a_later_answer_makes_a_date_no_surer() -> None:
    first, later = Validators(None, DATE, DATE), "Sun, 06 Nov 1994 09:50:37 GMT"
    assert Validators(None, DATE, later).after(first).if_range is None
    assert Validators(None, DATE, later).after(Validators()).if_range == DATE
    assert Validators(None, later, later).after(first).date == later


@pytest.mark.parametrize(
    ("etag", "is_strong"),
    [
        ('"v1"', True),
        ("v1", True),
        ('W/"v1"', False),
        ('w/"v1"', False),
        ("", False),
        (None, False),
    ],
)
def test_which_etags_promise_identical_bytes(etag: str | None, is_strong: bool) -> None:
    assert Validators(etag, None).is_strong is is_strong


@pytest.mark.parametrize(
    ("content_type", "name", "is_page"),
    [
        ("text/html", "a.zip", True),
        ("Text/HTML; charset=utf-8", "a.tar.gz", True),
        (" application/xhtml+xml ;x", "a.iso", True),
        ("text/html", "a.html", False),
        ("text/html", "a.PHP", False),
        ("text/html", "download", False),
        *(
            ("text/html", f"a.{extension}", False)
            for extension in ["htm", "xhtml", "shtml", "asp", "aspx", "jsp", "cgi", "mht", "mhtml"]
        ),
        ("text/html", "", False),
        ("text/html", ".zip", False),
        ("text/html", "what is v1. really", False),
        ("application/zip", "a.zip", False),
        ("text/plain", "a.zip", False),
        ("", "a.zip", False),
    ],
)
def test_a_web_page_in_place_of_a_file(content_type: str, name: str, is_page: bool) -> None:
    assert is_web_page(content_type, name) is is_page


@pytest.mark.parametrize(
    ("data", "name", "is_none"),
    [
        (b"PK\x03\x04", "a.zip", True),
        (b"<!DOCTYPE html>\0", "a.zip", True),
        ("%PDF-1.7\n%âãÏÓ".encode("latin-1"), "a.pdf", True),
        (b"#!/bin/sh", "a.run", True),
        (b"please log in", "a.zip", False),
        ("für Sie".encode() + "ü".encode()[:1], "a.zip", False),
        ("<p>für Sie".encode("latin-1"), "a.zip", False),
        ("<html>".encode("utf-16"), "a.zip", False),
        (b"", "a.zip", False),
        (b"please read", "a.txt", True),
        (b"\xef\xbb\xbf \r\n<p>", "a.txt", False),
        (b"", "a.txt", False),
    ],
)
def test_first_bytes_that_are_none_of_a_web_page(data: bytes, name: str, is_none: bool) -> None:
    assert cannot_be_web_page(data, name) is is_none


ZIP, TEXT, PAGE = b"PK\x03\x04", b"id;name\n1;a\n", b" <!DOCTYPE html><p>"


@pytest.mark.parametrize("name", ["download", "get.php", "file.zip", "export.csv", ""])
@pytest.mark.parametrize(
    ("here", "data", "content_type", "is_page"),
    [
        (ZIP, PAGE, "text/html", True),
        (ZIP, PAGE, "application/zip", True),
        (ZIP, b"please log in", "Text/HTML; charset=utf-8", True),
        (ZIP, b"please log in", "text/plain", False),
        (ZIP, b"", "text/html", True),  # encoded
        (ZIP, ZIP, "text/html", False),  # a server that calls everything so
        (TEXT, PAGE, "text/html", True),
        (TEXT, PAGE, "text/csv", True),
        (TEXT, b"<p>please log in", "text/html", True),
        (TEXT, TEXT, "text/html", False),
        (PAGE, b"<p>another page", "text/html", False),
        (b"please log in", b"please wait", "text/html", False),
        ("<html>".encode("utf-16"), PAGE, "text/html", False),
        (b"", PAGE, "text/html", False),  # nothing is here, or it is encoded
    ],
)
def test_a_page_in_place_of_a_file_that_is_partly_here(
    here: bytes, data: bytes, content_type: str, name: str, *, is_page: bool
) -> None:
    assert is_page_instead(here, data, content_type, name) is is_page


@pytest.mark.parametrize("name", ["a.html", "download.HTM", "a.mhtml"])
def test_a_page_is_welcome_where_the_name_says_page(name: str) -> None:
    assert not is_page_instead(ZIP, PAGE, "text/html", name)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, None),
        ("", None),
        ("attachment", None),
        ("inline; filename=", None),
        ("attachment; filename=a.bin", "a.bin"),
        ('attachment; filename="a b;c.bin"', "a b;c.bin"),
        ("attachment;FILENAME = a.bin ; size=5", "a.bin"),
        (r'attachment; filename="a\"b.bin"', 'a"b.bin'),
        (r'attachment; filename="C:\dir\a.bin"', r"C:\dir\a.bin"),
        ('attachment; filename="never closed', "never closed"),
        ('attachment; x="filename=evil"; filename=good', "good"),
        ("attachment; filename=first; filename=second", "first"),
        ("attachment; filename*=UTF-8''na%C3%AFve.bin", "naïve.bin"),
        ("attachment; filename*=utf-8'en'a%20b.bin", "a b.bin"),
        ("attachment; filename*=ISO-8859-1''caf%E9.bin", "café.bin"),
        ("attachment; filename=plain.bin; filename*=UTF-8''star.bin", "star.bin"),
        ("attachment; filename*=UTF-8''star.bin; filename=plain.bin", "star.bin"),
        ('attachment; filename="', None),
        ("attachment; filename*=''a.bin", "a.bin"),
        ("attachment; filename*=''na%C3%AFve.bin", "naïve.bin"),
        ("attachment; filename*=UTF-8'a.bin; filename=b.bin", "b.bin"),
        ("attachment; filename==?UTF-8?Q?=C3?=x", "\ufffdx"),
        ("attachment; filename*=broken; filename=plain.bin", "plain.bin"),
        ("attachment; filename*=UTF-8''caf%E9.bin", "café.bin"),
        ("attachment; filename*=nonsense''a.bin", "a.bin"),
        ("attachment; filename*=undefined''a.bin", "a.bin"),
        ("attachment; filename*=\0''a.bin", "a.bin"),
        ("attachment; filename*=é''na%C3%AFve.bin", "naïve.bin"),
        ("attachment; filename*=UTF-8é''na%C3%AFve.bin", "naïve.bin"),
        ("attachment; filename*=UTF-8''caf\udce9.bin", "café.bin"),
        ("attachment; filename=naïve.bin", "naïve.bin"),
        ("attachment; filename=caf\udce9.bin", "café.bin"),
        (
            "attachment; filename==?UTF-8?B?" + base64.b64encode("ü.bin".encode()).decode() + "?=",
            "ü.bin",
        ),
        ('attachment; filename="=?ISO-8859-1?Q?caf=E9.bin?="', "café.bin"),
        ("attachment; filename==?undefined?Q?a?=", "=?undefined?Q?a?="),
        ("attachment; filename==?nonsense?Q?a?=", "=?nonsense?Q?a?="),
        ("attachment; filename==?UTF-8é?Q?=C3=BC.bin?=", "ü.bin"),
        ('attachment; filename="../../etc/passwd"', "../../etc/passwd"),
    ],
)
def test_the_name_in_a_content_disposition(value: str | None, name: str | None) -> None:
    assert parse_disposition(value) == name


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_an_extended_name_that_is_written_is_read(name: str) -> None:
    value = f"attachment; filename=fallback; filename*=UTF-8''{quote(name, safe='')}"
    assert parse_disposition(value) == name


@given(st.text(st.characters(codec="utf-8", exclude_characters='\\"'), min_size=1))
def test_a_quoted_name_that_is_written_is_read(name: str) -> None:
    if "=?" not in name:
        assert parse_disposition(f'attachment; filename="{name}"') == name


@given(JUNK, ANY_TEXT)
def test_no_disposition_is_a_crash(junk: str, charset: str) -> None:
    parse_disposition(junk)
    parse_disposition(f"attachment; filename={junk}")
    parse_disposition(f"attachment; filename*={charset}''{junk}")
    parse_disposition(f"attachment; filename==?{charset}?q?{junk}?=")


@pytest.mark.parametrize("piece", ["a", "a ", "a=", '"', "\\", '"\\', "a*='", "=?", "%", "; a"])
def test_the_longest_field_is_read_at_once(piece: str) -> None:
    started_at = time.process_time()
    parse_disposition("attachment; " + (piece * LONGEST_FIELD)[:LONGEST_FIELD])
    assert time.process_time() - started_at < 5
