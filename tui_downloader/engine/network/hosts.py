"""What is known of hosts across downloads: how many connections work, and which want no requests.

A host is name and port. What helps the next run is kept on disk (`store.host_memory`).
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import ends_in, on_the_wall, steady
from tui_downloader.engine.network.request_rates import RequestRates
from tui_downloader.model.crowd import Crowd
from tui_downloader.model.errors import HostBusy, HttpStatusError
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.links.link import MOST_AUTOMATIC, MOST_CONNECTIONS
from tui_downloader.model.ramp import Ramp
from tui_downloader.model.retry import SHORTEST_RETRY_AFTER_S
from tui_downloader.model.shares import Shares
from tui_downloader.model.text import clean
from tui_downloader.store import host_memory
from tui_downloader.store.host_memory import HostFacts

if TYPE_CHECKING:
    from tui_downloader.engine.options import EngineOptions
    from tui_downloader.model.deadline import Deadline
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.errors import DownloadError
    from tui_downloader.model.proxy import Proxy

_log = logging.getLogger(__name__)

_REFUSALS_WORTH_KEEPING = 2


class Hosts:
    """Remembers facts about hosts.

    Args:
        options: how many connections there may be, and where the memory is kept.

    Attributes:
        shares: divides connections between downloads.
        rates: which hosts refuse requests that come too soon.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._connections = named = options.connections
        self._file = options.hosts_file
        self._facts: dict[str, HostFacts] = {}
        self._news: dict[str, HostFacts] = {}
        self._closed: dict[str, Deadline] = {}
        self._flapping: set[str] = set()
        self._crowds: dict[str, Crowd] = {}
        self._refusals: Counter[str] = Counter()
        self._possible = options.connections_possible
        self._options = options
        self._apart: dict[Proxy, Hosts] = {}
        self.shares = Shares(0, 0)
        self.rates = RequestRates()
        self.set_connections(named, options.connections_per_host, options.connections_total)

    def by(self, proxy: Proxy | None) -> Hosts:
        """Return what is known of hosts by those who have this proxy of their own.

        To the hosts they are other clients, by another way; nothing of that is kept on disk.
        """
        if proxy is None:
            return self
        if proxy not in self._apart:
            options = self._options._replace(hosts_file=None, connections=self._connections)
            self._apart[proxy] = apart = Hosts(options)
            apart.shares = self.shares
        return self._apart[proxy]

    # Retry-After binds a whole host, not one connection (laws.md, table C).

    def close(self, host: str, until: Deadline) -> None:
        """A host wants no requests until then."""
        before = self._closed.get(host)
        if before is None or before.at < until.at:
            self._closed[host] = until

    def heed(self, refusal: DownloadError) -> HostBusy | None:
        """Close the host that sent a refusal for as long as that says; None when it does not."""
        if not isinstance(refusal, HttpStatusError) or refusal.retry_after_s is None:
            return None
        until = ends_in(max(SHORTEST_RETRY_AFTER_S, refusal.retry_after_s))
        self.close(refusal.host, until)
        return busy(refusal.host, until)

    def check(self, url: str) -> None:
        """Let a request to the host of `url` pass.

        Raises:
            HostBusy: it wants none now.
        """
        if (until := self.closed(url)) is not None:
            raise busy(host_of(url), until)

    def closed(self, url: str) -> Deadline | None:
        """Return when the host of `url` wants requests again; None when it does now."""
        host = host_of(url)
        until = self._closed.get(host)
        if until is not None and not until.left_s(steady()):
            del self._closed[host]
            return None
        return until

    def closed_until(self, now: float) -> dict[str, float]:
        """Return the hosts that want no request now, with the end of that.

        Args:
            now: wall clock, seconds; so are the ends.
        """
        at = steady()
        closed = self._closed.items()
        return {host: until.shown(now, at) for host, until in closed if until.left_s(at)}

    def open(self, *hosts: str) -> None:
        """Allow requests to hosts again: the user wants to try now."""
        for host in hosts:
            self._closed.pop(host, None)

    # ETags.

    def drop_etags(self, url: str) -> None:
        """Note that the host of `url` changes ETags without changing files."""
        self._flapping.add(host_of(url))

    def etags_flap(self, url: str) -> bool:
        """Tell whether the ETags of the host of `url` mean nothing."""
        return host_of(url) in self._flapping

    # Who is served.

    def crowd_of(self, url: str) -> Crowd:
        """Return the downloads that want something of the host of `url`."""
        return self._crowds.setdefault(host_of(url), Crowd())

    # How many connections for one file.

    def set_connections(self, most: int, per_host: int, total: int) -> None:
        """Set the connections per file (0: automatic) and the bounds, raised to fit them."""
        for apart in self._apart.values():
            apart.set_connections(most, per_host, total)
        self._connections = most
        self.shares.per_host = max(most, per_host)
        self.shares.total = max(most, min(total, self._possible))

    def named_for(self, request: DownloadRequest) -> int:
        """Return the number of connections that the user set for a request, 0 for automatic."""
        return min(MOST_CONNECTIONS, request.connections or self._connections)

    def facts_of(self, url: str) -> HostFacts:
        """Return what is known of the host of `url`."""
        return self._facts.get(host_of(url), HostFacts())

    def ramp_for(self, request: DownloadRequest, url: str) -> Ramp:
        """Return the `Ramp` that decides the number of connections of a download.

        Args:
            url: where the bytes come from: a redirect may have led there.
        """
        facts = self.facts_of(url)
        # A time to come is one of before the clock was put back.
        age_s = abs(time.time() - facts.refused_at)
        is_fresh = age_s < host_memory.REFUSAL_FORGOTTEN_AFTER_S
        accepted = facts.refused_above if is_fresh else 0
        if named := self.named_for(request):
            return Ramp(named, accepted=accepted, is_fixed=True)
        return Ramp(MOST_AUTOMATIC, start=facts.connections, accepted=accepted)

    def words_of(self, url: str) -> str:
        """Say what earlier downloads have shown about the host of `url`, "" for nothing."""
        facts = self.facts_of(url)
        told = []
        if facts.connections:
            told.append(f"{facts.connections} connections served best")
        if facts.refused_above:
            told.append(f"it allows {facts.refused_above} at once")
        return ", ".join(told)

    def refused(self, url: str, working: int) -> None:
        """The host of `url` serves no more than so many connections at once."""
        self._refusals[host_of(url)] += 1
        if self._refusals[host_of(url)] < _REFUSALS_WORTH_KEEPING:
            return  # one busy moment is no rule of the house
        now = time.time()
        facts = self.facts_of(url)._replace(refused_above=max(1, working), refused_at=now)
        self._learn(url, facts)

    def admitted(self, url: str) -> None:
        """The host of `url` serves more than when it refused some: they came too soon."""
        self._refusals.pop(host_of(url), None)
        self._learn(url, self.facts_of(url)._replace(refused_above=0))

    def worked(self, url: str, connections: int) -> None:
        """So many connections served a file of this host best."""
        self._learn(url, self.facts_of(url)._replace(connections=connections))

    def _learn(self, url: str, facts: HostFacts) -> None:
        facts = facts._replace(seen_at=time.time())
        self._facts[host_of(url)] = self._news[host_of(url)] = facts

    # The memory on disk. These block.

    def recall(self) -> None:
        """Load what earlier runs have learnt."""
        if self._file is not None:
            self._facts = host_memory.load(self._file) | self._facts

    def memorise(self) -> None:
        """Save what this run has learnt; an error is only logged, as nothing depends on it."""
        if self._file is not None and self._news:
            news, self._news = self._news, {}
            try:
                host_memory.save(self._file, news)
            except OSError as error:
                _log.warning("what was learnt of hosts is not kept: %s", error)

    def forget(self) -> int:
        """Forget everything that was learnt; return how many hosts that was."""
        known = len(self._facts)
        self._facts.clear()
        self._news.clear()
        self._apart.clear()
        self.rates.forget()
        if self._file is not None:
            host_memory.clear(self._file)
        return known


def busy(host: str, until: Deadline) -> HostBusy:
    """Say until when a host wants no request, in local time."""
    clock = time.strftime("%H:%M:%S", time.localtime(on_the_wall(until)))
    words = f"{clean(host, 120)} asked to wait until {clock} (Retry-After)"
    return HostBusy(words, host=host, until=until)
