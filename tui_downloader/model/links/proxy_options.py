"""What the options that say something of proxies mean together, whatever their order.

As with aria2, what is for one scheme outranks what is for all, a login is the one of the proxy of
its name, and an exemption ends both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.links.addresses import is_secure
from tui_downloader.model.proxy import DIRECT, Proxy, is_exempt, typed_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui_downloader.model.links.link import Link

EXEMPT = "no-proxy"
FOR_ALL = "all-proxy"
PROXIES = (FOR_ALL, "http-proxy", "https-proxy")
PROXY_OPTIONS = frozenset(
    {EXEMPT, *(f"{proxy}{part}" for proxy in PROXIES for part in ("", "-user", "-passwd"))}
)


class ProxyOption(NamedTuple):
    """An option by the name that lists give it.

    Attributes:
        written: what it is called in the command that has it.
        line_no: its line in the list that has it.
    """

    name: str
    value: str
    written: str = ""
    line_no: int = 0


def with_proxies(
    link: Link, options: Iterable[ProxyOption], problem: Callable[[ProxyOption, str], None]
) -> Link:
    """Return the link with the proxy that the options give it.

    Args:
        problem: told what is left out, and why.
    """
    options = tuple(options)
    if any(each.name == EXEMPT and is_exempt(link.url, each.value) for each in options):
        return replace(link, proxy=DIRECT)
    said = {option.name: option for option in options}
    for_scheme = "https-proxy" if is_secure(link.url) else "http-proxy"
    if for_scheme in said and FOR_ALL in said and not said[for_scheme].value:
        del said[for_scheme]  # as aria2 has it: an empty one only takes itself back
    of_all = _proxy(FOR_ALL, said, problem)
    return replace(link, proxy=_proxy(for_scheme, said, problem) or of_all or link.proxy)


def _proxy(
    name: str, said: Mapping[str, ProxyOption], problem: Callable[[ProxyOption, str], None]
) -> Proxy | None:
    """Return the proxy of a name with its login; None when there is none that can be used."""
    proxy = None
    if name in said:
        try:
            proxy = typed_proxy(said[name].value) or DIRECT
        except ValueError as error:
            problem(said[name], str(error))
    for login in (said.get(f"{name}-user"), said.get(f"{name}-passwd")):
        if login is None:
            continue
        if proxy is None or not proxy.url:
            is_for_another = any(each in said for each in PROXIES if each != name)
            problem(login, f"the login of a proxy needs {name if is_for_another else 'a proxy'}")
            continue
        try:
            proxy = _with_login(proxy, login)
        except ValueError as error:
            problem(login, str(error))
    return proxy


def _with_login(proxy: Proxy, half: ProxyOption) -> Proxy:
    user, password = proxy.credentials or ("", "")
    if half.name.endswith("-user"):
        return proxy.with_login(half.value, password)
    return proxy.with_login(user, half.value)
