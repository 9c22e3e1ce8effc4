"""What an answer means when it is no part of the file: refusals, 416, and whatever comes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.answers import (
    AllHere,
    Ask,
    AskAgain,
    Changed,
    Head,
    Known,
    Refuse,
    Take,
    Verdict,
    judge,
)
from tui_downloader.model.errors import (
    Again,
    FramingError,
    HttpStatusError,
    RangeError,
)
from tui_downloader.model.http import Validators
from tui_downloader.model.statuses import status_error

SIZE = 1000
V1 = Validators('"v1"', "Sat, 14 Mar 2026 10:00:00 GMT")
V2 = Validators('"v2"', "Sat, 02 May 2026 10:00:00 GMT")
NOTHING = Validators()
# 300 of 1000 bytes are here, and the bytes [300, 500) are asked for.
KNOWN = Known(SIZE, V1, done_bytes=300, file_name="file.zip")
ASK = Ask(300, 500)
BUSY = [408, 425, 429, 500, 502, 503, 504, *range(520, 528)]


def part(*content_range: str, **facts: Any) -> Head:
    """A 206 for what `ASK` wants, unless told otherwise."""
    fields = content_range or ("bytes 300-499/1000",)
    return Head(206, **{"content_range": fields, "validators": V1, **facts})


def error_of(verdict: Verdict) -> Exception:
    assert isinstance(verdict, Refuse)
    return verdict.error


# Answers that carry no file.


@pytest.mark.parametrize("status", [100, 101, 103, 204, 205, 304])
@pytest.mark.parametrize("ask", [ASK, Ask(), ASK._replace(if_range='"v1"')])
def test_what_carries_no_file_is_asked_once_plainly(status: int, ask: Ask) -> None:
    verdict = judge(ask, KNOWN, Head(status))
    assert isinstance(verdict, AskAgain)
    assert verdict.plain
    error = error_of(judge(ask, KNOWN._replace(asked_plain=True), Head(status)))
    assert isinstance(error, FramingError)
    assert str(status) in error.message
    assert isinstance(error_of(judge(Ask(plain=True), Known(), Head(status))), FramingError)


def test_412_says_that_the_file_changed() -> None:
    assert isinstance(judge(ASK, KNOWN, Head(412)), Changed)
    assert isinstance(error_of(judge(Ask(), Known(), Head(412))), HttpStatusError)


# 416.


def unsatisfied(*content_range: str) -> Head:
    return Head(416, content_range=content_range)


ALL_HERE = KNOWN._replace(done_bytes=SIZE)


@pytest.mark.parametrize("head", [unsatisfied("bytes */1000"), unsatisfied(), unsatisfied("junk")])
def test_416_with_every_byte_here_is_the_end(head: Head) -> None:
    assert judge(Ask(SIZE), ALL_HERE, head) == AllHere()


def test_416_tells_the_size_of_a_file_of_unknown_size() -> None:
    unknown = ALL_HERE._replace(total_bytes=None)
    assert judge(Ask(SIZE), unknown, unsatisfied("bytes */1000")) == AllHere()
    more = judge(Ask(SIZE), unknown, unsatisfied("bytes */1001"))
    assert isinstance(more, AskAgain)


@pytest.mark.parametrize("head", [unsatisfied("bytes */1000"), unsatisfied()])
def test_416_with_bytes_missing_is_one_plain_request_and_no_loop(head: Head) -> None:
    verdict = judge(ASK, KNOWN, head)
    assert isinstance(verdict, AskAgain)
    assert verdict.plain
    assert isinstance(error_of(judge(ASK, KNOWN._replace(asked_plain=True), head)), RangeError)


def test_416_with_another_size_is_a_change() -> None:
    for known in (KNOWN, ALL_HERE):
        assert isinstance(judge(ASK, known, unsatisfied("bytes */999")), Changed)


# Errors.


@pytest.mark.parametrize("status", [400, 403, 405, 416, 501])
def test_a_server_that_dislikes_ranges_is_asked_once_plainly(status: int) -> None:
    verdict = judge(Ask(), Known(), Head(status))
    assert isinstance(verdict, AskAgain)
    assert verdict.plain
    error = error_of(judge(Ask(plain=True), Known(asked_plain=True), Head(status)))
    assert isinstance(error, HttpStatusError)
    assert (error.status, error.code, error.again) == (status, f"http-{status}", Again.NEVER)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_refusal_in_the_middle_is_final(status: int) -> None:
    error = error_of(judge(ASK, KNOWN, Head(status)))
    assert isinstance(error, HttpStatusError)
    assert error.again is Again.NEVER
    assert error.message.startswith(str(status))
    assert error.hint


@pytest.mark.parametrize("status", [401, 407])
def test_a_login_that_is_missing_has_its_own_code(status: int) -> None:
    error = error_of(judge(Ask(), Known(), Head(status)))
    assert isinstance(error, HttpStatusError)
    assert (error.code, error.again) == ("auth", Again.NEVER)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "401 far.example:444 needs a login"),
        (403, "403 forbidden, says far.example:444"),
        (404, "404 not found"),
    ],
)
def test_who_asks_for_a_login_is_named_where_that_is_not_the_server_of_the_link(
    status: int, message: str
) -> None:
    led_to = "https://far.example:444/a?b"
    error = error_of(judge(Ask(plain=True), Known(), Head(status, led_to=led_to)))
    assert isinstance(error, HttpStatusError)
    assert error.message == message
    assert error.hint.endswith(led_to) is (status == 401)


@pytest.mark.parametrize("status", [202, *BUSY])
@pytest.mark.parametrize("ask", [ASK, Ask(), Ask(plain=True)])
def test_a_busy_server_is_asked_again_when_it_says(status: int, ask: Ask) -> None:
    error = error_of(judge(ask, KNOWN, Head(status, retry_after_s=7.0)))
    assert isinstance(error, HttpStatusError)
    assert (error.again, error.retry_after_s) == (Again.SERVER_BUSY, 7.0)
    assert str(status) in error.message


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_has_a_code_and_words(status: int) -> None:
    error = status_error(status)
    assert error.code in (f"http-{status}", "auth")
    assert error.message.startswith(f"{status} ")
    assert error.hint
    assert (error.again is Again.SERVER_BUSY) == (status in BUSY)


# Whatever comes.

POSITIONS = st.integers(0, 12)
SOME_VALIDATORS = st.sampled_from([V1, V2, NOTHING, Validators('W/"v1"', None)])


@st.composite
def answers(draw: st.DrawFn) -> Head:
    first, last = draw(POSITIONS), draw(POSITIONS)
    total = draw(st.sampled_from(["*", "9", "10", "11"]))
    fields = [f"bytes {first}-{last}/{total}", f"bytes */{total}", "junk"]
    return Head(
        draw(st.sampled_from([200, 203, 206, 204, 304, 404, 412, 416, 429, 503])),
        draw(st.lists(st.sampled_from(fields), max_size=2)),
        draw(st.none() | st.integers(0, 12)),
        draw(st.sampled_from(["", "gzip"])),
        draw(st.sampled_from(["", "text/html", "multipart/byteranges"])),
        draw(SOME_VALIDATORS),
    )


@given(
    ask=st.tuples(st.integers(0, 9), st.none() | st.integers(1, 10))
    .filter(lambda pair: pair[1] is None or pair[0] < pair[1])
    .map(lambda pair: Ask(*pair)),
    known=st.builds(
        Known,
        total_bytes=st.sampled_from([None, 10]),
        validators=SOME_VALIDATORS,
        done_bytes=st.integers(0, 10),
        file_name=st.sampled_from(["", "a.zip"]),
        range_faults=st.integers(0, 3),
        asked_plain=st.booleans(),
    ),
    head=answers(),
)
def test_what_is_taken_is_what_was_asked_for(ask: Ask, known: Known, head: Head) -> None:
    verdict = judge(ask, known, head)
    if not isinstance(verdict, Take):
        return
    assert head.status in (200, 203, 206)
    if verdict.ranges:
        assert verdict.at == ask.start
        assert verdict.limit is not None
        assert verdict.limit > 0
        assert ask.end is None or verdict.at + verdict.limit <= ask.end
        assert f"bytes {ask.start - verdict.skip}-" in head.content_range[0]
    else:
        assert (verdict.at, verdict.skip, known.done_bytes) == (0, 0, 0)
    if known.done_bytes and known.total_bytes is not None:
        assert verdict.total_bytes == known.total_bytes
