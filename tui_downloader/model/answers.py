"""What an answer to a range request means, as one pure function (laws.md, table A).

`judge` compares what was asked (`Ask`), what is known of the file (`Known`) and what the server
says (`Head`), and returns a verdict. It reads no body and changes nothing; the transfer carries it
out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.errors import (
    DownloadError,
    FramingError,
    RangeError,
    WebPageError,
)
from tui_downloader.model.http import (
    ContentRange,
    Unsatisfied,
    Validators,
    is_page_type,
    is_web_page,
    parse_content_range,
)
from tui_downloader.model.statuses import status_error
from tui_downloader.model.text import clean
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

RANGE_FAULTS_ALLOWED = 3
_DISLIKES_RANGES = frozenset({400, 403, 405, 416, 501})
_FILE = frozenset({200, 203, 206})
_NO_FILE = frozenset({204, 205, 304})


class Ask(NamedTuple):
    """A request: the bytes [start, end) of the file, end None for all the rest.

    `plain` asks for the whole file without a Range header; `if_range` is the validator sent; the
    first `overlap` bytes are on disk already and will be compared.
    """

    start: int = 0
    end: int | None = None
    if_range: str | None = None
    plain: bool = False
    overlap: int = 0


class Known(NamedTuple):
    """What earlier answers told of the file, and how the server has behaved since.

    Attributes:
        total_bytes: announced size, None when unknown.
        validators: ETag and Last-Modified of the version of which we hold bytes.
        done_bytes: bytes of that version on disk.
        file_name: a name whose extension says what is expected.
        range_faults: wrong Content-Range answers so far.
        asked_plain: a plain GET has been tried already for this reason.
        other_etag: the ETag of the last answer, which differed although everything else agreed.
        etags_flap: the host is known to change ETags without changing files.
    """

    total_bytes: int | None = None
    validators: Validators = Validators()
    done_bytes: int = 0
    file_name: str = ""
    range_faults: int = 0
    asked_plain: bool = False
    other_etag: str | None = None
    etags_flap: bool = False


class Head(NamedTuple):
    """The parts of a response head that decide; lists hold repeated fields.

    Attributes:
        host: name and port of who answered.
        had_login: the request carried a login.
        led_to: the address that answered, for display, when it is of another server than the link,
            whose login does not go there; "" for that of the link.
    """

    status: int
    content_range: Sequence[str] = ()
    content_length: int | None = None
    content_encoding: str = ""
    content_type: str = ""
    validators: Validators = Validators()
    retry_after_s: float | None = None
    host: str = ""
    had_login: bool = False
    led_to: str = ""


class Take(NamedTuple):
    """The body is the file's bytes from `at` on, after its first `skip` bytes are dropped.

    Attributes:
        limit: bytes to take at most, None for all that come.
        total_bytes: size of the whole file, None when the server does not tell.
        ranges: the server has shown that it can answer ranges.
    """

    at: int
    skip: int
    limit: int | None
    total_bytes: int | None
    ranges: bool


class StartOver(NamedTuple):
    """The body is the whole same file from byte 0, although a part was asked for."""

    total_bytes: int | None


class AllHere(NamedTuple):
    """Nothing is left to fetch."""


class AskAgain(NamedTuple):
    """Ask once more: `plain` without Range, else without If-Range.

    `range_fault` counts one; `other_etag` is to be known when the next answer is judged.
    """

    why: str
    plain: bool = False
    range_fault: bool = False
    other_etag: str | None = None


class Changed(NamedTuple):
    """The file on the server is another version than the part on disk (table B).

    Attributes:
        is_same_size: so it may be the same file, dated differently by another machine.
        is_called_page: so it may be no file at all.
    """

    was: str
    now: str
    is_same_size: bool = False
    is_called_page: bool = False


class Refuse(NamedTuple):
    """The answer is an error."""

    error: DownloadError


Verdict = Take | StartOver | AllHere | AskAgain | Changed | Refuse


def judge(ask: Ask, known: Known, head: Head) -> Verdict:
    """Decide what to do with an answer; see the module's docstring."""
    if head.status == 206:
        return _partial(ask, known, head)
    if head.status in (200, 203):
        return _whole(ask, known, head)
    if head.status == 416 and known.done_bytes:
        return _unsatisfied(known, head)
    if head.status == 412 and known.done_bytes:
        return _changed(known, head, known.total_bytes)
    fresh = ask.start == 0 and not ask.plain
    if fresh and head.status in _DISLIKES_RANGES:
        return AskAgain(f"{head.status} to a range request", plain=True)
    if head.status in _NO_FILE or head.status < 200:
        if known.asked_plain or ask.plain:
            return Refuse(FramingError(f"the server answered {head.status}, which carries no file"))
        return AskAgain(f"the server answered {head.status}", plain=True)
    error = status_error(
        head.status,
        head.retry_after_s,
        host=head.host,
        had_login=head.had_login,
        led_to=head.led_to,
    )
    return Refuse(error)


