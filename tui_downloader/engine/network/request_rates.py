"""Which hosts refuse requests that come too soon after others, and whose turn it is there.

A host is name and port. Downloads from such a host send their requests one after the other, at the
pace that it accepts (`model.request_rate`).
"""

from __future__ import annotations

import asyncio
import math
import time

from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.request_rate import RequestRate

_REFUSALS_WORTH_HEEDING = 2  # one may have been a busy moment


class _Host:
    """What is known of a host that has refused requests.

    Attributes:
        rate: None while nobody knows that it is the rate.
        refusals: while it served nothing else, as far as is known.
        served: first requests of downloads that it has answered since it refused one.
        heard: what `served` was when a download was last refused, by its id.
    """

    def __init__(self) -> None:
        self.rate: RequestRate | None = None
        self.refusals = 0
        self.served = 0
        self.heard: dict[int, int] = {}
        self.turn = asyncio.Lock()
        self.sent_at = 0.0


class RequestRates:
    """Knows the hosts; times are of the steady clock."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    def interval_s(self, url: str) -> float:
        """Return how far apart requests to the host of `url` are sent, 0 as soon as they come."""
        rate = self._rate(url)
        return 0.0 if rate is None else rate.interval_s

    def _rate(self, url: str) -> RequestRate | None:
        host = self._hosts.get(host_of(url)) if self._hosts else None
        return None if host is None else host.rate

    async def turn(self, url: str) -> float:
        """Wait until a request may be sent to the host of `url`; return when that is."""
        if self._rate(url) is None:
            return time.monotonic()
        host = self._hosts[host_of(url)]
        async with host.turn:
            interval_s = 0.0 if host.rate is None else host.rate.interval_s
            await asyncio.sleep(max(0.0, host.sent_at + interval_s - time.monotonic()))
            host.sent_at = time.monotonic()
            return host.sent_at

    def begin(self, url: str, served_s: float = math.inf) -> None:
        """The host of `url` limits how soon a request may follow another.

        Args:
            served_s: it has served one that came so long after another one.
        """
        host = self._hosts.setdefault(host_of(url), _Host())
        if host.rate is None:
            host.rate = RequestRate(time.monotonic(), served_s)
            host.sent_at = time.monotonic()

    def answered(self, url: str, *, is_alone: bool) -> None:
        """A request to the host of `url` was not refused.

        Args:
            is_alone: as in `refused`.
        """
        host = self._hosts.get(host_of(url)) if self._hosts else None
        if host is None:
            return
        host.served += is_alone
        if host.rate is not None:
            host.rate.answered(time.monotonic())
            if host.rate.is_negligible:
                host.rate, host.refusals = None, 0

    def refused(self, url: str, sent_at: float, *, is_alone: bool) -> None:
        """A request that was sent then was refused, perhaps for coming too soon.

        Args:
            is_alone: its download has no other connection.
        """
        host = self._hosts.setdefault(host_of(url), _Host())
        if host.rate is not None:
            host.rate.refused(sent_at, time.monotonic())
        elif is_alone:
            host.refusals += 1
            if host.refusals >= _REFUSALS_WORTH_HEEDING:
                self.begin(url)

    def forget(self) -> None:
        """Send requests as soon as they come again, to all hosts."""
        for host in self._hosts.values():
            host.rate, host.refusals = None, 0

    def is_innocent(self, url: str) -> bool:
        """Tell whether what the host of `url` refused last did not come too soon."""
        rate = self._rate(url)
        return rate is not None and rate.is_innocent

    def excuse(self, url: str) -> None:
        """What the host of `url` refused last was one connection too many."""
        if (rate := self._rate(url)) is not None:
            rate.excuse()

    def has_served_others(self, url: str, download_id: int) -> bool:
        """Tell whether the host of `url` has answered any since it was last asked for that one."""
        host = self._hosts.setdefault(host_of(url), _Host())
        before = host.heard.get(download_id, host.served)
        host.heard[download_id] = host.served
        return host.served > before
