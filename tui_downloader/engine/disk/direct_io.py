"""Writing bytes to a file, through the page cache or past it.

What a large download writes is not read again soon. Past the page cache (`O_DIRECT`) it takes no
memory from the system, but each write waits for the disk. Through the cache each page has to be
allocated first, which on a virtual machine may involve the host, and all of it is flushed in the
end. Which of the two is quicker varies by a factor of three either way, so it is measured all the
time.
"""

from __future__ import annotations

import contextlib
import errno
import math
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
# The way that is not the quicker one is tried again after so many blocks: disks, and how much of
# their memory virtual machines have at hand, change within seconds.
_TRIED_AGAIN_AFTER = 32
# What one block took says little; what the last few took counts.
_WEIGHT = 0.25

# What is larger than one of so many parts of memory would be gone before it is read again.
_PARTS_OF_MEMORY = 4

_DIRECT = getattr(os, "O_DIRECT", 0)


def stays_in_memory(n_bytes: int) -> bool:
    """Tell whether the page cache keeps a file of this size until it is read again."""
    return not _DIRECT or n_bytes * _PARTS_OF_MEMORY <= os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES


class PartlyWritten(OSError):
    """Only the beginning of the data could be written.

    Attributes:
        written_bytes: how many bytes are in the file.
    """

    def __init__(self, cause: OSError, written_bytes: int) -> None:
        super().__init__(cause.errno, cause.strerror)
        self.written_bytes = written_bytes


def write_all(fd: int, data: bytes | memoryview, offset: int) -> None:
    """Write all of the data at an offset, with as many system calls as it takes.

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
    """Start writing out a part of a file, and drop what is written already from the page cache."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(fd, start, n_bytes, os.POSIX_FADV_DONTNEED)


class Ways:
    """Measures which of two ways to write is the quicker one just now."""

    def __init__(self) -> None:
        self._s_per_byte: dict[bool, float] = {}
        self._blocks = 0

    def is_direct_next(self) -> bool:
        """Tell whether to write the next block past the page cache: quicker, or due for a trial."""
        self._blocks += 1
        if len(self._s_per_byte) < 2:
            return False in self._s_per_byte
        return self._is_direct_quicker != (self._blocks % _TRIED_AGAIN_AFTER == 0)

    @property
    def _is_direct_quicker(self) -> bool:
        return min((False, True), key=lambda way: self._s_per_byte.get(way, math.inf))

    def learn(self, n_bytes: int, seconds: float, *, is_direct: bool) -> None:
        """Note how long writing so many bytes took."""
        took = seconds / n_bytes
        before = self._s_per_byte.get(is_direct, took)
        # What is known of the other way is old.
        weight = _WEIGHT if is_direct == self._is_direct_quicker else 1.0
        self._s_per_byte[is_direct] = before + weight * (took - before)


class DirectIO:
    """Writes the whole pages of blocks past the page cache where that is possible and quicker.

    Args:
        fd: open for writing; stays open longer than this, and is written to as well.
        ways: tells which way to go.
    """

    def __init__(self, fd: int, ways: Ways | None = None) -> None:
        self._fd = fd
        self._direct_fd: int | None = None  # opened when it is needed
        self._opening = threading.Lock()
        self._is_refused = not _DIRECT
        self._ways = ways or Ways()

    def write(self, block: memoryview, offset: int) -> None:
        """Write a block; see `tap.Vessel.put` for where in memory it has to be.

        Raises:
            PartlyWritten: the file takes no more.
        """
        first = -offset % PAGE_BYTES
        pages = (len(block) - first) // PAGE_BYTES * PAGE_BYTES
        is_choice = pages >= _WORTH_IT_BYTES and not self._is_refused
        is_direct = is_choice and self._ways.is_direct_next()
        begun_at, done = time.monotonic(), 0
        try:
            if is_direct:
                write_all(self._fd, block[:first], offset)
                done = first
                done += self._write_pages(block[first : first + pages], offset + first)
            write_all(self._fd, block[done:], offset + done)
        except PartlyWritten as fault:
            raise PartlyWritten(fault, done + fault.written_bytes) from fault
        if is_choice:
            self._ways.learn(len(block), time.monotonic() - begun_at, is_direct=is_direct)

    def _write_pages(self, pages: memoryview, offset: int) -> int:
        """Write as many whole pages as possible past the cache; return how many bytes."""
        direct_fd = self._open()
        if direct_fd is None:
            return 0
        try:
            return os.pwrite(direct_fd, pages, offset)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise PartlyWritten(error, 0) from error
            self._is_refused = True
            return 0

    def _open(self) -> int | None:
        with self._opening:
            if self._direct_fd is None:
                try:
                    self._direct_fd = os.open(f"/proc/self/fd/{self._fd}", os.O_WRONLY | _DIRECT)
                except OSError:
                    self._is_refused = True
            return self._direct_fd

    def close(self) -> None:
        """Close the second descriptor that was opened here."""
        fd, self._direct_fd = self._direct_fd, None
        with contextlib.suppress(OSError):  # see `Partial.close`
            if fd is not None:
                os.close(fd)
