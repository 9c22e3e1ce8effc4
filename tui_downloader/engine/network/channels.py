"""Reading a socket in a thread, without the event loop: plainly, or with TLS.

One thread receives, decrypts if necessary, and writes, a block at a time. That keeps the event loop
free, and lets several connections use several processors.
"""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from tui_downloader.engine.network.tls_sessions import Session

# What is sealed and what comes of it are in the processor's cache together.
_SEALED_BYTES = 256 << 10

CAN_RECEIVE = hasattr(os, "readv")


class Plain:
    """Reads a connection without TLS; see `Channel`."""

    def __init__(self, socket_fd: int) -> None:
        self.socket_fd = socket_fd

    def take(self, room: memoryview) -> int:
        return os.readv(self.socket_fd, [room])


class _ReadInto(Protocol):
    def __call__(self, most_bytes: int, buffer: memoryview, /) -> int: ...


class Decrypted:
    """Reads a connection with TLS; see `Channel`.

    Bytes that were received and not yet decrypted stay in the session, for the next reader.

    Args:
        socket_fd: of the connection itself, not of one within another.
        session: what the event loop would decrypt with.
    """

    def __init__(self, socket_fd: int, session: Session) -> None:
        self.socket_fd = socket_fd
        self._session = session
        self._sealed = memoryview(bytearray(_SEALED_BYTES))

    def take(self, room: memoryview) -> int:
        while not (n_bytes := self._decrypt(room)):
            if n_bytes is not None:
                return 0  # the closing notice
            received = os.readv(self.socket_fd, [self._sealed])
            if not received:
                return 0
            self._session.incoming.write(self._sealed[:received])
        return n_bytes

    def _decrypt(self, free: memoryview) -> int | None:
        """Decrypt what was received; 0 at the end of the session, None when more is needed."""
        read = cast("_ReadInto", self._session.tls.read)
        done, room = 0, len(free)
        try:
            while done < room:
                # A record at a time: 16 KiB at most.
                n_bytes = read(room - done, free[done:])
                if not n_bytes:
                    break  # with `done`: the next call tells again
                done += n_bytes
        except ssl.SSLWantReadError:
            return done or None
        except ssl.SSLError:
            if not done:
                raise
        return done
