"""Options of a link, by the names that aria2's input files give them.

Lists write them as indented `name=value` lines; command lines are translated into them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.download import OWN_REQUESTS
from tui_downloader.model.links.link import MOST_CONNECTIONS
from tui_downloader.model.links.proxy_options import PROXY_OPTIONS
from tui_downloader.model.naming import wished_name
from tui_downloader.model.text import clean
from tui_downloader.model.units import parse_rate, parse_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.links.link import Link

_LINE = re.compile(r"[ \t]+([a-z][a-z0-9-]*)=(.*)", re.IGNORECASE)
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # all but the tab, as the HTTP library has it
# The program decides about these itself; what a browser sent would only do harm.
_OWN_HEADERS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "keep-alive",
     "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip
# Options of aria2 that ask for what this program does anyway, or for nothing that it knows.
_SILENT = frozenset(
    {"always-resume", "auto-file-renaming", "auto-save-interval", "conditional-get", "continue",
     "connect-timeout", "disk-cache", "enable-http-keep-alive", "enable-http-pipelining",
     "file-allocation", "force-save", "gid", "http-accept-gzip", "http-no-cache",
     "lowest-speed-limit", "max-file-not-found", "max-resume-failure-tries", "max-tries",
     "min-split-size", "no-netrc", "piece-length", "realtime-chunk-checksum",
     "remote-time", "retry-wait", "reuse-uri", "save-not-found", "stream-piece-selector",
     "timeout", "uri-selector", "use-head"}
)  # fmt: skip


def option_in(line: str) -> tuple[str, str] | None:
    """Return name and value of an indented line of a list; None when it is no option.

    One with a link in it is known by its name alone.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    name, value = match[1].lower(), match[2].strip()
    return (name, value) if is_option(name) or "://" not in value else None


def with_option(link: Link, name: str, value: str) -> Link:
    """Return the link with an option of a list applied; those of proxies only mean one together.

    Raises:
        ValueError: it was left out; the words say why.
    """
    apply = _OPTIONS.get(name)
    if apply is not None:
        return apply(link, value)
    if name in _SILENT:
        return link
    raise ValueError(f"the option {clean(name, 40)} is not known and was left out")


def folders_left_out(name: str, value: str) -> str:
    """Say that an `out` held more than a name; "" when it did not."""
    is_path = name == "out" and ("/" in value or "\\" in value)
    return "out is a name: the folders in it were left out; dir names a folder" if is_path else ""


def is_option(name: str) -> bool:
    """Tell whether a list may use this name for an option."""
    return name in _OPTIONS or name in _SILENT or name in PROXY_OPTIONS


def parse_header(text: str) -> tuple[str, str] | None:
    """Read "Name: value" (RFC 9110, 5.1 and 5.5); None when it is none or would break a request."""
    name, colon, value = text.partition(":")
    value = value.strip()
    if not colon or _FIELD_NAME.fullmatch(name.strip()) is None:
        return None
    if _CONTROL.search(value) is not None:
        return None
    return name.strip(), value


def with_header(link: Link, text: str) -> Link:
    """Return the link with a request header; cookies are joined, a second User-Agent replaces.

    Raises:
        ValueError: it was left out; the words say why.
    """
    header = parse_header(text)
    if header is None:
        raise ValueError("a header is written Name: value")
    name, value = header
    lower = name.lower()
    if lower in OWN_REQUESTS:
        raise ValueError(f"the header {lower} was left out: the program asks for parts itself")
    if lower in _OWN_HEADERS or not value:
        return link
    before = {key.lower(): each for key, each in link.headers}
    if lower == "cookie" and lower in before:
        header = name, f"{before[lower]}; {value}"
    headers = link.headers
    if lower in ("cookie", "user-agent", "referer", "authorization"):
        headers = tuple(each for each in headers if each[0].lower() != lower)
    return replace(link, headers=(*headers, header))


def _field(name: str) -> Callable[[Link, str], Link]:
    return lambda link, value: with_header(link, f"{name}: {value}")


def _out(link: Link, value: str) -> Link:
    """A name never leaves the folder, whatever stands before it; folders are what `dir` is for."""
    return replace(link, name=wished_name(value))


def _user(link: Link, value: str) -> Link:
    return replace(link, credentials=(value, (link.credentials or ("", ""))[1]))


def _password(link: Link, value: str) -> Link:
    return replace(link, credentials=((link.credentials or ("", ""))[0], value))


def _connections(link: Link, value: str) -> Link:
    number = parse_whole(value)
    if number is None or not 1 <= number <= MOST_CONNECTIONS:
        raise ValueError(f"connections are a whole number from 1 to {MOST_CONNECTIONS}")
    # aria2 has two numbers for this, of which the smaller one counts.
    return replace(link, connections=min(number, link.connections or MOST_CONNECTIONS))


def _pause(link: Link, value: str) -> Link:
    if value == "true":  # as aria2 saves what was paused
        raise ValueError("the option pause was left out: the download starts")
    return link


def _trust(link: Link, value: str) -> Link:
    return replace(link, insecure=value == "false")


_OPTIONS: dict[str, Callable[[Link, str], Link]] = {
    "out": _out,
    "dir": lambda link, value: replace(link, folder=value or None),
    "checksum": lambda link, value: replace(link, checksum=value or None),
    "header": with_header,
    "user-agent": _field("User-Agent"),
    "referer": _field("Referer"),
    "http-user": _user,
    "http-passwd": _password,
    "split": _connections,
    "max-connection-per-server": _connections,
    "pause": _pause,
    "max-download-limit": lambda link, value: replace(link, limit_bytes_per_s=parse_rate(value)),
    "check-certificate": _trust,
}
