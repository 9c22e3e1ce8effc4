"""Whether the machine has a network at all: when it goes away that is one fact, not forty errors.

Nothing is sent: connecting a datagram socket asks the routing table only.
"""

from __future__ import annotations

import asyncio
import errno
import functools
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_EVERY_S = 1.0
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
# Addresses for documentation (RFC 5737, RFC 3849): they take the default route, if there is one.
_ANYWHERE = ("192.0.2.1", "2001:db8::1")
_PORT = 9


def has_route(address: str) -> bool:
    """Tell whether the system knows a way to an IP address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, _PORT))
    except OSError as error:
        return error.errno not in _NO_ROUTE
    return True


class Network:
    """Watches the way out.

    A network that never was there cannot go away: then a host that is not found is an error like
    any other.

    Args:
        route: tells whether there is a way to an address.
    """

    def __init__(self, route: Callable[[str], bool] = has_route) -> None:
        self._has_route = route
        self._was_up: set[tuple[str, ...]] = {_ANYWHERE} if self._is_up(_ANYWHERE) else set()

    def reached(self, url: str) -> None:
        """The host of `url` has answered."""
        # A name may lead to a host on this side of the way out: it says nothing of the way.
        if (addresses := _addresses(url)) != _ANYWHERE:
            self._was_up.add(addresses)

    def is_down(self, url: str) -> bool:
        """Tell whether the way to the host of `url` was there and is gone."""
        addresses = _addresses(url)
        if self._is_up(addresses):
            return False
        return addresses in self._was_up

    async def until_up(self, url: str) -> None:
        """Return when there is a way to the host of `url` again."""
        addresses = _addresses(url)
        while True:  # there is no event to wait for: systems tell of routes in too many ways
            if self._is_up(addresses):
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    def _is_up(self, addresses: tuple[str, ...]) -> bool:
        return any(self._has_route(address) for address in addresses)


def _addresses(url: str) -> tuple[str, ...]:
    """What to ask the routing table for: the host itself when it is an address."""
    return _addresses_of(urlsplit(url).hostname or "")


@functools.lru_cache(maxsize=256)  # asked for with each answer
def _addresses_of(host: str) -> tuple[str, ...]:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _ANYWHERE
    return (host,)
