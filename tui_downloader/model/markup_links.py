"""Links in Markdown and HTML, as their writers meant them: with entities and escapes undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tui_downloader.model.addresses import addresses_in, check_url, is_address
from tui_downloader.model.errors import UrlError
from tui_downloader.model.link import Link, ParsedLinks, link_to

if TYPE_CHECKING:
    from collections.abc import Iterator

# [text](address "title"), in which the address may hold a pair of round brackets.
_MARKDOWN = re.compile(
    r"""\]\(\s*<?(?P<target>[a-z][a-z0-9+.-]{0,20}://(?:[^\s<>()]|\([^\s<>()]*\))+)>?"""
    r"""(?:\s+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?\s*\)""",
    re.IGNORECASE,
)
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
# Without its semicolon it is no entity but the name of the next parameter: `?a=1&copy=2`.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_HTML_SIGN = re.compile(
    r"<!doctype html|<html[\s>]|<[a-z][^<>]{0,2000}\s(?:href|src)\s*=", re.IGNORECASE
)
# Not `link`, whose style sheets and icons nobody wants.
_LINKING = frozenset({"a", "area", "audio", "base", "embed", "img", "source", "video"})
_TAG = re.compile(
    r"<!--|<(?P<raw>script|style)\b[^<>]*>|<(?P<tag>[a-z][a-z0-9]*)(?P<attributes>\s[^<>]*)?>"
    r"|</(?P<closed>[a-z][a-z0-9]*)\s*>",
    re.IGNORECASE,
)
_HREF = re.compile(
    r"""\s(?:href|src)\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))""",
    re.IGNORECASE,
)


def take_markdown(line: str) -> tuple[list[str], str]:
    """Take the targets of Markdown links out of a line.

    Returns:
        The addresses, and the rest of the line, in which a link's text may hold one more.
    """
    targets = [
        _entities(_MARKDOWN_ESCAPE.sub(r"\1", m["target"])) for m in _MARKDOWN.finditer(line)
    ]
    if not targets:
        return [], line
    rest = _MARKDOWN.sub("] ", line)
    # The text of a link is often its own address.
    known = set(targets)
    return targets, " ".join(word for word in rest.split() if word.strip("[]!*_") not in known)


def is_html(text: str) -> bool:
    """Tell whether a text is HTML with links in it, a page or a piece of one."""
    return _HTML_SIGN.search(text) is not None


def links_in_html(text: str) -> ParsedLinks:
    """Return every link of HTML once: those of tags, and addresses in the text between them."""
    links: dict[str, Link] = {}
    base = ""
    relative = 0
    counted, line_no = 0, 1
    for tag, address, position in _addresses(text):
        line_no += text.count("\n", counted, position)
        counted = position
        if tag == "base":
            base = address
            continue
        url = urljoin_or_none(base, address)
        if url is None:
            relative += not address.startswith("#")
        elif url not in links:
            links[url] = link_to(url, line_no)
    notes = []
    if relative:
        count = f"{relative} relative link{'s' * (relative > 1)}"
        notes.append(f"{count} left out: the address of the page is not known")
    return ParsedLinks(tuple(links.values()), notes=tuple(notes))


def urljoin_or_none(base: str, address: str) -> str | None:
    """Return the whole address of a link, None when it is relative to what is not known."""
    url = address
    try:
        if base and not is_address(address):
            url = urljoin(base, address)
        check_url(url)
    except (UrlError, ValueError):
        return None
    return url


def _addresses(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield tag ("" for plain text), address and position."""
    position = 0
    inside_link = False
    while (match := _TAG.search(text, position)) is not None:
        if not inside_link:
            yield from _in_text(text, position, match.start())
        position = match.end()
        tag = (match["tag"] or "").lower()
        if match[0] == "<!--":
            position = _after(text, "-->", position)
        elif match["raw"]:
            position = _after(text, f"</{match['raw']}", position)
        elif tag in _LINKING and (href := _HREF.search(match["attributes"] or "")):
            value = href["double"] or href["single"] or href["bare"] or ""
            yield tag, _entities(value.strip()), match.start()
        inside_link = tag == "a" or (inside_link and (match["closed"] or "").lower() != "a")
    yield from _in_text(text, position, len(text))


def _in_text(text: str, start: int, end: int) -> Iterator[tuple[str, str, int]]:
    if text.find("://", start, end) >= 0:
        for address in addresses_in(_entities(text[start:end])):
            yield "", address, start


def _after(text: str, ending: str, start: int) -> int:
    found = text.find(ending, start)
    return len(text) if found < 0 else found + len(ending)


def _entities(text: str) -> str:
    # Brings a table of two thousand characters with it, and hardly any paste is HTML.
    from html import unescape

    return _ENTITY.sub(lambda match: unescape(match[0]), text)
