"""A proxy that opens tunnels."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator


class Proxy:
    """Opens tunnels on CONNECT.

    Args:
        tls: with it, the way to the proxy itself is encrypted.

    Attributes:
        asked: what each request asked for.
        logins: what each of them had for the proxy.
        place: its host and port.
        url: its address.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.asked: list[str] = []
        self.logins: list[str] = []
        self.place = self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        listener = await asyncio.start_server(self._tunnel, "127.0.0.1", 0, ssl=self._tls)
        self.place = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        self.url = f"{'https' if self._tls else 'http'}://{self.place}"
        async with listener:
            yield self

    async def _tunnel(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        head = (await near.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split(" ", 2)
        self.asked.append(f"{method} {target}")
        self.logins += re.findall(r"(?i)\r\nproxy-authorization: (.*)\r\n", head)
        host, _, port = target.rpartition(":")
        far, on = await asyncio.open_connection(host, int(port))
        back.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        asking = asyncio.create_task(_copy(near, on))
        try:
            await _copy(far, back)
        finally:
            asking.cancel()
            on.close()
            back.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(1 << 18):
            sink.write(piece)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()
