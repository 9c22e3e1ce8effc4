"""Parses the header fields that decide about bytes: RFC 9110, 6266, 8187."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from datetime import UTC
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

from tui_downloader.model.errors import FramingError
from tui_downloader.model.ranges import LARGEST_BYTES
from tui_downloader.model.text import clean, decoded, raw_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_RETRY_AFTER_S = 7 * 86_400.0
# RFC 9110, 8.8.2.2: a date is a strong validator only when it is clearly older than the answer.
_STRONG_DATE_S = 60.0
_MOST_DIGITS = 19
_RANGE = re.compile(r"bytes\s+(\d{1,19})-(\d{1,19})/(\d{1,19}|\*)", re.ASCII | re.IGNORECASE)
_UNSATISFIED = re.compile(r"bytes\s+\*/(\d{1,19})", re.ASCII | re.IGNORECASE)
# The look behind keeps a long run of letters from being tried at each of them.
_PARAMETER = re.compile(
    r"""(?<![\w!#$%&'*+.^`|~-])([\w!#$%&'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)""", re.ASCII
)
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
SNIFFED_BYTES = 1024
_TEXT_NAMES = frozenset(
    {"css", "csv", "eml", "js", "json", "log", "markdown", "md", "rst", "svg", "text", "tmpl"}
    | {"tpl", "tsv", "txt", "vue", "xml", "xsl", "xslt"}
)
# What servers name as a coding although nothing is encoded, which all browsers pass over.
_NO_CODINGS = frozenset(
    {"", "7bit", "8bit", "aws-chunked", "binary", "identity", "iso-8859-1", "none", "utf-8", "utf8"}
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_DIGEST_LOGIN = re.compile(r"(?:^|,)\s*(digest\s+[^\s,])", re.ASCII | re.IGNORECASE)
_FRAMINGS = frozenset({"", "chunked", "identity"})
_UTF_16 = (BOM_UTF16_BE, BOM_UTF16_LE)
_TEXT_BYTES = b"\t\n\f\r\x1b" + bytes(range(0x20, 0x100))
_SCRIPT_NAMES = frozenset({"php", "asp", "aspx", "jsp", "cgi"})
_OWN_PAGE_NAMES = frozenset({"html", "htm", "xhtml", "shtml", "mht", "mhtml"})
_PAGE_NAMES = _OWN_PAGE_NAMES | _SCRIPT_NAMES


class ContentRange(NamedTuple):
    """The bytes [start, end) of `total_bytes`, None for `*`."""

    start: int
    end: int
    total: int | None


class Unsatisfied(NamedTuple):
    """`bytes */T`: the file has T bytes, the asked range is not in it."""

    total: int


def parse_content_range(value: str) -> ContentRange | Unsatisfied | None:
    """Read Content-Range (RFC 9110, 14.4); None when it makes no sense."""
    text = value.strip()
    if (match := _UNSATISFIED.fullmatch(text)) is not None:
        return Unsatisfied(int(match[1])) if int(match[1]) <= LARGEST_BYTES else None
    if (match := _RANGE.fullmatch(text)) is None:
        return None
    first, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    if not first <= last < (LARGEST_BYTES if total is None else total) <= LARGEST_BYTES:
        return None
    return ContentRange(first, last + 1, total)


def content_length(values: Sequence[str]) -> int | None:
    """Read the Content-Length fields of an answer, None when there are none.

    Several come from aiohttp's parser in Python only: the compiled one refuses a second field by
    itself, and both refuse a list in one, even of equal lengths (RFC 9110, 8.6, allows either).

    Raises:
        FramingError: not a number, negative, or several that disagree.
    """
    lengths = {value.strip() for value in values}
    if not lengths:
        return None
    if len(lengths) > 1:
        raise FramingError("the server announced two different lengths")
    (text,) = lengths
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not is_number or int(text) > LARGEST_BYTES:
        raise FramingError("the server announced a length that is not a number")
    return int(text)


def check_transfer_coding(values: Iterable[str]) -> None:
    """See that the Transfer-Encoding fields of an answer name nothing but chunks.

    aiohttp looks at one of the fields, and undoes no other coding.

    Raises:
        FramingError: another coding, or several.
    """
    named = dict.fromkeys(value.strip().lower() for value in values)
    if len(named) > 1 or not _FRAMINGS.issuperset(named):
        raise FramingError(f"the server sent the transfer coding {clean(', '.join(named), 40)}")


def content_coding(values: Iterable[str]) -> str:
    """Return the codings that Content-Encoding fields name, "" when there are none."""
    named = (part.strip().lower() for value in values for part in value.split(","))
    return ", ".join(name for name in named if name not in _NO_CODINGS)


def digest_challenge(values: Iterable[str]) -> str:
    """Return WWW-Authenticate fields from where they ask for a login by digest, "" if they do not.

    Each may ask for several kinds of login, of which the client chooses (RFC 9110, 11.6.1).
    """
    fields = ", ".join(values)
    match = _DIGEST_LOGIN.search(_QUOTED.sub(lambda quoted: "-" * len(quoted[0]), fields))
    return "" if match is None else fields[match.start(1) :]


def parse_http_date(value: str | None) -> float | None:
    """Read an HTTP-date (RFC 9110, 5.6.7) as seconds since the epoch."""
    if not value:
        return None
    try:
        date = parsedate_to_datetime(value)
        # The obsolete form without a zone is in UTC as well.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def parse_retry_after(value: str | None, now: float, date: str | None = None) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3) as seconds from now; None when it makes no sense.

    Args:
        now: by the clock of this machine, for answers that tell no time.
        date: the Date of the answer: a time is by the same clock, which may not be that of ours.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text)
    elif (end := parse_http_date(text)) is not None:
        told_at = parse_http_date(date)
        seconds = end - (now if told_at is None else told_at)
    else:
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S)


