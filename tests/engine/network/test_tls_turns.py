"""Connections over TLS that a writer's thread reads and decrypts for a turn."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, cast

import aiohttp
import pytest

from tests.engine.network.filled import Filled
from tests.engine.running import get, idle, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tests.waiting import eventually
from tui_downloader.engine.network import channels, loan, tls_sessions
from tui_downloader.engine.network.body import open_body
from tui_downloader.engine.network.buffers import Memory
from tui_downloader.engine.network.channels import Decrypted
from tui_downloader.engine.network.limiter import TokenBucket
from tui_downloader.engine.network.tap import BLOCK_BYTES
from tui_downloader.engine.network.tls_sessions import LendingContext, Session
from tui_downloader.engine.network.trust import Trust
from tui_downloader.engine.network.watching import Watch
from tui_downloader.engine.options import EngineOptions
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.nginx import Nginx
    from tests.server.certificates import Certificates

DATA = bytes(Pattern(100_000))
LARGE = Pattern(64 << 20)


def trusting(certificates: Certificates) -> LendingContext:
    context = LendingContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificates.ca_file)
    return context


async def connected(server: Server, context: LendingContext) -> asyncio.Transport:
    """Open a connection of asyncio's own to a server."""
    transport, _ = await asyncio.get_running_loop().create_connection(
        asyncio.Protocol, "localhost", server.port, ssl=context, family=socket.AF_INET
    )
    return transport


class _NeverRead:
    """A transport of nobody: these tests are the only ones to read the socket."""

    def is_closing(self) -> bool:
        return False

    def set_read_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        raise AssertionError((high, low))


