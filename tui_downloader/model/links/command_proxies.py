"""What commands say of proxies, as the options that lists have for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.link_options import with_option
from tui_downloader.model.proxy import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_downloader.model.links.command_options import Argument
    from tui_downloader.model.links.link import Link

_CURLS_PORT = 1080  # of a proxy without one
_WITHOUT_PORT = re.compile(
    r"(?:http://)?(?:[^/?#]*@)?(?:\[[^\]/]*\]|[^\[/?#:@]+)", re.IGNORECASE | re.ASCII
)
# Settings of wget's, as `-e` gives them.
_SETTINGS = {
    "http_proxy": "http-proxy", "https_proxy": "https-proxy", "no_proxy": "no-proxy",
    "proxy_user": "all-proxy-user", "proxy_password": "all-proxy-passwd",
}  # fmt: skip
_OFF = frozenset({"off", "no", "0"})
_WITHOUT = ("no-proxy", "*")
_BY_SCHEME = ("http-proxy", "https-proxy")
_PROXIES = ("all-proxy", *_BY_SCHEME)
_WITHOUT_IT = "; nothing is fetched without it"


class ProxyOption(NamedTuple):
    """An option of a list, from one that was `written` in a command."""

    written: str
    name: str
    value: str


def proxy_options(argument: Argument, meaning: str) -> list[ProxyOption] | None:
    """Translate an argument; None when it says nothing of proxies."""
    named = _translated(meaning, argument.value)
    return None if named is None else [ProxyOption(argument.written, *each) for each in named]


def _translated(meaning: str, value: str) -> list[tuple[str, str]] | None:
    if meaning == "execute":
        return _setting(value)
    if meaning == "curl-proxy":
        plain = value.strip().rstrip("/")
        is_portless = plain.lower() != NONE and _WITHOUT_PORT.fullmatch(plain) is not None
        return [("all-proxy", f"{plain}:{_CURLS_PORT}" if is_portless else plain)]
    if meaning.startswith("socks"):
        return [("all-proxy", f"{meaning.removesuffix('-proxy')}://{value}")]
    if meaning == "proxy-user":
        user, _, password = value.partition(":")
        return [("all-proxy-user", user), ("all-proxy-passwd", password)]
    if meaning == "without-proxy":
        return [_WITHOUT]
    return [(meaning, value)] if "proxy" in meaning else None


def _setting(text: str) -> list[tuple[str, str]] | None:
    name, _, value = (part.strip() for part in text.partition("="))
    name = name.lower().replace("-", "_")
    if name == "use_proxy":
        return [_WITHOUT] if value.lower() in _OFF else []
    return [(_SETTINGS[name], value)] if name in _SETTINGS else None


def with_proxies(link: Link, options: Iterable[ProxyOption], note: Callable[[str], None]) -> Link:
    """Return the link with its proxy, whatever the order in which the command says it.

    Args:
        note: told what was left out.

    Raises:
        UrlError: the proxy cannot be used; who wants one may have reasons not to go without it.
    """
    for option in sorted(options, key=_phase):
        try:
            link = with_option(link, option.name, option.value)
        except ValueError as error:
            if option.name in _PROXIES:
                raise UrlError(f"{option.written}: {error}{_WITHOUT_IT}") from None
            note(f"{option.written} was left out: {error}")
    return link


def _phase(option: ProxyOption) -> int:
    """What is for one scheme outranks what is for all; logins need a proxy, exemptions end it."""
    if option.name == _WITHOUT[0]:
        return 3
    if option.name == "all-proxy":
        return 0
    return 1 if option.name in _BY_SCHEME else 2
