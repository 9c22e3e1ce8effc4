"""Bytes written to their place in a file: through the page cache, or past it.

What a large download writes is not read again soon. Past the page cache (`O_DIRECT`) it costs no
memory of the system and a third of its processor time; on a virtual machine, which has to fetch
each page from its host first, several times less of both. What the final flush has to wait for is
on the disk already.
"""

from __future__ import annotations

import errno
import os
import threading
import time

from tui_downloader.engine.network.tap import PAGE_BYTES

# For larger calls Linux takes the page cache in pieces so large that a virtual machine may have to
# fetch each of them from its host: the same bytes then cost up to ten times as much.
_CACHED_BYTES = 256 << 10
# Each direct write waits for the disk; small ones are gathered better by the page cache.
_WORTH_IT_BYTES = 512 << 10
# This system, file system or device does without, or wants larger blocks than pages.
_NOT_HERE = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS})
# Slower than a quick network, and each write waits: the page cache takes what it can meanwhile, has
# many writes on their way at once, and puts them into the disk's order.
_SLOW_BYTES_PER_S = 120 << 20
_SLOW_IN_A_ROW = 8

# What is larger than one of so many parts of memory would be gone before it is read again.
_PARTS_OF_MEMORY = 4

_DIRECT = getattr(os, "O_DIRECT", 0)


def stays_in_memory(n_bytes: int) -> bool:
    """Tell whether a file written through the page cache can be read from there again."""
    return not _DIRECT or n_bytes * _PARTS_OF_MEMORY <= os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES


class PartlyWritten(OSError):
    """The file took only the beginning of what was to be written.

    Attributes:
        written_bytes: how many bytes are in the file.
    """

    def __init__(self, cause: OSError, written_bytes: int) -> None:
        super().__init__(cause.errno, cause.strerror)
        self.written_bytes = written_bytes


def write_all(fd: int, data: bytes | memoryview, offset: int) -> None:
    """Write at an offset, however little the system takes at a time.

    Raises:
        PartlyWritten: the system takes no more.
    """
    view, done = memoryview(data), 0
    while done < len(view):
        try:
            done += os.pwrite(fd, view[done : done + _CACHED_BYTES], offset + done)
        except OSError as error:
            raise PartlyWritten(error, done) from error


def leave_cache(fd: int, start: int, n_bytes: int) -> None:
    """Have a part of a file written out, and what is written out forgotten, without waiting."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(fd, start, n_bytes, os.POSIX_FADV_DONTNEED)


class DirectIO:
    """Writes the whole pages of blocks to a file past the page cache, where that can be.

    Args:
        fd: open for writing; stays open longer than this, and is written to as well.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._direct_fd: int | None = None  # opened when it is needed
        self._opening = threading.Lock()
        self._is_refused = not _DIRECT
        self._slow_writes = 0
        self._ended_at = 0.0  # the last write, in whatever thread

    def write(self, block: memoryview, offset: int) -> None:
        """Write a block; see `tap.Vessel.put` for where in memory it has to be.

        Raises:
            PartlyWritten: the file takes no more.
        """
        first = -offset % PAGE_BYTES
        pages = (len(block) - first) // PAGE_BYTES * PAGE_BYTES
        done = 0
        try:
            if pages >= _WORTH_IT_BYTES and not self._is_refused:
                write_all(self._fd, block[:first], offset)
                done = first
                done += self._write_pages(block[first : first + pages], offset + first)
            write_all(self._fd, block[done:], offset + done)
        except PartlyWritten as fault:
            raise PartlyWritten(fault, done + fault.written_bytes) from fault

    def _write_pages(self, pages: memoryview, offset: int) -> int:
        """Write as much as can be written in this way; return how much."""
        direct_fd = self._open()
        if direct_fd is None:
            return 0
        begun_at = time.monotonic()
        try:
            n_bytes = os.pwrite(direct_fd, pages, offset)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise PartlyWritten(error, 0) from error
            self._is_refused = True
            return 0
        self._judge(n_bytes, begun_at)
        return n_bytes

    def _open(self) -> int | None:
        with self._opening:
            if self._direct_fd is None and not self._is_refused:
                try:
                    self._direct_fd = os.open(f"/proc/self/fd/{self._fd}", os.O_WRONLY | _DIRECT)
                except OSError:
                    self._is_refused = True
            return self._direct_fd

    def _judge(self, n_bytes: int, begun_at: float) -> None:
        now = time.monotonic()
        # Until another thread's write ended, the disk was busy with that one.
        seconds = now - max(begun_at, self._ended_at)
        self._ended_at = now
        is_slow = n_bytes < seconds * _SLOW_BYTES_PER_S
        self._slow_writes = self._slow_writes + 1 if is_slow else 0
        self._is_refused = self._is_refused or self._slow_writes >= _SLOW_IN_A_ROW

    def close(self) -> None:
        """Close what was opened here."""
        if self._direct_fd is not None:
            os.close(self._direct_fd)
            self._direct_fd = None
