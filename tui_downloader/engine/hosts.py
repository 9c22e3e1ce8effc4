"""What is known of hosts across downloads: who asked to be left alone, whose ETags mean nothing."""

from __future__ import annotations

from urllib.parse import urlsplit


class Hosts:
    """Retry-After binds a whole host, not one connection (laws.md, table C).

    Times are wall clock, in seconds.
    """

    def __init__(self) -> None:
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
