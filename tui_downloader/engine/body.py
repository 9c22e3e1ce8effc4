"""The body of an answer, as pieces of bounded memory.

Two ways lead from the socket to the same three calls (`next`, `recycle`, `close`):

- `DirectBody` takes the transport over once aiohttp has parsed the head of an identity-coded,
  length-delimited answer, and receives into a few reused buffers. Nothing is allocated per piece,
  and an answer is never read beyond its length. A connection whose answer was read to its very end
  goes back to aiohttp's pool for the next request.
- `StreamBody` reads aiohttp's own stream: chunked bodies, bodies without a length, small ones
  (their connection goes back to the pool).

While the writer is busy with one buffer the socket fills another; when all are full the socket is
not read. This module is the only one that touches a transport.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import aiohttp

from tui_downloader.engine.buffers import Buffers, Memory
from tui_downloader.engine.watching import WatchedResponse
from tui_downloader.model.errors import NetworkError, TruncatedError
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.limiter import Limit

SILENCE_S = 30.0
# Less than this is worth waiting for a little longer before a thread is woken to write it.
_WORTH_WRITING = 128 * 1024
_GATHER_S = 0.1
DIRECT_FROM_BYTES = 256 * 1024

Piece = bytes | memoryview


class Body(Protocol):
    """The bytes of one answer, in order."""

    @property
    def received_bytes(self) -> int:
        """Bytes of this answer that the socket has given so far."""

    @property
    def is_backed_up(self) -> bool:
        """The writer is behind: every buffer is full."""

    def want(self, n_bytes: int) -> None:
        """Only the first so many bytes of this answer are wanted; may be called again."""

    async def next(self) -> Piece | None:
        """Return the next piece, None at the announced end.

        Raises:
            TruncatedError: the server closed before the announced end.
            NetworkError: reset, or no byte for 30 s.
        """

    def recycle(self, piece: Piece) -> None:
        """Give a piece back; its memory is used again."""

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


class StreamBody:
    """A body read through aiohttp's stream."""

    is_backed_up = False

    def __init__(
        self, response: aiohttp.ClientResponse, length: int | None, limiter: Limit
    ) -> None:
        self._response = response
        self._length = length
        self._limiter = limiter
        self._wanted: int | None = None
        self._in_debt = False
        self.received_bytes = 0

    def want(self, n_bytes: int) -> None:
        self._wanted = n_bytes

    async def next(self) -> Piece | None:
        if self._wanted is not None and self.received_bytes >= self._wanted:
            return None
        if self._in_debt:
            await self._pay()
        content = self._response.content
        try:
            # What is here needs no clock: small files come with their heads.
            piece = content.read_nowait()
            if not piece:
                async with asyncio.timeout(SILENCE_S):
                    piece = await content.readany()
        except TimeoutError:
            raise _silence() from None
        except aiohttp.ClientPayloadError as error:
            raise _cut(self.received_bytes, self._length) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _reset(self.received_bytes) from error
        if not piece:
            self._check_ending()
            return None
        self.received_bytes += len(piece)
        self._in_debt = not self._limiter.spend(len(piece))
        return piece

    def _check_ending(self) -> None:
        """Nothing but the end of the connection ends a body without a length: it must be clean."""
        response = self._response
        endless = self._length is None and "Transfer-Encoding" not in response.headers
        if endless and isinstance(response, WatchedResponse) and response.ended_badly:
            raise _cut(self.received_bytes, None)

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
        """Nothing to reuse: aiohttp made the piece for us."""

    def close(self) -> None:
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class DirectBody(asyncio.BufferedProtocol):
    """A body received straight into reused buffers; see the module's docstring."""

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        transport: asyncio.Transport,
        length: int,
        limiter: Limit,
        buffers: Buffers,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._transport = transport
        self._limiter = limiter
        self._length = length
        self._wanted = length  # what the socket still owes is this less what came
        self._received = 0
        self._buffers = buffers
        self._filling = self._buffers.take()
        self._filled = 0
        self._ready: list[Piece] = []  # pieces to hand out before `_filling`
        self._waiter: asyncio.Future[None] | None = None
        self._gather: asyncio.TimerHandle | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._fault: NetworkError | TruncatedError | None = None
        self._paying = False
        self._closed = False
        self._is_lost = False
        self._heard_at = self._loop.time()
        self._take_over()

    def _take_over(self) -> None:
        """Drain what aiohttp has parsed, then receive in its place.

        The parser holds no hidden rest when its stream is empty and the transport is reading: it
        stops the transport whenever it keeps bytes back.
        """
        stream = self._response.content
        self._parser = self._transport.get_protocol()
        while (piece := stream.read_nowait()) or not self._transport.is_reading():
            if not piece:
                self._fault = NetworkError("the connection closed while it was taken over")
                return
            self._ready.append(piece)
            self._received += len(piece)
        self._limiter.spend(self._received)
        self._transport.set_protocol(self)
        self._watch_silence()
        if not self._awaited:
            self._transport.pause_reading()

    @property
    def received_bytes(self) -> int:
        return self._received

    @property
    def is_backed_up(self) -> bool:
        return self._filling is None

    @property
    def _awaited(self) -> int:
        return max(0, self._wanted - self._received)

    def want(self, n_bytes: int) -> None:
        self._wanted = min(n_bytes, self._length)
        if not self._awaited:
            self._wake()
        self._regulate()

    # The socket's side: called by the event loop.

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint  # our buffers are larger than what the loop suggests
        assert self._filling is not None
        free_bytes = len(self._filling) - self._filled
        room = min(free_bytes, self._awaited, self._limiter.slice_bytes)
        return self._filling[self._filled : self._filled + room]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        self._received += nbytes
        self._heard_at = self._loop.time()
        if self._filling is not None and self._filled == len(self._filling):
            self._buffers.grow()
            self._set_aside()
        if not self._limiter.spend(nbytes) and self._awaited:
            self._paying = True
            self._limiter.when_free(self._paid)
        self._regulate()
        self._offer()

    def eof_received(self) -> bool:
        self._is_lost = True
        self._fail(_cut(self._received, self._length))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        received = self._received
        self._is_lost = True
        self._fail(_cut(received, self._length) if exc is None else _reset(received))

    def _fail(self, fault: NetworkError | TruncatedError) -> None:
        if self._received < self._length and self._fault is None:
            self._fault = fault
            self._wake()

    def _set_aside(self) -> None:
        """Queue what was filled for the writer and go on with a free buffer, if there is one."""
        assert self._filling is not None
        self._ready.append(self._filling[: self._filled])
        self._filling = self._buffers.take()
        self._filled = 0

    def _regulate(self) -> None:
        """Read exactly while there is room, something to come, and the limit allows."""
        if self._closed:
            return
        if self._awaited and self._filling is not None and not self._paying:
            if not self._transport.is_reading():
                self._heard_at = self._loop.time()
                self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _paid(self) -> None:
        self._paying = False
        self._regulate()

    def _offer(self) -> None:
        """Wake the writer when there is enough, or soon when there is something."""
        if self._ready or not self._awaited or self._filled >= _WORTH_WRITING:
            self._wake()
        elif self._gather is None:
            self._gather = self._loop.call_later(_GATHER_S, self._wake)

    def _wake(self) -> None:
        if self._gather is not None:
            self._gather.cancel()
            self._gather = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _watch_silence(self) -> None:
        """Our own pauses (a limit, a slow disk) are no silence of the server's."""
        if not self._transport.is_reading():
            self._heard_at = self._loop.time()
        left_s = self._heard_at + SILENCE_S - self._loop.time()
        if left_s <= 0:
            self._fail(_silence())
        elif self._received < self._length:
            self._silence = self._loop.call_later(max(left_s, 1.0), self._watch_silence)

    # The writer's side.

    async def next(self) -> Piece | None:
        while not self._ready and self._awaited and self._fault is None:
            if self._filled >= _WORTH_WRITING:
                break
            await self._wait()
            if self._filled:
                break
        if not self._ready and self._filled:
            self._set_aside()
            self._regulate()
        if self._ready:
            return self._ready.pop(0)
        if self._fault is not None and self._awaited:
            raise self._fault
        return None

    async def _wait(self) -> None:
        self._waiter = self._loop.create_future()
        if self._filled and self._gather is None:
            self._gather = self._loop.call_later(_GATHER_S, self._wake)
        try:
            await self._waiter
        finally:
            self._waiter = None

    def recycle(self, piece: Piece) -> None:
        if isinstance(piece, bytes):
            return
        self._buffers.give_back(memoryview(piece.obj))
        if self._filling is None:
            self._filling = self._buffers.take()
            self._regulate()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._buffers.close()
        for timer in (self._gather, self._silence):
            if timer is not None:
                timer.cancel()
        self._limiter.forget(self._paid)
        if self._received == self._length and not self._is_lost:
            self._hand_back()
        else:
            self._transport.abort()
            self._response.close()

    def _hand_back(self) -> None:
        """Give the connection back to aiohttp as if its own parser had read this body.

        Each request gets a new parser, so the one that stopped in the middle does no harm.
        """
        self._transport.set_protocol(self._parser)
        self._transport.resume_reading()
        self._response.content.feed_eof()
        self._response.release()


def _resolver(future: asyncio.Future[None]) -> Callable[[], None]:
    def resolve() -> None:
        if not future.done():
            future.set_result(None)

    return resolve


def _cut(received: int, length: int | None) -> TruncatedError:
    of = "" if length is None else f" of {format_bytes(length)}"
    return TruncatedError(f"the server closed the connection after {format_bytes(received)}{of}")


def _reset(received: int) -> NetworkError:
    return NetworkError(f"the connection was lost after {format_bytes(received)}")


def _silence() -> NetworkError:
    return NetworkError(f"no data for {SILENCE_S:.0f} s", code="timeout")
