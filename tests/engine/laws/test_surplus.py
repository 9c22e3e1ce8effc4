"""Servers that send more than they announced: what is whole stays whole, nothing is mixed up."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import get, running, sha256, wanted
from tests.server import Blob, Content, Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.network import client
from tui_downloader.engine.network.access import Access
from tui_downloader.engine.network.client import Way
from tui_downloader.engine.network.limiter import TokenBucket
from tui_downloader.engine.network.watching import has_more
from tui_downloader.model.answers import Ask
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.server.certificates import Certificates
    from tui_downloader.model.download import Snapshot

SMALL, MEDIUM, LARGE = 1000, 100_000, 3_000_000
FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL!"
FORGED_REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /evil\r\nContent-Length: 0\r\n\r\n"
FORGED_LINE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL\n"


@pytest.fixture(autouse=True)
def keep_idle_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is left was not left for being idle."""
    monkeypatch.setattr(client, "KEEP_ALIVE_S", 10 * PATIENCE_S)


class Generous:
    """Answers each request with the same body, and something behind it.

    Args:
        surplus: what comes behind each body.

    Attributes:
        before: what comes before the head of each answer but the first of a connection.
        is_chunked: bodies say their ends themselves, and heads no length.
        redirects: the first answer of the first connection leads to another address.
        waits: the surplus waits until `let_go` is set.
        served: how many requests each connection brought.
    """

    def __init__(self, size: int, surplus: bytes) -> None:
        self.file: Content = Pattern(size)
        self.surplus = surplus
        self.before = b""
        self.informational = b""
        self.is_chunked = self.redirects = self.waits = False
        self.length_field = b"Content-Length"
        self.let_go = asyncio.Event()
        self.served: list[int] = []
        self.port = 0
        self.scheme = "http"
        self._open = 0
        self._changed = asyncio.Condition()

    def url(self, n: int) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/{n}.bin"

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Generous]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self.scheme = "https" if tls else "http"
        try:
            yield self
        finally:
            server.close()
            await self.until_left()

    async def until_left(self) -> None:
        """Wait until no connection is open any more."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: not self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.served)
        self.served.append(0)
        self._open += 1
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.served[number] += 1
                await self._answer(writer, is_first=self.served[number] == 1)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()
            self._open -= 1
            async with self._changed:
                self._changed.notify_all()

    async def _answer(self, writer: asyncio.StreamWriter, *, is_first: bool) -> None:
        before = b"" if is_first else self.before
        whole = before + self.informational + self._whole_answer()
        writer.write(whole if self.waits else whole + self.surplus)
        await writer.drain()
        if self.waits:
            await self.let_go.wait()
            writer.write(self.surplus)
            await writer.drain()

    def _whole_answer(self) -> bytes:
        size, body = self.file.size, self.file[:]
        if self.redirects:
            self.redirects = False
            return b"HTTP/1.1 302 Found\r\nLocation: /to.bin\r\nContent-Length: 0\r\n\r\n"
        if not self.is_chunked:
            return b"HTTP/1.1 200 OK\r\n%b: %d\r\n\r\n" % (self.length_field, size) + body
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        return head + b"%x\r\n" % size + body + b"\r\n0\r\n\r\n"


def assert_whole(folder: Path, download: Snapshot, server: Generous) -> None:
    assert download.status is Status.COMPLETED
    assert sha256(folder / download.name) == server.file.sha256()


@pytest.mark.parametrize("size", [0, SMALL, MEDIUM, LARGE])
@pytest.mark.parametrize(
    "surplus",
    [b"0123456789", b"z" * 300_000, FORGED, b"HTTP/1.1 200 OK\r\nContent-", b"HTT", b"\0"],
    ids=["a few", "many", "an answer", "half a head", "a beginning", "a zero"],
)
async def test_what_is_whole_stays_whole_and_its_connection_is_not_used_again(
    tmp_path: Path, size: int, surplus: bytes
) -> None:
    async with Generous(size, surplus).serving() as server, running() as engine:
        for n in range(3):
            download = await get(engine, server.url(n), tmp_path)
            await server.until_left()
            assert_whole(tmp_path, download, server)
    assert server.served == [1, 1, 1]


@pytest.mark.parametrize("is_tls", [False, True])
async def test_behind_a_part_of_what_was_asked_for_it_is_the_same(
    tmp_path: Path, certificates: Certificates, is_tls: bool
) -> None:
    """What is still missing of the file is asked for, not taken from there."""
    file, part, is_first = Pattern(8 * LARGE), 4 * LARGE, True

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal is_first
        head = await reader.readuntil(b"\r\n\r\n")
        start = int(head.partition(b"Range: bytes=")[2].partition(b"-")[0])
        end, surplus = (part, b"z" * LARGE) if is_first else (file.size, b"")
        is_first = False
        writer.write(
            b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n" % (end - start)
            + b"Content-Range: bytes %d-%d/%d\r\n\r\n" % (start, end - 1, file.size)
        )
        writer.write(file[start:end] + surplus)
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.drain()
            await reader.read()
        writer.transport.abort()

    tls = certificates.server_context() if is_tls else None
    async with (
        await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server,
        running(ca_certificate=str(certificates.ca_file)) as engine,
    ):
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        url = f"{'https' if is_tls else 'http'}://{host}/file.bin"
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == file.sha256()


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
@pytest.mark.parametrize("surplus", [b"0123456789", b"z" * 300_000, FORGED, FORGED_LINE, b"HTT"])
async def test_behind_a_body_that_tells_its_own_end_it_is_the_same(
    tmp_path: Path, size: int, surplus: bytes
) -> None:
    server = Generous(size, surplus)
    server.is_chunked = True
    async with server.serving(), running() as engine:
        for n in range(3):
            download = await get(engine, server.url(n), tmp_path)
            await server.until_left()
            assert_whole(tmp_path, download, server)
    assert server.served == [1, 1, 1]


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(("blanks", "served"), [(b"", [3]), (b" ", [1, 1, 1]), (b"  ", [1, 1, 1])])
async def test_a_blank_behind_the_name_of_a_field_is_borne_but_nothing_behind_that_answer(
    tmp_path: Path, size: int, blanks: bytes, served: list[int]
) -> None:
    server = Generous(size, b"")
    server.length_field += blanks
    async with server.serving(), running() as engine:
        for n in range(3):
            assert_whole(tmp_path, await get(engine, server.url(n), tmp_path), server)
    assert server.served == served


async def test_behind_a_body_that_has_what_ends_a_head_it_is_the_same(tmp_path: Path) -> None:
    server = Generous(MEDIUM, b"HTT")
    server.file = Blob((b"no head\r\n\r\n" * MEDIUM)[:MEDIUM])
    async with server.serving(), running(limit_bytes_per_s=4 * MEDIUM) as engine:
        for n in range(3):
            download = await get(engine, server.url(n), tmp_path)
            await server.until_left()
            assert_whole(tmp_path, download, server)
    assert server.served == [1, 1, 1]


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_where_nothing_is_behind_it_a_connection_serves_on(
    tmp_path: Path, is_chunked: bool
) -> None:
    server = Generous(SMALL, b"")
    server.is_chunked = is_chunked
    async with server.serving(), running() as engine:
        for n in range(3):
            assert_whole(tmp_path, await get(engine, server.url(n), tmp_path), server)
    assert server.served == [3]


@pytest.mark.parametrize("surplus", [FORGED, FORGED_LINE])
@pytest.mark.parametrize("waits", [True, False])
async def test_what_was_held_back_while_a_body_was_read_slowly_is_no_answer(
    tmp_path: Path, surplus: bytes, waits: bool
) -> None:
    """The parser gets to it only when there is room again for what comes before."""
    server = Generous(LARGE, surplus)
    server.is_chunked = True
    async with server.serving(), running(limit_bytes_per_s=2 * LARGE) as engine:
        for n in range(2):
            download = await get(engine, server.url(n), tmp_path)
            if waits:
                await server.until_left()
            assert_whole(tmp_path, download, server)
    assert server.served == [1, 1]


@pytest.mark.parametrize("surplus", [b"0123456789", FORGED, FORGED_LINE, FORGED_REDIRECT, b"HTT"])
async def test_behind_a_redirect_it_is_the_same(tmp_path: Path, surplus: bytes) -> None:
    """The next request follows at once."""
    server = Generous(SMALL, surplus)
    server.redirects = True
    async with server.serving(), running() as engine:
        download = await get(engine, server.url(0), tmp_path)
        assert_whole(tmp_path, download, server)
        assert engine.details(download.download_id).final_url.endswith("/to.bin")
    assert server.served == [1, 1]


def way_to(server: Generous, folder: Path) -> Way:
    """How a download asks that has no limit."""
    access, limit = Access(wanted(server.url(0), folder)), TokenBucket(asyncio.get_running_loop())
    return Way(access, limit, on_phase=lambda _: None, on_hop=lambda *_: None)


async def test_what_is_here_before_it_was_asked_for_is_no_answer(tmp_path: Path) -> None:
    """The next request is made at the very moment at which the parser finds it."""
    server = Generous(LARGE, FORGED_LINE)
    server.is_chunked = True
    async with server.serving(), running() as engine:
        asker, way = engine._parts.tools.client, way_to(server, tmp_path)
        first = await asker.open(server.url(0), Ask(plain=True), way)
        while not first.response.content.is_eof():
            await asyncio.sleep(0.001)  # more comes than is taken
            assert await first.body.next()
        second = await asker.open(server.url(1), Ask(plain=True), way)
        assert second.head.content_length is None
        first.body.close()
        second.body.close()
    assert server.served[1:] == [1]


async def test_what_waits_in_the_socket_is_no_answer(tmp_path: Path) -> None:
    """The next request is made as soon as the connection was given back, if it was."""
    server = Generous(LARGE, FORGED)
    async with server.serving(), running() as engine:
        asker, way = engine._parts.tools.client, way_to(server, tmp_path)
        first = await asker.open(server.url(0), Ask(plain=True), way)
        connection = first.response.connection
        assert connection is not None
        transport = connection.transport
        assert isinstance(transport, asyncio.Transport)
        while (piece := await first.body.next()) is not None:
            first.body.recycle(piece)
        await eventually(lambda: has_more(transport))
        first.body.close()
        second = await asker.open(server.url(1), Ask(plain=True), way)
        assert second.head.content_length == LARGE
        second.body.close()
    assert server.served == [1, 1]


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
@pytest.mark.parametrize("surplus", [b"0123456789", FORGED])
@pytest.mark.parametrize("is_lent", [False, True])
async def test_over_tls_it_is_the_same(
    certificates: Certificates, tmp_path: Path, size: int, surplus: bytes, is_lent: bool
) -> None:
    trust = {"ca_certificate": str(certificates.ca_file)} if is_lent else {"insecure": True}
    server = Generous(size, surplus)
    async with server.serving(certificates.server_context()), running(**trust) as engine:
        for n in range(3):
            download = await get(engine, server.url(n), tmp_path)
            await server.until_left()
            assert_whole(tmp_path, download, server)
    assert server.served == [1, 1, 1]


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
@pytest.mark.parametrize("surplus", [b"0123456789", FORGED, b"HTT"])
async def test_what_comes_later_ends_a_connection_that_is_idle(
    tmp_path: Path, size: int, surplus: bytes
) -> None:
    server = Generous(size, surplus)
    server.waits = True
    async with server.serving(), running() as engine:
        for n in range(3):
            server.let_go.clear()
            download = await get(engine, server.url(n), tmp_path)
            server.let_go.set()
            await server.until_left()
            assert_whole(tmp_path, download, server)
    assert server.served == [1, 1, 1]


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_what_is_left_on_a_connection_is_no_answer_to_the_next_request(
    tmp_path: Path, size: int
) -> None:
    """It comes only when the next request is out; that is asked again on a new connection."""
    server = Generous(size, b"")
    server.before = b"left over from before\r\n"
    async with server.serving(), running() as engine:
        downloads = [await get(engine, server.url(n), tmp_path) for n in range(2)]
        for download in downloads:
            assert_whole(tmp_path, download, server)
        assert not [words for _, words in engine.details(2).log if "HTTP" in words]
    assert server.served == [2, 1]


async def test_behind_an_interim_answer_it_is_the_same(tmp_path: Path) -> None:
    server = Generous(SMALL, b"0123456789")
    server.informational = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
    async with server.serving(), running() as engine:
        assert_whole(tmp_path, await get(engine, server.url(0), tmp_path), server)
        await server.until_left()
    assert server.served == [1]


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_connection_without_surplus_is_used_again(
    certificates: Certificates, tmp_path: Path, size: int, is_tls: bool
) -> None:
    server = Generous(size, b"")
    tls = certificates.server_context() if is_tls else None
    async with server.serving(tls), running(insecure=True) as engine:
        for n in range(3):
            assert_whole(tmp_path, await get(engine, server.url(n), tmp_path), server)
    assert server.served == [3]


async def test_what_never_was_http_is_still_told(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", b"", raw=b"SSH-2.0-OpenSSH_9.6\r\n")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "protocol")
    assert len(server.requests) == 1