def _partial(ask: Ask, known: Known, head: Head) -> Verdict:
    """206: every number of Content-Range is compared with what was asked and is known."""
    answered = _single_range(head)
    if answered is None or ask.plain:
        return _without_ranges(known, "206 without a usable Content-Range")
    if _is_unexpected_page(known, head) and not _may_be_a_part(ask, known, head, answered.total):
        return Refuse(_web_page(known, head))
    if known.done_bytes and (other := _other_version(ask, known, head, answered.total)):
        return other
    if answered.start > ask.start or answered.end <= ask.start:
        if known.range_faults + 1 >= RANGE_FAULTS_ALLOWED:
            return _without_ranges(known, "wrong ranges, repeatedly")
        return AskAgain(
            f"asked from byte {ask.start}, got {answered.start} to {answered.end - 1}",
            range_fault=True,
        )
    end = answered.end if ask.end is None else min(answered.end, ask.end)
    total = answered.total if answered.total is not None else known.total_bytes
    return Take(ask.start, ask.start - answered.start, end - ask.start, total, ranges=True)


def _whole(ask: Ask, known: Known, head: Head) -> Verdict:
    """200: the whole file, unless it carries a Content-Range that fits (a known mistake)."""
    if ask.start and _is_mislabelled_part(ask, known, head):
        return _partial(ask, known, head)
    if _is_of_a_part(ask, head):
        return _without_ranges(known, "200 with a Content-Range")
    if _is_unexpected_page(known, head):
        return Refuse(_web_page(known, head))
    if not known.done_bytes:
        return Take(0, 0, head.content_length, head.content_length, ranges=False)
    if (other := _other_version(ask, known, head, head.content_length)) is not None:
        return other
    if ask.if_range is not None:
        return AskAgain("200 to a conditional range request for the same version")
    return StartOver(_size_of_whole(known, head))


def _size_of_whole(known: Known, head: Head) -> int | None:
    """A body without a length has that of the same version, as far as that is told."""
    if head.content_length is not None or head.content_encoding not in ("", "identity"):
        return head.content_length
    was, now = known.validators, head.validators
    is_same = was.is_strong and not known.etags_flap and was.etag == now.etag
    return known.total_bytes if is_same else None


def _unsatisfied(known: Known, head: Head) -> Verdict:
    """416 while a part is here."""
    answered = _content_range(head)
    total = answered.total if isinstance(answered, Unsatisfied) else None
    if total is not None and known.total_bytes is not None and total != known.total_bytes:
        return _changed(known, head, total)
    size = known.total_bytes if known.total_bytes is not None else total
    if known.done_bytes == size:
        return AllHere()
    return _without_ranges(known, "416 although bytes are missing")


def _without_ranges(known: Known, why: str) -> Verdict:
    if known.asked_plain:
        return Refuse(RangeError(f"the server does not send the parts that are asked for ({why})"))
    return AskAgain(why, plain=True)


def _content_range(head: Head) -> ContentRange | Unsatisfied | None:
    if len(head.content_range) != 1:
        return None
    return parse_content_range(head.content_range[0])


def _single_range(head: Head) -> ContentRange | None:
    """The Content-Range of a 206 that can be trusted, else None (no range at all for us)."""
    if head.content_encoding not in ("", "identity"):
        return None
    if head.content_type.lower().startswith("multipart/byteranges"):
        return None
    answered = _content_range(head)
    if not isinstance(answered, ContentRange):
        return None
    if head.content_length is not None and head.content_length != answered.end - answered.start:
        return None
    return answered


