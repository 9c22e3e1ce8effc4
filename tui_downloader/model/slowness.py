"""Why a download is not faster: one sentence that names the likeliest cause."""

from __future__ import annotations

from typing import NamedTuple

from tui_downloader.model.shares import Bound
from tui_downloader.model.units import format_rate

# This near to a limit it is the limit that holds.
_NEAR = 0.8
_OFTEN = 0.5
_ROOMY = Bound(allowed=16, limit=16, of_host=True, others=0)


class Conditions(NamedTuple):
    """What surrounds a running download.

    Attributes:
        bytes_per_s: its throughput.
        own_limit, global_limit: bytes per second, None for none.
        total_bytes_per_s: throughput of all downloads together.
        backed_up: share of the time (0 to 1) in which received bytes waited for the disk.
        has_ranges: the server can send parts of the file.
        connections, wanted: open now, and as many as would be tried if there were no bound.
        most: the most that there may be; is_named: the user said so.
        refused_above: the server serves no more connections than this, 0 when it never refused.
        share: what the program's own bounds, shared with other downloads, leave for this one.
        is_settled: no other number of connections is being tried now.
        silent_s: seconds without a byte.
    """

    bytes_per_s: float = 0.0
    own_limit: int | None = None
    global_limit: int | None = None
    total_bytes_per_s: float = 0.0
    backed_up: float = 0.0
    has_ranges: bool = True
    connections: int = 1
    wanted: int = 1
    most: int = 16
    is_named: bool = False
    refused_above: int = 0
    share: Bound = _ROOMY
    is_settled: bool = True
    silent_s: float = 0.0


def limited_by(now: Conditions) -> str:
    """Return the sentence."""
    for cause in (_disk, _silence, _limits, _server, _shares, _connections):
        if words := cause(now):
            return words
    return "the network or the server: more connections bring nothing"


def _silence(now: Conditions) -> str:
    if now.silent_s >= 5:
        return f"the server or the way to it: nothing has come for {now.silent_s:.0f} s"
    return ""


def _limits(now: Conditions) -> str:
    if now.own_limit and now.bytes_per_s >= _NEAR * now.own_limit:
        return f"its own speed limit of {format_rate(now.own_limit)}"
    if now.global_limit and now.total_bytes_per_s >= _NEAR * now.global_limit:
        return f"the speed limit of the whole program, {format_rate(now.global_limit)}"
    return ""


def _disk(now: Conditions) -> str:
    return "the disk: received bytes wait to be written" if now.backed_up >= _OFTEN else ""


def _server(now: Conditions) -> str:
    if not now.has_ranges:
        return "the server: it sends the file in one piece only"
    # When more are open than were once refused, it has changed its mind.
    if now.refused_above and now.connections == now.refused_above:
        return f"the server: it allows {_count(now.refused_above)} at once"
    return ""


def _shares(now: Conditions) -> str:
    """The program's own bounds, when more connections would be tried and those allowed are open."""
    share = now.share
    if not share.allowed <= now.connections or share.allowed >= now.wanted:
        return ""
    where = "to one host" if share.of_host else "of the whole program"
    words = f"the limit of {_count(share.limit)} {where}"
    if share.others:
        others = f"{share.others} other download{'s' * (share.others > 1)}"
        words = f"{words}, shared with {others}: {share.allowed} for this one"
    return f"{words}, with {_each(now)} each"


def _connections(now: Conditions) -> str:
    if not now.is_settled:
        return "nothing yet: it is finding out how many connections pay"
    if now.connections < min(now.wanted, now.share.allowed):
        return "what is left of the file: it is too little for more connections"
    if now.connections < now.most:
        return ""
    if now.most == 1:
        return "one connection is allowed; + allows more"
    if now.is_named:
        return f"the number of connections that was asked for, {now.most}, with {_each(now)} each"
    return f"the number of connections: all {now.most} that may be open are, with {_each(now)} each"


def _each(now: Conditions) -> str:
    return format_rate(now.bytes_per_s / max(1, now.connections))


def _count(connections: int) -> str:
    return f"{connections} connection{'s' * (connections > 1)}"
