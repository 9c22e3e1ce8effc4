"""The fields of the edit dialogs, and requests made of them. Pure; secrets are shown as `***`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tui_downloader.model.digests import Checksum, parse_checksum
from tui_downloader.model.links.addresses import origin_of
from tui_downloader.model.links.link import parse_connections
from tui_downloader.model.links.link_options import parse_header
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.naming import typed_name
from tui_downloader.model.proxy import typed_proxy
from tui_downloader.model.start_times import parse_start, start_words
from tui_downloader.model.text import MASK, masked
from tui_downloader.model.units import parse_rate, typed_amount
from tui_downloader.store.paths import short_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.link import Link


T = TypeVar("T")

PROXY_EXPECTED = "the environment's, host:port, none"


class FieldError(ValueError):
    """A field cannot be used; the message says why.

    Args:
        field: its name, which is the id of its widget.
    """

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read_field(field: str, read: Callable[[str], T], text: str) -> T:
    """Parse the text of a field.

    Raises:
        FieldError: `read` has raised a ValueError.
    """
    try:
        return read(text)
    except ValueError as error:
        raise FieldError(field, str(error)) from error


class Fields(NamedTuple):
    """The fields of the edit dialog, as text."""

    name: str = ""
    folder: str = ""
    start: str = ""
    limit: str = ""
    connections: str = ""
    headers: str = ""
    user: str = ""
    password: str = ""
    proxy: str = ""
    unproven: tuple[str, ...] = ()


def fields_of(request: DownloadRequest, name: str, now: float) -> Fields:
    """Return the initial content of the dialog.

    Args:
        name: the file's name of now, which need not be the one asked for.
        now: wall clock, seconds; a start that has passed is not shown.
    """
    start_at = request.start_at
    limit = request.limit_bytes_per_s
    user, password = request.credentials or ("", "")
    return Fields(
        name=name,
        folder=short_folder(request.folder),
        start=start_words(start_at, now) if start_at is not None and start_at > now else "",
        limit="" if limit is None else typed_amount(limit),
        connections=str(request.connections or ""),
        headers="\n".join(f"{key}: {masked(key, value)}" for key, value in request.headers),
        user=user,
        password=password,
        proxy="" if request.proxy is None else request.proxy.typed,
        unproven=request.unproven,
    )


def edited(request: DownloadRequest, before: Fields, after: Fields, now: float) -> DownloadRequest:
    """Return the edited request; unchanged fields keep their values.

    Raises:
        FieldError: a field makes no sense.
    """
    is_same_name = after.name.strip() == before.name
    return replace(
        request,
        name=request.name if is_same_name else read_field("name", typed_name, after.name) or None,
        folder=request.folder if after.folder == before.folder else _folder(request, after.folder),
        start_at=request.start_at
        if after.start == before.start
        else read_field("start", lambda text: parse_start(text, now), after.start),
        limit_bytes_per_s=read_field("limit", parse_rate, after.limit),
        connections=read_field("connections", parse_connections, after.connections),
        headers=_headers(request, after.headers),
        credentials=(after.user, after.password) if after.user or after.password else None,
        insecure=origin_of(request.url) in map(origin_of, after.unproven),
        trusted=_trusted(request, after.unproven),
        proxy=request.proxy
        if after.proxy == before.proxy
        else read_field("proxy", lambda text: typed_proxy(text, request.proxy), after.proxy),
    )


def _folder(request: DownloadRequest, text: str) -> str:
    if not text.strip():
        raise FieldError("folder", "a download needs a folder")
    return os.path.normpath(os.path.join(request.folder, os.path.expanduser(text.strip())))


def _headers(request: DownloadRequest, text: str) -> tuple[tuple[str, str], ...]:
    """Parse headers; a secret that is still masked keeps its value."""
    kept = {key.lower(): value for key, value in request.headers}
    headers = []
    for line in filter(None, map(str.strip, text.splitlines())):
        header = parse_header(line)
        if header is None:
            raise FieldError("headers", f"a header is written Name: value, not {line[:40]}")
        key, value = header
        headers.append((key, kept.get(key.lower(), value) if value == MASK else value))
    return tuple(headers)


def _trusted(request: DownloadRequest, unproven: tuple[str, ...]) -> tuple[str, ...]:
    """Return which other hosts than its own need not prove who they are, the new ones last."""
    wanted, known = set(map(origin_of, unproven)), set(map(origin_of, request.trusted))
    kept = [host for host in request.trusted if origin_of(host) in wanted]
    new = [host for host in unproven if origin_of(host) not in known | {origin_of(request.url)}]
    return (*kept, *new)


def read_link(text: str) -> Link:
    """Return the one link of a text.

    Raises:
        ValueError: there is none, or there are several.
    """
    parsed = parse_links(text)
    if not parsed.links:
        raise ValueError(parsed.refused[0].reason if parsed.refused else "paste the new address")
    if len(parsed.links) > 1:
        raise ValueError("that is more than one address")
    return parsed.links[0]


def with_link(request: DownloadRequest, link: Link) -> DownloadRequest:
    """Return the request for another address of the same file.

    Logins, headers and trust are tied to the origin they were given for: for another origin they
    are dropped, unless the link brings its own.
    """
    if origin_of(link.url) == origin_of(request.url):
        headers, credentials = request.headers, request.credentials
        insecure, trusted = request.insecure, request.trusted
    else:
        headers, credentials, insecure, trusted = (), None, False, ()
    return replace(
        request,
        url=link.url,
        headers=tuple(link.headers) or headers,
        credentials=link.credentials or credentials,
        insecure=link.insecure or insecure,
        trusted=trusted,
        proxy=request.proxy if link.proxy is None else link.proxy,
    )


def read_digest(text: str) -> Checksum | None:
    """Read a checksum, also as the line that `sha256sum` prints; None for an empty text.

    Raises:
        ValueError: a sentence for the user.
    """
    words = text.split()
    if not words:
        return None
    first = words[0].lstrip("\\")
    if all(char in "0123456789abcdefABCDEF" for char in first):
        return parse_checksum(first)
    return parse_checksum(text)
