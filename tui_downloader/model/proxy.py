"""The proxy of one download: its address, its login, and how both are written and shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network
from urllib.parse import quote, urlsplit

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url, host_of
from tui_downloader.model.text import MASK, clean, strip_userinfo

NONE = "none"  # as it is typed and shown
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where all requests of a download go through.

    Attributes:
        url: scheme, host and port; "" for no proxy at all, not even the environment's.
        credentials: user and password, for this proxy only.
    """

    url: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """Host and port, safe to display; "none" for no proxy."""
        return clean(self.url.partition("://")[2], 120) or NONE

    @property
    def address(self) -> str:
        """The address with its login in it, as HTTP libraries take it. Never to be shown."""
        if self.credentials is None:
            return self.url
        scheme, _, place = self.url.partition("://")
        user, password = (quote(each, safe="") for each in self.credentials)
        return f"{scheme}://{user}:{password}@{place}"

    @property
    def typed(self) -> str:
        """What one would type for it, with its login masked."""
        place = self.url.removeprefix("http://") or NONE
        if self.credentials is None:
            return place
        scheme, separator, bare = place.rpartition("://")
        return f"{scheme}{separator}{MASK}@{bare}"

    def with_login(self, user: str, password: str) -> Proxy:
        """Return the proxy with another login.

        Raises:
            ValueError: HTTP has no form for it.
        """
        if not _can_be_sent(user, password):
            raise ValueError(f"{_cannot_use(self.url)}: no way to send its login")
        return replace(self, credentials=(user, password))


DIRECT = Proxy("")


def parse_proxy(text: str) -> Proxy:
    """Read the address of a proxy; one without a scheme is http.

    Raises:
        ValueError: it cannot be used; the words hold no login.
    """
    address = text.strip()
    plain, login = strip_userinfo(address if "://" in address else f"http://{address}")
    words = _cannot_use(plain)
    scheme, _, rest = plain.partition("://")
    if scheme.lower() not in _PORTS:
        raise ValueError(f"{words}: only http and https proxies are supported")
    try:
        parts = urlsplit(plain)
        port = "" if parts.port else f":{_PORTS[parts.scheme]}"
        url = f"{parts.scheme}://{parts.netloc.removesuffix(':')}{port}"
        check_url(url)
    except (ValueError, UrlError) as error:
        raise ValueError(f"{words}: no usable address") from error
    if "@" in rest:  # perhaps a login with a slash in it, which ends the host
        raise ValueError(f"{words}: no usable address")
    proxy = Proxy(url)
    return proxy.with_login(*login) if login and any(login) else proxy


def typed_proxy(text: str, before: Proxy | None = None) -> Proxy | None:
    """Read what a user typed for a proxy: nothing for the environment's, "none" for no proxy.

    Args:
        before: a login that is still masked is the one of this proxy.

    Raises:
        ValueError: a sentence for the user.
    """
    text = text.strip()
    if not text:
        return None
    if text.lower() == NONE:
        return DIRECT
    proxy = parse_proxy(text)
    if proxy.credentials is None or proxy.credentials[0] != MASK:
        return proxy
    if before is None or proxy.url != before.url:
        raise ValueError("the login is the one of another proxy: write it as user:password@")
    return before


def is_exempt(url: str, exempt: str) -> bool:
    """Tell whether a list of hosts, domains and networks that need no proxy has the host of `url`.

    No name is looked up: only a host that is written as an address is in a network.
    """
    host = urlsplit(url).hostname or ""
    names = (name.strip().lower().lstrip(".") for name in exempt.split(","))
    return any(name and _is_of(host, name) for name in names)


def _is_of(host: str, name: str) -> bool:
    if "/" not in name:
        return name == "*" or f".{host}".endswith(f".{name}")
    try:
        return ip_address(host) in ip_network(name, strict=False)
    except ValueError:
        return False


def host_by(url: str, proxy: Proxy | None) -> str:
    """Return by which name the host of `url` is known to a download.

    Through a proxy of its own it is another client on another way: what is true of the host for the
    others says nothing of it, and the other way round.
    """
    host = host_of(url)
    return host if proxy is None else f"{host} by {proxy.url or NONE}"


def _cannot_use(plain: str) -> str:
    return f"cannot use the proxy {clean(plain.rpartition('@')[2], 120)}"


def _can_be_sent(user: str, password: str) -> bool:
    """Tell whether HTTP has a form for a login: a colon ends the user, and letters are Latin."""
    try:
        f"{user}:{password}".encode("latin-1")
    except UnicodeEncodeError:
        return False
    return ":" not in user
