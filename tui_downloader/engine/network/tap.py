"""One turn of a writer's thread at a socket: what comes goes into a file past the event loop.

A thread that was woken to write a piece goes on with what the socket has by then. Which way the
bytes take is the channel's (see `channels`). The turn ends when little comes, after some bytes, or
after some time: the event loop has to know what was received, and others want the thread.
"""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_TURN_S = 0.05
# Full blocks cost the file system least. Larger ones make Linux take the page cache in pieces so
# large that a virtual machine may have to fetch each of them from its host.
BLOCK_BYTES = 256 << 10
_WORTH_A_WAIT = 128 << 10
_WAIT_MS = 1


class PartlyWritten(OSError):
    """The file took only the beginning of what was to be written.

    Attributes:
        written_bytes: how many bytes are in the file.
    """

    def __init__(self, cause: OSError, written_bytes: int) -> None:
        super().__init__(cause.errno, cause.strerror)
        self.written_bytes = written_bytes


class NotHere(OSError):
    """The system, the file system, or a lack of descriptors does not allow this way."""


class Vessel(Protocol):
    """A file as it is filled.

    Attributes:
        fd: open for writing.
    """

    @property
    def fd(self) -> int: ...

    def check_identity(self) -> None:
        """Raise when it is not what it was; asked before each part."""

    def wrote(self, start: int, end: int) -> None:
        """Learn that a part is on disk."""


class Channel(Protocol):
    """A way from one socket into a file, for one turn.

    Attributes:
        socket_fd: does not block, and is read by nobody else meanwhile.
        is_refused: this way is closed: nothing more may be taken.
    """

    socket_fd: int
    is_refused: bool

    def take(self, most_bytes: int) -> int:
        """Take at most so many bytes of the body, behind those that were not put yet; 0 at its end.

        Raises:
            BlockingIOError: nothing is there now.
            NotHere: nothing can be taken this way, and nothing was.
            OSError: what the socket met instead of bytes.
        """

    def put(self, fd: int, offset: int, n_bytes: int) -> None:
        """Write what was taken, `n_bytes` in all, to a file.

        Raises:
            PartlyWritten: the file takes no more.
        """

    def close(self) -> None:
        """Give back what the turn needed."""


class Tap:
    """One turn of a writer's thread at a socket.

    Args:
        open_channel: makes the way; raises OSError when there is none.
        most_bytes: take no more than this.

    Attributes:
        moved_bytes: taken and written so far.
        ran_dry: the socket had nothing more at least once.
        has_ended: the other side sends nothing more.
        fault: what the socket met instead of bytes.
        begun_at: by the steady clock.
        is_refused: the system, the file system, or a lack of descriptors does not allow this way.
        is_over: nothing more is taken.
    """

    def __init__(self, open_channel: Callable[[], Channel], most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.moved_bytes = 0
        self.ran_dry = False
        self.has_ended = False
        self.fault: OSError | None = None
        self.is_refused = False
        self.begun_at = time.monotonic()
        self._open_channel = open_channel
        self._taken_bytes = 0
        self._worth_waiting_from = 0
        self.is_over = False

    def cancel(self) -> None:
        """Take nothing: the socket is not to be touched."""
        self.is_over = True

    def pour(self, file: Vessel, offset: int) -> None:
        """Write what the socket gives to a file. Blocks.

        Args:
            offset: where in it the next byte of the socket belongs.

        Raises:
            OSError: the file could not be written; what was taken and is not counted as moved is
                lost, and so is the place in the answer. Likewise with what the file itself raises.
        """
        if self.is_over:
            return
        try:
            channel = self._open_channel()
        except OSError:
            self.is_refused = True
            return
        try:
            self._pour(channel, file, offset)
        finally:
            channel.close()

    def _pour(self, channel: Channel, file: Vessel, offset: int) -> None:
        ends_at = time.monotonic() + _TURN_S
        while not self.is_over and time.monotonic() < ends_at:
            start = offset + self.moved_bytes
            if n_bytes := self._fill(channel, start):
                file.check_identity()
                try:
                    channel.put(file.fd, start, n_bytes)
                except PartlyWritten as fault:
                    self._moved(file, start, fault.written_bytes)
                    raise
                self._moved(file, start, n_bytes)
            self.is_refused = self.is_refused or channel.is_refused
            self.is_over = self.is_over or self.is_refused

    def _moved(self, file: Vessel, start: int, n_bytes: int) -> None:
        self.moved_bytes += n_bytes
        file.wrote(start, start + n_bytes)

    def _fill(self, channel: Channel, offset: int) -> int:
        """Take bytes up to the next boundary in the file, or as many as there are."""
        most = min(self.most_bytes - self.moved_bytes, BLOCK_BYTES - offset % BLOCK_BYTES)
        n_bytes = 0
        while n_bytes < most and not self.is_over:
            n_bytes += self._take(channel, most - n_bytes)
        self.is_over = self.is_over or n_bytes == self.most_bytes - self.moved_bytes
        return n_bytes

    def _take(self, channel: Channel, most: int) -> int:
        try:
            n_bytes = channel.take(most)
        except BlockingIOError:
            self.is_over = not self._is_worth_waiting(channel.socket_fd)
            return 0
        except NotHere:
            self.is_refused = self.is_over = True
            return 0
        except OSError as error:
            self.fault, self.is_over = error, True
            return 0
        self.has_ended = self.is_over = not n_bytes
        self._taken_bytes += n_bytes
        return n_bytes

    def _is_worth_waiting(self, socket_fd: int) -> bool:
        """Wait for a moment, unless the last wait brought little: the event loop waits cheaper."""
        self.ran_dry = True
        if self._taken_bytes < self._worth_waiting_from:
            return False
        self._worth_waiting_from = self._taken_bytes + _WORTH_A_WAIT
        poll = select.poll()
        poll.register(socket_fd, select.POLLIN)
        return bool(poll.poll(_WAIT_MS))


def write_all(fd: int, data: bytes | memoryview, offset: int) -> None:
    """Write at an offset, however little the system takes at a time.

    Raises:
        PartlyWritten: the system takes no more.
    """
    view, done = memoryview(data), 0
    while done < len(view):
        # For larger calls Linux takes the page cache in pieces so large that a virtual machine may
        # have to fetch each of them from its host: the same bytes then cost up to ten times as much
        try:
            done += os.pwrite(fd, view[done : done + BLOCK_BYTES], offset + done)
        except OSError as error:
            raise PartlyWritten(error, done) from error
