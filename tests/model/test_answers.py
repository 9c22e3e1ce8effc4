"""What an answer to a range request means: the rows of table A, one after the other, and bounds."""

from __future__ import annotations

from typing import Any

import pytest

from tui_downloader.model.answers import (
    RANGE_FAULTS_ALLOWED,
    Ask,
    AskAgain,
    Changed,
    Head,
    Known,
    Refuse,
    StartOver,
    Take,
    Verdict,
    judge,
)
from tui_downloader.model.errors import (
    RangeError,
    WebPageError,
)
from tui_downloader.model.http import Validators

SIZE = 1000
V1 = Validators('"v1"', "Sat, 14 Mar 2026 10:00:00 GMT")
V2 = Validators('"v2"', "Sat, 02 May 2026 10:00:00 GMT")
NOTHING = Validators()
# 300 of 1000 bytes are here, and the bytes [300, 500) are asked for.
KNOWN = Known(SIZE, V1, done_bytes=300, file_name="file.zip")
ASK = Ask(300, 500)


def part(*content_range: str, **facts: Any) -> Head:
    """A 206 for what `ASK` wants, unless told otherwise."""
    fields = content_range or ("bytes 300-499/1000",)
    return Head(206, **{"content_range": fields, "validators": V1, **facts})


def whole(**facts: Any) -> Head:
    """A 200 with the same version."""
    return Head(200, **{"content_length": SIZE, "validators": V1, **facts})


def error_of(verdict: Verdict) -> Exception:
    assert isinstance(verdict, Refuse)
    return verdict.error


# 206 that fits.


@pytest.mark.parametrize(
    "head",
    [
        part(),
        part("bytes 300-499/*"),
        part(content_length=200),
        part(content_encoding="identity"),
        part(validators=Validators('"v1"', V2.last_modified)),
        part(content_type="application/zip"),
    ],
)
def test_a_part_that_fits_is_written_where_it_belongs(head: Head) -> None:
    assert judge(ASK, KNOWN, head) == Take(300, 0, 200, SIZE, ranges=True)


@pytest.mark.parametrize(
    "validators",
    [
        NOTHING,
        Validators(None, V1.last_modified),
        Validators('W/"other"', V1.last_modified),
    ],
)
def test_a_strong_etag_that_goes_silent_asks_for_bytes_to_compare(validators: Validators) -> None:
    verdict = judge(ASK, KNOWN, part(validators=validators))
    assert isinstance(verdict, AskAgain)
    assert verdict.other_etag is not None
    looked_closer = KNOWN._replace(other_etag=verdict.other_etag)
    compared = ASK._replace(overlap=100)
    for known, ask in ((KNOWN, compared), (looked_closer, ASK)):
        assert isinstance(judge(ask, known, part(validators=validators)), Take)


def test_a_part_that_ends_early_is_taken_and_the_rest_asked_for_later() -> None:
    assert judge(ASK, KNOWN, part("bytes 300-399/1000")) == Take(300, 0, 100, SIZE, ranges=True)


@pytest.mark.parametrize("start", [0, 1, 299])
def test_what_comes_before_the_asked_bytes_is_dropped(start: int) -> None:
    verdict = judge(ASK, KNOWN, part(f"bytes {start}-499/1000"))
    assert verdict == Take(300, 300 - start, 200, SIZE, ranges=True)


def test_nothing_is_written_behind_the_asked_bytes() -> None:
    assert judge(ASK, KNOWN, part("bytes 300-999/1000")) == Take(300, 0, 200, SIZE, ranges=True)


def test_an_open_end_takes_what_is_announced() -> None:
    verdict = judge(Ask(300), KNOWN, part("bytes 300-999/1000"))
    assert verdict == Take(300, 0, 700, SIZE, ranges=True)


def test_the_first_answer_tells_the_size() -> None:
    head = part("bytes 0-999/1000", content_length=1000)
    assert judge(Ask(), Known(), head) == Take(0, 0, 1000, SIZE, ranges=True)


