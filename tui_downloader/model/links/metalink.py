"""Metalink files: one file, its mirrors and its digest (RFC 5854, and version 3 before it)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_downloader.model.digests import HEX_DIGITS, METALINK, YOU, parse_checksum
from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.links.link import Link, ParsedLinks, Refused
from tui_downloader.model.text import clean, strip_userinfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

_SIGN = re.compile(r"<metalink[\s>]")
_SIGN_WITHIN = 20_000
_NO_PRIORITY = 999_999
# What version 3 lists beside the addresses of the file: this one leads to another file.
_TORRENT = "bittorrent"


def is_metalink(text: str) -> bool:
    """Tell whether a text is a Metalink file."""
    return text.lstrip("\ufeff \t\n")[:1] == "<" and _SIGN.search(text[:_SIGN_WITHIN]) is not None


def parse_metalink(text: str) -> ParsedLinks:
    """Return one link per file; its best address first, the others as mirrors."""
    from xml.etree import ElementTree as ET  # only this format needs it

    # A Metalink needs no document type; entities, which only one can define, may be bombs.
    if re.search(r"<!(?:DOCTYPE|ENTITY)", text, re.IGNORECASE):
        return ParsedLinks(refused=(Refused(1, text, "a Metalink with a document type"),))
    try:
        root = ET.fromstring(text.lstrip("\ufeff \t\n"))  # noqa: S314 - there are no entities in it
    except (ET.ParseError, ValueError) as error:
        reason = f"the Metalink is damaged ({clean(str(error), 100)})"
        return ParsedLinks(refused=(Refused(1, text, reason),))
    links: list[Link] = []
    notes: list[str] = []
    for element in root.iter():
        if _name(element) == "file":
            name = clean(element.get("name", ""), 60)
            checksum, problem = _checksum(element)
            link = _link(element, checksum)
            if link is None:
                notes.append(f"{name}: no http address in the Metalink")
                continue
            links.append(link)
            if problem:
                notes.append(f"{name}: the checksum of the Metalink was left out: {problem}")
    if not (links or notes):
        notes.append("there is no file in the Metalink")
    return ParsedLinks(tuple(links), notes=tuple(notes))


def _link(file: Element, checksum: str | None) -> Link | None:
    urls = list(dict.fromkeys(_urls(file)))
    if not urls:
        return None
    url, credentials = strip_userinfo(urls[0])
    # Folders in a name are the writer's wish, and nobody else's.
    name = re.split(r"[/\\]", file.get("name", ""))[-1].strip()
    return Link(
        url,
        credentials,
        name=name or None,
        checksum=checksum,
        checksum_source=METALINK if checksum else YOU,
        mirrors=tuple(strip_userinfo(each)[0] for each in urls[1:]),
    )


def _urls(file: Element) -> Iterator[str]:
    """Yield usable addresses, the best first: low `priority`, high `preference` of version 3."""
    elements = [each for each in file.iter() if _name(each) == "url" and not _is_torrent(each)]
    for element in sorted(elements, key=_rank):
        url = (element.text or "").strip()
        try:
            check_url(url)
        except UrlError:
            continue
        yield url


def _is_torrent(url: Element) -> bool:
    return url.get("type", "").lower() == _TORRENT


def _rank(url: Element) -> int:
    priority, preference = url.get("priority", ""), url.get("preference", "")
    if priority.isascii() and priority.isdigit():
        return int(priority[:6])
    if preference.isascii() and preference.isdigit():
        return -int(preference[:6])
    return _NO_PRIORITY


def _checksum(file: Element) -> tuple[str | None, str]:
    """Return the strongest digest of the whole file; those of pieces are of no use here.

    Where there are digests and none can be used, it comes with the reason of the first.
    """
    pieces = {id(each) for part in file.iter() if _name(part) == "pieces" for each in part.iter()}
    found: dict[str, str] = {}
    problems: list[str] = []
    for element in file.iter():
        if _name(element) == "hash" and id(element) not in pieces:
            try:
                checksum = parse_checksum(
                    f"{element.get('type', '')}={(element.text or '').strip()}"
                )
            except ValueError as error:
                problems.append(clean(str(error), 100))
                continue
            found[checksum.algorithm] = f"{checksum.algorithm}={checksum.hexdigest}"
    strongest = next((found[name] for name in HEX_DIGITS if name in found), None)
    return strongest, "" if strongest else next(iter(problems), "")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
