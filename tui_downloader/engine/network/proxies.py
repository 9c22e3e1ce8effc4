"""Which proxy a request goes through: its download's own one, else the environment says so.

The variables are `http_proxy`, `no_proxy` and their like.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import host_of, origin_of
from tui_downloader.model.proxy import Proxy, parse_proxy

_VARIABLES = "check the variables http_proxy, https_proxy and all_proxy"
_OWN = "check the proxy of this download"


class Via(NamedTuple):
    """The proxy that a request goes through.

    Attributes:
        proxy: never the one that stands for none.
        hint: what the user can do about its faults.
    """

    proxy: Proxy
    hint: str

    @property
    def words(self) -> str:
        """What it is called in sentences about it."""
        return f"the proxy {self.proxy.place}"

    @property
    def host(self) -> str:
        """Its name and port, as `host_of` returns them."""
        return host_of(self.proxy.url)


class Proxies:
    """The proxies at the time of the program's start, and those of downloads."""

    def __init__(self) -> None:
        self._addresses = getproxies()

    def towards(self, url: str, own: Proxy | None = None) -> Via | None:
        """Return the proxy for a sendable `url`, None where there is none.

        Args:
            own: that of the download, which outranks the environment whatever the host.

        Raises:
            UrlError: there is one that cannot be used.
        """
        if own is not None:
            return Via(own, _OWN) if own.url else None
        if not self._addresses:
            return None
        scheme, host, port = origin_of(url)
        named = self._addresses.get(scheme) or self._addresses.get("all")
        if named is None or any(proxy_bypass(each) for each in (host, f"{host}:{port}")):
            return None
        try:
            return Via(parse_proxy(named), _VARIABLES)
        except ValueError as error:
            raise UrlError(str(error), hint=_VARIABLES) from error