def test_a_size_that_is_told_late_is_no_change() -> None:
    untold = KNOWN._replace(total_bytes=None)
    assert judge(ASK, untold, part()) == Take(300, 0, 200, SIZE, ranges=True)
    assert judge(ASK, untold, whole()) == StartOver(SIZE)


def test_a_size_that_was_never_told_stays_unknown() -> None:
    head = part("bytes 0-99/*")
    assert judge(Ask(), Known(), head) == Take(0, 0, 100, None, ranges=True)


# 206 that does not fit.


@pytest.mark.parametrize(
    "content_range", ["bytes 301-499/1000", "bytes 500-999/1000", "bytes 0-299/1000"]
)
def test_other_bytes_are_a_fault_and_asked_for_again(content_range: str) -> None:
    verdict = judge(ASK, KNOWN, part(content_range))
    assert isinstance(verdict, AskAgain)
    assert (verdict.plain, verdict.range_fault) == (False, True)


def test_after_three_faults_there_is_a_single_stream() -> None:
    faulty = KNOWN._replace(range_faults=RANGE_FAULTS_ALLOWED - 1)
    verdict = judge(ASK, faulty, part("bytes 301-499/1000"))
    assert isinstance(verdict, AskAgain)
    assert verdict.plain
    last = judge(ASK, faulty._replace(asked_plain=True), part("bytes 301-499/1000"))
    assert isinstance(error_of(last), RangeError)


@pytest.mark.parametrize(
    "head",
    [
        part(content_range=[]),
        part("nonsense"),
        part("bytes */1000"),
        part("bytes 300-499/1000", "bytes 300-499/1000"),
        part("bytes 499-300/1000"),
        part(content_length=199),
        part(content_encoding="gzip"),
        part(content_type="multipart/byteranges; boundary=x"),
        part(content_type="Multipart/ByteRanges; boundary=x", content_range=[]),
    ],
)
def test_a_part_that_does_not_say_what_it_is_is_not_written(head: Head) -> None:
    verdict = judge(ASK, KNOWN, head)
    assert isinstance(verdict, AskAgain)
    assert (verdict.plain, verdict.range_fault) == (True, False)
    again = judge(ASK, KNOWN._replace(asked_plain=True), head)
    assert isinstance(error_of(again), RangeError)


def test_a_part_without_having_asked_for_one_is_not_written() -> None:
    plain = Ask(plain=True)
    assert isinstance(judge(plain, Known(), part("bytes 0-999/1000")), AskAgain)
    verdict = judge(plain, Known(asked_plain=True), part("bytes 0-999/1000"))
    assert isinstance(error_of(verdict), RangeError)


# Another version.

OTHER_VERSIONS: list[dict[str, Any]] = [
    {"content_range": ["bytes 300-499/1001"]},
    {"validators": Validators(None, V2.last_modified)},
    {"validators": Validators('W/"v1"', V2.last_modified)},
    {"validators": V2},
]


@pytest.mark.parametrize("facts", OTHER_VERSIONS)
def test_bytes_of_another_version_are_never_mixed_in(facts: dict[str, Any]) -> None:
    assert isinstance(judge(ASK, KNOWN, part(**facts)), Changed)


@pytest.mark.parametrize("facts", OTHER_VERSIONS)
def test_without_bytes_of_the_old_version_there_is_nothing_to_mix(facts: dict[str, Any]) -> None:
    assert isinstance(judge(ASK, KNOWN._replace(done_bytes=0), part(**facts)), Take)


def test_a_change_is_told_with_sizes_and_dates() -> None:
    verdict = judge(ASK, KNOWN, part("bytes 300-499/1300", validators=V2))
    assert verdict == Changed(
        "1.00 kB of Sat, 14 Mar 2026 10:00:00 GMT", "1.30 kB of Sat, 02 May 2026 10:00:00 GMT"
    )
    unknown = judge(ASK, KNOWN._replace(total_bytes=None), part("bytes 300-499/*", validators=V2))
    assert isinstance(unknown, Changed)
    assert unknown.was.startswith("of unknown size")


def test_a_date_that_both_versions_have_is_not_told() -> None:
    verdict = judge(ASK, KNOWN, part("bytes 300-499/1300", validators=ANOTHER_ETAG))
    assert verdict == Changed("1.00 kB", "1.30 kB")


