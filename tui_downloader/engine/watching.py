"""What aiohttp does not tell of an answer: when its head began, and how its connection ended.

A head may be slow to begin, but once begun it must come to its end. A body without a length ends
with the connection, and only a connection that was closed in good order ends a file: a reset, or
TLS that was cut without its closing notice, is an interruption.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.connector import Connection

FIRST_BYTE_S = 60.0
HEAD_S = 30.0


class WatchedResponse(aiohttp.ClientResponse):
    """An answer whose connection is watched; aiohttp's session makes them."""

    _watch: Watch | None = None

    async def start(self, connection: Connection) -> Self:
        """Read the head.

        Raises:
            TimeoutError: it did not begin in 60 s, or did not end 30 s after it had begun.
        """
        transport = connection.transport
        if not isinstance(transport, asyncio.Transport):
            await super().start(connection)
            return self
        self._watch = watch = Watch.of(transport)
        async with asyncio.timeout(FIRST_BYTE_S) as limit:
            watch.on_first_byte = lambda: limit.reschedule(watch.now() + HEAD_S)
            try:
                await super().start(connection)
            finally:
                watch.on_first_byte = None
        return self

    @property
    def ended_badly(self) -> bool:
        """The connection is gone and was not closed in good order."""
        return self._watch is not None and not self._watch.closed_well


class Watch(asyncio.Protocol):
    """Stands between a transport and aiohttp's protocol and passes everything on.

    Attributes:
        on_first_byte: called once, when something arrives.
        closed_well: the other side said that nothing more follows.
    """

    def __init__(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        self.on_first_byte: Callable[[], None] | None = None
        self.closed_well = False
        self.now = asyncio.get_running_loop().time
        self._transport = transport
        self._protocol = protocol

    @classmethod
    def of(cls, transport: asyncio.Transport) -> Watch:
        """Return the watch over a connection, which is set up for its first answer."""
        protocol = transport.get_protocol()
        if isinstance(protocol, cls):
            return protocol
        assert isinstance(protocol, asyncio.Protocol)
        watch = cls(transport, protocol)
        transport.set_protocol(watch)
        return watch

    def data_received(self, data: bytes) -> None:
        if self.on_first_byte is not None:
            told, self.on_first_byte = self.on_first_byte, None
            told()
        self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        tls = self._transport.get_extra_info("ssl_object")
        self.closed_well = tls is None or _was_told_the_end(tls)
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


def _was_told_the_end(tls: ssl.SSLObject) -> bool:
    """Tell whether the closing notice of TLS came before the end of the connection."""
    try:
        return tls.read(1) == b""
    except ssl.SSLZeroReturnError:
        return True
    except ssl.SSLError:
        return False
