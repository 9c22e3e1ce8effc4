"""A body received past aiohttp: what came with its head, where it ends, and who reads on."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.network import body_faults, channels, direct_body
from tui_downloader.engine.network.body import open_body
from tui_downloader.engine.network.buffers import SHARED_BYTES, Memory
from tui_downloader.engine.network.direct_body import WORTH_WRITING, DirectBody
from tui_downloader.engine.network.limiter import TokenBucket
from tui_downloader.engine.network.watching import has_more
from tui_downloader.model.errors import NetworkError, TruncatedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.certificates import Certificates
    from tui_downloader.engine.network.buffers import Piece

FILE = bytes(Pattern(3_000_000))
LITTLE = 1000


class Far:
    """The other end of a connection, and what a test needs of the near one.

    It answers each request with a head; what comes behind that a test sends.

    Attributes:
        connections, connections_now: how many were opened, and are.
        bodies: closed in the end.
        limit: of the speed; off.
        memory: what larger buffers come from.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.connections = self.connections_now = 0
        self.bodies: list[DirectBody] = []
        self.limit = TokenBucket(asyncio.get_running_loop())
        self.memory = Memory()
        self.url = ""
        self._session = session
        self._writer: asyncio.StreamWriter | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.connections_now += 1
        self._writer = writer
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FILE))
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        self.connections_now -= 1

    async def answer(self) -> tuple[aiohttp.ClientResponse, asyncio.Transport]:
        """Ask, and return the answer with its connection."""
        response = await self._session.get(self.url)
        return response, transport_of(response)

    async def body(self) -> DirectBody:
        """Ask, and attach to the body of the answer."""
        return self.attach((await self.answer())[0])

    def attach(self, response: aiohttp.ClientResponse) -> DirectBody:
        body = open_body(response, len(FILE), self.limit, self.memory)
        assert isinstance(body, DirectBody)
        self.bodies.append(body)
        return body

    async def send(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        assert self._writer is not None
        self._writer.close()

    def reset(self) -> None:
        assert self._writer is not None
        end = self._writer.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.close()


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        far = Far(session)
        async with await asyncio.start_server(far.serve, "127.0.0.1", 0) as listener:
            far.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
            yield far
            for body in far.bodies:
                if (tap := body._loan.tap) is not None:
                    body.take_back(tap)
                body.close()
            await session.close()
            await eventually(lambda: not far.connections_now)


def transport_of(response: aiohttp.ClientResponse) -> asyncio.Transport:
    assert response.connection is not None
    assert isinstance(response.connection.transport, asyncio.Transport)
    return response.connection.transport


async def pieces_of(body: DirectBody) -> AsyncIterator[Piece]:
    """Every piece, which is given back after that."""
    while (piece := await body.next()) is not None:
        yield piece
        body.recycle(piece)


async def taken(body: DirectBody) -> bytes:
    """Read a body to its end."""
    data = bytearray()
    async for piece in pieces_of(body):
        data += piece
    return bytes(data)


async def arrived(body: DirectBody, n_bytes: int) -> None:
    await eventually(lambda: body.arrived_bytes == n_bytes)


class Sink:
    """A file that takes whatever a turn brings."""

    def put(self, block: memoryview, offset: int) -> None:
        """Written."""


# Where it begins.


async def test_what_came_before_it_is_attached_is_a_part_of_it(far: Far) -> None:
    response, transport = await far.answer()
    sending = asyncio.create_task(far.send(FILE))
    await eventually(lambda: not transport.is_reading())  # aiohttp wants no more
    body = far.attach(response)
    assert body.arrived_bytes
    assert await taken(body) == FILE
    await sending


async def test_what_came_before_it_is_attached_counts_for_the_limit(far: Far) -> None:
    response, _ = await far.answer()
    far.limit.set_rate(LITTLE)
    await far.send(FILE[: 10 * LITTLE])
    await eventually(lambda: response.content.total_bytes == 10 * LITTLE)
    far.attach(response)
    assert far.limit.debt_s > 5


async def test_a_connection_that_has_just_ended_is_told_at_once(certificates: Certificates) -> None:
    """Over TLS the loop tells it to whoever read the head, and to nobody else."""
    async with (
        Server(tls=certificates.server_context()) as server,
        aiohttp.ClientSession(auto_decompress=False) as session,
    ):
        server.put("/x.bin", FILE)
        response = await session.get(server.url("/x.bin", host="localhost"), ssl=False)
        transport_of(response).abort()
        await asyncio.sleep(0)
        far = Far(session)
        body = far.attach(response)
        with pytest.raises(NetworkError, match="the connection was lost after"):
            await taken(body)
        body.close()


async def test_a_connection_that_somebody_else_holds_back_is_not_gone_on_with(far: Far) -> None:
    """Whoever does may have bytes that would be missing in the middle."""
    response, transport = await far.answer()
    transport.pause_reading()
    body = far.attach(response)
    body.want(len(FILE))
    await far.send(FILE[:LITTLE])
    await eventually(lambda: response.content.total_bytes + body.arrived_bytes == LITTLE)
    assert not body.arrived_bytes
    with pytest.raises(NetworkError, match="the connection was lost after"):
        await taken(body)
    body.close()
    assert transport.is_closing()


# How much comes.


async def test_little_waits_for_more(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_body, "_GATHER_S", 10 * PATIENCE_S)
    body = await far.body()
    waiting = asyncio.create_task(body.next())
    await far.send(FILE[:LITTLE])
    await arrived(body, LITTLE)
    await asyncio.sleep(0)
    assert not waiting.done()
    sending = asyncio.create_task(far.send(FILE[LITTLE:]))
    piece = await waiting
    assert piece is not None
    assert len(piece) > LITTLE
    data = bytes(piece)
    body.recycle(piece)
    assert data + await taken(body) == FILE
    await sending


async def test_little_is_written_when_no_more_comes(far: Far) -> None:
    body = await far.body()
    for begin in (0, LITTLE):
        await far.send(FILE[begin : begin + LITTLE])
        piece = await body.next()
        assert piece == FILE[begin : begin + LITTLE]
        body.recycle(piece)


async def test_little_that_came_while_nobody_waited_is_written_too(far: Far) -> None:
    body = await far.body()
    await far.send(FILE[:LITTLE])
    await eventually(lambda: body.arrived_bytes == LITTLE and body._gather is None)
    async with asyncio.timeout(PATIENCE_S):
        assert await body.next() == FILE[:LITTLE]


async def test_no_more_is_read_than_is_wanted(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    body.want(LITTLE)
    await far.send(FILE[: 9 * LITTLE])
    assert await taken(body) == FILE[:LITTLE]
    assert not transport.is_reading()
    body.want(3 * LITTLE)
    assert await taken(body) == FILE[LITTLE : 3 * LITTLE]
    assert body.arrived_bytes == 3 * LITTLE


async def test_who_waits_learns_that_no_more_is_wanted(far: Far) -> None:
    body = await far.body()
    waiting = asyncio.create_task(body.next())
    await asyncio.sleep(0)
    assert body._gather is None  # nobody looks before something comes
    body.want(LITTLE)
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    for _ in range(2):
        body.want(0)
    async with asyncio.timeout(PATIENCE_S):
        assert await waiting is None


async def test_no_more_is_wanted_than_there_is(far: Far) -> None:
    body = await far.body()
    body.want(2 * len(FILE))
    sending = asyncio.create_task(far.send(FILE))
    assert await taken(body) == FILE
    await sending


async def test_a_limit_is_kept_slice_by_slice(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    far.limit.set_rate(1)  # a slice of it is in debt for longer than this waits
    await far.send(FILE[: 9 * LITTLE])
    await eventually(lambda: not transport.is_reading())
    assert body.arrived_bytes == far.limit._slice_bytes
    far.limit.set_rate(None)
    await arrived(body, 9 * LITTLE)


async def test_who_is_gone_waits_for_no_limit(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    far.limit.set_rate(1)
    await far.send(FILE[: 9 * LITTLE])
    await eventually(lambda: not transport.is_reading())
    body.close()
    assert not far.limit._waiting


async def test_who_has_all_waits_for_no_limit(far: Far) -> None:
    body = await far.body()
    body.want(LITTLE)
    far.limit.set_rate(1)
    await far.send(FILE[:LITTLE])
    assert await taken(body) == FILE[:LITTLE]
    assert far.limit.debt_s > 0
    assert not far.limit._waiting


async def test_what_is_worth_writing_waits_for_no_full_buffer(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "CAN_RECEIVE", False)  # larger buffers than that, then
    monkeypatch.setattr(direct_body, "_GATHER_S", 10 * PATIENCE_S)
    body = await far.body()
    sent_bytes = 0
    for size in (1 << 15, 1 << 16, 1 << 17, WORTH_WRITING, WORTH_WRITING):
        await far.send(bytes(size))
        sent_bytes += size
        if size == WORTH_WRITING:  # whether it comes before somebody waits for it or after
            await arrived(body, sent_bytes)
        piece = await body.next()
        assert piece is not None
        assert len(piece) == size
        body.recycle(piece)
    assert body._filling is not None
    assert len(body._filling) > WORTH_WRITING
    assert body._fault is None  # not even one of silence, for which nobody waited


async def test_behind_a_full_buffer_little_stays_to_become_more(far: Far) -> None:
    full_bytes = 1 << 15
    body = await far.body()
    await far.send(FILE[: full_bytes + LITTLE])
    await arrived(body, full_bytes + LITTLE)
    assert await body.next() == FILE[:full_bytes]
    assert not body.is_backed_up
    await far.send(FILE[full_bytes + LITTLE : full_bytes + 2 * LITTLE])
    await arrived(body, full_bytes + 2 * LITTLE)
    assert await body.next() == FILE[full_bytes : full_bytes + 2 * LITTLE]


@pytest.mark.parametrize("is_lent", [True, False])
async def test_buffers_grow_to_what_is_worth_a_turn_or_on_where_there_is_none(
    far: Far, monkeypatch: pytest.MonkeyPatch, is_lent: bool
) -> None:
    monkeypatch.setattr(channels, "CAN_RECEIVE", is_lent)
    body = await far.body()
    assert (body.lender is body) == is_lent
    sending = asyncio.create_task(far.send(FILE))
    largest = max([len(piece) async for piece in pieces_of(body)])
    assert largest >= WORTH_WRITING
    assert (largest == WORTH_WRITING) == is_lent
    assert far.memory._free_bytes < SHARED_BYTES
    await sending
    body.close()
    assert far.memory._free_bytes == SHARED_BYTES


async def test_while_the_disk_has_all_buffers_nothing_is_read(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    sending = asyncio.create_task(far.send(FILE))
    await eventually(lambda: body.is_backed_up)
    assert not transport.is_reading()
    before = body.arrived_bytes
    piece = await body.next()
    assert piece is not None
    assert (body.is_backed_up, body.arrived_bytes) == (True, before)
    data = bytes(piece)
    body.recycle(piece)
    assert not body.is_backed_up
    assert data + await taken(body) == FILE
    await sending


async def test_while_the_disk_has_two_little_pieces_nothing_is_read_either(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    pieces = []
    for begin in (0, LITTLE):
        await far.send(FILE[begin : begin + LITTLE])
        pieces.append(await body.next())
    assert (transport.is_reading(), body.is_backed_up) == (False, True)
    await far.send(FILE[2 * LITTLE : 3 * LITTLE])
    assert pieces == [FILE[:LITTLE], FILE[LITTLE : 2 * LITTLE]]
    for piece in pieces:
        assert piece is not None
        body.recycle(piece)
    assert await body.next() == FILE[2 * LITTLE : 3 * LITTLE]


async def test_what_is_in_one_buffer_stays_when_the_other_comes_back(far: Far) -> None:
    body = await far.body()
    await far.send(FILE[:LITTLE])
    piece = await body.next()
    assert piece == FILE[:LITTLE]
    await far.send(FILE[LITTLE : 2 * LITTLE])
    await arrived(body, 2 * LITTLE)
    body.recycle(piece)
    assert await body.next() == FILE[LITTLE : 2 * LITTLE]


# How it ends.


async def test_a_connection_that_is_closed_too_early_is_told_behind_what_came(far: Far) -> None:
    body = await far.body()
    await far.send(FILE[:LITTLE])
    far.close()
    await eventually(lambda: not far.connections_now)  # a reset would only come of it
    assert await body.next() == FILE[:LITTLE]
    with pytest.raises(TruncatedError, match=r"after 1\.00 kB of 3\.00 MB"):
        await body.next()


async def test_a_connection_that_is_reset_is_told_behind_what_came(far: Far) -> None:
    body = await far.body()
    await far.send(FILE[:LITTLE])
    assert await body.next() == FILE[:LITTLE]
    far.reset()
    with pytest.raises(NetworkError, match=r"lost after 1\.00 kB"):
        await body.next()


async def test_what_was_wanted_is_whole_whatever_happens_behind_it(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    await far.send(FILE[:LITTLE])
    await arrived(body, LITTLE)
    far.close()
    await eventually(transport.is_closing)
    body.want(LITTLE)
    assert await taken(body) == FILE[:LITTLE]


async def test_silence_is_told(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.1)
    body = await far.body()
    with pytest.raises(NetworkError, match="no data for"):
        await body.next()


def look_for_silence(body: DirectBody, *, silent_s: float | None = None) -> bool:
    """Let the watch look now; tell whether it takes the server for silent.

    Args:
        silent_s: for how long nothing is to have come; None for what is so.
    """
    assert body._silence is not None
    if silent_s is not None:
        body._heard_at = body._loop.time() - silent_s
    body._silence.cancel()
    body._watch_silence()
    return body._fault is not None


LONG_S = 2 * body_faults.SILENCE_S


async def test_who_sends_now_and_then_is_not_silent(far: Far) -> None:
    body = await far.body()
    body._heard_at -= LONG_S
    await far.send(FILE[:LITTLE])
    await arrived(body, LITTLE)
    assert not look_for_silence(body)
    body._heard_at -= LONG_S
    body.want(2 * LITTLE)  # is no word of the server
    assert look_for_silence(body)


async def test_nobody_is_silent_whom_we_do_not_hear(far: Far) -> None:
    body = await far.body()
    body.want(0)
    assert not look_for_silence(body, silent_s=LONG_S)
    body._heard_at -= LONG_S
    body.want(LITTLE)
    assert not look_for_silence(body)
    body._heard_at -= LONG_S
    tap = body.lend(LITTLE)
    assert tap is not None
    body.take_back(tap)
    assert not look_for_silence(body)


async def test_nobody_is_silent_while_this_program_is_stopped(far: Far) -> None:
    body = await far.body()
    assert body._silence is not None
    body._silence.cancel()
    body._silence = body._loop.call_at(body._loop.time() - LONG_S, lambda: None)
    assert not look_for_silence(body, silent_s=LONG_S)


async def test_nobody_is_silent_who_has_sent_all(far: Far) -> None:
    body = await far.body()
    sending = asyncio.create_task(far.send(FILE))
    assert await taken(body) == FILE
    await sending
    look_for_silence(body, silent_s=0)
    assert body._silence is not None
    assert body._silence.cancelled()
    look_for_silence(body, silent_s=LONG_S)
    assert await body.next() is None


async def test_a_connection_whose_answer_is_whole_serves_on(far: Far) -> None:
    for _ in range(2):
        body = await far.body()
        sending = asyncio.create_task(far.send(FILE))
        assert await taken(body) == FILE
        await sending
        body.close()
        body.close()
    assert far.connections == 1


async def test_a_connection_that_serves_on_is_not_paused_by_whom_it_served(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    sending = asyncio.create_task(far.send(FILE))
    assert await taken(body) == FILE
    await sending
    body.close()
    body.want(0)
    assert transport.is_reading()


async def test_who_is_closed_again_leaves_a_connection_to_whom_it_serves_by_then(far: Far) -> None:
    first = await far.body()
    sending = asyncio.create_task(far.send(FILE))
    assert await taken(first) == FILE
    await sending
    first.close()
    second = await far.body()
    first.close()
    sending = asyncio.create_task(far.send(FILE))
    async with asyncio.timeout(PATIENCE_S):
        assert await taken(second) == FILE
    await sending
    assert far.connections == 1


@pytest.mark.parametrize("surplus", [b"HTTP/1.1 200 OK\r\n", b""], ids=["more", "the end"])
async def test_a_connection_with_something_behind_the_answer_does_not(
    far: Far, surplus: bytes
) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    sending = asyncio.create_task(far.send(FILE + surplus))
    assert await taken(body) == FILE
    await sending
    if not surplus:
        far.close()
    await eventually(lambda: has_more(transport))
    body.close()
    assert transport.is_closing()


async def test_nor_does_one_whose_answer_was_left_before_its_end(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    await far.send(FILE[:LITTLE])
    assert await body.next() == FILE[:LITTLE]
    body.close()
    assert transport.is_closing()
    assert response.closed


async def test_nothing_of_it_is_left_when_it_is_closed(far: Far) -> None:
    body = await far.body()
    await far.send(FILE[:LITTLE])
    await arrived(body, LITTLE)
    body.close()
    assert all(timer.cancelled() for timer in (body._gather, body._silence) if timer)


async def test_nothing_is_lent_of_what_is_closed(far: Far) -> None:
    body = await far.body()
    body.close()
    assert body.lend(LITTLE) is None
    whole = await far.body()
    sending = asyncio.create_task(far.send(FILE))
    assert await taken(whole) == FILE
    await sending
    whole.close()
    assert whole.lend(LITTLE) is None


async def test_nothing_is_lent_of_what_has_failed(far: Far) -> None:
    body = await far.body()
    assert look_for_silence(body, silent_s=LONG_S)
    assert body.lend(LITTLE) is None


# Turns of a thread at its socket.


async def test_the_socket_is_lent_for_what_is_wanted_and_read_on_behind_it(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    body.want(5 * LITTLE)
    tap = body.lend(len(FILE))
    assert tap is not None
    assert tap.most_bytes == 5 * LITTLE
    # Backed up until the socket is known to be empty now and then.
    assert (transport.is_reading(), body.is_backed_up) == (False, True)
    body.want(6 * LITTLE)
    assert not transport.is_reading()  # two at one socket would mix up its bytes
    body.want(5 * LITTLE)
    await far.send(FILE[:LITTLE])
    await asyncio.to_thread(tap.pour, Sink(), 0)
    assert (body.arrived_bytes, body.received_bytes) == (0, LITTLE)
    body.take_back(tap)
    assert (body.arrived_bytes, body.received_bytes) == (LITTLE, LITTLE)
    assert (transport.is_reading(), body.is_backed_up) == (True, False)
    await far.send(FILE[LITTLE : 7 * LITTLE])
    assert await taken(body) == FILE[LITTLE : 5 * LITTLE]


@pytest.mark.parametrize("size", [LITTLE, 1 << 15], ids=["little", "a full buffer"])
async def test_it_is_not_lent_while_something_is_in_memory(far: Far, size: int) -> None:
    body = await far.body()
    await far.send(FILE[:size])
    await arrived(body, size)
    assert body.lend(LITTLE) is None
    assert await body.next() == FILE[:size]
    tap = body.lend(LITTLE)
    assert tap is not None
    body.take_back(tap)


async def test_it_is_not_lent_under_a_limit(far: Far) -> None:
    body = await far.body()
    far.limit.set_rate(LITTLE)
    assert body.lend(LITTLE) is None
    far.limit.set_rate(None)
    tap = body.lend(LITTLE)
    assert tap is not None
    body.take_back(tap)


async def test_a_limit_that_is_set_within_a_turn_charges_a_slice_at_most(far: Far) -> None:
    body = await far.body()
    tap = body.lend(100 * LITTLE)
    assert tap is not None
    await far.send(FILE[: 100 * LITTLE])
    far.limit.set_rate(1)
    while tap.moved_bytes < 100 * LITTLE:
        await asyncio.to_thread(tap.pour, Sink(), 0)
        tap.is_over = False
    body.take_back(tap)
    assert 0 < far.limit.debt_s <= far.limit._slice_bytes


async def test_who_is_gone_after_its_turn_waits_for_no_limit(far: Far) -> None:
    response, transport = await far.answer()
    body = far.attach(response)
    tap = body.lend(LITTLE)
    assert tap is not None
    tap.moved_bytes = LITTLE // 2
    far.limit.set_rate(1)
    body.close()
    body.take_back(tap)
    assert not far.limit._waiting
    assert transport.is_closing()


@pytest.mark.parametrize("is_reset", [True, False])
async def test_how_the_connection_ended_within_a_turn_is_told(far: Far, is_reset: bool) -> None:
    body = await far.body()
    tap = body.lend(len(FILE))
    assert tap is not None
    await far.send(FILE[:LITTLE])
    if not is_reset:
        far.close()
    while tap.moved_bytes < LITTLE:
        tap.is_over = False
        await asyncio.to_thread(tap.pour, Sink(), 0)
    if is_reset:
        far.reset()
    while not tap.has_ended and tap.fault is None:
        tap.is_over = False
        await asyncio.to_thread(tap.pour, Sink(), tap.moved_bytes)
    body.take_back(tap)
    words = "lost after" if is_reset else r"after 1\.00 kB of"
    with pytest.raises((NetworkError, TruncatedError), match=words):
        await body.next()
    assert body.lend(len(FILE)) is None
