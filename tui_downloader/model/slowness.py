"""Why a download is not faster: one sentence with the likeliest cause, and what helps."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.links.link import MOST_CONNECTIONS
from tui_downloader.model.shares import Bound
from tui_downloader.model.units import counted, format_rate

if TYPE_CHECKING:
    from collections.abc import Callable

# This near to a limit it is the limit that holds.
_NEAR = 0.8
_OFTEN = 0.5
_SILENT_S = 5
_ROOMY = Bound(allowed=16, limit=16, of_host=True, others=0)


class Remedy(Enum):
    """What the user can change about it; the keys are known where it is shown."""

    OWN_LIMIT = "the limit of this download"
    PROGRAM_LIMIT = "the limit of the whole program"
    OWN_CONNECTIONS = "the connections of this download"
    SHARED_CONNECTIONS = "a setting: the connections that downloads share"


class Cause(NamedTuple):
    """What limits the speed of a download.

    Attributes:
        sentence_end: its words, in which "{rate}" stands for the rate.
        remedy: None where the user can do nothing about it here.
        bytes_per_s: the rate that is named, if one is.
    """

    sentence_end: str = ""
    remedy: Remedy | None = None
    bytes_per_s: float = 0.0

    @property
    def words(self) -> str:
        """What it is slowed by, to end a sentence with; "" for nothing to tell."""
        return self.written(format_rate)

    def written(self, rate: Callable[[float], str]) -> str:
        """Return the same with a rate as `rate` writes it."""
        return self.sentence_end.replace("{rate}", rate(self.bytes_per_s))


_NOTHING = Cause()


class Share:
    """The recent fraction of time in which something was the case.

    Args:
        memory_s: what "of late" is.
        before_s: for so long, at the beginning, it is taken as not having been so. With all of the
            memory a short time alone says little.

    Attributes:
        value: 0 to 1.
    """

    def __init__(self, memory_s: float, before_s: float) -> None:
        self.value = 0.0
        self._memory_s = memory_s
        self._known_s = before_s

    @property
    def is_most(self) -> bool:
        """It was the case for at least half of the time."""
        return self.value >= _OFTEN

    def passed(self, seconds: float, part: float) -> None:
        """Add some time, in a fraction (0 to 1) of which it was the case."""
        self._known_s = min(self._memory_s, self._known_s + seconds)
        if self._known_s > 0:
            self.value += (part - self.value) * min(1.0, seconds / self._known_s)


class Conditions(NamedTuple):
    """What surrounds a running download.

    Attributes:
        bytes_per_s: its throughput.
        own_limit, global_limit: bytes per second, None for none.
        total_bytes_per_s: throughput of all downloads together.
        backed_up, own_held, global_held: the parts of the time, of late (0 to 1), in which received
            bytes waited for the disk, and in which its own limit or the global one took no more.
        has_ranges: the server can send parts of the file.
        is_told_to_wait: its host wants no more requests for now (Retry-After).
        connections, wanted: open now, and as many as would be tried if there were no bound.
        most: the most that there may be; is_named: the user said so.
        refused_above: the server serves no more connections than this, 0 when it never refused.
        share: what the program's own bounds, shared with other downloads, leave for this one.
        is_settled: no other number of connections is being tried now.
        silent_s: seconds without a byte, as far as that was not the program's own doing.
    """

    bytes_per_s: float = 0.0
    own_limit: int | None = None
    global_limit: int | None = None
    total_bytes_per_s: float = 0.0
    backed_up: float = 0.0
    own_held: float = 0.0
    global_held: float = 0.0
    has_ranges: bool = True
    is_told_to_wait: bool = False
    connections: int = 1
    wanted: int = 1
    most: int = 16
    is_named: bool = False
    refused_above: int = 0
    share: Bound = _ROOMY
    is_settled: bool = True
    silent_s: float = 0.0


def cause_of(now: Conditions) -> Cause:
    """Return the likeliest cause."""
    for cause in (_disk, _limits, _silence, _server, _shares, _connections):
        if found := cause(now):
            return found
    return Cause("the network or the server: more connections bring nothing")


def _silence(now: Conditions) -> Cause | None:
    if now.silent_s >= _SILENT_S or (now.silent_s and not now.bytes_per_s):
        return Cause(f"the server or the way to it: nothing has come for {now.silent_s:.0f} s")
    return None if now.bytes_per_s else _NOTHING


def _limits(now: Conditions) -> Cause | None:
    if now.own_limit and _holds(now.own_limit, now.bytes_per_s, now.own_held):
        words = "its own speed limit of {rate}"
        return Cause(words, Remedy.OWN_LIMIT, now.own_limit)
    if now.global_limit and _holds(now.global_limit, now.total_bytes_per_s, now.global_held):
        words = "the speed limit of the whole program, {rate}"
        return Cause(words, Remedy.PROGRAM_LIMIT, now.global_limit)
    return None


def _holds(limit: int, bytes_per_s: float, held: float) -> bool:
    """A limit that was just set holds at once; what comes in bursts may be held far below it."""
    return held >= _OFTEN or bytes_per_s >= _NEAR * limit


def _disk(now: Conditions) -> Cause | None:
    is_slow = now.backed_up >= _OFTEN
    return Cause("the disk: received bytes wait to be written") if is_slow else None


def _server(now: Conditions) -> Cause | None:
    if not now.has_ranges:
        return Cause("the server: it sends the file in one piece only")
    # Until it may ask again, nothing is found out either.
    if now.is_told_to_wait and (now.connections < now.wanted or not now.is_settled):
        return Cause("the server: it has asked for no more requests for now (Retry-After)")
    # When more are open than were once refused, it has changed its mind.
    if now.refused_above and now.connections == now.refused_above:
        return Cause(f"the server: it allows {counted(now.refused_above, 'connection')} at once")
    return None


def _shares(now: Conditions) -> Cause | None:
    """The program's own bounds, when more connections would be tried and those allowed are open."""
    is_used_up = now.share.allowed <= now.connections
    return _share(now) if is_used_up and now.share.allowed < now.wanted else None


def _share(now: Conditions) -> Cause:
    share = now.share
    where = "to one host" if share.of_host else "in all"
    words = f"the limit of {counted(share.limit, 'connection')} {where}"
    if share.others:
        here = f"{share.allowed} here, {{rate}} each"
        words = f"{words}, shared by {share.others + 1} downloads: {here}"
    else:
        words = f"{words}, with {{rate}} each"
    return Cause(words, Remedy.SHARED_CONNECTIONS, _each(now))


def _connections(now: Conditions) -> Cause | None:
    if not now.is_settled:
        return Cause("nothing yet: it is finding out how many connections pay")
    if now.connections < min(now.wanted, now.share.allowed):
        return Cause("what is left of the file: it is too little for more connections")
    if now.connections < now.most:
        return None
    # What the download itself may have can only grow as far as the bounds around it let it.
    if now.share.allowed <= now.connections and now.most < MOST_CONNECTIONS:
        return _share(now)
    if now.most == 1:
        words = "the one connection that is allowed"
    elif now.is_named:
        words = f"the {now.most} connections that were asked for, with {{rate}} each"
    else:
        words = f"the connections that are allowed: all {now.most} are open, with {{rate}} each"
    remedy = Remedy.OWN_CONNECTIONS if now.most < MOST_CONNECTIONS else None
    return Cause(words, remedy, _each(now))


def _each(now: Conditions) -> float:
    return now.bytes_per_s / max(1, now.connections)
