"""The two ways from a socket into a file that do without the event loop.

- `Pipe`: splice(2) moves references to the pages of the socket into a pipe, and from there the
  bytes are copied once, into the page cache: about half the processor time of receiving into a
  buffer and writing it. For plain connections on Linux.
- `Decrypted`: one thread receives, decrypts and writes, a block at a time, while the block is in
  the processor's cache. The event loop is left in peace, and several connections have several
  processors.
"""

from __future__ import annotations

import contextlib
import errno
import os
import ssl
import sys
from typing import TYPE_CHECKING, Protocol, cast

from tui_downloader.engine.network.tap import BLOCK_BYTES, NotHere, PartlyWritten, write_all

if TYPE_CHECKING:
    from tui_downloader.engine.network.tls_sessions import Session

# This kind of socket or of file system, this kernel, or a sandbox does without splice(2).
_NOT_HERE = {errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP}
# What Linux grants to everybody; small packets fill it sooner than its size says.
_PIPE_BYTES = 1 << 20

CAN_SPLICE = sys.platform == "linux" and hasattr(os, "splice")


class Pipe:
    """Within the kernel, for a plain connection; see `Channel`."""

    def __init__(self, socket_fd: int) -> None:
        self.socket_fd = socket_fd
        self.is_refused = False
        self._reading, self._writing = os.pipe()
        _widen(self._writing)

    def take(self, most_bytes: int) -> int:
        try:
            return os.splice(self.socket_fd, self._writing, most_bytes, flags=os.SPLICE_F_NONBLOCK)
        except OSError as error:
            if error.errno in _NOT_HERE:
                raise NotHere from error
            raise

    def put(self, fd: int, offset: int, n_bytes: int) -> None:
        done = 0
        while done < n_bytes:
            try:
                done += os.splice(self._reading, fd, n_bytes - done, offset_dst=offset + done)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise PartlyWritten(error, done) from error
                self.is_refused = True
                _write_rest(fd, os.read(self._reading, n_bytes - done), offset, done)
                return

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)


def _write_rest(fd: int, rest: bytes, offset: int, done: int) -> None:
    try:
        write_all(fd, rest, offset + done)
    except PartlyWritten as fault:
        raise PartlyWritten(fault, done + fault.written_bytes) from fault


def _widen(pipe: int) -> None:
    """Ask for a pipe that takes more at once; the system may not grant it."""
    import fcntl  # only here: not every system has it

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class _ReadInto(Protocol):
    def __call__(self, most_bytes: int, buffer: memoryview, /) -> int: ...


class Decrypted:
    """Through two small buffers, for a connection over TLS; see `Channel`.

    What was received and not decrypted stays with the session: whoever reads next finds it there.

    Args:
        socket_fd: of the connection itself, not of one within another.
        session: what the event loop would decrypt with.
    """

    def __init__(self, socket_fd: int, session: Session) -> None:
        self.socket_fd = socket_fd
        self.is_refused = False
        self._session = session
        self._sealed = memoryview(bytearray(BLOCK_BYTES))
        self._plain = memoryview(bytearray(BLOCK_BYTES))
        self._taken = 0

    def take(self, most_bytes: int) -> int:
        before = self._taken
        free = self._plain[before : before + most_bytes]
        while not (n_bytes := self._decrypt(free)):
            if n_bytes is not None:
                return 0  # the closing notice
            received = os.readv(self.socket_fd, [self._sealed])
            if not received:
                return 0
            self._session.incoming.write(self._sealed[:received])
        self._taken += n_bytes
        return n_bytes

    def _decrypt(self, free: memoryview) -> int | None:
        """Decrypt what is here; 0 at the end of the session, None when more has to be received."""
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

    def put(self, fd: int, offset: int, n_bytes: int) -> None:
        self._taken = 0
        write_all(fd, self._plain[:n_bytes], offset)

    def close(self) -> None:
        """Nothing was opened."""
