"""The log of one download, shown in its details: what happened, one sentence each.

A line is added when something changes, never per received byte; the oldest lines are dropped. The
usual steps are kept as small objects and put into words only when the log is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.speed import is_of_whole
from tui_downloader.model.status import Event
from tui_downloader.model.text import clean, redact
from tui_downloader.model.units import (
    counted,
    format_bytes,
    format_duration,
    format_progress,
    format_rate,
)

if TYPE_CHECKING:
    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.proxy import Proxy
    from tui_downloader.model.retry import Retry


_MOST_LINES = 200
_SAME_S = 1.0
_WORTH_TIMING_S = 1.0

# Faults tell more than that there was one, and are noted by who meets them.
STEPS = {
    Event.START: "asks the server",
    Event.RECEIVED: "every byte is here",
    Event.PAUSE: "paused",
    Event.RESUME: "goes on",
    Event.RESTART: "starts again from byte 0",
    Event.CANCEL: "cancelled",
    Event.KEEP: "the finished file stays as it was",
}


class Answered(NamedTuple):
    """What the accepted answer said of the file, and how much of it was here already."""

    total_bytes: int | None
    done_bytes: int
    resumed_by: str

    def words(self) -> str:
        if self.total_bytes is None:
            size = "it tells no size"
        elif self.done_bytes:
            size = f"{format_progress(self.done_bytes, self.total_bytes)} are here"
        else:
            size = format_bytes(self.total_bytes)
        resume = f"can resume ({self.resumed_by})" if self.resumed_by else "cannot resume"
        return f"the server answered: {size}, {resume}"


class Finished(NamedTuple):
    """How much was received, and how long that took."""

    total_bytes: int
    received_bytes: int
    active_s: float
    is_unchecked: bool

    def words(self) -> str:
        words = f"finished: {format_bytes(self.total_bytes)}"
        if self.active_s >= _WORTH_TIMING_S and self.received_bytes:
            rate = format_rate(self.received_bytes / self.active_s)
            # The rest was here before, from a run that was killed or from elsewhere.
            is_rest = not is_of_whole(self.received_bytes, self.total_bytes)
            words += f", {format_bytes(self.received_bytes)} of it in" if is_rest else ","
            words += f" {format_duration(self.active_s)} at {rate}"
        return f"{words}; nobody can tell whether that is all" if self.is_unchecked else words


Line = str | Answered | Finished
Log = tuple[tuple[float, Line], ...]


def with_line(log: Log, now: float, line: Line) -> Log:
    """Return the log with one more line; its text is cleaned already."""
    for at, told in log[-2:]:
        if told == line and now - at < _SAME_S:
            return log  # one fact, told by who met it and by who gave up over it
    return (*log[1 - _MOST_LINES :], (now, line))


def in_words(log: Log) -> tuple[tuple[float, str], ...]:
    """Return the log in words."""
    return tuple((at, line if isinstance(line, str) else line.words()) for at, line in log)


def retry_words(fault: str, retry: Retry) -> str:
    """Say what went wrong and when it is tried again."""
    return f"{fault}; retry {retry.which} in {_wait_words(retry)}"


def turn_words(refusal: str, retry: Retry) -> str:
    """Say who comes first, and when a download asks again."""
    wait = _wait_words(retry)
    return f"{refusal}; others use the host: asks again when one ends, or in {wait}"


def _wait_words(retry: Retry) -> str:
    return f"{retry.wait_s:.1f}s" if retry.wait_s < 1 else format_duration(retry.wait_s)


def limit_words(bytes_per_s: int | None) -> str:
    """Say which speed limit applies from now on."""
    return "no limit" if bytes_per_s is None else f"limit {format_rate(bytes_per_s)}"


# What is told when a wish is another one. What becomes of files is told when they have moved.
_WISHES: dict[str, Callable[[DownloadRequest], str]] = {
    "url": lambda wanted: f"new address {redact(wanted.url)}",
    "mirrors": lambda _: "other mirrors",
    "limit_bytes_per_s": lambda wanted: limit_words(wanted.limit_bytes_per_s),
    "start_at": lambda wanted: _start_words(wanted.start_at),
    "connections": lambda wanted: _most_words(wanted.connections),
    "credentials": lambda _: "another login",
    "headers": lambda _: "other headers",
    "proxy": lambda wanted: _proxy_words(wanted.proxy),
    "checksum": lambda wanted: _expected_words(wanted.checksum),
    "insecure": lambda wanted: (
        "any certificate will do" if wanted.insecure else "certificates count"
    ),
    "trusted": lambda wanted: _trust_words(wanted.trusted),
}


def edit_words(before: DownloadRequest, after: DownloadRequest) -> str:
    """Say what differs between two requests, without secrets; "" for nothing worth telling."""
    changed = (name for name in _WISHES if getattr(before, name) != getattr(after, name))
    return ", ".join(_WISHES[name](after) for name in changed)


def _most_words(connections: int) -> str:
    most = f"at most {counted(connections, 'connection')}"
    return most if connections else "as many connections as pay"


def _start_words(start_at: float | None) -> str:
    if start_at is None:
        return "starts at once"
    from tui_downloader.model.start_times import start_words  # few runs need it

    return f"starts at {start_words(start_at, 0.0)}"  # with its day: a log is read later


def _proxy_words(proxy: Proxy | None) -> str:
    if proxy is None:
        return "the proxy of the environment, if any"
    return f"through the proxy {proxy.place}" if proxy.url else "no proxy"


def _trust_words(hosts: tuple[str, ...]) -> str:
    named = ", ".join(clean(host_of(host), 120) for host in hosts)
    return f"any certificate of {named} will do" if named else "certificates of others count"


def _expected_words(checksum: Checksum | None) -> str:
    if checksum is None:
        return "no checksum expected"
    return f"{digest_name(checksum.algorithm)} expected"
