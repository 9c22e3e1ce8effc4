"""Waits for the turn of a download at a host that refuses requests which come too soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.answers import Refuse
from tui_downloader.model.request_rate import may_be_too_soon

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.network.hosts import Hosts
    from tui_downloader.model.answers import Verdict

_PHASE = "waiting for its turn"


class Turns:
    """The requests of one run of a download.

    Args:
        hosts: knows their rates, and how many connections they serve now.
        on_phase: told when a wait begins.
    """

    def __init__(self, hosts: Hosts, on_phase: Callable[[str], None]) -> None:
        self._hosts = hosts
        self._rates = hosts.rates
        self._on_phase = on_phase
        self._waiting = 0

    @property
    def is_waited_for(self) -> bool:
        """A request has not been sent yet, as others were sent just now."""
        return self._waiting > 0

    def every_s(self, url: str, host: str) -> float:
        """Return how often it is its turn at the host of `url`, 0 for whenever it likes.

        Args:
            host: which serves it, and others: a redirect may have led there.
        """
        interval_s = self._rates.interval_s(url)
        return interval_s and interval_s * max(1, self._hosts.shares.at(host)[0])

    async def take(self, url: str) -> float:
        """Wait until a request may be sent to the host of `url`; return when that is."""
        if self._rates.interval_s(url):
            self._on_phase(_PHASE)
        self._waiting += 1
        try:
            return await self._rates.turn(url)
        finally:
            self._waiting -= 1

    def heard(
        self, url: str, sent_at: float, verdict: Verdict, *, is_alone: bool, is_beside_others: bool
    ) -> None:
        """Learn from the answer to a request that was sent then.

        A first request, refused while other downloads have connections, may be one too many for the
        host, and then tells nothing.

        Args:
            is_alone: it is the first one of its download, or all others have ended.
            is_beside_others: other downloads have connections, or have just asked for one.
        """
        if not isinstance(verdict, Refuse):
            self._rates.answered(url, is_alone=is_alone)
        elif may_be_too_soon(verdict.error) and not (is_alone and is_beside_others):
            self._rates.refused(url, sent_at, is_alone=is_alone)
