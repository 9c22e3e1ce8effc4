"""Whether the machine has a network at all: when it goes away that is one fact, not forty errors.

Nothing is sent: connecting a datagram socket asks the routing table only.
"""

from __future__ import annotations

import errno
import functools
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
# Addresses for documentation (RFC 5737, RFC 3849): they take the default route, if there is one.
_ANYWHERE = ("192.0.2.1", "2001:db8::1")
_HERE = ("127.0.0.1", "::1")
_PORT = 9

# Addresses, of which any will do, to ask the routing table for.
Way = tuple[str, ...]


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
        self._was_up: set[Way] = {_ANYWHERE} if self.is_up(_ANYWHERE) else set()

    def reached(self, url: str) -> None:
        """The host of `url` has answered."""
        # A name may lead to a host on this side of the way out: it says nothing of the way.
        if (way := way_of(url)) != _ANYWHERE:
            self._was_up.add(way)

    def is_down(self, url: str) -> bool:
        """Tell whether the way to the host of `url` was there and is gone."""
        way = way_of(url)
        return way in self._was_up and not self.is_up(way)

    def is_up(self, way: Way) -> bool:
        """Tell whether there is a way now."""
        return any(self._has_route(address) for address in way)


def way_of(url: str) -> Way:
    """Return the way to the host of `url`: by itself when it is an address, else the way out."""
    return _way_to(urlsplit(url).hostname or "")


@functools.lru_cache(maxsize=256)  # asked for with each answer
def _way_to(host: str) -> Way:
    if host == "localhost":
        return _HERE
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _ANYWHERE
    return (host,)
