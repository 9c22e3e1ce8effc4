"""The addresses of one file: the one that was added, and its mirrors.

A mirror serves only once it is known to have the same file: same size, and equal bytes in samples
of what is on disk. When the address in use fails for good, the next one takes over, and the bytes
here are checked against it as with any other resume.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.text import strip_userinfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST_MIRRORS = 16
_FAULTS = 3  # of a mirror in all; then it is left alone
# RFC 8288: `<target>; rel=duplicate; pri=1`. RFC 6249 makes them mirrors of the same file.
# Compiled when it is needed: few servers name any.
_LINK = r"(?a)<([^<>]*)>((?:\s*;\s*[^,;=\s\"]+(?:=(?:\"[^\"]*\"|[^,;\s]*))?)*)"
_DUPLICATE = r"(?ai);\s*rel\s*=\s*\"?duplicate\"?\s*(?:;|$)"


@dataclass(slots=True, eq=False)
class Source:
    """One address.

    Attributes:
        url: as it was given.
        final_url: where it led, "" before it answered.
        is_proven: its bytes are those of the file.
        needs_thirds: a first sample fits, but nothing else speaks for it: see `proving`.
        faults: what went wrong with it; a mirror with too many is left alone.
        brought: bytes of the file on disk that came from it in this run.
    """

    url: str
    final_url: str = ""
    is_proven: bool = False
    needs_thirds: bool = False
    faults: int = 0
    brought: RangeSet = field(default_factory=RangeSet)

    @property
    def is_bad(self) -> bool:
        """It is not used any more."""
        return self.faults >= _FAULTS

    def give_up(self) -> None:
        """Do not use it any more."""
        self.faults = _FAULTS


class Sources:
    """Every known address of a file; the first is the one to ask first.

    Args:
        urls: addresses in the order of preference, at least one.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self._sources = [Source(url) for url in dict.fromkeys(urls)]

    @property
    def primary(self) -> Source:
        """The address in use: its size and validators are those of the file."""
        return self._sources[0]

    @property
    def others(self) -> list[str]:
        """The mirrors that could take over."""
        return [each.url for each in self._sources[1:] if not each.is_bad]

    @property
    def unproven(self) -> list[Source]:
        """Mirrors that have not been compared yet."""
        return [each for each in self._sources[1:] if not (each.is_proven or each.is_bad)]

    def add(self, urls: Iterable[str]) -> None:
        """Add further mirrors."""
        known = {each.url for each in self._sources}
        for url in urls:
            if url not in known and len(self._sources) <= _MOST_MIRRORS:
                known.add(url)
                self._sources.append(Source(url))

    def pick(self, in_use: Iterable[Source]) -> Source:
        """Return the source for the next connection: the usable one with the fewest."""
        busy = list(in_use)
        proven = [each for each in self._sources[1:] if each.is_proven and not each.is_bad]
        return min((self.primary, *proven), key=busy.count)

    def disprove(self) -> list[Source]:
        """Do not use the mirrors any more that seemed to have the same file; return them."""
        disproved = [each for each in self._sources[1:] if each.is_proven and not each.is_bad]
        for each in disproved:
            each.give_up()
        return disproved

    def fail_over(self) -> bool:
        """Replace the address in use by the next one; return False when there is none."""
        candidates = [each for each in self._sources[1:] if not each.is_bad]
        if not candidates:
            return False
        candidates.sort(key=lambda each: not each.is_proven)
        successor = candidates[0]
        self._sources.remove(successor)
        self.primary.give_up()
        self._sources.insert(0, successor)
        return True


def duplicates(link_fields: Iterable[str], base: str) -> list[str]:
    """Return the mirrors that Link fields name (RFC 6249, 4), http and https only."""
    found = []
    for links in link_fields:
        for target, parameters in re.findall(_LINK, links):
            if re.search(_DUPLICATE, parameters):
                url = urljoin(base, target.strip())
                # Never from https down to http without the user's word, and never with a login.
                allowed = ("https",) if base.startswith("https:") else ("http", "https")
                if urlsplit(url).scheme in allowed and urlsplit(url).hostname:
                    found.append(strip_userinfo(url)[0])
    return found