def _is_of_a_part(ask: Ask, head: Head) -> bool:
    """Tell whether a Content-Range says that not all of the file comes.

    Where no range was asked for, a body as long as the file is believed more.
    """
    told = _content_range(head)
    if not isinstance(told, ContentRange):
        return False
    may_be_whole = told.start == 0 if told.total is None else told.total == head.content_length
    return (told.start, told.end) != (0, told.total) and not (ask.plain and may_be_whole)


def _is_mislabelled_part(ask: Ask, known: Known, head: Head) -> bool:
    answered = _single_range(head)
    return (
        answered is not None
        and answered.start == ask.start
        and answered.end - answered.start == head.content_length
        and _other_version(ask, known, head, answered.total) is None
        and known.validators.etag == head.validators.etag
    )


def _other_version(ask: Ask, known: Known, head: Head, total: int | None) -> Verdict | None:
    """Size, ETag and Last-Modified speak, in this order; silence proves nothing.

    Only a strong ETag says that a version is the same; a weak one, too, that it is another one. An
    ETag that differs alone is looked at twice: when it differs again, from itself too, it flaps,
    and the samples decide.

    Returns:
        None when it is the version of which a part is here.
    """
    if total is not None and known.total_bytes is not None and total != known.total_bytes:
        return _changed(known, head, total)
    was, now = known.validators, head.validators
    etags_speak = now.is_as_strong_as(was) and not known.etags_flap
    is_same = etags_speak and was.etag == now.etag
    if is_same and now.is_strong:
        return None
    if was.last_modified and now.last_modified and was.last_modified != now.last_modified:
        return _changed(known, head, total)
    if is_same or not etags_speak or now.is_copy_of(was):
        return _look_closer(ask, known, now)
    if known.other_etag is None:
        return AskAgain("another ETag, though nothing else differs", other_etag=now.etag)
    flaps = known.other_etag != now.etag and ask.overlap > 0
    return None if flaps else _changed(known, head, total)


def _look_closer(ask: Ask, known: Known, now: Validators) -> AskAgain | None:
    """A strong ETag was promised and this one cannot be compared with it: so bytes are."""
    was_promised = known.validators.is_strong and not known.etags_flap
    if not was_promised or ask.overlap or known.other_etag is not None:
        return None
    why = "another server sends another ETag" if now.is_strong else "the strong ETag is missing now"
    return AskAgain(why, other_etag=now.etag or "")


def _changed(known: Known, head: Head, total: int | None) -> Changed:
    """Name both versions by what differs: dates, sizes, or else whatever is known of them."""
    was, now = (known.total_bytes, known.validators), (total, head.validators)
    # With any other status it is only the words for that.
    is_called_page = head.status in _FILE and is_page_type(head.content_type)
    dates = {validators.last_modified for _, validators in (was, now)}
    if None not in dates and len(dates) > 1:
        is_same_size = total == known.total_bytes
        return Changed(_version(*was), _version(*now), is_same_size, is_called_page)
    words = _size if _size(*was) != _size(*now) else _exact_version
    return Changed(words(*was), words(*now), is_called_page=is_called_page)


def _size(total: int | None, _: Validators) -> str:
    return format_bytes(total) if total is not None else "of unknown size"


def _version(total: int | None, validators: Validators) -> str:
    size = _size(total, validators)
    return f"{size} of {clean(validators.last_modified, 60)}" if validators.last_modified else size


def _exact_version(total: int | None, validators: Validators) -> str:
    size = f"{total} bytes" if total is not None else "of unknown size"
    return f"{size} with ETag {clean(validators.etag, 60)}" if validators.etag else size


def _is_unexpected_page(known: Known, head: Head) -> bool:
    return is_web_page(head.content_type, known.file_name)


def _may_be_a_part(ask: Ask, known: Known, head: Head, total: int | None) -> bool:
    """Tell whether a part that is called a web page may be one of the file all the same.

    Some servers call all parts so (BusyBox). Those of the version that is here are none, and of a
    file with a validator the first bytes tell (see `cannot_be_web_page`).
    """
    was, now = known.validators, head.validators
    if not (now.etag or now.last_modified):
        return False
    if not known.done_bytes:
        return ask.start == 0
    is_same = (now.etag, now.last_modified) == (was.etag, was.last_modified)
    return is_same and total == known.total_bytes


def _web_page(known: Known, head: Head) -> WebPageError:
    return WebPageError.instead_of(known.file_name, head.content_type)