def test_versions_of_one_size_and_date_are_told_apart_by_what_differs() -> None:
    seen_twice = KNOWN._replace(other_etag='"v2"')
    assert judge(ASK, seen_twice, part(validators=ANOTHER_ETAG)) == Changed(
        '1000 bytes with ETag "v1"', '1000 bytes with ETag "v2"'
    )
    total = 123_000_000
    known = KNOWN._replace(total_bytes=total)
    assert judge(ASK, known, part(f"bytes 300-499/{total + 1}")) == Changed(
        '123000000 bytes with ETag "v1"', '123000001 bytes with ETag "v1"'
    )


def test_who_says_another_size_and_no_date_is_told_by_the_size() -> None:
    """Such is the answer that no bytes are left where some should be."""
    total = 123_000_000
    head = Head(416, content_range=[f"bytes */{total - 7}"])
    assert judge(ASK, KNOWN._replace(total_bytes=total), head) == Changed(
        '123000000 bytes with ETag "v1"', "122999993 bytes"
    )


ANOTHER_ETAG = Validators('"v2"', V1.last_modified)


@pytest.mark.parametrize("head", [part(validators=ANOTHER_ETAG), whole(validators=ANOTHER_ETAG)])
def test_an_etag_that_differs_alone_is_looked_at_twice(head: Head) -> None:
    first = judge(ASK, KNOWN, head)
    assert isinstance(first, AskAgain)
    assert (first.plain, first.range_fault, first.other_etag) == (False, False, '"v2"')
    again = KNOWN._replace(other_etag='"v2"')
    assert isinstance(judge(ASK._replace(overlap=100), again, head), Changed)


@pytest.mark.parametrize("date", [V1.last_modified, None])
def test_a_weak_etag_that_differs_tells_of_another_version_as_well(date: str | None) -> None:
    """Also when no byte that is compared is another one: it promises nothing of the same bytes."""
    known = KNOWN._replace(validators=Validators('W/"v1"', date))
    other = part(validators=Validators('W/"v2"', date))
    first = judge(ASK, known, other)
    assert isinstance(first, AskAgain)
    assert first.other_etag == 'W/"v2"'
    again, compared = known._replace(other_etag='W/"v2"'), ASK._replace(overlap=100)
    assert isinstance(judge(compared, again, other), Changed)
    assert isinstance(judge(compared, known._replace(other_etag='W/"v3"'), other), Take)
    assert isinstance(judge(compared, known._replace(etags_flap=True), other), Take)


def test_a_weak_etag_that_stays_is_no_proof_against_a_date() -> None:
    known = KNOWN._replace(validators=Validators('W/"v1"', V1.last_modified))
    assert isinstance(judge(ASK, known, part(validators=known.validators)), Take)
    later = Validators('W/"v1"', V2.last_modified)
    assert isinstance(judge(ASK, known, part(validators=later)), Changed)


def test_an_etag_that_changes_each_time_is_outweighed_by_samples_and_by_nothing_else() -> None:
    known = KNOWN._replace(other_etag='"v3"')
    head = part(validators=ANOTHER_ETAG)
    assert isinstance(judge(ASK._replace(overlap=100), known, head), Take)
    assert isinstance(judge(ASK, known, head), Changed)


def test_a_host_whose_etags_flap_is_judged_by_the_rest() -> None:
    known = KNOWN._replace(etags_flap=True)
    assert isinstance(judge(ASK, known, part(validators=ANOTHER_ETAG)), Take)
    assert isinstance(judge(ASK, known, part(validators=V2)), Changed)
    assert isinstance(judge(ASK, known, part("bytes 300-499/999", validators=V1)), Changed)


HERE, THERE = V1._replace(server="a.example"), ANOTHER_ETAG._replace(server="b.example")


