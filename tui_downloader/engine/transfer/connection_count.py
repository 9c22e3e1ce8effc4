"""How many connections a download should have now, and what limits its speed.

The number is the one that pays off (`Ramp`), bounded by what the server accepts and by what the
user, the program and other downloads leave. `Connections` opens and closes them and knows what each
one does; this module decides the number alone, and what is remembered of the host for next time.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.transfer.connection import ConnectionState
from tui_downloader.engine.transfer.throttling import Throttling
from tui_downloader.model.gusts import Gusts
from tui_downloader.model.links.link import MOST_AUTOMATIC
from tui_downloader.model.ramp import Ramp
from tui_downloader.model.settled_count import SettledCount
from tui_downloader.model.slowness import Cause, Conditions, cause_of
from tui_downloader.model.units import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.connection import Connection
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools

_TICK_S = 0.25
# What one program should use: the other half is for the system and other programs.
_PROCESSORS = max(1.0, (os.cpu_count() or 1) / 2)
# A server that counts connections counts one that we closed until it tries to write to it.
_SHORTEST_BREATH_S = 0.1
_ROUND_TRIPS_TO_NOTICE = 2


def is_among_first(number: int, numbers: Iterable[int], wanted: int) -> bool:
    """Tell whether a connection is one of the `wanted` that were opened first.

    Those are at their speed already.

    Args:
        number: of the connection; the later it was opened, the higher.
        numbers: of all that are open.
    """
    return sum(each < number for each in numbers) < wanted


class ConnectionCount:
    """Decides how many connections a download should have; consulted periodically.

    Args:
        download: DOWNLOADING; it shows what is decided here.
        connections: of the download, as they are at any time.
        has_ranges: the file can be had in parts.
    """

    def __init__(
        self,
        download: Download,
        tools: Tools,
        asking: Asking,
        connections: Collection[Connection],
        *,
        has_ranges: bool,
    ) -> None:
        self._download = download
        self._tools = tools
        self._asking = asking
        self._connections = connections
        self._has_ranges = has_ranges
        self._named = tools.hosts.named_for(download.request)
        self._ramp = self._make_ramp()
        self._elders: list[Connection] = []  # those that were there before the last step
        self._gusts = Gusts()
        self._settled_count = SettledCount()
        self._throttling = Throttling(connections, asking, time.monotonic())
        self._refused_above = 0  # as many were served when the last one was refused
        self._refused_at = 0.0
        # As many were served at once before, and are no news: a server may count one that was cut.
        self._most_served = tools.hosts.facts_of(asking.serving_url).refused_above

    def _make_ramp(self) -> Ramp:
        if not self._has_ranges:
            return Ramp(1, is_fixed=True)
        hosts, request = self._tools.hosts, self._download.request
        url = self._asking.serving_url
        self._download.facts.remembered = hosts.words_of(url)
        return hosts.ramp_for(request, url)

    def begin(self) -> None:
        """Take a share of the program's connections, which are divided between downloads."""
        self._tools.hosts.shares.enter(self._download.download_id, self._asking.serving_host)

    def end(self, *, was_sound: bool) -> None:
        """Return that share, and remember the best number for the next download from this host."""
        self._tools.hosts.shares.leave(self._download.download_id)
        self._asking.place.leave()
        self._download.progress.connections = 0
        self._download.progress.slowed_by = Cause()  # what comes next is not receiving
        if was_sound and self._has_ranges and not self._named and self._ramp.best > 1:
            self._tools.hosts.worked(self._asking.serving_url, self._ramp.best)

    # The number.

    @property
    def wanted(self) -> int:
        """As many as pay off, within what the host, other downloads and speed limits leave."""
        wanted = min(self._ramp.wanted, self._allowed)
        if self.is_host_closed:
            return min(wanted, len(self._connections))
        if self._throttling.is_limited and not self._named:
            return min(wanted, max(1, len(self._connections)))
        return wanted

    def keeps(self, number: int) -> bool:
        """Tell whether the connection of this number goes on at the end of its range."""
        return is_among_first(number, (each.number for each in self._connections), self.wanted)

    @property
    def most(self) -> int:
        """More than these must not be open, whether they pay off or not."""
        return min(self._ramp.most, self._allowed)

    @property
    def is_trying_more(self) -> bool:
        """Nobody knows yet whether the latest connections pay off."""
        return self._ramp.is_trying_more

    @property
    def is_host_closed(self) -> bool:
        """The host has told this or another download to send no requests for now."""
        return self._tools.hosts.closed(self._asking.serving_url) is not None

    @property
    def _allowed(self) -> int:
        return self._tools.hosts.shares.allowed(self._download.download_id)

    @property
    def _is_held(self) -> bool:
        """More connections cannot be tried now: a bound, or the host, does not allow any."""
        is_bound = self._allowed < self._ramp.wanted or self._throttling.is_limited
        return is_bound or self.is_host_closed or self._asking.turns.is_waited_for

    @property
    def _is_calm(self) -> bool:
        return self._ramp.is_settled or self._is_held

    def count(self) -> None:
        """Update the number of open connections."""
        self._download.progress.connections = len(self._connections)
        self._download.progress.wanted_connections = self.wanted
        shares, key = self._tools.hosts.shares, self._download.download_id
        shares.move(key, self._asking.serving_host)
        shares.use(key, len(self._connections))

    # What it goes by.

    @property
    def next_look_s(self) -> float:
        """Seconds until the next look: fewer while it is still trying numbers."""
        return _TICK_S if self._is_calm else self._ramp.look_s

    def look(self, now: float, received_bytes: int, left_bytes: float) -> None:
        """Learn from what came since the last look.

        Args:
            now: steady clock, seconds.
            received_bytes: by all connections, those that are gone too.
            left_bytes: of the file; infinite when nobody knows.
        """
        is_held_back = self._throttling.look(now)
        head_s = self._asking.round_trip_s
        open_ = [each for each in self._connections if each.state is ConnectionState.RECEIVING]
        received = {each.number: each.received_bytes for each in open_}
        self._gusts.look(now, received, head_s, is_held=is_held_back)
        if is_held_back:
            self._download.progress.held_at = time.time()
        if self._is_calm and self._settled_count.is_worth_telling(len(self._connections), now):
            self._download.note(time.time(), counted(len(self._connections), "connection"))
        known, receiving = max(self._most_served, self._refused_above), self._note_served()
        self._asking.place.serve(receiving)
        if self._ramp.most > self._refused_above > 0 and receiving > known:
            self._admitted(now)
        if self._is_held:
            self._ramp.hold(now)
        else:
            busy_s = time.process_time() / _PROCESSORS
            elder_bytes = sum(connection.received_bytes for connection in self._elders)
            before = self._ramp.wanted
            self._ramp.observe(
                now,
                received_bytes,
                receiving,
                head_s,
                left_bytes,
                busy_s,
                elder_bytes,
                is_gusty=self._gusts.were_seen,
                paused_at=self._gusts.paused_at(each.number for each in self._elders),
            )
            if self._ramp.wanted > before:
                self._elders = list(self._connections)
        self._heed_wishes()

    def _heed_wishes(self) -> None:
        """Apply limits that the user changed during the run."""
        self._asking.heed_limit()
        named = self._tools.hosts.named_for(self._download.request)
        if self._has_ranges and named != self._named:
            self._named = named
            self._ramp.allow(named or MOST_AUTOMATIC, is_fixed=bool(named))

    def _note_served(self) -> int:
        """Return how many connections have brought something."""
        receiving = sum(connection.received_bytes > 0 for connection in self._connections)
        self._most_served = max(self._most_served, receiving)
        return receiving

    def _admitted(self, now: float) -> None:
        """One more is served than when some were refused: their number was not the reason."""
        self._refused_above = 0
        self._ramp.admitted(now)
        hosts = self._tools.hosts
        hosts.admitted(self._asking.serving_url)
        hosts.rates.begin(self._asking.primary_url, now - self._refused_at)
        words = "more are served a moment later: requests wait for their turn from now on"
        self._download.note(time.time(), words)

    def refused(self, working: int, *, told_s: float, is_rule: bool) -> None:
        """Go down to the number that works; a fixed limit is remembered for the host.

        Args:
            told_s: for so long the server wants no other one.
        """
        now = time.monotonic()
        self._ramp.refused(now, working, told_s)
        self._note_served()
        self._refused_above, self._refused_at = self._ramp.most, now
        self._tools.hosts.rates.excuse(self._asking.primary_url)
        if is_rule:
            self._tools.hosts.refused(self._asking.serving_url, working)
        self._settled_count.tell(working, now)

    @property
    def breath_s(self) -> float:
        """Seconds that the server gets to notice an answer that was closed before its end."""
        facts = self._tools.hosts.facts_of(self._asking.serving_url)
        is_strict = self._ramp.was_refused or facts.refused_above
        noticed_s = _ROUND_TRIPS_TO_NOTICE * self._asking.round_trip_s
        return max(_SHORTEST_BREATH_S, noticed_s) if is_strict else 0.0

    # Why it is no faster.

    def explain(self, now: float) -> None:
        """Note for the details what limits the download now.

        Args:
            now: steady clock, seconds.
        """
        progress, hosts, throttling = self._download.progress, self._tools.hosts, self._throttling
        heard_at = progress.heard_at
        progress.slowed_by = cause_of(
            Conditions(
                bytes_per_s=progress.throughput.shown.rate(time.time()),
                own_limit=self._download.request.limit_bytes_per_s,
                global_limit=self._tools.limiter.rate,
                total_bytes_per_s=self._tools.limiter.bytes_per_s(now),
                backed_up=throttling.disk.value,
                own_held=throttling.own_limit.value,
                global_held=throttling.common_limit.value,
                has_ranges=self._has_ranges,
                is_told_to_wait=self.is_host_closed,
                connections=len(self._connections),
                wanted=self._ramp.wanted,
                most=self._ramp.most,
                is_named=bool(self._named),
                refused_above=hosts.facts_of(self._asking.serving_url).refused_above,
                share=hosts.shares.bound(self._download.download_id),
                is_settled=self._ramp.is_settled,
                silent_s=0.0 if heard_at is None else time.time() - heard_at,
            )
        )
