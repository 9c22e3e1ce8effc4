"""Hosts whose certificates are not checked, because the user said so for one of their downloads.

That applies to their other downloads too, and to new ones, until the program ends: such a host is
not to be trusted for ever. Requests that were made that way stay so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.links.addresses import is_secure, origin_of

if TYPE_CHECKING:
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.addresses import Origin
    from tui_downloader.model.links.link import ParsedLinks


class TrustedHosts:
    """Remembers them by scheme, name and port.

    Attributes:
        origins: all of them; it is replaced and never changed.
    """

    def __init__(self) -> None:
        self.origins: frozenset[Origin] = frozenset()

    def __contains__(self, url: str) -> bool:
        return origin_of(url) in self.origins

    def trust(self, url: str) -> None:
        """Accept any certificate of the host of an address."""
        if is_secure(url):
            self.origins |= {origin_of(url)}

    def distrust(self, url: str) -> None:
        """Check the certificates of its host again."""
        self.origins -= {origin_of(url)}

    def applied_to(self, request: DownloadRequest) -> DownloadRequest:
        """Return a request that accepts any certificate if its host is one of them."""
        return replace(request, insecure=True) if request.url in self else request

    def applied_to_links(self, parsed: ParsedLinks) -> ParsedLinks:
        """Return links that accept any certificate where their host is one of them."""
        if not self.origins:
            return parsed
        links = (
            replace(link, insecure=True) if link.url in self else link for link in parsed.links
        )
        return parsed._replace(links=tuple(links))
