"""What is known of hosts across downloads: which of them asked everyone to come back later."""

from __future__ import annotations

from urllib.parse import urlsplit


class Hosts:
    """Retry-After binds a whole host, not one connection (laws.md, table C).

    Times are wall clock, in seconds.
    """

    def __init__(self) -> None:
        self._closed_until: dict[str, float] = {}

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
