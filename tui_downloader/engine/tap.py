"""From a socket into a file within the kernel: quick plain connections do without our memory.

A thread that was woken to write a piece goes on with what the socket has by then. splice(2) moves
references to the pages of the socket into a pipe, and from there the bytes are copied once, into
the page cache: about half the processor time of receiving into a buffer and writing it. The turn
ends when little comes, after some bytes, or after some time: the event loop has to know what was
received, and others want the thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import sys
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

# This kind of socket or of file system, this kernel, or a sandbox does without splice(2).
_NOT_HERE = {errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP}
_TURN_S = 0.05
_STUCK_AFTER_S = 0.5
# Full blocks cost the file system least. Larger ones make Linux take the page cache in pieces so
# large that a virtual machine may have to fetch each of them from its host.
_BLOCK_BYTES = 256 << 10
_PIPE_BYTES = (
    1 << 20
)  # what Linux grants to everybody; small packets fill it sooner than its size says
_WORTH_A_WAIT = 128 << 10
_WAIT_MS = 1
_FIRST_TURN_BYTES = 1 << 20
_LARGEST_TURN_BYTES = 8 << 20

IS_POSSIBLE = sys.platform == "linux" and hasattr(os, "splice")


class PartlyWritten(OSError):
    """The file took only the beginning of what was to be written.

    Attributes:
        written_bytes: how many bytes are in the file.
    """

    def __init__(self, cause: OSError, written_bytes: int) -> None:
        super().__init__(cause.errno, cause.strerror)
        self.written_bytes = written_bytes


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


class Tap:
    """One turn of a writer's thread at a socket.

    Args:
        socket_fd: does not block, and is read by nobody else meanwhile.
        most_bytes: take no more than this.

    Attributes:
        moved_bytes: taken and written so far.
        ran_dry: the socket had nothing more at least once.
        has_ended: the other side sends nothing more.
        fault: what the socket met instead of bytes.
        begun_at: by the steady clock.
        is_refused: the system, the file system, or a lack of descriptors does not allow this way.
    """

    def __init__(self, socket_fd: int, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.moved_bytes = 0
        self.ran_dry = False
        self.has_ended = False
        self.fault: OSError | None = None
        self.is_refused = False
        self.begun_at = time.monotonic()
        self._socket_fd = socket_fd
        self._taken_bytes = 0
        self._worth_waiting_from = 0
        self._is_over = False

    def pour(self, file: Vessel, offset: int) -> None:
        """Write what the socket gives to a file. Blocks.

        Args:
            offset: where in it the next byte of the socket belongs.

        Raises:
            OSError: the file could not be written; what was taken and is not counted as moved is
                lost, and so is the place in the answer. Likewise with what the file itself raises.
        """
        try:
            reading, writing = os.pipe()
        except OSError:
            self.is_refused = True
            return
        try:
            _widen(writing)
            ends_at = time.monotonic() + _TURN_S
            while not self._is_over and time.monotonic() < ends_at:
                start = offset + self.moved_bytes
                if n_bytes := self._fill(writing, start):
                    file.check_identity()
                    try:
                        self._write(reading, file.fd, start, n_bytes)
                    except PartlyWritten as fault:
                        self._moved(file, start, fault.written_bytes)
                        raise
                    self._moved(file, start, n_bytes)
        finally:
            os.close(reading)
            os.close(writing)

    def _moved(self, file: Vessel, start: int, n_bytes: int) -> None:
        self.moved_bytes += n_bytes
        file.wrote(start, start + n_bytes)

    def _fill(self, pipe: int, offset: int) -> int:
        """Move bytes into the pipe up to the next boundary in the file, or as many as there are."""
        most = min(self.most_bytes - self.moved_bytes, _BLOCK_BYTES - offset % _BLOCK_BYTES)
        n_bytes = 0
        while n_bytes < most and not self._is_over:
            n_bytes += self._take(pipe, most - n_bytes)
        self._is_over = self._is_over or n_bytes == self.most_bytes - self.moved_bytes
        return n_bytes

    def _take(self, pipe: int, most: int) -> int:
        try:
            n_bytes = os.splice(self._socket_fd, pipe, most, flags=os.SPLICE_F_NONBLOCK)
        except BlockingIOError:
            self._is_over = not self._is_worth_waiting()
            return 0
        except OSError as error:
            self._is_over = True
            if error.errno in _NOT_HERE:
                self.is_refused = True
            else:
                self.fault = error
            return 0
        self.has_ended = self._is_over = not n_bytes
        self._taken_bytes += n_bytes
        return n_bytes

    def _is_worth_waiting(self) -> bool:
        """Wait for a moment, unless the last wait brought little: the event loop waits cheaper."""
        self.ran_dry = True
        if self._taken_bytes < self._worth_waiting_from:
            return False
        self._worth_waiting_from = self._taken_bytes + _WORTH_A_WAIT
        poll = select.poll()
        poll.register(self._socket_fd, select.POLLIN)
        return bool(poll.poll(_WAIT_MS))

    def _write(self, pipe: int, fd: int, offset: int, n_bytes: int) -> None:
        done = 0
        while done < n_bytes:
            try:
                done += os.splice(pipe, fd, n_bytes - done, offset_dst=offset + done)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise PartlyWritten(error, done) from error
                self.is_refused = self._is_over = True
                _write_rest(fd, os.read(pipe, n_bytes - done), offset, done)
                return


def _write_rest(fd: int, rest: bytes, offset: int, done: int) -> None:
    try:
        write_all(fd, rest, offset + done)
    except PartlyWritten as fault:
        raise PartlyWritten(fault, done + fault.written_bytes) from fault


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
            done += os.pwrite(fd, view[done : done + _BLOCK_BYTES], offset + done)
        except OSError as error:
            raise PartlyWritten(error, done) from error


def _widen(pipe: int) -> None:
    """Ask for a pipe that takes more at once; the system may not grant it."""
    import fcntl  # only here: not every system has it

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class SocketLoan:
    """Lends the socket of a transport, turn by turn, while the transport does not read.

    Args:
        transport: with TLS nothing is lent: what the socket gives is not the file.

    Attributes:
        tap: the present turn, None between two.
        is_possible: the system has shown no reason against it so far.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.tap: Tap | None = None
        self._transport = transport
        self.is_possible = IS_POSSIBLE and transport.get_extra_info("sslcontext") is None
        self._fd: int | None = None
        self._turn_bytes = _FIRST_TURN_BYTES
        self._is_over = False
        self._ran_dry = False

    @property
    def is_behind(self) -> bool:
        """Bytes wait in the socket for the disk, or some in a turn that does not end."""
        if self.tap is None:
            return False
        return not self._ran_dry or time.monotonic() - self.tap.begun_at > _STUCK_AFTER_S

    @property
    def moved_bytes(self) -> int:
        """What the present turn has taken so far."""
        return 0 if self.tap is None else self.tap.moved_bytes

    def lend(self, most_bytes: int) -> Tap | None:
        """Begin a turn, if this is a socket for it and there is something to take."""
        if most_bytes <= 0:
            return None
        if self._fd is None:
            self._fd = self._own_descriptor()
        if self._fd is not None:
            self.tap = Tap(self._fd, min(most_bytes, self._turn_bytes))
        return self.tap

    def _own_descriptor(self) -> int | None:
        """A second one: the number of the first may name another file once that is closed."""
        try:
            return os.dup(self._transport.get_extra_info("socket").fileno())
        except OSError:
            self.is_possible = False  # there are no more descriptors
            return None

    def take_back(self) -> None:
        """End the turn; who took all that was allowed may take more the next time."""
        tap, self.tap = self.tap, None
        assert tap is not None
        self._ran_dry = tap.ran_dry
        self.is_possible = self.is_possible and not tap.is_refused
        if tap.moved_bytes == self._turn_bytes:
            self._turn_bytes = min(2 * self._turn_bytes, _LARGEST_TURN_BYTES)
        if self._is_over:
            self.close()

    def close(self) -> None:
        """Lend no more; a turn that runs keeps its descriptor to its end."""
        self._is_over = True
        if self.tap is None and self._fd is not None:
            os.close(self._fd)
            self._fd = None
