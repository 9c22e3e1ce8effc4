"""What becomes known of a request before its answer: how far it is, and where redirects lead."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.engine.transfer.tools import Deferred
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Event, Status
from tui_downloader.model.text import clean, redact

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools


class RequestSteps:
    """Notes the steps of the requests of one run of a download.

    Args:
        download: nobody else changes it meanwhile.
        tools: the engine's.
    """

    def __init__(self, download: Download, tools: Tools) -> None:
        self._download = download
        self._tools = tools

    def on_phase(self, phase: str) -> None:
        """Show "DNS", "TCP", "TLS" or "waiting for answer" until the download has begun."""
        if self._download.status is Status.CONNECTING:
            self._download.set_phase(phase, time.time())

    def on_hop(self, here: str, there: str) -> None:
        """Note where a redirect leads, before that host is asked.

        Raises:
            Deferred: nobody gets through to it, and another download finds out when that is over.
            HostBusy: it wants no requests now.
        """
        # Once a download has begun, this is not about all of it; and with a proxy of its own, what
        # is known of hosts is of the others' way to them.
        if self._download.status is Status.CONNECTING and self._download.request.proxy is None:
            self._heed_silence(here, there)
        self._tools.hosts.check(there)

    def _heed_silence(self, here: str, there: str) -> None:
        download, outages = self._download, self._tools.outages
        outages.reached(here)
        host = host_of(there)
        if not outages.silent.lets_on(download, host):
            words = f"{clean(host, 120)} cannot be reached; waits in line until it can"
            download.note(time.time(), f"redirected to {redact(there)}: {words}")
            self._tools.step(download, Event.REQUEUE)
            raise Deferred
