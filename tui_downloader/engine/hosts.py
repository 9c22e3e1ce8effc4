"""What is known of hosts across downloads: who asked to be left alone, whose ETags mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_downloader.model.ramp import Ramp

if TYPE_CHECKING:
    from tui_downloader.model.download import DownloadRequest

MOST_CONNECTIONS = 64
MOST_AUTOMATIC = 16


class Hosts:
    """Retry-After binds a whole host, not one connection (laws.md, table C).

    Times are wall clock, in seconds.

    Args:
        connections: most for one file; 0 lets each download find out.
    """

    def __init__(self, connections: int = 0) -> None:
        self._connections = connections
        self._refused_above: dict[str, int] = {}
        self._worked: dict[str, int] = {}
        self._closed_until: dict[str, float] = {}
        self._flapping: set[str] = set()

    def close(self, url: str, until: float) -> None:
        """Note that the host of `url` wants no request before `until`."""
        host = urlsplit(url).netloc
        self._closed_until[host] = max(until, self._closed_until.get(host, 0.0))

    def wait_s(self, url: str, now: float) -> float:
        """Return how many seconds the host of `url` still wants to be left alone."""
        host = urlsplit(url).netloc
        left_s = self._closed_until.get(host, 0.0) - now
        if left_s <= 0:
            self._closed_until.pop(host, None)
        return max(0.0, left_s)

    def open(self, url: str) -> None:
        """Forget the wait: the user wants to try now."""
        self._closed_until.pop(urlsplit(url).netloc, None)

    def drop_etags(self, url: str) -> None:
        """Note that the host of `url` changes ETags without changing files."""
        self._flapping.add(urlsplit(url).netloc)

    def etags_flap(self, url: str) -> bool:
        """Tell whether the ETags of the host of `url` mean nothing."""
        return urlsplit(url).netloc in self._flapping

    # How many connections for one file.

    def ramp_for(self, request: DownloadRequest) -> Ramp:
        """Return what decides the number of connections of a download."""
        host = urlsplit(request.url).netloc
        allowed = self._refused_above.get(host, MOST_CONNECTIONS)
        if named := request.connections or self._connections:
            return Ramp(min(named, allowed), is_fixed=True)
        most = min(MOST_AUTOMATIC, allowed)
        return Ramp(most, start=self._worked.get(host, 1))

    def refused(self, url: str, working: int) -> None:
        """Note that the host of `url` serves no more than so many connections at once."""
        self._refused_above[urlsplit(url).netloc] = max(1, working)

    def worked(self, url: str, connections: int) -> None:
        """Note the number of connections that served a file of this host best."""
        self._worked[urlsplit(url).netloc] = connections
