"""A final answer to a request: its head, its body, and its server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tui_downloader.engine.network.tls_sessions import info
from tui_downloader.engine.network.watching import WatchedResponse
from tui_downloader.model.http import parse_disposition
from tui_downloader.model.naming import choose_name
from tui_downloader.model.text import clean, shown_headers

if TYPE_CHECKING:
    import aiohttp

    from tui_downloader.engine.network.body import Body
    from tui_downloader.model.answers import Head
    from tui_downloader.model.download import DownloadRequest

_SHOWN_HEADERS = (
    "Server",
    "Accept-Ranges",
    "ETag",
    "Last-Modified",
    "Content-Type",
    "Content-Disposition",
    "Content-Encoding",
)


@lru_cache(maxsize=256)
def _shared(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return one copy for all: thousands of downloads send the same."""
    return headers


@dataclass(slots=True)
class Answer:
    """A final answer: its head, where it came from, and its body, attached but not yet read.

    Attributes:
        hops: addresses that redirected here.
        head_s: seconds from asking to the head: one round trip and more.
    """

    head: Head
    url: str
    hops: tuple[str, ...]
    head_s: float
    response: aiohttp.ClientResponse
    body: Body
    _name: str = ""

    def server_facts(self) -> tuple[tuple[str, str], ...]:
        """Return what the details show of this answer, as labels and cleaned texts."""
        response = self.response
        version = response.version
        http = f"HTTP/{version.major}.{version.minor}" if version is not None else "HTTP"
        shown = [("status", f"{http} {response.status} {clean(response.reason or '', 60)}")]
        shown += [
            (name, clean(value, 200))
            for name in _SHOWN_HEADERS
            if (value := response.headers.get(name)) is not None
        ]
        if (tls := self._info("ssl_object")) is not None:
            shown.append(("TLS", clean(tls.version() or "", 20).replace("v", " ")))
        return tuple(shown)

    def sent_headers(self) -> tuple[tuple[str, str], ...]:
        """Return what the details show of the request that this answers, without its secrets."""
        sent = self.response.request_info.headers.items()
        return _shared(shown_headers(each for each in sent if each[0] != "Host"))  # of the address

    @property
    def peer(self) -> str:
        """Address and port of the server, "" when they are not known."""
        if (name := self._peer_name) is None:
            return ""
        host, port = name
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def peer_address(self) -> str:
        """IP address of the server, "" when it is not known, as behind a proxy."""
        if self._peer_name is None or self.proxy_host:
            return ""
        return self._peer_name[0]

    @property
    def proxy_host(self) -> str:
        """Name and port of the proxy that it came through, "" for none."""
        return self.response.proxy_host if isinstance(self.response, WatchedResponse) else ""

    @property
    def _peer_name(self) -> tuple[str, int] | None:
        return self.response.peer_name if isinstance(self.response, WatchedResponse) else None

    def _info(self, name: str) -> Any:
        """Return what the transport knows of its connection, None when that is gone."""
        connection = self.response.connection
        transport = connection.transport if connection is not None else None
        return info(transport, name) if transport is not None else None

    @property
    def is_reused(self) -> bool:
        """Its connection has served an earlier request, and may bring the rest of that answer."""
        return isinstance(self.response, WatchedResponse) and self.response.is_reused

    def retire(self) -> None:
        """Do not reuse the connection after this answer."""
        if isinstance(self.response, WatchedResponse):
            self.response.retire()

    def suggested_name(self, request: DownloadRequest) -> str:
        """Return the file name from the user, or else from this answer or the addresses."""
        if not self._name:
            self._name = choose_name(
                wanted=request.name,
                disposition=parse_disposition(self.response.headers.get("Content-Disposition")),
                final_url=self.url,
                first_url=request.url,
            )
        return self._name
