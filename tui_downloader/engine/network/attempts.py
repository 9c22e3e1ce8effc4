"""What is noticed of a request, and its repetition until it gets a connection in good order."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from tui_downloader.engine.network.tls_sessions import ON_HANDSHAKE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.tracing import Trace

# How a reused connection fails before it has answered, and how often that is borne.
_STALE = (
    aiohttp.ServerDisconnectedError,
    aiohttp.ClientOSError,
    aiohttp.ClientResponseError,  # what came first on it is no HTTP: left over from before
)
_MOST_STALE = 8


@dataclass(slots=True)
class Attempt:
    """What is noticed of a request.

    Attributes:
        on_phase: told "DNS", "TCP", "TLS" and "waiting for answer" as a connection gets there.
        first_bytes: the most to take at once before the body is attached: with the head comes
            whatever the server was quick to send, and a speed limit would be in debt for it.
        is_reused: the connection had served another request before; none was made for this one.
    """

    on_phase: Callable[[str], None]
    first_bytes: int
    is_reused: bool = True


# The one of the running task, for whoever sees how its request gets on.
ATTEMPT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def tell_phase(phase: str) -> None:
    """Tell whoever sent the request of this task how far it is."""
    if (attempt := ATTEMPT.get()) is not None:
        attempt.on_phase(phase)


async def past_stale(
    send: Callable[[], Awaitable[aiohttp.ClientResponse]], attempt: Attempt
) -> aiohttp.ClientResponse:
    """Send again at once, without counting it, when a reused connection turned out to be closed.

    Each failure uses up one such connection; in the end a new one is opened.

    Args:
        send: sends the request.
    """
    for _ in range(_MOST_STALE):
        try:
            return await send()
        except _STALE:
            if not attempt.is_reused:
                raise
    return await send()


class TellingConnector(aiohttp.TCPConnector):
    """Tells an attempt when a connection is made for it.

    aiohttp's traces tell that as well, at the price of a dozen calls for each request that needs no
    new connection.
    """

    async def _create_connection(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        if (attempt := ATTEMPT.get()) is not None:
            attempt.is_reused = False
            ON_HANDSHAKE.set(partial(attempt.on_phase, "TLS"))
        tell_phase("TCP")  # the name may be known, or be none
        return await super()._create_connection(req, traces, timeout)
