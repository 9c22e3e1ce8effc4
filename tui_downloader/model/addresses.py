"""Addresses: finding them in a line of text, and telling whether they can be asked for.

An address is kept exactly as given; only what belongs to the text around it is cut off.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_downloader.model.errors import UrlError
from tui_downloader.model.text import clean, redact, strip_userinfo

if TYPE_CHECKING:
    from collections.abc import Iterator

Origin = tuple[str, str, int | None]

LONGEST_URL = 65_536
EXCERPT = 60
# Invisible characters that programs put around links; in one they are never meant.
_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
# U+FFFD stands where something could not be decoded or was not fit to be shown.
_UNFIT = re.compile(r"[\x00-\x20\x7f\ufffd]")
# An address ends at white space and at what surrounds it in prose, Markdown, HTML and shells.
# The scheme's length is bounded so that a megabyte of letters is not tried at each of them.
_URL = re.compile(rf"""[a-z][a-z0-9+.-]{{0,20}}://[^\s<>"'`|\\^{{}}{_INVISIBLE}]+""", re.IGNORECASE)
# A line that is an address and nothing else is believed: `'`, `|` and `{}` belong to it.
_WHOLE = re.compile(rf"""[a-z][a-z0-9+.-]{{0,20}}://[^\s<>"{_INVISIBLE}]+""", re.IGNORECASE)
_NEXT_ONE = re.compile(r"[,;|](?=https?://)", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_AROUND = f" \t,;{chr(0xFEFF)}{chr(0x200B)}"
_WRAPPERS = {'"': '"', "'": "'", "`": "`", "<": ">", "“": "”", "«": "»"}
_MOST_WRAPPERS = 3
_TRAILING = ".,;:!?"
_CLOSERS = {")": "(", "]": "["}
# `example.org/file.zip`: a host with a dot and a letter in its last part, then a path.
_BARE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,20}[a-z]{2,63}(?::\d+)?/[^\s<>\"'`]+",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)  # the same few are looked at several times in every request
def origin_of(url: str) -> Origin:
    """Return scheme, host and port of an address (RFC 6454): what logins and trust are bound to.

    Raises:
        ValueError: its port is none.
    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def host_of(url: str) -> str:
    """Return host and port of an address as they are written in it, "" when there is none."""
    rest = url.partition("://")[2]
    for end in "/?#":
        rest = rest.partition(end)[0]
    return rest.rpartition("@")[2]


def is_secure(url: str) -> bool:
    """Whether a certificate is asked for."""
    return urlsplit(url).scheme == "https"


def check_url(url: str) -> None:
    """Tell whether an address can be asked for.

    Raises:
        UrlError: a sentence for the user.
    """
    if len(url) > LONGEST_URL:
        raise UrlError(f"the address is longer than {LONGEST_URL} characters")
    if _UNFIT.search(url) is not None:
        raise UrlError(f"there is a space or a control character in {_excerpt(url)}")
    scheme, separator, _ = url.partition("://")
    if is_magnet(url):
        raise UrlError("magnet: is not supported, only http and https")
    if not separator:
        raise UrlError(f"not an address: {_excerpt(url)}")
    if scheme.lower() not in ("http", "https"):
        raise UrlError(f"{clean(scheme, 20)}:// is not supported, only http and https")
    _check_host(url)


def is_magnet(text: str) -> bool:
    """It is a link to something that peers have, not a server."""
    return unwrapped(text).lower().startswith("magnet:?")


def _check_host(url: str) -> None:
    try:
        # Without user and password, because the words of its errors quote what they are about.
        parts = urlsplit(strip_userinfo(url)[0])
        host, port = parts.hostname, parts.port
    except ValueError as error:
        why = clean(str(error), 200)
        raise UrlError(f"the host or port of {_excerpt(url)} makes no sense ({why})") from error
    if not host:
        raise UrlError(f"no host in {_excerpt(url)}")
    if port == 0:
        raise UrlError(f"port 0 of {_excerpt(url)} cannot be asked")
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise UrlError(f"the host of {_excerpt(url)} is not a valid name") from error


def _excerpt(url: str) -> str:
    return clean(redact(url), EXCERPT)


def is_address(text: str) -> bool:
    """Tell whether a text is one address from its first to its last character."""
    return _WHOLE.fullmatch(text) is not None


def addresses_in(line: str) -> Iterator[str]:
    """Yield the addresses of a line, whatever else stands in it."""
    stripped = unwrapped(line)
    if is_address(stripped) and "](" not in stripped and _NEXT_ONE.search(stripped) is None:
        yield stripped
        return
    found = False
    for match in _URL.findall(line):
        for part in _NEXT_ONE.split(match):
            found = True
            yield _trimmed(part)
    bare = None if found else _BARE.fullmatch(stripped)
    if bare is not None:
        yield f"https://{_trimmed(bare[0])}"


def unwrapped(line: str) -> str:
    """Return a line without blanks, commas, quotes and angle brackets around it."""
    text = line.strip(_AROUND)
    for _ in range(_MOST_WRAPPERS):
        if len(text) > 1 and _WRAPPERS.get(text[0]) == text[-1]:
            text = text[1:-1].strip(_AROUND)
    return text


def _trimmed(url: str) -> str:
    """Cut what belongs to the sentence around: full stops, and brackets that open outside."""
    unopened = {last: url.count(last) - url.count(first) for last, first in _CLOSERS.items()}
    end = len(url)
    while end and (url[end - 1] in _TRAILING or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]
