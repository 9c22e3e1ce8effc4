"""A body received past aiohttp: into reused buffers, then by the thread that writes.

This is the only module that touches a transport.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from tui_downloader.engine.network import body_faults
from tui_downloader.engine.network.body_faults import cut, is_late, reset, silence
from tui_downloader.engine.network.loan import SocketLoan
from tui_downloader.engine.network.watching import has_more
from tui_downloader.model.errors import NetworkError, TruncatedError

if TYPE_CHECKING:
    import aiohttp

    from tui_downloader.engine.network.buffers import Buffers, Piece
    from tui_downloader.engine.network.limiter import Limit
    from tui_downloader.engine.network.tap import Tap

# Less than this is worth waiting for a little longer before a thread is woken to write it.
WORTH_WRITING = 128 * 1024
_GATHER_S = 0.1


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
        self._heard_at = self._loop.time()
        self._loan = SocketLoan(transport)
        self._take_over()

    def _take_over(self) -> None:
        """Drain what aiohttp has parsed, then receive in its place.

        What the parser held back, as its stream was full, it passes on while that is drained, and
        the transport goes on reading. Where it does not, there may be bytes that nobody sees.
        """
        stream = self._response.content
        self._parser = self._transport.get_protocol()
        while piece := stream.read_nowait():
            self._ready.append(piece)
            self._received += len(piece)
        self._limiter.spend(self._received)
        # Over TLS only who had read the head may be told that the connection is gone.
        if self._transport.is_closing() or not self._transport.is_reading():
            self._fail(reset(self._received))
            return
        self._transport.set_protocol(self)
        self._watch_silence()

    @property
    def received_bytes(self) -> int:
        return self._received + self._loan.moved_bytes

    @property
    def arrived_bytes(self) -> int:
        return self._received

    @property
    def lender(self) -> Self | None:
        return self if self._loan.is_possible else None

    @property
    def is_backed_up(self) -> bool:
        return self._filling is None or self._loan.is_behind

    @property
    def _awaited(self) -> int:
        return max(0, self._wanted - self._received)

    def want(self, n_bytes: int) -> None:
        self._wanted = min(n_bytes, self._length)
        self._wake()
        self._regulate()

    # The socket's side: called by the event loop.

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint  # our buffers are larger than what the loop suggests
        assert self._filling is not None
        most_bytes = min(self._awaited, self._limiter.slice_bytes)
        return self._filling[self._filled : self._filled + most_bytes]  # as far as it is free

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        self._received += nbytes
        self._heard_at = self._loop.time()
        assert self._filling is not None
        if self._filled == len(self._filling):
            if len(self._filling) < WORTH_WRITING or not self._loan.is_possible:
                self._buffers.grow()
            self._set_aside()
        self._spend(nbytes)
        self._regulate()
        self._offer()

    def eof_received(self) -> bool:
        self._fail(cut(self._received, self._length))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # None where its end was received, or it was closed here
        self._fail(reset(self._received))

    def _fail(self, fault: NetworkError | TruncatedError) -> None:
        """Tell whoever waits for more; what follows a first fault only comes of it."""
        if self._fault is None:
            self._fault = fault
            self._wake()

    def _set_aside(self) -> None:
        """Queue the filled buffer for the writer and go on with a free one, if there is one."""
        assert self._filling is not None
        self._ready.append(self._filling[: self._filled])
        self._filling = self._buffers.take()
        self._filled = 0

    def _regulate(self) -> None:
        """Read exactly while there is room, something left to read, and the limit allows it."""
        if self._closed:
            return
        is_ours = self._filling is not None and self._loan.tap is None
        if self._awaited and is_ours and not self._paying:
            if not self._transport.is_reading():
                self._heard_at = self._loop.time()
                self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _spend(self, n_bytes: int) -> None:
        if not self._limiter.spend(n_bytes) and self._awaited:
            self._paying = True
            self._limiter.when_free(self._paid)

    def _paid(self) -> None:
        self._paying = False
        self._regulate()

    def _offer(self) -> None:
        """Wake the writer when there is enough, or soon when there is something."""
        if self._ready or not self._awaited or self._filled >= WORTH_WRITING:
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
        """Time out a silent server; our own pauses (a limit, a slow disk, ctrl+z) do not count."""
        now = self._loop.time()
        was_stopped = self._silence is not None and is_late(self._silence.when(), now)
        if was_stopped or not self._transport.is_reading():
            self._heard_at = now
        left_s = self._heard_at + body_faults.SILENCE_S - now
        if left_s <= 0:
            self._fail(silence())
        elif self._received < self._length:
            self._silence = self._loop.call_later(max(left_s, 1.0), self._watch_silence)

    # The writer's side.

    async def next(self) -> Piece | None:
        while not self._ready and self._awaited and self._fault is None:
            if self._filled >= WORTH_WRITING:
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
        if self._filled and self._gather is None:
            self._gather = self._loop.call_later(_GATHER_S, self._wake)
        self._waiter = self._loop.create_future()
        await self._waiter

    def recycle(self, piece: Piece) -> None:
        if isinstance(piece, bytes):
            return
        self._buffers.give_back(memoryview(piece.obj))
        if self._filling is None:
            self._filling = self._buffers.take()
            self._regulate()

    # Lending the socket to whoever writes what comes from it.

    def lend(self, most_bytes: int) -> Tap | None:
        """Lend the socket for so many bytes behind the piece that was returned last.

        None when the next bytes are in memory already, or must not be read just now.
        """
        in_memory = self._ready or self._filled
        # Under a limit the socket is read in small slices, evenly: there is no use for long turns.
        if in_memory or self._fault is not None or not self._limiter.is_off:
            return None
        return self._loan.lend(min(most_bytes, self._awaited))

    async def left_alone(self) -> None:
        """Wait until the event loop does not use the socket: only then may the tap be used."""
        await self._loan.left_alone()

    def take_back(self, tap: Tap) -> None:
        """Take the socket back, with the count of bytes read from it and the error it met."""
        self._loan.take_back()
        self._received += tap.moved_bytes
        if tap.fault is not None:
            self._fail(reset(self._received))
        elif tap.has_ended:
            self._fail(cut(self._received, self._length))
        if self._closed:
            self._drop()
            return
        # A limit set meanwhile knows nothing of a turn that was allowed before: it would be in debt
        # for minutes.
        self._spend(min(tap.moved_bytes, self._limiter.slice_bytes))
        self._regulate()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._loan.close()
        self._buffers.close()
        for timer in (self._gather, self._silence):
            if timer is not None:
                timer.cancel()
        self._limiter.forget(self._paid)
        is_whole = self._received == self._length
        if self._loan.tap is not None:
            return  # closing would use the session that the turn uses
        if is_whole and not has_more(self._transport):
            self._hand_back()
        else:
            self._drop()

    def _drop(self) -> None:
        self._transport.abort()
        self._response.close()

    def _hand_back(self) -> None:
        """Give the connection back to aiohttp as if its own parser had read this body.

        Each request gets a new parser, so the one that stopped half way does no harm.
        """
        self._transport.set_protocol(self._parser)
        self._response.content.feed_eof()  # has it read on, and released
