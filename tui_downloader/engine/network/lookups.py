"""Which machine a name leads to: looked up in threads, remembered, and kept to.

The system's lookup blocks, for half a minute where no name server answers, and cannot be cancelled.
The event loop's own threads are few, are needed for other things, and are joined when the program
ends. So each lookup has a thread of its own, and one that hangs delays nothing.

The machines behind one name may hold different versions of a file, or not all of them hold it. So
all connections go to the same one while that answers; aiohttp's own cache has them take turns.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from aiohttp.abc import AbstractResolver, ResolveResult

from tui_downloader.engine.network.attempts import tell_phase

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_Key: TypeAlias = "tuple[str, int]"  # name and port

_KEPT_S = 60.0
_MOST_NAMES = 1000
_CONFIGURED = getattr(socket, "AI_ADDRCONFIG", 0)
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
_NUMERIC_NAME = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV


class _Name(NamedTuple):
    """What is known of a name: its addresses, the one to go to first, and until when."""

    addresses: list[ResolveResult]
    until: float


class Lookups(AbstractResolver):
    """The resolver for aiohttp.

    There are as many threads as names that are being looked up.
    """

    def __init__(self) -> None:
        self._known: dict[_Key, _Name] = {}
        self._asked: dict[_Key, asyncio.Task[_Name]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host, the one to go to first; asks once in a minute.

        Raises:
            OSError: it has none, or nobody tells.
            ValueError: this can be no name.
        """
        key = (host, port)
        name = self._known.get(key)
        if name is None or name.until < time.monotonic():
            tell_phase("DNS")
            # Several may wait for it; none that is cancelled ends it for the others.
            name = await asyncio.shield(self._asked.get(key) or self._ask(key, family))
            tell_phase("TCP")
        return list(name.addresses)

    def _ask(self, key: _Key, family: socket.AddressFamily) -> asyncio.Task[_Name]:
        asked = self._asked[key] = asyncio.create_task(self._look_up(key, family))
        asked.add_done_callback(partial(self._is_told, key))
        return asked

    async def _look_up(self, key: _Key, family: socket.AddressFamily) -> _Name:
        found = await _in_own_thread(lambda: _addresses(*key, family))
        before = self._known.pop(key, None)
        name = self._known[key] = _Name(found, time.monotonic() + _KEPT_S)
        if before is not None:
            _move(name.addresses, before.addresses[0]["host"], to_front=True)
        if len(self._known) > _MOST_NAMES:
            del self._known[next(iter(self._known))]
        return name

    def _is_told(self, key: _Key, asked: asyncio.Task[_Name]) -> None:
        del self._asked[key]
        if not asked.cancelled():
            asked.exception()  # nobody may be left who waits for it

    def first(self, host: str, port: int) -> str:
        """Return the address that the next connection goes to, "" when it is not known."""
        name = self._known.get((host, port))
        return name.addresses[0]["host"] if name is not None else ""

    def keep_to(self, host: str, port: int, address: str) -> None:
        """It has answered: go there from now on."""
        if (name := self._known.get((host, port))) is not None:
            _move(name.addresses, address, to_front=True)

    def leave(self, host: str, port: int, address: str) -> str:
        """Do not go there any more if there is another one; return what is first now."""
        if (name := self._known.get((host, port))) is not None:
            _move(name.addresses, address, to_front=False)
        return self.first(host, port)

    async def close(self) -> None:
        """Leave lookups that still hang to themselves."""
        asked = tuple(self._asked.values())
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


def _move(addresses: list[ResolveResult], address: str, *, to_front: bool) -> None:
    addresses.sort(key=lambda each: (each["host"] == address) != to_front)


def _addresses(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    try:
        return _look_up(host, port, family, _CONFIGURED)
    except socket.gaierror:
        if host.rstrip(".").lower() != "localhost":
            raise
        return _look_up(host, port, family, 0)  # it is there without any network, too


def _look_up(host: str, port: int, family: socket.AddressFamily, flags: int) -> list[ResolveResult]:
    found = [
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
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "it has no address of use here")
    return found


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
