"""Hosts whose certificates are not checked, because the user said so for one of their downloads.

That applies to their other downloads too, to new ones, and wherever a redirect leads there, until
the program ends: such a host is not to be trusted for ever. Requests that were made that way stay
so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.links.addresses import is_secure, origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.addresses import Origin
    from tui_downloader.model.links.link import ParsedLinks


class TrustedHosts:
    """Remembers them by scheme, name and port.

    Args:
        tell: is given all of them when there are others.

    Attributes:
        origins: all of them; `become` replaces them.
    """

    def __init__(self, tell: Callable[[frozenset[Origin]], None]) -> None:
        self.origins: frozenset[Origin] = frozenset()
        self._tell = tell

    def __contains__(self, url: str) -> bool:
        return origin_of(url) in self.origins

    def become(self, origins: frozenset[Origin]) -> None:
        """Accept any certificate of these hosts, and of no others."""
        if origins != self.origins:
            self.origins = origins
            self._tell(origins)

    def trust(self, url: str) -> None:
        """Accept any certificate of the host of an address."""
        if is_secure(url):
            self.become(self.origins | {origin_of(url)})

    def distrust(self, url: str) -> None:
        """Check the certificates of its host again."""
        self.become(self.origins - {origin_of(url)})

    def applied_to(self, request: DownloadRequest, failed_at: str = "") -> DownloadRequest:
        """Return a request that accepts any certificate if its host is one of them.

        Args:
            failed_at: a host that a redirect leads to, which may be another one of them.
        """
        if request.url in self:
            request = replace(request, insecure=True)
        if failed_at not in self or origin_of(failed_at) in map(origin_of, request.unproven):
            return request
        return replace(request, trusted=(*request.trusted, failed_at))

    def applied_to_links(self, parsed: ParsedLinks) -> ParsedLinks:
        """Return links that accept any certificate where their host is one of them."""
        if not self.origins:
            return parsed
        links = (
            replace(link, insecure=True) if link.url in self else link for link in parsed.links
        )
        return parsed._replace(links=tuple(links))
