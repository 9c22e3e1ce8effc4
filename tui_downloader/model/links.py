"""What a pasted text means: the links in it, and the lines that hold none.

One address a line, many lines, several in a line, text around them, Markdown, HTML, quotes and
brackets; blank lines and `#` comments; TAB between mirrors of one file; indented `option=value`
lines that belong to the line above, as in aria2's input files. An address is kept exactly as given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_downloader.model.errors import UrlError
from tui_downloader.model.text import clean, redact, strip_userinfo

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_URL = 65_536
_EXCERPT = 60
# An address ends at white space and at what surrounds it in prose, Markdown, HTML and shells.
# The scheme's length is bounded so that a megabyte of letters is not tried at each of them.
_URL = re.compile(r"""[a-z][a-z0-9+.-]{0,20}://[^\s<>"'`|\\^{}]+""", re.IGNORECASE)
_TRAILING = ".,;:!?"
_CLOSERS = {")": "(", "]": "["}
# `example.org/file.zip`: a host with a dot and a letter in its last part, then a path.
_BARE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?/[^\s<>\"'`]+", re.IGNORECASE
)
_OPTION = re.compile(r"[ \t]+([a-z][a-z0-9-]*)=(.*)", re.IGNORECASE)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Link:
    """A download as a text asks for it; options that were not given are None or empty."""

    url: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    name: str | None = None
    folder: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    checksum: str | None = None
    mirrors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A line without a usable link: its number from 1, its text, and why."""

    line_no: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedLinks:
    """What a text holds; `notes` are sentences about options that were left out."""

    links: tuple[Link, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()


def parse_links(text: str) -> ParsedLinks:
    """Read a text; see the module's docstring."""
    links: list[Link] = []
    refused: list[Refused] = []
    notes: list[str] = []
    takes_options = False
    for line_no, line in enumerate(_LINE_ENDS.split(text), 1):
        option = _OPTION.fullmatch(line)
        if option is not None and takes_options:
            note = _apply(links, option[1].lower(), option[2].strip())
            if note:
                notes.append(f"line {line_no}: {note}")
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found, reason = _read_line(line)
        links += found
        takes_options = bool(found)
        if reason:
            refused.append(Refused(line_no, clean(line.strip(), 2000), reason))
    return ParsedLinks(tuple(links), tuple(refused), tuple(notes))


def check_url(url: str) -> None:
    """Tell whether an address can be asked for.

    Raises:
        UrlError: a sentence for the user.
    """
    shown = clean(redact(url), _EXCERPT)
    if len(url) > LONGEST_URL:
        raise UrlError(f"the address is longer than {LONGEST_URL} characters")
    if any(ord(char) <= 0x20 or char == "\x7f" for char in url):
        raise UrlError(f"there is a space or a control character in {shown}")
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise UrlError(f"not an address: {shown}")
    if scheme.lower() not in ("http", "https"):
        raise UrlError(f"{clean(scheme, 20)}:// is not supported, only http and https")
    try:
        # Without user and password, because the words of its errors quote what they are about.
        parts = urlsplit(strip_userinfo(url)[0])
        host, port = parts.hostname, parts.port
    except ValueError as error:
        why = clean(str(error), 200)
        raise UrlError(f"the host or port of {shown} makes no sense ({why})") from error
    if not host:
        raise UrlError(f"no host in {shown}")
    if port == 0:
        raise UrlError(f"port 0 of {shown} cannot be asked")
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise UrlError(f"the host of {shown} is not a valid name") from error


def _read_line(line: str) -> tuple[list[Link], str]:
    """Return the links of a line, and why it has none or not all are usable."""
    fields = line.split("\t")
    if len(fields) > 1 and all(_URL.fullmatch(part.strip()) for part in fields if part.strip()):
        return _mirrored([part.strip() for part in fields if part.strip()])
    links = []
    reason = ""
    for url in _urls_in(line):
        try:
            check_url(url)
        except UrlError as error:
            reason = reason or error.message
        else:
            links.append(_link(url))
    if not links and not reason:
        reason = f"no link in it: {clean(line.strip(), _EXCERPT)}"
    return links, reason


def _mirrored(urls: list[str]) -> tuple[list[Link], str]:
    try:
        for url in urls:
            check_url(url)
    except UrlError as error:
        return [], error.message
    link = _link(urls[0])
    mirrors = tuple(strip_userinfo(url)[0] for url in urls[1:])
    return [Link(link.url, link.credentials, mirrors=mirrors)], ""


def _link(url: str) -> Link:
    plain, credentials = strip_userinfo(url)
    return Link(plain, credentials)


def _urls_in(line: str) -> Iterator[str]:
    found = _URL.findall(line)
    yield from map(_trimmed, found)
    bare = None if found else _BARE.fullmatch(line.strip(" \t<>\"'`,;"))
    if bare is not None:
        yield f"https://{_trimmed(bare[0])}"


def _trimmed(url: str) -> str:
    """Cut what belongs to the sentence around: full stops, and brackets that open outside."""
    unopened = {last: url.count(last) - url.count(first) for last, first in _CLOSERS.items()}
    end = len(url)
    while end and (url[end - 1] in _TRAILING or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]


def _apply(links: list[Link], name: str, value: str) -> str:
    """Give an option to the last link; return a note when it is not one of ours."""
    last = links[-1]
    changes: dict[str, object] = {}
    if name == "out":
        changes["name"] = value
    elif name == "dir":
        changes["folder"] = value
    elif name == "checksum":
        changes["checksum"] = value
    elif name == "header":
        header = parse_header(value)
        if header is None:
            return "a header is written Name: value"
        changes["headers"] = (*last.headers, header)
    else:
        return f"the option {clean(name, 40)} is not known and was left out"
    fields = {slot: getattr(last, slot) for slot in Link.__slots__}
    links[-1] = Link(**{**fields, **changes})
    return ""


_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


def parse_header(text: str) -> tuple[str, str] | None:
    """Read "Name: value" (RFC 9110, 5.1 and 5.5); None when it is none or would break a request."""
    name, colon, value = text.partition(":")
    value = value.strip()
    if not colon or _FIELD_NAME.fullmatch(name.strip()) is None:
        return None
    if any(char in "\r\n\0" for char in value):
        return None
    return name.strip(), value
