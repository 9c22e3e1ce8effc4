"""Which proxy a request goes through: the environment says so (`http_proxy`, `no_proxy`, …)."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import origin_of
from tui_downloader.model.text import clean, strip_userinfo

VARIABLES = "check the variables http_proxy, https_proxy and all_proxy"


class Proxies:
    """The proxies at the time of the program's start."""

    def __init__(self) -> None:
        self._addresses = getproxies()

    def towards(self, url: str) -> str | None:
        """Return the address of the proxy for a sendable `url`, None where there is none.

        Raises:
            UrlError: there is one that cannot be used.
        """
        if not self._addresses:
            return None
        scheme, host, port = origin_of(url)
        named = self._addresses.get(scheme) or self._addresses.get("all")
        if named is None or any(proxy_bypass(each) for each in (host, f"{host}:{port}")):
            return None
        # Others take an address without its scheme, too, and many are written so.
        proxy = named if "://" in named else f"http://{named}"
        _check(proxy)
        return proxy


def _check(proxy: str) -> None:
    plain, login = strip_userinfo(proxy)
    words = f"cannot use the proxy {clean(plain, 120)}"
    try:
        parts = urlsplit(plain)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UrlError(f"{words}: no usable address", hint=VARIABLES) from error
    if parts.scheme not in ("http", "https"):
        raise UrlError(f"{words}: only http and https proxies are supported", hint=VARIABLES)
    if not host:
        raise UrlError(f"{words}: no usable address", hint=VARIABLES)
    if login is not None and not _can_be_sent(*login):
        raise UrlError(f"{words}: no way to send its login", hint=VARIABLES)


def _can_be_sent(user: str, password: str) -> bool:
    """Tell whether HTTP has a form for a login: a colon ends the user, and letters are Latin."""
    try:
        f"{user}:{password}".encode("latin-1")
    except UnicodeEncodeError:
        return False
    return ":" not in user
