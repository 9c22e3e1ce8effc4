"""TLS sessions that another thread can use for a while in place of the event loop.

asyncio receives into memory (`ssl.MemoryBIO`) and decrypts from there. A thread that has that
memory can do the same, as long as the loop neither reads the socket nor decrypts meanwhile; nor may
the loop close the session, as OpenSSL allows one call at a time. Checked against asyncio and `ssl`
of Python 3.11 to 3.14. Where a public call used here is missing, or the memory was not given to the
context, sessions are not lent, and the loop decrypts.
"""

from __future__ import annotations

import asyncio
import ssl
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable


# Told in the task that makes a connection, once it is there and TLS begins on it.
ON_HANDSHAKE: ContextVar[Callable[[], None] | None] = ContextVar("on_handshake", default=None)


class LendingContext(ssl.SSLContext):
    """A context that remembers the incoming memory of each of its sessions."""

    def __init__(self, protocol: int) -> None:
        del protocol  # `__new__` has used it
        super().__init__()
        self._incoming = weakref.WeakKeyDictionary[ssl.SSLObject, ssl.MemoryBIO]()

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        if (begins := ON_HANDSHAKE.get()) is not None:
            begins()
        tls = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        self._incoming[tls] = incoming
        return tls

    def incoming_of(self, tls: ssl.SSLObject) -> ssl.MemoryBIO | None:
        """Return what was received for a session of this context and is not decrypted yet.

        None for a session of another context.
        """
        return self._incoming.get(tls)


@runtime_checkable
class _Limited(Protocol):
    def set_read_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Say how much may be received and not decrypted (asyncio's transports over TLS)."""

    def is_closing(self) -> bool: ...


class Session(NamedTuple):
    """The TLS session of one connection.

    Attributes:
        tls: decrypts what is in `incoming`.
        incoming: what the socket gave.
    """

    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    transport: _Limited

    async def stop_reading(self) -> bool:
        """Make the event loop leave the socket alone; the transport has been paused before.

        Returns:
            False when it is being closed: then the session is not to be touched.
        """
        # What the loop has planned before the pause looks whether the socket is to be read again.
        await asyncio.sleep(0)
        if self.transport.is_closing():
            return False
        self.transport.set_read_buffer_limits(0)  # which is reached at once
        return True

    def go_on_reading(self) -> None:
        """Make the event loop receive again."""
        if not self.transport.is_closing():
            self.transport.set_read_buffer_limits()


def session_of(transport: asyncio.Transport) -> Session | None:
    """Return the session of a transport, None without TLS or when it cannot be lent."""
    context = info(transport, "sslcontext")
    if not isinstance(context, LendingContext) or not isinstance(transport, _Limited):
        return None
    tls = transport.get_extra_info("ssl_object")
    incoming = context.incoming_of(tls)
    return None if incoming is None else Session(tls, incoming, transport)


def info(transport: asyncio.BaseTransport, name: str) -> Any:
    """Return what a transport knows of its connection, None once it is being closed.

    Over TLS asyncio's own method fails on one that was closed twice.
    """
    return None if transport.is_closing() else transport.get_extra_info(name)
