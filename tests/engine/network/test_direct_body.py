"""A body received past aiohttp: what came with its head, where it ends, and when it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.server import Pattern, Server
from tests.waiting import eventually
from tui_downloader.engine.network.body import open_body
from tui_downloader.engine.network.buffers import Memory
from tui_downloader.engine.network.direct_body import DirectBody
from tui_downloader.engine.network.limiter import TokenBucket
from tui_downloader.model.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.certificates import Certificates

FILE = Pattern(3_000_000)


@asynccontextmanager
async def answered(server: Server) -> AsyncIterator[tuple[aiohttp.ClientResponse, TokenBucket]]:
    """An answer with all of the file to come, and a limit that is off."""
    server.put("/file.bin", FILE)
    limit = TokenBucket(asyncio.get_running_loop())
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        url = server.url("/file.bin", host="localhost")
        async with session.get(url, ssl=False) as response:
            yield response, limit


def opened(response: aiohttp.ClientResponse, limit: TokenBucket) -> DirectBody:
    body = open_body(response, FILE.size, limit, Memory())
    assert isinstance(body, DirectBody)
    return body


async def taken(body: DirectBody) -> bytes:
    """Read a body to its end."""
    data = bytearray()
    while (piece := await body.next()) is not None:
        data += piece
        body.recycle(piece)
    return bytes(data)


def transport_of(response: aiohttp.ClientResponse) -> asyncio.Transport:
    assert response.connection is not None
    assert isinstance(response.connection.transport, asyncio.Transport)
    return response.connection.transport


async def test_what_came_before_it_is_attached_is_a_part_of_it(server: Server) -> None:
    async with answered(server) as (response, limit):
        transport = transport_of(response)
        await eventually(lambda: not transport.is_reading())  # aiohttp wants no more
        body = opened(response, limit)
        assert body.arrived_bytes
        assert await taken(body) == bytes(FILE)
        body.close()


async def test_what_came_before_it_is_attached_counts_for_the_limit(server: Server) -> None:
    async with answered(server) as (response, limit):
        limit.set_rate(1000)
        await eventually(lambda: response.content.total_bytes)
        body = opened(response, limit)
        assert limit.debt_s > body.arrived_bytes / 2000
        body.close()


async def test_a_connection_that_has_just_ended_is_told_at_once(certificates: Certificates) -> None:
    """Over TLS the loop tells it to whoever read the head, and to nobody else."""
    async with (
        Server(tls=certificates.server_context()) as server,
        answered(server) as (response, limit),
    ):
        transport_of(response).abort()
        await asyncio.sleep(0)
        body = opened(response, limit)
        with pytest.raises(NetworkError, match="the connection was lost after"):
            await taken(body)
        body.close()


async def test_a_connection_that_somebody_else_holds_back_is_not_gone_on_with(
    server: Server,
) -> None:
    """Whoever does may have bytes that would be missing in the middle."""
    async with answered(server) as (response, limit):
        transport = transport_of(response)
        await eventually(lambda: not transport.is_reading())
        response.content.read_nowait()
        transport.pause_reading()
        body = opened(response, limit)
        with pytest.raises(NetworkError, match="the connection was lost after"):
            await taken(body)
        body.close()
        assert transport.is_closing()