class Validators(NamedTuple):
    """What tells two versions of a file apart (RFC 9110, 8.8), as sent.

    Attributes:
        date: the Date of the first answer that told `last_modified`: how much that is worth.
        server: host and port that sent them, "" when that is not known.
    """

    etag: str | None = None
    last_modified: str | None = None
    date: str | None = None
    server: str = ""

    @property
    def is_strong(self) -> bool:
        """There is an ETag that promises identical bytes."""
        return bool(self.etag) and not str(self.etag).startswith(("W/", "w/"))

    @property
    def if_range(self) -> str | None:
        """The validator for If-Range (RFC 9110, 13.1.5).

        A strong ETag, else, where there is no ETag at all, a strong date, else None.
        """
        if self.etag:
            return self.etag if self.is_strong else None
        modified, date = parse_http_date(self.last_modified), parse_http_date(self.date)
        if modified is None or date is None or date - modified < _STRONG_DATE_S:
            return None
        return self.last_modified

    def is_as_strong_as(self, other: Validators) -> bool:
        """Tell whether both have an ETag that promises as much: then they can be compared.

        A weak one is the same for versions that may differ in some bytes; where two differ, the
        server means two versions (RFC 9110, 8.8.1).
        """
        return bool(self.etag and other.etag) and self.is_strong == other.is_strong

    def is_copy_of(self, other: Validators) -> bool:
        """Tell whether they are of another server that has a file of the same date.

        Where a redirect leads now to one mirror and now to another, the copies have one date; their
        ETags are made by different servers, each in its own way, and say nothing of one another.
        """
        is_elsewhere = bool(self.server and other.server) and self.server != other.server
        return (
            is_elsewhere and bool(self.last_modified) and self.last_modified == other.last_modified
        )

    def after(self, before: Validators) -> Validators:
        """Return the validators of a later answer, with the first Date known of this version.

        Bytes that came in the second in which the file was changed may be of another version with
        the same date, however late others come.
        """
        is_same = self.last_modified == before.last_modified
        return self._replace(date=before.date) if is_same else self


def is_web_page(content_type: str, name: str) -> bool:
    """Tell whether a web page came where the name promises another kind of file."""
    extension = _extension(name)
    return is_page_type(content_type) and bool(extension) and extension not in _PAGE_NAMES