class Wire(Filled):
    """A connection over TLS."""

    def __init__(self, certificates: Certificates, path: Path) -> None:
        super().__init__(*socket.socketpair(), path)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = trusting(certificates)
        self.tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        assert context.incoming_of(self.tls) is incoming
        self.session = Session(self.tls, incoming, _NeverRead())
        self._from_far, self._to_near = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = certificates.server_context()
        self._server = server.wrap_bio(self._from_far, self._to_near, server_side=True)
        self._shake_hands(incoming, outgoing)

    def _shake_hands(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        for end in (self.tls, self._server, self.tls, self._server):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
            self._from_far.write(outgoing.read())
            incoming.write(self._to_near.read())

    def sealed(self, data: bytes) -> bytes:
        """Encrypt."""
        self._server.write(data)
        return self._to_near.read()

    def send(self, data: bytes) -> None:
        """Send, and wait until it can be received."""
        self.far.sendall(self.sealed(data))

    def say_goodbye(self) -> None:
        """Send the notice that nothing more comes."""
        with pytest.raises(ssl.SSLWantReadError):
            self._server.unwrap()
        self.far.sendall(self._to_near.read())

    def channel(self) -> Decrypted:
        return Decrypted(self.near.fileno(), self.session)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.fixture
def wire(certificates: Certificates, content: Path) -> Iterator[Wire]:
    wire = Wire(certificates, content)
    yield wire
    wire.close()


@pytest.mark.parametrize("offset", [0, 1, 4096, BLOCK_BYTES - 1, BLOCK_BYTES])
def test_bytes_land_where_they_belong(wire: Wire, content: Path, offset: int) -> None:
    wire.send(DATA[:60_000])
    tap = wire.pour(1 << 20, offset)
    assert tap.moved_bytes == 60_000
    assert content.read_bytes()[offset:] == DATA[:60_000]
    assert wire.parts[0][0] == offset
    assert sum(end - start for start, end in wire.parts) == 60_000
    assert (tap.ran_dry, tap.has_ended, tap.fault) == (True, False, None)


@pytest.mark.parametrize("most", [1, 4095, 16_384, 16_385, 59_999])
def test_who_reads_next_finds_what_was_not_taken(wire: Wire, content: Path, most: int) -> None:
    wire.send(DATA[:60_000])
    assert wire.pour(most).moved_bytes == most
    rest = wire.tls.read(60_000)
    with suppress(ssl.SSLWantReadError):
        while len(rest) < 60_000:
            rest += wire.tls.read(60_000)
    assert content.read_bytes() + rest == DATA[:60_000]


def test_so_does_the_next_turn(wire: Wire, content: Path) -> None:
    wire.send(DATA[:60_000])
    first = wire.pour(20_000).moved_bytes
    assert first + wire.pour(1 << 20, first).moved_bytes == 60_000
    assert content.read_bytes() == DATA[:60_000]


def test_a_turn_that_is_cancelled_takes_nothing(wire: Wire) -> None:
    wire.send(DATA[:1000])
    before = wire.session.incoming.pending
    tap = wire.tap(1 << 20)
    tap.cancel()
    tap.pour(wire, 0)
    assert (tap.moved_bytes, wire.session.incoming.pending) == (0, before)


def test_half_a_record_waits_for_the_other_half(wire: Wire, content: Path) -> None:
    sealed = wire.sealed(DATA[:10_000])
    wire.far.sendall(sealed[:5_000])
    assert wire.pour(1 << 20).moved_bytes == 0
    wire.far.sendall(sealed[5_000:])
    assert wire.pour(1 << 20).moved_bytes == 10_000
    assert content.read_bytes() == DATA[:10_000]


@pytest.mark.parametrize("is_polite", [True, False])
def test_the_end_is_seen_behind_the_last_byte(wire: Wire, content: Path, is_polite: bool) -> None:
    wire.send(DATA[:1000])
    wire.say_goodbye() if is_polite else wire.far.close()
    tap = wire.pour(1 << 20)
    assert (tap.moved_bytes, tap.has_ended, tap.fault) == (1000, True, None)
    assert content.read_bytes() == DATA[:1000]


def test_a_forged_record_is_a_fault_behind_what_was_sound(wire: Wire, content: Path) -> None:
    sound, forged = wire.sealed(DATA[:16_000]), bytearray(wire.sealed(DATA[:1000]))
    forged[500] ^= 1
    wire.far.sendall(sound + bytes(forged) + wire.sealed(DATA[:1000]))
    tap = wire.pour(1 << 20)
    assert isinstance(tap.fault, ssl.SSLError)
    assert (tap.moved_bytes, tap.has_ended) == (16_000, False)
    assert content.read_bytes() == DATA[:16_000]


# What is lent.


async def test_a_session_within_the_one_of_a_proxy_is_not_lent() -> None:
    trust = Trust(EngineOptions())
    direct = await trust.towards("https://host.example/", "http://proxy.example/")
    nested = await trust.towards("https://host.example/", "https://proxy.example/")
    assert isinstance(direct, LendingContext)
    assert isinstance(nested, ssl.SSLContext)
    assert not isinstance(nested, LendingContext)


async def test_nobody_reads_the_socket_of_a_session_that_is_lent(
    certificates: Certificates,
) -> None:
    async with Server(tls=certificates.server_context()) as server:
        server.put("/x.bin", Pattern(5 << 20))
        transport = await connected(server, trusting(certificates))
        session = tls_sessions.session_of(transport)
        assert session is not None
        transport.write(b"GET /x.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        transport.pause_reading()
        await session.stop_reading()
        before = session.incoming.pending
        await server.until(lambda: server.sent_bytes > 1 << 20)
        for _ in range(100):
            await asyncio.sleep(0)
        assert session.incoming.pending == before
        session.go_on_reading()
        await eventually(lambda: session.incoming.pending != before)
        transport.abort()


async def test_a_connection_that_is_closed_twice_may_end_all_the_same(
    certificates: Certificates,
) -> None:
    context = trusting(certificates)
    async with (
        Server(tls=certificates.server_context()) as server,
        aiohttp.ClientSession() as client,
    ):
        server.put("/x.bin", Pattern(5 << 20))
        async with client.get(server.url("/x.bin", host="localhost"), ssl=context) as response:
            assert response.connection is not None
            transport = response.connection.transport
            assert isinstance(transport, asyncio.Transport)
            watch = Watch.of(transport)
            transport.close()
            transport.close()
            watch.eof_received()
            assert not loan.SocketLoan(transport).lend(1)


async def test_a_session_that_is_closed_before_its_turn_is_left_alone(
    certificates: Certificates,
) -> None:
    async with Server(tls=certificates.server_context()) as server:
        transport = await connected(server, trusting(certificates))
        lent = loan.SocketLoan(transport)
        tap = lent.lend(1000)
        transport.close()
        await lent.left_alone()
        assert tap is not None
        assert tap.is_over
        lent.take_back()
        lent.close()
        transport.abort()


async def test_a_session_that_is_lost_within_its_turn_is_left_alone(
    certificates: Certificates,
) -> None:
    lost = asyncio.Event()

    class Losing(asyncio.Protocol):
        def connection_lost(self, exc: Exception | None) -> None:
            lost.set()

    async with Server(tls=certificates.server_context()) as server:
        transport = await connected(server, trusting(certificates))
        transport.set_protocol(Losing())
        lent = loan.SocketLoan(transport)
        assert lent.lend(1000) is not None
        await lent.left_alone()
        transport.abort()
        await lost.wait()
        lent.take_back()
        lent.close()


async def test_a_turn_is_bounded_however_much_is_wanted(certificates: Certificates) -> None:
    """Others wait for the thread; who takes all that it may is worth longer turns."""
    async with Server(tls=certificates.server_context()) as server:
        transport = await connected(server, trusting(certificates))
        lent, sizes = loan.SocketLoan(transport), list[int]()
        for _ in range(5):
            tap = lent.lend(1 << 40)
            assert tap is not None
            sizes.append(tap.most_bytes)
            await lent.left_alone()
            tap.moved_bytes = tap.most_bytes
            lent.take_back()
        lent.close()
        transport.abort()
    assert sizes == [1 << 20, 2 << 20, 4 << 20, 8 << 20, 8 << 20]


async def test_what_waits_to_be_decrypted_says_nothing_of_the_disk(
    certificates: Certificates,
) -> None:
    async with Server(tls=certificates.server_context()) as server:
        transport = await connected(server, trusting(certificates))
        lent = loan.SocketLoan(transport)
        for _ in range(2):
            tap = lent.lend(1000)
            assert tap is not None
            assert not lent.is_behind
            await lent.left_alone()
            lent.take_back()
        lent.close()
        transport.abort()


async def test_a_body_that_is_closed_within_a_turn_leaves_the_session_alone_to_its_end(
    certificates: Certificates,
) -> None:
    async with (
        Server(tls=certificates.server_context()) as server,
        aiohttp.ClientSession(auto_decompress=False) as client,
    ):
        server.put("/x.bin", Pattern(5 << 20))
        url = server.url("/x.bin", host="localhost")
        response = await client.get(url, ssl=trusting(certificates))
        assert response.connection is not None
        transport = response.connection.transport
        assert isinstance(transport, asyncio.Transport)
        limit = TokenBucket(asyncio.get_running_loop(), None)
        body = open_body(response, 5 << 20, limit, Memory())
        lender, tap = body.lender, None
        assert lender is not None
        while tap is None:  # there is none while something is in memory
            piece = await body.next()
            assert piece is not None
            tap = lender.lend(1 << 20)
            body.recycle(piece)
        await lender.left_alone()
        body.close()
        assert tap.is_over
        assert not transport.is_closing()
        lender.take_back(tap)
        assert transport.is_closing()


async def test_where_no_thread_could_read_it_no_socket_is_lent(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Server(tls=certificates.server_context()) as server, Server() as open_server:
        plain, _ = await asyncio.get_running_loop().create_connection(
            asyncio.Protocol, "127.0.0.1", open_server.port
        )
        for transport in (await connected(server, trusting(certificates)), plain):
            assert loan.SocketLoan(transport).is_possible
            with monkeypatch.context() as patched:
                patched.setattr(channels, "CAN_RECEIVE", False)
                assert not loan.SocketLoan(transport).is_possible
            transport.abort()


async def test_a_session_whose_memory_nobody_knows_is_not_lent(certificates: Certificates) -> None:
    async with Server(tls=certificates.server_context()) as server:
        context = trusting(certificates)
        transport = await connected(server, context)
        assert tls_sessions.session_of(transport) is not None
        context._incoming.clear()
        assert tls_sessions.session_of(transport) is None
        assert not loan.SocketLoan(transport).is_possible
        assert trusting(certificates).incoming_of(transport.get_extra_info("ssl_object")) is None
        transport.abort()


class _Bare:
    """A transport that knows its session and has nothing that only asyncio's own has."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info


async def test_a_session_whose_transport_cannot_be_told_to_stop_is_not_lent(
    certificates: Certificates,
) -> None:
    async with Server(tls=certificates.server_context()) as server:
        transport = await connected(server, trusting(certificates))
        assert tls_sessions.session_of(cast("asyncio.Transport", _Bare(transport))) is None
        transport.abort()


# In a download.


@pytest.fixture
def large(nginx: Nginx) -> Iterator[str]:
    path = nginx.root / "large-tls.bin"
    LARGE.write_to(path)
    yield nginx.tls_url("/large-tls.bin")
    path.unlink()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each turn moved."""
    moved = list[int]()
    take_back = loan.SocketLoan.take_back

    def counted(self: loan.SocketLoan) -> None:
        moved.append(self.moved_bytes)
        take_back(self)

    monkeypatch.setattr(loan.SocketLoan, "take_back", counted)
    return moved


@pytest.mark.parametrize("connections", [None, 1, 4])
@pytest.mark.parametrize("is_lent", [True, False])
async def test_the_file_is_the_same_both_ways(
    tmp_path: Path,
    nginx: Nginx,
    large: str,
    connections: int | None,
    is_lent: bool,
    turns: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_lent:
        monkeypatch.setattr(loan, "session_of", lambda _: None)
    async with running(ca_certificate=str(nginx.ca_file)) as engine:
        download = await get(engine, large, tmp_path, connections=connections)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "large-tls.bin") == LARGE.sha256()
    assert (sum(turns) > LARGE.size // 4) == is_lent


async def test_what_is_on_disk_counts_at_a_pause(tmp_path: Path, nginx: Nginx, large: str) -> None:
    async with running(ca_certificate=str(nginx.ca_file)) as engine:
        (download_id,) = engine.add([wanted(large, tmp_path, connections=1)])
        await seen(engine, lambda d: d.done_bytes > LARGE.size // 8)
        engine.pause([download_id])
        paused = await seen(engine, lambda d: d.status is Status.PAUSED)
        assert (tmp_path / "large-tls.bin.part").stat().st_size == paused.kept_bytes
        engine.resume([download_id])
        await idle(engine)
    assert sha256(tmp_path / "large-tls.bin") == LARGE.sha256()


class Relay:
    """Passes connections on to a server; what it says is changed on the way by `spoil`."""

    def __init__(self, port: int, spoil: bytes | None, at_bytes: int) -> None:
        self._port = port
        self._spoil = spoil
        self._left_bytes = at_bytes
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Relay]:
        listener = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        async with listener:
            yield self

    async def _pass_on(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, on = await asyncio.open_connection("127.0.0.1", self._port)
        asking = asyncio.create_task(self._copy(near, on))
        try:
            while piece := await far.read(1 << 16):
                back.write(self._spoilt(piece))
                await back.drain()
                if self._left_bytes < 0 and self._spoil is None:
                    self._spoil = b""  # once
                    break
        except ConnectionError:
            pass
        finally:
            asking.cancel()
            on.close()
            back.close()

    def _spoilt(self, piece: bytes) -> bytes:
        before, self._left_bytes = self._left_bytes, self._left_bytes - len(piece)
        if self._spoil and 0 <= before < len(piece) - len(self._spoil):
            return piece[:before] + self._spoil + piece[before + len(self._spoil) :]
        return piece

    async def _copy(self, near: asyncio.StreamReader, on: asyncio.StreamWriter) -> None:
        try:
            while piece := await near.read(1 << 16):
                on.write(piece)
                await on.drain()
        finally:
            on.close()


@pytest.mark.parametrize("spoil", [b"forged by somebody", None])
async def test_a_session_that_breaks_within_a_turn_harms_no_byte(
    tmp_path: Path, nginx: Nginx, large: str, spoil: bytes | None, turns: list[int]
) -> None:
    relay = Relay(int(large.split(":")[2].split("/", maxsplit=1)[0]), spoil, 10 << 20)
    async with (
        relay.running(),
        running(ca_certificate=str(nginx.ca_file)) as engine,
    ):
        url = f"https://127.0.0.1:{relay.port}/large-tls.bin"
        download = await get(engine, url, tmp_path, connections=1)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "large-tls.bin") == LARGE.sha256()
    assert sum(turns)


async def test_a_connection_is_used_again_after_a_turn(
    tmp_path: Path, certificates: Certificates, turns: list[int]
) -> None:
    async with (
        Server(tls=certificates.server_context()) as server,
        running(ca_certificate=str(certificates.ca_file), jobs=1, checksum_scout=False) as engine,
    ):
        for n in range(4):
            server.put(f"/{n}.bin", LARGE)
            engine.add([wanted(server.url(f"/{n}.bin"), tmp_path, connections=1)])
        await idle(engine)
        assert server.connections_total == 1
    assert sum(turns)
    for n in range(4):
        assert sha256(tmp_path / f"{n}.bin") == LARGE.sha256()