@pytest.mark.parametrize("answer", [part, whole])
def test_another_servers_etag_says_nothing_of_a_copy_with_the_same_date(answer: Any) -> None:
    known = KNOWN._replace(validators=HERE)
    closer = judge(ASK, known, answer(validators=THERE))
    assert isinstance(closer, AskAgain)
    assert (closer.plain, closer.other_etag) == (False, '"v2"')
    again = known._replace(other_etag='"v2"')
    assert isinstance(judge(ASK._replace(overlap=100), again, part(validators=THERE)), Take)
    assert isinstance(judge(ASK._replace(overlap=100), known, part(validators=THERE)), Take)


@pytest.mark.parametrize(
    "there",
    [
        V2._replace(server="b.example"),  # of another date
        THERE._replace(server=""),  # of nobody knows whom
        THERE._replace(server="a.example"),  # of the same server
        THERE._replace(last_modified=None),
    ],
)
def test_but_it_does_of_another_file(there: Validators) -> None:
    known = KNOWN._replace(validators=HERE, other_etag='"v2"')
    ask = ASK._replace(overlap=100)
    assert isinstance(judge(ask, known, part(validators=there)), Changed)
    undated = known._replace(validators=HERE._replace(last_modified=None))
    assert isinstance(judge(ask, undated, part(validators=there)), Changed)


# Web pages.


@pytest.mark.parametrize("content_type", ["text/html", "TEXT/HTML; charset=utf-8"])
@pytest.mark.parametrize("ask", [ASK, Ask(), Ask(plain=True)])
@pytest.mark.parametrize("known", [KNOWN, Known(file_name="file.zip")])
def test_a_web_page_never_goes_into_a_file(content_type: str, ask: Ask, known: Known) -> None:
    head = whole(content_type=content_type, validators=NOTHING)
    error = error_of(judge(ask, known, head))
    assert isinstance(error, WebPageError)
    assert "text/html" in error.message.lower()
    assert "file.zip" in error.message


def test_a_part_of_a_web_page_does_not_either() -> None:
    verdict = judge(ASK, KNOWN, part(content_type="text/html", validators=NOTHING))
    assert isinstance(error_of(verdict), WebPageError)


@pytest.mark.parametrize("content_type", ["text/html", "application/zip"])
@pytest.mark.parametrize("name", ["download", "get.php"])
def test_another_version_that_is_called_a_page_may_be_none(name: str, content_type: str) -> None:
    """Where the name tells nothing, the bytes have to be looked at."""
    known, is_page = KNOWN._replace(file_name=name), content_type == "text/html"
    page = whole(content_type=content_type, content_length=81, validators=NOTHING)
    for head in (
        page,
        page._replace(status=203),
        part(content_type=content_type, validators=V2),
        whole(content_type=content_type, validators=V2),
    ):
        verdict = judge(ASK, known, head)
        assert isinstance(verdict, Changed)
        assert verdict.is_called_page is is_page


@pytest.mark.parametrize("status", [412, 416])
def test_the_words_for_a_status_are_no_page_instead_of_the_file(status: int) -> None:
    head = Head(status, content_type="text/html", content_range=["bytes */81"])
    verdict = judge(ASK, KNOWN, head)
    assert isinstance(verdict, Changed)
    assert not verdict.is_called_page


def test_a_web_page_that_was_asked_for_is_a_file() -> None:
    known = Known(file_name="page.html")
    assert isinstance(judge(Ask(), known, whole(content_type="text/html")), Take)


# 200.


def test_a_server_without_ranges_sends_one_stream() -> None:
    assert judge(Ask(), Known(), whole()) == Take(0, 0, SIZE, SIZE, ranges=False)
    endless = whole(content_length=None)
    assert judge(Ask(), Known(), endless) == Take(0, 0, None, None, ranges=False)
    assert judge(Ask(), Known(), endless._replace(status=203)) == Take(
        0, 0, None, None, ranges=False
    )


def test_a_server_that_lost_its_ranges_starts_over() -> None:
    assert judge(ASK, KNOWN, whole()) == StartOver(SIZE)


WEAK = Validators('W/"v1"', V1.last_modified)
DATED = Validators(None, V1.last_modified)


