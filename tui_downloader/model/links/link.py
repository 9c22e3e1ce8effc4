"""What a text asks for: a link with its options, a line that holds none, and all of it together.

Plain data, made by `links` and its helpers, read by whoever adds downloads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tui_downloader.model.digests import YOU
from tui_downloader.model.proxy import Proxy
from tui_downloader.model.text import strip_userinfo
from tui_downloader.model.units import parse_whole

MOST_CONNECTIONS = 64
MOST_AUTOMATIC = 16  # as far as it is tried out whether more connections pay


@dataclass(frozen=True, slots=True)
class Link:
    """A download as a text asks for it; options that were not given are None, 0 or empty.

    Attributes:
        url: exactly as given, less user and password.
        name: what the file is to be called; one that a text wishes for is safe already.
        folder: as given, perhaps relative or with `~`.
        checksum: as given, see `digests.parse_checksum`.
        checksum_source: where that came from, see `digests.Checksum`.
        mirrors: other addresses of the same file.
        insecure: accept any certificate.
        proxy: what all of its requests go through.
        done_bytes, total_bytes: what of the file is here already, and how large it is, as far as
            a partial of ours tells.
        line_no: where it stands, from 1; 0 when it comes from elsewhere.
    """

    url: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    name: str | None = None
    folder: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    checksum: str | None = None
    checksum_source: str = YOU
    mirrors: tuple[str, ...] = ()
    limit_bytes_per_s: int | None = None
    connections: int = 0
    insecure: bool = False
    proxy: Proxy | None = None
    done_bytes: int = 0
    total_bytes: int | None = None
    line_no: int = field(default=0, compare=False)


class Refused(NamedTuple):
    """A line without a usable link: its number from 1, its text as given, and why."""

    line_no: int
    text: str
    reason: str


class NamedFile(NamedTuple):
    """A line that names a file on this machine: its number from 1, and the path in it."""

    line_no: int
    path: str


class ParsedLinks(NamedTuple):
    """What a text holds.

    Attributes:
        notes: sentences about what was left out.
        files: paths that somebody who may read files can look into.
    """

    links: tuple[Link, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[NamedFile, ...] = ()


def link_to(url: str, line_no: int = 0) -> Link:
    """Return a link with the user and password of its address beside it."""
    plain, credentials = strip_userinfo(url)
    return Link(plain, credentials, line_no=line_no)


def parse_connections(text: str) -> int:
    """Read how many connections a download may have at most; 0 or nothing: automatic.

    Raises:
        ValueError: a sentence for the user.
    """
    number = parse_whole(text.strip() or "0")
    if number is None or number > MOST_CONNECTIONS:
        raise ValueError(
            f"connections are a whole number up to {MOST_CONNECTIONS}, or nothing for automatic"
        )
    return number
