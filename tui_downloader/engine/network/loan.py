"""Lends the socket of a transport to a writing thread, for one turn at a time."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.network import channels
from tui_downloader.engine.network.channels import Decrypted, Plain
from tui_downloader.engine.network.tap import Tap
from tui_downloader.engine.network.tls_sessions import info, session_of

if TYPE_CHECKING:
    import asyncio

    from tui_downloader.engine.network.tap import Channel

_STUCK_AFTER_S = 0.5
_FIRST_TURN_BYTES = 1 << 20
_LARGEST_TURN_BYTES = 8 << 20


class SocketLoan:
    """Lends the socket of a transport while the transport does not read.

    Args:
        transport: over TLS only one whose session can be lent, too, is of use.

    Attributes:
        tap: the present turn, None between two.
        is_possible: the system has shown no reason against it so far.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.tap: Tap | None = None
        self._transport = transport
        self._session = session_of(transport)
        is_readable = info(transport, "sslcontext") is None or self._session is not None
        self.is_possible = channels.CAN_RECEIVE and is_readable
        self._fd: int | None = None
        self._turn_bytes = _FIRST_TURN_BYTES
        self._is_over = False
        self._ran_dry = False

    @property
    def is_behind(self) -> bool:
        """Bytes wait in the socket for the disk, or in a turn that does not end."""
        if self.tap is None:
            return False
        # Decrypting may be what is slow: bytes that wait for that say nothing of the disk.
        is_behind = not self._ran_dry and self._session is None
        return is_behind or time.monotonic() - self.tap.begun_at > _STUCK_AFTER_S

    @property
    def moved_bytes(self) -> int:
        """Bytes moved in the current turn so far."""
        return 0 if self.tap is None else self.tap.moved_bytes

    def lend(self, most_bytes: int) -> Tap | None:
        """Begin a turn, if the socket allows it and there is something to read.

        The transport is paused until the turn is taken back.
        """
        if most_bytes <= 0 or self._transport.is_closing():
            return None
        if self._fd is None:
            self._fd = self._own_descriptor()
        if self._fd is not None:
            self.tap = Tap(self._channel(self._fd), min(most_bytes, self._turn_bytes))
            self._transport.pause_reading()
        return self.tap

    def _channel(self, fd: int) -> Channel:
        return Plain(fd) if self._session is None else Decrypted(fd, self._session)

    async def left_alone(self) -> None:
        """Wait until the event loop does not use the socket any more."""
        if self._session is not None and not await self._session.stop_reading():
            assert self.tap is not None
            self.tap.cancel()

    def _own_descriptor(self) -> int | None:
        """Duplicate the descriptor: once closed, its number may be reused for another file."""
        try:
            return os.dup(self._transport.get_extra_info("socket").fileno())
        except OSError:
            self.is_possible = False  # there are no more descriptors
            return None

    def take_back(self) -> None:
        """End the turn; one that moved all it was allowed to may move more the next time."""
        tap, self.tap = self.tap, None
        assert tap is not None
        self._ran_dry = tap.ran_dry
        if tap.moved_bytes == self._turn_bytes:
            self._turn_bytes = min(2 * self._turn_bytes, _LARGEST_TURN_BYTES)
        if self._is_over:
            self.close()
        elif self._session is not None:
            self._session.go_on_reading()

    def close(self) -> None:
        """Lend no more; a running turn ends soon, and keeps its descriptor until then."""
        self._is_over = True
        if self.tap is not None:
            self.tap.cancel()
        elif self._fd is not None:
            os.close(self._fd)
            self._fd = None
