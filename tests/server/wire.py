"""One connection of the test server: bytes in, bytes out, and the ways to break it."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable

_HEAD_END = b"\r\n\r\n"
_FLUSH_POLL_S = 0.001
_MAX_FLUSH_POLLS = 5000  # a client that does not read is not waited for
_EMPTY_POLLS = 2
_LITTLE_BYTES = 64 * 1024
_LINGER_0 = struct.pack("ii", 1, 0)


class Pulse:
    """An event that can happen again and again; whoever waits sees the next one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def next(self) -> asyncio.Event:
        """The next time it happens. Taken at once, so that nothing is missed before the wait."""
        return self._event

    def fire(self) -> None:
        self._event.set()
        self._event = asyncio.Event()


class Wire:
    """A connection as the server sees it.

    Every method raises ConnectionError (or asyncio.IncompleteReadError) when the client left.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection_id: int
    ) -> None:
        self.connection_id = connection_id
        self._reader = reader
        self._writer = writer
        self._early = b""
        # drain() then returns when the kernel has everything: counts of sent bytes are true.
        writer.transport.set_write_buffer_limits(high=1, low=0)

    async def read_head(self) -> bytes:
        """Return a request's head with its empty line."""
        head = self._early + await self._reader.readuntil(_HEAD_END)
        self._early = b""
        return head

    async def write(self, data: bytes | memoryview) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def keep_little_ahead(self) -> None:
        """Let little be on its way: what was sent is, but for that, what the client has read."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LITTLE_BYTES)

    async def dribble(self, data: bytes, pause_s: float) -> None:
        """Write byte by byte."""
        for value in data:
            await self.write(bytes([value]))
            await asyncio.sleep(pause_s)

    async def hold(self, released: asyncio.Event) -> None:
        """Do nothing until `released`, or raise when the client leaves first."""
        release = asyncio.ensure_future(released.wait())
        leave = asyncio.ensure_future(self._reader.read(1))
        try:
            await asyncio.wait({release, leave}, return_when=asyncio.FIRST_COMPLETED)
            if leave.done():
                # An early byte of the next request is no reason to go on.
                self._early += leave.result()
                if not self._early:
                    raise ConnectionResetError("the client left")
                await release
        finally:
            release.cancel()
            leave.cancel()
            await asyncio.gather(release, leave, return_exceptions=True)

    async def cut(self, *, reset: bool) -> None:
        """End the connection by RST or by a bare FIN, when everything written has arrived."""
        await self._arrived()
        self.abort(reset=reset)

    def abort(self, *, reset: bool) -> None:
        """End the connection now."""
        if reset and not self._writer.transport.is_closing():
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
        self._writer.transport.abort()

    async def close(self) -> None:
        """End the connection in good order."""
        self._writer.close()
        await self._writer.wait_closed()

    @property
    def _socket(self) -> socket.socket:
        found: socket.socket | None = self._writer.get_extra_info("socket")
        if found is None:  # over TLS, once the connection is gone
            raise ConnectionResetError("the client left")
        return found

    async def _arrived(self) -> None:
        # A reset throws away what is still on its way, and "after n bytes" means n bytes arrived.
        # Over TLS a layer below holds some bytes back, which go out as soon as there is room:
        # only an empty queue that stays empty says that nothing follows.
        unsent_bytes = _unsent_bytes_of(self._socket)
        empty = 0
        for _ in range(_MAX_FLUSH_POLLS):
            if empty == _EMPTY_POLLS or self._writer.transport.is_closing():
                return
            empty = 0 if unsent_bytes() else empty + 1
            await asyncio.sleep(_FLUSH_POLL_S)


def _unsent_bytes_of(sock: socket.socket) -> Callable[[], int]:
    if sys.platform != "linux":
        return lambda: 0
    import fcntl
    import termios

    def unsent_bytes() -> int:
        answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        return int(struct.unpack("i", answer)[0])

    return unsent_bytes
