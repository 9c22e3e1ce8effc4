"""Repeats a request until it gets a connection that is in good order."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Signal = Callable[[aiohttp.ClientSession, types.SimpleNamespace, object], Awaitable[None]]

# How a reused connection fails before it has answered, and how often that is borne.
_STALE = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
    aiohttp.ClientResponseError,  # what came first on it is no HTTP: left over from before
)
_MOST_STALE = 8


@dataclass(slots=True)
class Attempt:
    """What the trace of a request has noticed.

    Attributes:
        on_phase: told "DNS", "TCP", "TLS" and "waiting for answer" as a connection gets there.
        is_reused: the connection had served another request before.
    """

    on_phase: Callable[[str], None]
    is_reused: bool = False


async def past_stale(
    send: Callable[[Attempt], Awaitable[aiohttp.ClientResponse]], attempt: Attempt
) -> aiohttp.ClientResponse:
    """Send again at once, without counting it, when a reused connection turned out to be closed.

    Each failure uses up one such connection; in the end a new one is opened.

    Args:
        send: sends the request, traced by the attempt.
    """
    for _ in range(_MOST_STALE):
        try:
            return await send(attempt)
        except _STALE:
            if not attempt.is_reused:
                raise
    return await send(attempt)


def traced() -> aiohttp.TraceConfig:
    """Return the trace configuration that lets a session fill in the `Attempt` of each request."""
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(_tell("TCP"))  # the name may be known, or be none
    trace.on_dns_resolvehost_start.append(_tell("DNS"))
    trace.on_dns_resolvehost_end.append(_tell("TCP"))
    trace.on_connection_create_end.append(_tell("waiting for answer"))
    trace.on_connection_reuseconn.append(_tell("waiting for answer"))
    trace.on_connection_create_start.append(_mark(is_reused=False))
    trace.on_connection_reuseconn.append(_mark(is_reused=True))
    return trace


def _tell(phase: str) -> Signal:
    async def on_signal(
        session: aiohttp.ClientSession, context: types.SimpleNamespace, params: object
    ) -> None:
        del session, params
        context.trace_request_ctx.on_phase(phase)

    return on_signal


def _mark(*, is_reused: bool) -> Signal:
    async def on_signal(
        session: aiohttp.ClientSession, context: types.SimpleNamespace, params: object
    ) -> None:
        del session, params
        context.trace_request_ctx.is_reused = is_reused

    return on_signal
