"""Moves bytes from a socket to a file in the writing thread, bypassing the event loop.

A thread that was started to write a piece goes on with what the socket has by then. A `Channel`
reads from the socket (see `channels`), a `Vessel` writes to the file. A turn ends when little
comes, after some bytes, or after some time: the event loop has to learn what was received, and
other work waits for the thread.
"""

from __future__ import annotations

import mmap
import threading
import time
from typing import Protocol

_TURN_S = 0.05
BLOCK_BYTES = 1 << 20
PAGE_BYTES = mmap.PAGESIZE
_WAIT_S = 0.0005
_WORTH_A_WAIT = 64 << 10


class Vessel(Protocol):
    """A file that is being filled."""

    def put(self, block: memoryview, offset: int) -> None:
        """Write a block to its place.

        Args:
            block: so placed in memory that its pages are those of the file: its address and
                `offset` have the same rest when divided by `PAGE_BYTES`.

        Raises:
            OSError: the file takes no more, or only a part of it.
        """


class Channel(Protocol):
    """Reads from one socket, for one turn.

    Attributes:
        socket_fd: does not block, and is read by nobody else meanwhile.
    """

    socket_fd: int

    def take(self, room: memoryview) -> int:
        """Fill the beginning of `room` with bytes of the body; return how many, 0 at its end.

        Raises:
            BlockingIOError: nothing is there now.
            OSError: what the socket met instead of bytes.
        """


class _Memory(threading.local):
    """A block per thread, reused in all turns: allocating memory costs as much as copying."""

    def __init__(self) -> None:
        self._pages = memoryview(mmap.mmap(-1, PAGE_BYTES + BLOCK_BYTES))

    def room(self, offset: int, most_bytes: int) -> memoryview:
        """Return memory for what belongs at `offset` of a file, up to the next block of it."""
        begin = offset % PAGE_BYTES
        return self._pages[begin : begin + min(most_bytes, BLOCK_BYTES - offset % BLOCK_BYTES)]


_memory = _Memory()


class Tap:
    """One turn of a writing thread at a socket.

    Args:
        most_bytes: take no more than this.

    Attributes:
        moved_bytes: taken and written so far.
        ran_dry: the socket had nothing more at least once.
        has_ended: the other side sends nothing more.
        fault: what the socket met instead of bytes.
        begun_at: by the steady clock.
        is_over: nothing more is taken.
    """

    def __init__(self, channel: Channel, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.moved_bytes = 0
        self.ran_dry = False
        self.has_ended = False
        self.fault: OSError | None = None
        self.begun_at = time.monotonic()
        self.is_over = False
        self._channel = channel
        self._taken_bytes = 0
        self._worth_waiting_from = 0

    def cancel(self) -> None:
        """Do not read: the socket must not be touched."""
        self.is_over = True

    def pour(self, file: Vessel, offset: int) -> None:
        """Write what the socket gives to a file. Blocks.

        Args:
            offset: where in it the next byte of the socket belongs.

        Raises:
            OSError: the file could not be written; what was taken and is not counted as moved is
                lost, and so is the place in the answer. Likewise with what the file itself raises.
        """
        ends_at = time.monotonic() + _TURN_S
        while not self.is_over and time.monotonic() < ends_at:
            start = offset + self.moved_bytes
            room = _memory.room(start, self.most_bytes - self.moved_bytes)
            if n_bytes := self._fill(room):
                file.put(room[:n_bytes], start)
                self.moved_bytes += n_bytes
            self.is_over = self.is_over or self.moved_bytes == self.most_bytes

    def _fill(self, room: memoryview) -> int:
        """Take as many bytes as there is room for, or as there are."""
        n_bytes = 0
        while n_bytes < len(room) and not self.is_over:
            n_bytes += self._take(room[n_bytes:])
        return n_bytes

    def _take(self, room: memoryview) -> int:
        try:
            n_bytes = self._channel.take(room)
        except BlockingIOError:
            self.is_over = not self._is_worth_waiting()
            return 0
        except OSError as error:
            self.fault, self.is_over = error, True
            return 0
        self.has_ended = self.is_over = not n_bytes
        self._taken_bytes += n_bytes
        return n_bytes

    def _is_worth_waiting(self) -> bool:
        """Wait a moment for more, unless the last wait brought little: the loop waits cheaper."""
        self.ran_dry = True
        if self._taken_bytes < self._worth_waiting_from:
            return False
        self._worth_waiting_from = self._taken_bytes + _WORTH_A_WAIT
        # Not until the next packet comes: what little that brings would not be worth a write.
        time.sleep(_WAIT_S)
        return True
