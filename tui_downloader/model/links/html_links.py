"""Links in HTML, be it a page or a piece of one among other lines; entities are undone."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url, is_magnet
from tui_downloader.model.links.found_addresses import addresses_in, is_address
from tui_downloader.model.links.link import Link, Refused, link_to
from tui_downloader.model.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

# Without its semicolon it is no entity but the name of the next parameter: `?a=1&copy=2`.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_PAGE = re.compile(r"<!doctype html|<html[\s>]", re.IGNORECASE)
_PAGE_END = re.compile(r"</html\s*>", re.IGNORECASE)
_LINKING_TAG = re.compile(r"<[a-z][^<>]{0,2000}\s(?:href|src)\s*=", re.IGNORECASE)
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
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}:", re.IGNORECASE)


class _Found(NamedTuple):
    """An address, the tag that it is of ("" for the text between tags), and where it stands."""

    tag: str
    address: str
    position: int


class HtmlLinks:
    """Collects the links of a text's pieces of HTML, each once."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._base = ""
        self._relative = 0

    def take(self, text: str, line_no: int) -> tuple[list[Link], list[Refused]]:
        """Return the links of a piece, and its addresses that cannot be asked for.

        Args:
            line_no: of its first line.
        """
        links, refused = [], []
        counted = 0
        for tag, address, position in _found_in(text):
            line_no += text.count("\n", counted, position)
            counted = position
            if tag == "base":
                self._base = address
                continue
            url = self._whole(address)
            if not url or url in self._known:
                continue
            self._known.add(url)
            try:
                check_url(url)
            except UrlError as error:
                refused.append(Refused(line_no, url, error.message))
            else:
                links.append(link_to(url, line_no))
        return links, refused

    def _whole(self, address: str) -> str:
        """Return a whole address; "" where it leads to no file, or its page is not known."""
        if not address or address.startswith("#"):
            return ""  # this very page
        if _SCHEME.match(address):
            return address if "://" in address or is_magnet(address) else ""  # `mailto:`
        try:
            url = urljoin(self._base, address)
        except ValueError:
            url = ""
        if not is_address(url):
            self._relative += 1
            return ""
        return url

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, as sentences."""
        if not self._relative:
            return ()
        count = counted(self._relative, "relative link")
        return (f"{count} left out: the address of the page is not known",)


def html_lines(text: str) -> dict[int, int]:
    """Return where whole lines with HTML begin, and where they end: what stands beside is no HTML.

    An element with lines between its tags has these, too; a page has all of them.
    """
    page = _PAGE.search(text)
    if page is None and _LINKING_TAG.search(text) is None:
        return {}
    start, end = _page_span(text, page)
    spans = [(start, end), *_elements(text, 0, start), *_elements(text, end, len(text))]
    lines: dict[int, int] = {}
    begin = reached = -1
    for first, last in sorted(span for span in spans if span[0] < span[1]):
        if first >= reached:
            begin = text.rfind("\n", 0, first) + 1
        if last > reached:
            end_of_line = text.find("\n", last)
            reached = len(text) if end_of_line < 0 else end_of_line + 1
            lines[begin] = reached
    return lines


def _page_span(text: str, begin: re.Match[str] | None) -> tuple[int, int]:
    """Return where a page begins and ends; an empty span at the end when there is none."""
    if begin is None:
        return len(text), len(text)
    end = _PAGE_END.search(text, begin.end())
    return begin.start(), len(text) if end is None else end.end()


def _elements(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of tags, of comments, and of elements from their first to their last tag."""
    opened: list[tuple[str, int]] = []
    open_now: Counter[str] = Counter()
    position = start
    while (match := _TAG.search(text, position, end)) is not None:
        position = _end_of(text, match)
        yield match.start(), position
        if match["tag"]:
            name = match["tag"].lower()
            opened.append((name, match.start()))
            open_now[name] += 1
        elif match["closed"] and open_now[match["closed"].lower()]:
            # What is open inside needs no last tag, as `<li>` and `<br>`.
            name = ""
            while name != match["closed"].lower():
                name, first = opened.pop()
                open_now[name] -= 1
            yield first, position


def _found_in(text: str) -> Iterator[_Found]:
    position = 0
    inside_link = False
    while (match := _TAG.search(text, position)) is not None:
        if not inside_link:
            yield from _in_text(text, position, match.start())
        position = _end_of(text, match)
        tag = (match["tag"] or "").lower()
        if tag in _LINKING and (href := _HREF.search(match["attributes"] or "")):
            value = href["double"] or href["single"] or href["bare"] or ""
            yield _Found(tag, undo_entities(value.strip()), match.start())
        inside_link = tag == "a" or (inside_link and (match["closed"] or "").lower() != "a")
    yield from _in_text(text, position, len(text))


def _end_of(text: str, tag: re.Match[str]) -> int:
    """Return where a tag ends; a comment and a script end with what is in them."""
    if tag[0] == "<!--":
        return _after(text, "-->", tag.end())
    if tag["raw"]:
        return _after(text, f"</{tag['raw']}", tag.end())
    return tag.end()


def _in_text(text: str, start: int, end: int) -> Iterator[_Found]:
    if text.find("://", start, end) >= 0:
        for address in addresses_in(undo_entities(text[start:end])):
            yield _Found("", address, start)


def _after(text: str, ending: str, start: int) -> int:
    # Who writes `<SCRIPT>` may end it with `</script>`.
    found = re.compile(ending, re.IGNORECASE).search(text, start)
    return len(text) if found is None else found.end()


def undo_entities(text: str) -> str:
    """Return the characters that entities stand for."""
    # Brings a table of two thousand characters with it, and hardly any paste is HTML.
    from html import unescape

    return _ENTITY.sub(lambda match: unescape(match[0]), text)
