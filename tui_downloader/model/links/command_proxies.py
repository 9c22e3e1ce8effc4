"""What commands say of proxies, as the options that lists have for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.proxy_options import EXEMPT, PROXIES, ProxyOption, with_proxies
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
    "proxy_user": "any-proxy-user", "proxy_password": "any-proxy-passwd",
}  # fmt: skip
_OFF = frozenset({"off", "no", "0"})
_WITHOUT = (EXEMPT, "*")
_WITHOUT_IT = "; nothing is fetched without it"


def proxy_options(argument: Argument, meaning: str) -> list[ProxyOption] | None:
    """Translate an argument; None when it says nothing of proxies."""
    named = _translated(meaning, argument.value)
    if named is None:
        return None
    return [ProxyOption(name, value, argument.written) for name, value in named]


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
    if meaning.startswith("any-"):  # wget has one login, for whichever proxy there is
        return [(meaning.replace("any", scheme, 1), value) for scheme in ("http", "https")]
    return [(meaning, value)] if "proxy" in meaning else None


def _setting(text: str) -> list[tuple[str, str]] | None:
    name, _, value = (part.strip() for part in text.partition("="))
    name = name.lower().replace("-", "_")
    if name == "use_proxy":
        return [_WITHOUT] if value.lower() in _OFF else []
    return _translated(_SETTINGS[name], value) if name in _SETTINGS else None


def with_proxies_of_command(
    link: Link, options: Iterable[ProxyOption], note: Callable[[str], None]
) -> Link:
    """Return the link with its proxy.

    Args:
        note: told what was left out.

    Raises:
        UrlError: the proxy cannot be used; who wants one may have reasons not to go without it.
    """

    def problem(option: ProxyOption, words: str) -> None:
        if option.name in PROXIES:
            raise UrlError(f"{option.written}: {words}{_WITHOUT_IT}")
        note(f"{option.written} was left out: {words}")

    return with_proxies(link, options, problem)
