"""Name lookups in threads of their own, so that one that hangs delays nothing.

The system's lookup blocks, for half a minute where no name server answers, and cannot be cancelled.
The event loop's own threads are few, are needed for other things, and are joined when the program
ends.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_CONFIGURED = getattr(socket, "AI_ADDRCONFIG", 0)
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
_NUMERIC_NAME = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class Lookups(AbstractResolver):
    """The resolver for aiohttp, which caches the answers and asks for each name once at a time.

    There are as many threads as names that are being looked up.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            OSError: it has none, or nobody tells.
        """
        return await _in_own_thread(lambda: _addresses(host, port, family))

    async def close(self) -> None:
        """Leave lookups that still hang to themselves."""


def _addresses(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    try:
        return _look_up(host, port, family, _CONFIGURED)
    except socket.gaierror:
        if host.rstrip(".").lower() != "localhost":
            raise
        return _look_up(host, port, family, 0)  # it is there without any network, too


def _look_up(host: str, port: int, family: socket.AddressFamily, flags: int) -> list[ResolveResult]:
    return [
        ResolveResult(
            hostname=host,
            host=_numeric(address),
            port=address[1],
            family=kind,
            proto=protocol,
            flags=_NUMERIC,
        )
        for kind, _, protocol, _, address in socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM, 0, flags
        )
        if isinstance(address[0], str)  # else Python was built without IPv6
    ]


def _numeric(address: tuple[str, int] | tuple[str, int, int, int]) -> str:
    """Format an address; only one that is valid on this link needs the name of the link, too."""
    has_scope = len(address) == 4 and address[3]
    return socket.getnameinfo(address, _NUMERIC_NAME)[0] if has_scope else address[0]


async def _in_own_thread(call: Callable[[], T]) -> T:
    """Call it in a daemon thread, which the end of the program does not wait for.

    Raises:
        OSError: there are no more threads. Whatever the call raises, OSError or ValueError.
    """
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()  # from here on nobody else ends it

    def work() -> None:
        try:
            answer.set_result(call())
        except (OSError, ValueError) as error:  # a name may be no text for the network
            answer.set_exception(error)

    try:
        threading.Thread(target=work, name="lookup", daemon=True).start()
    except RuntimeError as error:
        raise OSError(errno.EAGAIN, str(error)) from error
    return await asyncio.wrap_future(answer)
