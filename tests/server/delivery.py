"""Sending an answer's body, and breaking off where the behaviour says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.server.answer import Answer, Asked
from tests.server.content import Span
from tests.server.wire import Wire

_PIECE_BYTES = 512 * 1024
_THROTTLE_STEP_S = 0.02


class Cut(Exception):
    """The behaviour wants the connection to end here."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("reset" if reset else "close")
        self.reset = reset


class Delivery:
    """One body on its way.

    The behaviour is read again before each piece, so a test may change it meanwhile.

    Args:
        stall: waits until the server is told to go on, or raises when the client leaves.
        on_sent: told the bytes of each piece after it went out.
    """

    def __init__(
        self,
        wire: Wire,
        asked: Asked,
        *,
        stall: Callable[[], Awaitable[None]],
        on_sent: Callable[[int], None],
    ) -> None:
        self._wire = wire
        self._request = asked.request
        self._resource = asked.resource
        self._behaviour = asked.behaviour
        self._stall = stall
        self._on_sent = on_sent
        self._chunked = asked.behaviour.length.startswith("chunked")
        self._stalled = False

    async def send(self, answer: Answer) -> None:
        """Send everything.

        Raises:
            Cut: the behaviour wants a break; so many bytes were sent as it says.
        """
        if self._behaviour.throttle_bytes_per_s is not None:
            self._wire.keep_little_ahead()
        for span in answer.spans:
            await self._send_span(span)
        await self._break_off(None)
        if self._chunked and self._behaviour.last_chunk:
            await self._wire.write(b"0\r\n\r\n")

    async def _send_span(self, span: Span) -> None:
        offset = span.start
        while offset < span.stop:
            in_file = offset if span.in_file else None
            await self._break_off(in_file)
            limit = min(self._room(in_file), span.stop - offset)
            piece = span.content.piece(offset, limit)
            await self._send_piece(piece)
            offset += len(piece)

    async def _break_off(self, in_file: int | None) -> None:
        behaviour, sent = self._behaviour, self._request.sent_bytes
        if _reached(behaviour.stall_after, sent) and not self._stalled:
            self._stalled = True
            await self._stall()
        if _reached(behaviour.garble_after, sent):
            await self._wire.write(b"no size at all\r\n")
            await self._stall()
        if _reached(behaviour.reset_after, sent):
            raise Cut(reset=True)
        if _reached(behaviour.close_after, sent):
            raise Cut(reset=False)
        if in_file is not None and in_file == behaviour.poison_at and behaviour.take_poison():
            raise Cut(reset=behaviour.poison_by == "reset")

    def _room(self, in_file: int | None) -> int:
        """Bytes that may go out before something has to be looked at again."""
        behaviour, sent = self._behaviour, self._request.sent_bytes
        stops = [
            *(behaviour.stall_after, behaviour.garble_after),
            *(behaviour.reset_after, behaviour.close_after),
        ]
        rooms = [_PIECE_BYTES, *(stop - sent for stop in stops if stop is not None)]
        if behaviour.poison_at is not None and in_file is not None:
            rooms.append(behaviour.poison_at - in_file)
        if behaviour.change_after is not None:
            rooms.append(behaviour.change_after - self._resource.sent_bytes)
        if behaviour.throttle_bytes_per_s is not None:
            rooms.append(max(1, round(behaviour.throttle_bytes_per_s * _THROTTLE_STEP_S)))
        return min(room for room in rooms if room > 0)

    async def _send_piece(self, piece: memoryview) -> None:
        rate = self._behaviour.throttle_bytes_per_s
        sharers = self._resource.open_now if self._behaviour.throttle_is_shared else 1
        # Its time is over when its last byte goes out: the answer is not under way any longer.
        # Without a rate, others still get their turn between two pieces.
        await asyncio.sleep(0 if rate is None else len(piece) * sharers / rate)
        if self._chunked:
            await self._wire.write(b"%x\r\n" % len(piece))
        await self._wire.write(piece)
        if self._chunked:
            await self._wire.write(b"\r\n")
        self._request.sent_bytes += len(piece)
        self._resource.sent_bytes += len(piece)
        self._change_file()
        self._on_sent(len(piece))

    def _change_file(self) -> None:
        behaviour = self._behaviour
        if behaviour.change_to is None or not _reached(
            behaviour.change_after, self._resource.sent_bytes
        ):
            return
        changed, behaviour.change_to = behaviour.change_to, None
        self._resource.replace(changed)


def _reached(stop: int | None, sent: int) -> bool:
    return stop is not None and sent >= stop
