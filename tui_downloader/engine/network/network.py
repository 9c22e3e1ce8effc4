"""Whether the machine has a network: if it goes away, that is one event and not forty errors.

Nothing is sent: connecting a datagram socket only asks the routing table.
"""

from __future__ import annotations

import errno
import functools
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_downloader.model.errors import Failure
from tui_downloader.model.links.addresses import host_of

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
# Addresses for documentation (RFC 5737, RFC 3849): they take the default route, if there is one.
_ANYWHERE = ("192.0.2.1", "2001:db8::1")
_HERE = ("127.0.0.1", "::1")
_PORT = 9

NO_NETWORK = Failure("no-network", "no network", "it goes on by itself")

# Addresses, of which any will do, to ask the routing table for.
Way = tuple[str, ...]


def has_route(address: str) -> bool:
    """Tell whether the system has a route to an IP address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, _PORT))
    except OSError as error:
        return error.errno not in _NO_ROUTE
    return True


class Network:
    """Watches the routes to hosts.

    A network that was never there cannot go away: then a host that is not found is an ordinary
    error.

    Args:
        route: tells whether there is a route to an address.
    """

    def __init__(self, route: Callable[[str], bool] = has_route) -> None:
        self._has_route = route
        self._peers: dict[str, str] = {}  # where names led the last time
        self._was_up: set[str] = set()
        if self._is_any_up(_ANYWHERE):
            self._was_up.update(_ANYWHERE)

    def reached(self, url: str, peer: str = "") -> None:
        """The host of `url` has answered.

        Args:
            peer: from which IP address, "" when that is not known.
        """
        host, way = _host_and_way(host_of(url))
        # A name may lead to a host on this side of the way out: it says nothing of the way.
        if way != _ANYWHERE:
            self._was_up.update(way)
        elif peer:
            self._peers[host] = peer
            self._was_up.add(peer)

    def is_down(self, url: str) -> bool:
        """Tell whether there was a route to the host of `url`, and is none any more."""
        way = self._way_of(url)
        return not self._was_up.isdisjoint(way) and not self._is_any_up(way)

    def is_up(self, url: str) -> bool:
        """Tell whether there is a route to the host of `url` now."""
        return self._is_any_up(self._way_of(url))

    def _way_of(self, url: str) -> Way:
        """Return what to check: an IP address itself, or the default route and the last address."""
        host, way = _host_and_way(host_of(url))
        peer = self._peers.get(host)
        return way if peer is None else (*way, peer)

    def _is_any_up(self, way: Way) -> bool:
        return any(self._has_route(address) for address in way)


@functools.lru_cache(maxsize=256)  # asked for with each answer
def _host_and_way(place: str) -> tuple[str, Way]:
    """Return the name of a host with or without a port, and what to check for it."""
    host = urlsplit(f"//{place}").hostname or ""
    if host == "localhost":
        return host, _HERE
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host, _ANYWHERE
    return host, (host,)
