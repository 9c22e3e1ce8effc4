"""Addresses: their parts, and whether they can be requested. They are kept exactly as given."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from tui_downloader.model.errors import UrlError
from tui_downloader.model.text import clean, redact, strip_userinfo

Origin = tuple[str, str, int | None]

LONGEST_URL = 65_536
EXCERPT = 60
# U+FFFD stands where something could not be decoded or was not fit to be shown.
_UNFIT = re.compile(r"[\x00-\x20\x7f\ufffd]")
_PORTS = {"http": 80, "https": 443}
_PLACE = re.compile(r"[^/?#]*//[^/?#]*")  # of an address: everything before its path
_HOST = re.compile(r"://([^/?#]*)")
_AROUND = f" \t,;{chr(0xFEFF)}{chr(0x200B)}"
_WRAPPERS = {'"': '"', "'": "'", "`": "`", "<": ">", "“": "”", "«": "»"}
_MOST_WRAPPERS = 3


@lru_cache(maxsize=256)  # the same few are looked at several times in every request
def origin_of(url: str) -> Origin:
    """Return scheme, host and port of an address (RFC 6454): what logins and trust are bound to.

    Raises:
        ValueError: its port is none.
    """
    return _origin_at(place_of(url))


@lru_cache(maxsize=256)
def _origin_at(place: str) -> Origin:
    parts = urlsplit(place)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def place_of(url: str) -> str:
    """Return everything before the path of an address; all of one that is none."""
    match = _PLACE.match(url)
    return url if match is None else match[0]


@lru_cache(maxsize=256)  # as above
def host_of(url: str) -> str:
    """Return name and port of an address in lower case, "" when there is none.

    They say whose server it is: what is known of hosts is known by this.
    """
    match = _HOST.search(url)
    return "" if match is None else match[1].rpartition("@")[2].lower()


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
    if not separator or scheme.lower() not in ("http", "https"):
        raise UrlError(_why_not(url, scheme, separator))
    _check_host(url)


def _why_not(url: str, scheme: str, separator: str) -> str:
    if is_magnet(url):
        return "magnet: is not supported, only http and https"
    if not separator:
        return f"not an address: {_excerpt(url)}"
    return f"{clean(scheme, 20)}:// is not supported, only http and https"


def is_magnet(text: str) -> bool:
    """It is a link to something that peers have, not a server."""
    return unwrapped(text).lower().startswith("magnet:?")


def _check_host(url: str) -> None:
    place = place_of(url)
    # The scheme of a second address reads as a host without its port.
    if place.endswith(":") and url.startswith("//", len(place)):
        raise UrlError(f"two addresses with nothing between them in {_excerpt(url)}")
    problem = _problem_with(place)
    if problem is not None:
        before, behind = problem
        raise UrlError(f"{before} {_excerpt(url)}{behind}")


@lru_cache(maxsize=256)  # thousands of links lead to the same few
def _problem_with(place: str) -> tuple[str, str] | None:
    """Return what is wrong with a host or port: the words before and behind the address."""
    try:
        # Without user and password, because the words of its errors quote what they are about.
        parts = urlsplit(strip_userinfo(place)[0])
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return "the host or port of", f" makes no sense ({clean(str(error), 200)})"
    if not host:
        return "no host in", ""
    if port == 0:
        return "port 0 of", " cannot be asked"
    try:
        host.encode("idna")
    except UnicodeError:
        return "the host of", " is not a valid name"
    return None


def _excerpt(url: str) -> str:
    return clean(redact(url), EXCERPT)


def unwrapped(line: str) -> str:
    """Return a line without blanks, commas, quotes and angle brackets around it."""
    text = line.strip(_AROUND)
    for _ in range(_MOST_WRAPPERS):
        if len(text) < 2 or _WRAPPERS.get(text[0]) != text[-1]:
            break
        text = text[1:-1].strip(_AROUND)
    return text