def is_page_type(content_type: str) -> bool:
    """Tell whether the server calls what it sends a web page."""
    return content_type.partition(";")[0].strip().lower() in _PAGE_TYPES


def begins_like_web_page(data: bytes, name: str) -> bool:
    """Tell whether these first bytes are a web page where the name promises anything but text."""
    extension = _extension(name)
    if not extension or extension in _PAGE_NAMES or extension in _TEXT_NAMES:
        return False
    return _begins_like_page(data)


def cannot_be_web_page(data: bytes, name: str) -> bool:
    """Tell whether these first bytes are none of a web page, whatever the server calls them.

    A page is text, and begins with a tag. Other text counts only where the name promises text: a
    server may ask for a login without any tag.
    """
    return _is_no_page(data, is_text=_extension(name) in _TEXT_NAMES)


def is_page_instead(here: bytes, data: bytes, content_type: str, name: str) -> bool:
    """Tell whether a web page came instead of the file whose first bytes are here already.

    Its name need not promise anything: of a script's address a file came, too. As some servers call
    everything a page, the bytes of both decide; of text, only a tag tells a page.

    Args:
        here: none when they are not known.
        data: first bytes of what came, none when they are encoded.
    """
    if _extension(name) in _OWN_PAGE_NAMES:
        return False
    for is_text in (False, True):
        if _is_no_page(here, is_text=is_text):
            may_be_page = is_page_type(content_type) and not _is_no_page(data, is_text=is_text)
            return may_be_page or _begins_like_page(data)
    return False


def _begins_like_page(data: bytes) -> bool:
    start = data[:SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _is_no_page(data: bytes, *, is_text: bool) -> bool:
    start = data[:SNIFFED_BYTES]
    if start.startswith(_UTF_16):
        return False
    if start.startswith(b"#!"):  # a script for a shell
        return True
    begins_with_tag = start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    if is_text:
        return bool(start) and not begins_with_tag
    return bool(start.translate(None, _TEXT_BYTES)) or not (begins_with_tag or _is_utf8(start))


def _is_utf8(start: bytes) -> bool:
    try:
        getincrementaldecoder("utf-8")().decode(start)  # a character may be cut at the end
    except UnicodeDecodeError:
        return False
    return True


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and extension.isalnum() else ""


def parse_disposition(value: str | None) -> str | None:
    """Return the file name of a Content-Disposition (RFC 6266), None when there is none.

    `filename*` (RFC 8187) outranks `filename`; raw UTF-8, Latin-1 and RFC 2047 words, which
    servers send against the rules, are understood. The result is not safe yet: see `naming`.
    """
    if not value:
        return None
    parameters: dict[str, str] = {}
    for name, text in _PARAMETER.findall(value):
        parameters.setdefault(name.lower(), _unquote(text.strip()))
    extended = _decode_extended(parameters.get("filename*", ""))
    return extended or _decode_plain(parameters.get("filename", "")) or None


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    inside = text[1:-1] if len(text) > 1 and text.endswith('"') else text[1:]
    # A backslash before anything but a quote or itself is meant as a separator of folders.
    return re.sub(r'\\(["\\])', r"\1", inside)


def _decode_extended(text: str) -> str:
    charset, quote, rest = text.partition("'")
    _, second, encoded = rest.partition("'")
    if not (quote and second):
        return ""
    data = unquote_to_bytes(raw_bytes(encoded))
    try:
        return data.decode(_charset(charset, "utf-8"))
    except (LookupError, ValueError):  # an unknown charset, or bytes that are not of it
        return data.decode("latin-1")


def _decode_plain(text: str) -> str:
    if "=?" in text:
        try:
            words = decode_header(text)
            return "".join(
                word.decode(_charset(charset, "ascii"), "replace")
                if isinstance(word, bytes)
                else word
                for word, charset in words
            )
        except (HeaderParseError, LookupError, ValueError):
            return text
    return decoded(raw_bytes(text))


def _charset(name: str | None, default: str) -> str:
    """Return the charset that a header names, or the default; what is not ASCII is no part of it.

    Newer Pythons complain when they are asked for any other name.
    """
    return (name or "").encode("ascii", "ignore").decode() or default
