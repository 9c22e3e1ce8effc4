"""Plain sockets that ask the test server and show the very bytes it answers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass

from tests.server import Server

DATA = bytes(range(256)) * 40
SIZE = len(DATA)
TIMEOUT_S = 60.0


@dataclass
class Reply:
    """What came over one connection, and how that ended.

    Attributes:
        reset: by a reset, not in order.
        cut: TLS without its closing notice; a blocking TLS socket reports resets so, too.
    """

    raw: bytes
    reset: bool = False
    cut: bool = False

    @property
    def head(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split(b" ")[1])

    def all(self, name: str) -> list[str]:
        lines = [line.decode("latin-1").partition(": ") for line in self.head.split(b"\r\n")[1:]]
        return [value for found, _, value in lines if found.lower() == name.lower()]

    def __getitem__(self, name: str) -> str | None:
        return ", ".join(self.all(name)) or None


def request_bytes(target: str, *lines: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: test", *lines, "", ""]).encode()


def receive(sock: socket.socket) -> Reply:
    pieces = []
    try:
        while piece := sock.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        return Reply(b"".join(pieces), reset=True)
    except ssl.SSLEOFError:
        return Reply(b"".join(pieces), cut=True)
    return Reply(b"".join(pieces))


def converse(port: int, request: bytes, tls: ssl.SSLContext | None) -> Reply:
    # A blocking socket hands over everything that came before a reset; streams may drop it.
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as sock:
        if tls is None:
            sock.sendall(request)
            return receive(sock)
        with tls.wrap_socket(
            sock, server_hostname="127.0.0.1", suppress_ragged_eofs=False
        ) as wrapped:
            wrapped.sendall(request)
            return receive(wrapped)


async def ask(
    server: Server,
    target: str,
    *lines: str,
    method: str = "GET",
    tls: ssl.SSLContext | None = None,
) -> Reply:
    request = request_bytes(target, "Connection: close", *lines, method=method)
    return await asyncio.to_thread(converse, server.port, request, tls)


class Client:
    """A connection that stays open between requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, server: Server) -> Client:
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    def send(self, target: str) -> None:
        self.writer.write(request_bytes(target))

    async def get(self, target: str, size: int) -> bytes:
        self.send(target)
        return await self.body(size)

    async def body(self, size: int) -> bytes:
        """Read a head and the `size` bytes after it."""
        async with asyncio.timeout(TIMEOUT_S):
            await self.reader.readuntil(b"\r\n\r\n")
            return await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """Read until the connection ends."""
        async with asyncio.timeout(TIMEOUT_S):
            return await self.reader.read()

    def leave(self) -> None:
        self.writer.transport.abort()
