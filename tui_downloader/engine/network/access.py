"""Which secrets may be sent where: credentials, headers and cookies, each tied to its origin.

What the user gave for one address is never sent to another, whatever redirects say. Cookies that
servers set live as long as the download.
"""

from __future__ import annotations

import base64
import contextlib
from functools import lru_cache
from http.cookies import CookieError
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from tui_downloader.engine.network.digest_login import DigestLogin
from tui_downloader.model.download import OWN_REQUESTS
from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import origin_of
from tui_downloader.model.text import clean, raw_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.addresses import Origin

_PRINTABLE = "".join(chr(c) for c in range(0x21, 0x7F))


def secrets_of(request: DownloadRequest) -> list[tuple[str, str]]:
    """Return the headers that a request has of its own, of which a login of its own comes first."""
    headers = [each for each in request.headers if each[0].lower() not in OWN_REQUESTS]
    if request.credentials is not None and not _has_own_login(request):
        user, password = request.credentials
        pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        headers.append(("Authorization", f"Basic {pair}"))
    return headers


def _has_own_login(request: DownloadRequest) -> bool:
    return any(name.lower() == "authorization" for name, _ in request.headers)


class Access:
    """What one download may send where.

    Args:
        request: its headers and credentials belong to the origin of its `url`.
    """

    def __init__(self, request: DownloadRequest) -> None:
        self._origin = origin_of(request.url)
        self._unproven = frozenset(map(origin_of, request.unproven))
        self._secrets = secrets_of(request)
        self._digest_login: tuple[DigestLogin, ...] = ()
        if request.credentials is not None and not _has_own_login(request):
            user, password = request.credentials
            if ":" not in user:  # else there is no digest of it (RFC 7616, section 3.4.2)
                self._digest_login = (DigestLogin(user, password),)
        self._jars: dict[Origin, aiohttp.CookieJar] = {}

    def is_own(self, url: str) -> bool:
        """Tell whether the secrets of the request may go to `url`."""
        return origin_of(url) == self._origin

    def headers_for(self, url: str) -> list[tuple[str, str]]:
        """Return the headers that may go to `url`."""
        headers = list(self._secrets) if self.is_own(url) else []
        jar = self._jars.get(origin_of(url))
        if jar is not None:
            cookies = jar.filter_cookies(URL(url, encoded=True))
            pairs = [f"{morsel.key}={morsel.value}" for morsel in cookies.values()]
            own = [value for key, value in headers if key.lower() == "cookie"]
            headers = [(key, value) for key, value in headers if key.lower() != "cookie"]
            if own or pairs:
                headers.append(("Cookie", "; ".join(own + pairs)))
        return headers

    def logins_for(self, url: str) -> Sequence[DigestLogin]:
        """Return what answers `url` when it wants more than the headers for it."""
        return self._digest_login if self.is_own(url) else ()

    def accepts_any(self, url: str) -> bool:
        """Tell whether any certificate of the host of `url` will do."""
        return origin_of(url) in self._unproven

    def learn(self, response: aiohttp.ClientResponse) -> None:
        """Store the cookies that an answer sets, unchanged, for its origin."""
        if not response.cookies:
            return
        origin = origin_of(str(response.url))
        if origin not in self._jars:
            self._jars[origin] = aiohttp.CookieJar(unsafe=True)
        for morsel in response.cookies.values():
            with contextlib.suppress(CookieError):  # an odd name: only its quotes are lost
                morsel.set(morsel.key, morsel.coded_value, morsel.coded_value)
        self._jars[origin].update_cookies(response.cookies, response.url)


@lru_cache(maxsize=256)  # as in `origin_of`
def sendable(url: str) -> str:
    """Return `url` as it is sent: byte for byte, except what HTTP cannot carry.

    Only characters outside printable ASCII are percent-encoded (as UTF-8) or, in the host,
    converted to IDNA; the fragment is dropped. So signed links keep working.

    Raises:
        UrlError: there is no usable host or port in it.
    """
    url = url.partition("#")[0]
    try:
        scheme, host, _ = origin_of(url)
        if scheme not in ("http", "https") or not host:
            raise UrlError(f"not an http or https address: {clean(url, 120)}")
        if not url.isascii() or " " in url:
            netloc = urlsplit(url).netloc
            plain_host = netloc if host.isascii() else _ascii_netloc(netloc, host)
            rest = quote(raw_bytes(url.partition("://")[2][len(netloc) :]), safe=_PRINTABLE)
            url = f"{scheme}://{plain_host}{rest}"
    except ValueError as error:
        raise UrlError(f"not a usable address: {clean(url, 120)}") from error
    return url


def wired(url: str) -> URL:
    """Return a sendable `url` for the HTTP library, which must not normalise it.

    The library would drop a question mark with nothing behind it; as the end of the path it is
    kept.
    """
    if not url.endswith("?") or url.count("?") > 1:
        return URL(url, encoded=True)
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?"
    return URL.build(scheme=parts.scheme, authority=parts.netloc, path=path, encoded=True)


def _ascii_netloc(netloc: str, host: str) -> str:
    _, _, port = netloc.rpartition(":")
    name = host.encode("idna").decode("ascii")
    return f"{name}:{port}" if port.isdigit() else name