@pytest.mark.parametrize(
    ("known", "facts", "total_bytes"),
    [
        ({}, {}, SIZE),  # a strong ETag promises the same bytes, so as many
        ({"validators": WEAK}, {"validators": WEAK}, None),
        ({"validators": DATED}, {"validators": DATED}, None),
        ({"etags_flap": True}, {}, None),
        ({"other_etag": ""}, {"validators": DATED}, None),
        ({}, {"content_encoding": "gzip"}, None),
        ({"validators": WEAK}, {"validators": WEAK, "content_length": SIZE}, SIZE),
    ],
)
def test_a_body_that_tells_no_length_has_that_of_before_only_if_it_is_surely_the_same(
    known: dict[str, Any], facts: dict[str, Any], total_bytes: int | None
) -> None:
    head = whole(**{"content_length": None, **facts})
    assert judge(ASK, KNOWN._replace(**known), head) == StartOver(total_bytes)


def test_a_200_to_a_condition_for_the_same_version_is_asked_again_without_it() -> None:
    verdict = judge(ASK._replace(if_range='"v1"'), KNOWN, whole())
    assert isinstance(verdict, AskAgain)
    assert (verdict.plain, verdict.range_fault) == (False, False)


@pytest.mark.parametrize("if_range", [None, '"v1"'])
@pytest.mark.parametrize("facts", [{"content_length": 1001}, {"validators": V2}])
def test_a_200_of_another_version_is_a_change(if_range: str | None, facts: dict[str, Any]) -> None:
    verdict = judge(ASK._replace(if_range=if_range), KNOWN, whole(**facts))
    assert isinstance(verdict, Changed)


def test_a_200_with_a_content_range_that_fits_is_a_part() -> None:
    head = whole(content_range=["bytes 300-499/1000"], content_length=200)
    assert judge(ASK, KNOWN, head) == Take(300, 0, 200, SIZE, ranges=True)


@pytest.mark.parametrize(
    "facts",
    [
        {"content_length": None},
        {"content_length": SIZE},
        {"content_length": 200, "content_range": ["bytes 301-500/1000"]},
        {"content_length": 200, "content_range": ["bytes 200-399/1000"]},
        {"content_length": 200, "validators": NOTHING},
        {"content_length": 200, "content_encoding": "gzip"},
    ],
)
def test_a_200_with_a_content_range_in_doubt_is_no_part(facts: dict[str, Any]) -> None:
    head = whole(**{"content_range": ["bytes 300-499/1000"], **facts})
    assert not isinstance(judge(ASK, KNOWN, head), Take)


@pytest.mark.parametrize("ask", [Ask(), Ask(plain=True)])
def test_a_200_with_a_content_range_from_the_start_is_the_whole_file(ask: Ask) -> None:
    head = whole(content_range=["bytes 0-999/1000"], validators=NOTHING)
    assert judge(ask, Known(asked_plain=ask.plain), head) == Take(0, 0, SIZE, SIZE, ranges=False)


PLAIN = Ask(plain=True)


@pytest.mark.parametrize(
    ("content_range", "content_length", "ask", "is_whole"),
    [
        ("bytes 0-499/1000", SIZE, PLAIN, True),  # the body is as long as the file
        ("bytes 0-499/1000", SIZE, Ask(), False),  # a part may have been meant
        ("bytes 0-499/1000", 500, PLAIN, False),
        ("bytes 0-999/*", SIZE, PLAIN, True),
        ("bytes 1-999/*", 999, PLAIN, False),
    ],
)
def test_a_200_of_a_part_is_the_whole_file_only_where_no_part_was_asked_for(
    content_range: str, content_length: int, ask: Ask, is_whole: bool
) -> None:
    head = whole(content_range=[content_range], content_length=content_length)
    verdict = judge(ask, Known(), head)
    assert isinstance(verdict, Take) is is_whole
    assert is_whole or isinstance(verdict, AskAgain)


def test_a_200_with_a_content_range_of_another_file_is_no_proof_of_a_change() -> None:
    head = whole(content_range=["bytes 300-499/1001"], content_length=200)
    verdict = judge(ASK, KNOWN, head)
    assert isinstance(verdict, AskAgain)
    assert verdict.plain
