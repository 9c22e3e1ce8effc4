"""Why a download is not faster: one sentence that names the likeliest cause."""

from __future__ import annotations

from dataclasses import dataclass

from tui_downloader.model.units import format_rate

# This near to a limit it is the limit that holds.
_NEAR = 0.8
_OFTEN = 0.5


@dataclass(frozen=True, slots=True)
class Conditions:
    """What surrounds a running download.

    Attributes:
        bytes_per_s: its throughput.
        own_limit, global_limit: bytes per second, None for none.
        total_bytes_per_s: throughput of all downloads together.
        backed_up: share of the time (0 to 1) in which received bytes waited for the disk.
        has_ranges: the server can send parts of the file.
        connections, wanted: open now, and as many as there should be.
        most: the most that there may be; is_named: the user said so.
        refused_above: the server serves no more connections than this, 0 when it never refused.
        allowed: what other downloads leave of the program's connections.
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
    allowed: int = 16
    is_settled: bool = True
    silent_s: float = 0.0


def limited_by(now: Conditions) -> str:
    """Return the sentence."""
    for cause in (_silence, _limits, _disk, _server, _shares, _connections):
        if words := cause(now):
            return words
    return "the network or the server: more connections bring nothing"


def _silence(now: Conditions) -> str:
    if now.silent_s >= 5:
        return f"the server: it has sent nothing for {now.silent_s:.0f} s"
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
    if now.refused_above and now.connections >= now.refused_above:
        number = f"{now.refused_above} connection{'s' * (now.refused_above > 1)}"
        return f"the server: it allows {number} at once"
    return ""


def _shares(now: Conditions) -> str:
    if now.allowed < now.wanted:
        return f"other downloads: {now.allowed} of the program's connections are left for this one"
    return ""


def _connections(now: Conditions) -> str:
    if not now.is_settled:
        return "nothing yet: it is finding out how many connections pay"
    if now.connections < now.most:
        return ""
    each = format_rate(now.bytes_per_s / max(1, now.connections))
    if now.most == 1:
        return "one connection is allowed; + allows more"
    if now.is_named:
        return f"the number of connections that was asked for, {now.most}, with {each} each"
    return f"the server: {each} for each connection, and all {now.most} that may be open are"
