"""The HTTP client: one `aiohttp.ClientSession`, with redirects and errors handled here.

The session holds no secrets: `Access` says for each request what may be sent. aiohttp is set up to
leave the bytes alone: no decompression, no re-quoting of addresses, no total timeout.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import urljoin

import aiohttp
from aiohttp import hdrs

from tui_downloader import __version__
from tui_downloader.engine.network.access import sendable, wired
from tui_downloader.engine.network.answer import Answer
from tui_downloader.engine.network.attempts import (
    ATTEMPT,
    Attempt,
    TellingConnector,
    past_stale,
)
from tui_downloader.engine.network.body import open_body
from tui_downloader.engine.network.buffers import Memory
from tui_downloader.engine.network.lookups import Lookups
from tui_downloader.engine.network.multipart import unwrapped
from tui_downloader.engine.network.network_faults import login_wanted, network_error
from tui_downloader.engine.network.proxies import Proxies
from tui_downloader.engine.network.watching import WatchedResponse
from tui_downloader.model.answers import Ask, Head
from tui_downloader.model.errors import FramingError, RedirectError, TlsError
from tui_downloader.model.http import (
    Validators,
    check_transfer_coding,
    content_coding,
    content_length,
    parse_retry_after,
)
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.statuses import MAY_HAVE_EXPIRED
from tui_downloader.model.text import clean, redact, strip_userinfo

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from yarl import URL

    from tui_downloader.engine.network.access import Access
    from tui_downloader.engine.network.limiter import Limit
    from tui_downloader.engine.network.proxies import Via
    from tui_downloader.engine.network.trust import Trust
    from tui_downloader.engine.options import EngineOptions
    from tui_downloader.model.proxy import Proxy

CONNECT_S = 15.0
LOOKUP_AND_CONNECT_S = 60.0
KEEP_ALIVE_S = 15.0  # for how long an idle connection is kept
MOST_REDIRECTS = 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHOICES = 300  # with a preferred one, which may be followed, or without (RFC 9110, 15.4.1)
_WHOLE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII | re.IGNORECASE)
_PROXY_LOGIN = 407
_CLOSE_S = 1.0
_HEADER_BYTES = 1 << 16
# Room for everything that arrives between the head and the moment the body is attached.
_READ_AHEAD_BYTES = 1 << 18


class _Reached(NamedTuple):
    """An answer that is no redirect, as aiohttp has it; see `Answer` for the other fields."""

    response: aiohttp.ClientResponse
    url: str
    hops: tuple[str, ...]
    head_s: float


class Way(NamedTuple):
    """The circumstances of a download's requests: secrets, limits, callbacks.

    Attributes:
        access: which secrets may go where.
        limit: the speed limits that its bodies obey.
        on_phase: told "DNS", "TCP", "TLS" and "waiting for answer" as a connection gets there.
        on_hop: told each address that redirects, and where to, before that is asked; what it raises
            ends the request.
        proxy: that of the download, None to take the environment's.
    """

    access: Access
    limit: Limit
    on_phase: Callable[[str], None]
    on_hop: Callable[[str, str], None]
    proxy: Proxy | None = None


class Client:
    """Sends requests. An async context manager; leaving it closes every connection.

    Args:
        options: the User-Agent.
        trust: whose certificates are believed.
    """

    def __init__(self, options: EngineOptions, trust: Trust) -> None:
        self._trust = trust
        self._memory = Memory()
        self._proxies = Proxies()
        self._lookups = Lookups()
        self._session = aiohttp.ClientSession(
            connector=TellingConnector(
                limit=0,
                use_dns_cache=False,  # the resolver has a better one
                resolver=self._lookups,
                keepalive_timeout=KEEP_ALIVE_S,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=LOOKUP_AND_CONNECT_S,
                sock_connect=CONNECT_S,
                sock_read=None,
            ),
            headers={
                "User-Agent": options.user_agent or f"tui-downloader/{__version__}",
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            response_class=WatchedResponse,
            auto_decompress=False,
            requote_redirect_url=False,
            read_bufsize=_READ_AHEAD_BYTES,
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
            max_headers=1000,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        # A connection that somebody forgot must not keep the program from ending.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await self._session.close()
        await self._lookups.close()

    async def open(self, url: str, ask: Ask, way: Way) -> Answer:
        """Send one request, follow its redirects, and return the final answer.

        If a redirect leads to a link that has expired, `url` is asked once more for a new one.

        Raises:
            DownloadError: no answer could be had, or a redirect must not be followed.
        """
        answer = self._answer(await self._follow(url, ask, way), way)
        if answer.hops and answer.head.status in MAY_HAVE_EXPIRED:
            answer.body.close()
            answer = self._answer(await self._follow(url, ask, way), way)
        return await unwrapped(answer)

    async def head(self, url: str, way: Way) -> Head:
        """Send a HEAD request, follow its redirects, and return the final answer's head.

        Raises:
            DownloadError: no answer could be had, or a redirect must not be followed.
        """
        reached = await self._follow(url, Ask(plain=True), way, hdrs.METH_HEAD)
        return _read_head(reached.response, reached.url, way.access)

    def elsewhere(self, answer: Answer, tried: Container[str]) -> bool:
        """Let new connections go to another machine behind the name that this answer came from.

        Args:
            tried: IP addresses; when the next one is among them, or not known, return False.
        """
        if not answer.peer_address:
            return False  # through a proxy, which chooses the machine
        machine = self._lookups.leave(*_place(answer.response.url), answer.peer_address)
        return bool(machine) and machine not in tried

    async def _follow(self, url: str, ask: Ask, way: Way, method: str = hdrs.METH_GET) -> _Reached:
        hops: list[str] = []
        while True:
            here = sendable(url)
            asked_at = time.monotonic()
            response = await self._request(method, here, ask, way)
            if not _leads_on(response):
                return _Reached(response, here, tuple(hops), time.monotonic() - asked_at)
            target = response.headers.get("Location", "")
            response.release()
            url = _next_hop(here, target)
            hops.append(url)
            if len(hops) > MOST_REDIRECTS:
                raise RedirectError(
                    f"more than {MOST_REDIRECTS} redirects", code="too-many-redirects"
                )
            way.on_hop(here, url)

    async def _request(self, method: str, url: str, ask: Ask, way: Way) -> aiohttp.ClientResponse:
        headers = way.access.headers_for(url) + _conditions(ask)
        via = self._proxies.towards(url, way.proxy)
        proxy = None if via is None else via.proxy.address
        accepts_any = way.access.accepts_any(url)
        trust = await self._trust.towards(url, proxy, accepts_any=accepts_any)
        address = wired(url)
        place = _place(address if via is None else wired(via.proxy.url))
        machine = self._lookups.first(*place)
        send = partial(
            self._session.request,
            method,
            address,
            headers=headers,
            allow_redirects=False,
            proxy=proxy,
            ssl=trust,
            middlewares=way.access.logins_for(url),
        )
        attempt = Attempt(way.on_phase, way.limit.slice_bytes)
        ATTEMPT.set(attempt)
        try:
            response = await past_stale(send, attempt)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if not attempt.is_reused:
                self._lookups.leave(*place, machine)
            fault = network_error(error, url, via)
            # Never past a proxy, not even for a date.
            if isinstance(fault, TlsError) and via is None:
                # Only such a fault needs it; where it is that no more files can be opened, an
                # import would fail as well.
                from tui_downloader.engine.network.certificates import dated

                fault = await dated(fault, url)
            raise fault from error
        if not attempt.is_reused and isinstance(response, WatchedResponse) and response.peer_name:
            self._lookups.keep_to(*place, response.peer_name[0])
        if via is not None:
            _heed_proxy(response, via)
        way.access.learn(response)
        return response

    def _answer(self, reached: _Reached, way: Way) -> Answer:
        """Attach to the body at once: bytes that arrive during an `await` could be lost."""
        response, url, hops, head_s = reached
        try:
            head = _read_head(response, url, way.access)
            body = open_body(response, head.content_length, way.limit, self._memory)
        except FramingError:
            response.close()
            raise
        except aiohttp.ClientError as error:
            response.close()
            raise network_error(error, url) from error
        return Answer(head, url, hops, head_s, response, body)


def _heed_proxy(response: aiohttp.ClientResponse, via: Via) -> None:
    """The other side of the connection is the proxy, and some answers are its own.

    Raises:
        HttpStatusError: it wants a login.
    """
    if isinstance(response, WatchedResponse):
        response.proxy_host = via.host
    if response.status == _PROXY_LOGIN:
        response.close()
        raise login_wanted(via)


def _place(url: URL) -> tuple[str, int]:
    """Return name and port, as the resolver is asked for them."""
    return url.raw_host or "", url.port or 0


def _conditions(ask: Ask) -> list[tuple[str, str]]:
    if ask.plain:
        return []
    last = "" if ask.end is None else str(ask.end - 1)
    headers = [("Range", f"bytes={ask.start}-{last}")]
    if ask.if_range is not None:
        headers.append(("If-Range", ask.if_range))
    return headers


def _read_head(response: aiohttp.ClientResponse, url: str, access: Access) -> Head:
    headers = response.headers
    check_transfer_coding(headers.getall("Transfer-Encoding", ()))
    return Head(
        status=response.status,
        content_range=tuple(headers.getall("Content-Range", ())),
        # aiohttp refuses an answer that is chunked and has a length.
        content_length=content_length(headers.getall("Content-Length", [])),
        content_encoding=content_coding(headers.getall("Content-Encoding", ())),
        content_type=headers.get("Content-Type", ""),
        validators=Validators(
            headers.get("ETag"),
            headers.get("Last-Modified"),
            headers.get("Date"),
            server=host_of(str(response.url)),
        ),
        retry_after_s=parse_retry_after(
            headers.get("Retry-After"), time.time(), headers.get("Date")
        ),
        host=host_of(url),
        had_login=hdrs.AUTHORIZATION in response.request_info.headers,
        led_to="" if access.is_own(url) else redact(url),
    )


def _leads_on(response: aiohttp.ClientResponse) -> bool:
    if response.status == _CHOICES:
        return hdrs.LOCATION in response.headers
    return response.status in _REDIRECTS


def _next_hop(here: str, location: str) -> str:
    if not location:
        raise RedirectError("a redirect that does not say where to")
    # A whole address is taken as it came: joining would tidy it up, and a signature would break.
    is_whole = _WHOLE_ADDRESS.match(location) is not None
    target, _ = strip_userinfo(location if is_whole else urljoin(here, location))
    scheme = target.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise RedirectError(f"redirected to {clean(target, 120)}, which is not http")
    if scheme == "http" and here.partition(":")[0].lower() == "https":
        raise RedirectError(
            f"redirected from https down to http ({clean(target, 120)})",
            hint="if you trust the way, download that address itself",
        )
    return target
