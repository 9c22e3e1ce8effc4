"""A body read through aiohttp's own stream: chunked, small, or of unknown length.

Each read from that stream resumes its connection, even when the body is complete and the connection
serves another answer already, whose bytes must not be touched. So at the end of a body everything
in memory is taken from the stream at once, before that other answer can begin.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.http import HttpProcessingError

from tui_downloader.engine.network import body_faults
from tui_downloader.engine.network.body_faults import cut, garbled, is_late, silence
from tui_downloader.engine.network.watching import WatchedResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.network.buffers import Piece
    from tui_downloader.engine.network.limiter import Limit


class StreamBody:
    """A body read through aiohttp's stream."""

    is_backed_up = False
    lender = None  # aiohttp has taken more from the socket than it gave us

    def __init__(
        self, response: aiohttp.ClientResponse, length: int | None, limiter: Limit
    ) -> None:
        self._response = response
        self._length = length
        self._limiter = limiter
        self._in_debt = False
        self._rest = memoryview(b"")  # what has left the stream and was not read yet
        self.received_bytes = 0
        if response.content.is_eof():
            self._leave_stream()
        else:
            response.content.on_eof(self._leave_stream_soon)

    def _leave_stream_soon(self) -> None:
        # Not within the parser, which calls this, but before anything else can come.
        asyncio.get_running_loop().call_soon(self._leave_stream)

    def _leave_stream(self) -> None:
        content = self._response.content
        if content.exception() is None:
            self._rest = memoryview(content.read_nowait())

    @property
    def arrived_bytes(self) -> int:
        # Under a limit what is in memory is handed out as slowly as if it came only now.
        return self._response.content.total_bytes if self._limiter.is_off else self.received_bytes

    def want(self, n_bytes: int) -> None:
        """Do nothing: what has come is read in any case, and its reader stops by itself."""

    async def next(self) -> Piece | None:
        if self._in_debt:
            await self._pay()
        try:
            piece = await self._some(self._limiter.slice_bytes)
        except TimeoutError:
            raise silence() from None
        except aiohttp.ClientPayloadError as error:
            raise cut(self.received_bytes, self._length) from error
        except (aiohttp.ClientError, HttpProcessingError) as error:
            raise garbled(self.received_bytes) from error
        if not piece:
            self._check_ending()
            return None
        self.received_bytes += len(piece)
        self._in_debt = not self._limiter.spend(len(piece))
        return piece

    async def _some(self, most_bytes: int) -> Piece:
        content = self._response.content
        # What is here needs no clock: small files come with their heads.
        piece: Piece = b"" if self._rest else content.read_nowait(most_bytes)
        if not (piece or self._rest):
            piece = await self._next_of(content, most_bytes)
        if not piece:
            piece, self._rest = self._rest[:most_bytes], self._rest[most_bytes:]
        return piece

    async def _next_of(self, content: aiohttp.StreamReader, most_bytes: int) -> bytes:
        while True:
            try:
                async with asyncio.timeout(body_faults.SILENCE_S) as limit:
                    return await content.read(most_bytes)
            except TimeoutError:
                if not is_late(limit.when() or 0.0, asyncio.get_running_loop().time()):
                    raise

    def _check_ending(self) -> None:
        """A body without a length ends with its connection, which must be closed properly."""
        response = self._response
        endless = self._length is None and "Transfer-Encoding" not in response.headers
        if endless and isinstance(response, WatchedResponse) and response.ended_badly:
            raise cut(self.received_bytes, None)

    async def _pay(self) -> None:
        paid = asyncio.get_running_loop().create_future()
        resume = _resolver(paid)
        self._limiter.when_free(resume)
        try:
            await paid
        finally:
            self._limiter.forget(resume)
        self._in_debt = False

    def recycle(self, piece: Piece) -> None:
        """Do nothing: aiohttp allocated the piece."""

    def close(self) -> None:
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


def _resolver(future: asyncio.Future[None]) -> Callable[[], None]:
    def resolve() -> None:
        if not future.done():
            future.set_result(None)

    return resolve
