"""The body of an answer, as pieces of bounded memory.

There are two ways from the socket to the same calls:

- `DirectBody` takes the transport over once aiohttp has parsed the head of an answer with a known
  length and no encoding, and receives into a few reused buffers. Nothing is allocated per piece,
  and an answer is never read beyond its length. A connection whose answer was read to its very end
  goes back to aiohttp's pool for the next request.
- `StreamBody` reads aiohttp's own stream: chunked bodies, bodies without a length, small ones
  (their connection goes back to the pool).

While the writer is busy with one buffer the socket fills another; when all are full the socket is
not read. A fast direct body lends its socket to the writing thread, which then reads the following
bytes itself (see `tap`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from tui_downloader.engine.network.buffers import Buffers, Memory, Piece
from tui_downloader.engine.network.direct_body import DirectBody
from tui_downloader.engine.network.stream_body import StreamBody

if TYPE_CHECKING:
    import aiohttp

    from tui_downloader.engine.network.limiter import Limit

DIRECT_FROM_BYTES = 256 * 1024


class Body(Protocol):
    """The bytes of one answer, in order."""

    @property
    def lender(self) -> DirectBody | None:
        """Itself if it can lend its socket, None when its bytes have to pass the event loop."""

    @property
    def received_bytes(self) -> int:
        """Bytes of this answer that were read from the socket so far."""

    @property
    def arrived_bytes(self) -> int:
        """Bytes of this answer in memory; `next` returns them without waiting for the server."""

    @property
    def is_backed_up(self) -> bool:
        """The disk is slower than the network: every buffer is full."""

    def want(self, n_bytes: int) -> None:
        """Stop after so many bytes of this answer; may be called again."""

    async def next(self) -> Piece | None:
        """Return the next piece, None at the announced end.

        Raises:
            TruncatedError: the server closed before the announced end.
            NetworkError: reset, or no byte for 30 s.
        """

    def recycle(self, piece: Piece) -> None:
        """Give a piece back, so that its memory is reused."""

    def close(self) -> None:
        """Stop receiving; safe to call twice."""


def open_body(
    response: aiohttp.ClientResponse, length: int | None, limiter: Limit, memory: Memory
) -> Body:
    """Attach to the body of `response`; call it before anything is awaited after the head.

    Args:
        length: the announced length in bytes, None when there is none or it is chunked.
        memory: what all bodies together may have for their buffers.
    """
    if length is not None and length >= DIRECT_FROM_BYTES and not response.content.is_eof():
        connection = response.connection
        transport = connection.transport if connection is not None else None
        if isinstance(transport, asyncio.Transport):
            return DirectBody(response, transport, length, limiter, Buffers(memory))
    return StreamBody(response, length, limiter)
