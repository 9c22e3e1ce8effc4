"""A body read through aiohttp's stream, of which more is in memory than was read yet."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.network.body import open_body
from tui_downloader.engine.network.buffers import Memory
from tui_downloader.engine.network.direct_body import DirectBody
from tui_downloader.engine.network.limiter import TokenBucket
from tui_downloader.engine.network.stream_body import StreamBody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tui_downloader.engine.network.body import Body

SMALL, LARGE = Pattern(100_000), Pattern(5_000_000)
SLICE = 16_000


@asynccontextmanager
async def two_answers(server: Server) -> AsyncIterator[tuple[Body, Body]]:
    """Two answers over one connection: all of the first is in memory when the second begins."""
    server.put("/small.bin", SMALL, length="chunked")
    server.put("/large.bin", LARGE)
    rate = TokenBucket(asyncio.get_running_loop(), 16 * SLICE)
    async with aiohttp.ClientSession(read_bufsize=1 << 18) as session:
        small = await session.get(server.url("/small.bin"))
        first = open_body(small, None, rate, Memory())
        await eventually(small.content.is_eof)
        large = await session.get(server.url("/large.bin"))
        second = open_body(large, LARGE.size, rate, Memory())
        try:
            yield first, second
        finally:
            first.close()
            second.close()


async def test_what_is_in_memory_leaves_the_connection_to_the_answer_behind_it(
    server: Server,
) -> None:
    """A thread may be at it, or it waits for a speed limit."""
    data = bytearray()
    async with two_answers(server) as (first, second):
        assert isinstance(first, StreamBody)
        assert isinstance(second, DirectBody)
        assert server.connections_total == 1
        second.want(0)
        async with asyncio.timeout(PATIENCE_S):
            while (piece := await first.next()) is not None:
                data += piece
                assert not second._transport.is_reading()
    assert data == bytes(SMALL)
