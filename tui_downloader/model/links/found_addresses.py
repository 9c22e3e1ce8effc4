"""Finding addresses in a line of text; only what belongs to the text around them is cut off.

Apart from `addresses`: a run that is given addresses reads no text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_downloader.model.links.addresses import place_of, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

# Invisible characters that programs put around links; in one they are never meant.
_INVISIBLE = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
# An address ends at white space and at what surrounds it in prose, Markdown, HTML and shells.
# The scheme's length is bounded so that a megabyte of letters is not tried at each of them.
_URL = re.compile(rf"""[a-z][a-z0-9+.-]{{0,20}}://[^\s<>"'`|\\^{{}}{_INVISIBLE}]+""", re.IGNORECASE)
# A line that is an address and nothing else is believed: `'`, `|` and `{}` belong to it.
_WHOLE = re.compile(rf"""[a-z][a-z0-9+.-]{{0,20}}://[^\s<>"{_INVISIBLE}]+""", re.IGNORECASE)
# Where one address follows another. In one that names another as a part of it, as those of
# archives do, something else than a letter or a digit stands before that.
_NEXT_ONE = re.compile(
    r"[,;|](?=https?://)|(?<=[a-z0-9])(?<!%[0-9a-f]{2})(?=https?://)", re.IGNORECASE
)
# Where an address begins that is not a part of another one, or the value of an option.
_BEGINNING = re.compile(r"(?<![a-z0-9_+./=&?%-])https?://", re.IGNORECASE)
_TRAILING = ".,;:!?"
_CLOSERS = {")": "(", "]": "["}
# `example.org/file.zip`: a host with a dot and a letter in its last part, then a path.
_BARE = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,20}[a-z]{2,63}(?::\d+)?/[^\s<>\"'`]+",
    re.IGNORECASE,
)


def is_address(text: str) -> bool:
    """Tell whether a text is one address from its first to its last character."""
    return _WHOLE.fullmatch(text) is not None


def begins_address(text: str) -> bool:
    """Tell whether an address begins in a text, which then is no mere piece of one."""
    return _BEGINNING.search(text) is not None


def addresses_in(line: str) -> Iterator[str]:
    """Yield the addresses of a line, whatever else stands in it."""
    stripped = unwrapped(line)
    if is_address(stripped) and "](" not in stripped and len(_parted(stripped)) == 1:
        yield stripped
        return
    found = False
    for match in _URL.findall(line):
        for part in _parted(match):
            found = True
            yield _trimmed(part)
    bare = None if found else _BARE.fullmatch(stripped)
    if bare is not None:
        yield f"https://{_trimmed(bare[0])}"


def _parted(run: str) -> list[str]:
    """Return the addresses of a run of characters.

    One that begins within the host of another stays there, as neither is whole.
    """
    parts, start = [], 0
    for seam in _NEXT_ONE.finditer(run):
        part = run[start : seam.start()]
        if seam[0] or place_of(part) != part:
            parts.append(part)
            start = seam.end()
    return [*parts, run[start:]]


def _trimmed(url: str) -> str:
    """Cut what belongs to the sentence around: full stops, and brackets that open outside."""
    unopened = {last: url.count(last) - url.count(first) for last, first in _CLOSERS.items()}
    end = len(url)
    while end and (url[end - 1] in _TRAILING or unopened.get(url[end - 1], 0) > 0):
        end -= 1
        if url[end] in unopened:
            unopened[url[end]] -= 1
    return url[:end]
