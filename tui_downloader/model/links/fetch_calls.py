"""Calls of `fetch` as browsers copy them ("Copy as fetch"): an address and what it is asked with.

Browsers write both arguments as JSON; what is no JSON was written by somebody, and is no such call.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.links.command_lines import Command
from tui_downloader.model.links.link import link_to
from tui_downloader.model.links.link_options import with_header
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.model.links.link import Link

_START = re.compile(r"[ \t]*(?:await[ \t]+)?fetch\([ \t]*(?=\")")
_COMMA = re.compile(r"\s*,\s*")
_END = re.compile(r"\s*\)[ \t;]*(?:\n|\Z)")
_DECODER = json.JSONDecoder()


def read_fetch(text: str, start: int, line_no: int) -> Command | None:
    """Read the call that begins at `start`, where a line does; lines end with line feeds.

    Returns:
        None when there is none.
    """
    match = _START.match(text, start)
    if match is None:
        return None
    try:
        url, position = _DECODER.raw_decode(text, match.end())
        comma = _COMMA.match(text, position)
        asked, position = _DECODER.raw_decode(text, comma.end()) if comma else ({}, position)
    except (ValueError, RecursionError):
        return None
    end = _END.match(text, position)
    if end is None or not isinstance(asked, dict):
        return None
    command = Command(end.end())
    try:
        check_url(url)
    except UrlError as error:
        command.reason = error.message
    else:
        _take(command, link_to(url, line_no), asked)
    return command


def _take(command: Command, link: Link, asked: dict[str, Any]) -> None:
    method = str(asked.get("method") or "GET").upper()
    if method != "GET":
        command.reason = f"fetch asks with {clean(method, 20)}; only GET can be downloaded"
        return
    for header in _headers(asked):
        try:
            link = with_header(link, header)
        except ValueError as error:
            command.notes.append(str(error))
    command.links.append(link)


def _headers(asked: dict[str, Any]) -> Iterator[str]:
    fields = asked.get("headers")
    if isinstance(fields, dict):
        yield from (f"{name}: {value}" for name, value in fields.items() if isinstance(value, str))
    if isinstance(referrer := asked.get("referrer"), str):
        yield f"Referer: {referrer}"
