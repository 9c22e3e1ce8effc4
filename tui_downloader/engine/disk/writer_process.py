"""Writes small files for the process that started it: `python writer_process.py DESCRIPTOR`.

The descriptor is a connected socket. A batch is a message with paths and sizes, followed by all the
bytes. The first answer lists the inodes of the written files, the second one the outcome of each.
Files are created without a name (see `unnamed`), flushed together and named last: after a crash
there is either the complete file or nothing. Every unusual case is left to the parent process.

It may import a little of the standard library and no module of this package, so that it starts in a
few hundredths of a second.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

OPEN_FILES = "/proc/self/fd"
DONE = 0
READY = b"R"
FLUSHERS = 16
_LENGTH_BYTES = 8
_OPEN: int = getattr(os, "O_TMPFILE", 0) | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)

# What is asked of one file: folder, the path of a partial, which must be free, the final path, how
# many bytes, and the passport to leave with a second name as a trace (see `unnamed`), "" for none.
# Paths are what the system knows, byte for character: the two processes may read names differently.
Order = tuple[str, str, str, int, str]
# DONE or the number of the error that kept the file from its name; then the same for the flushing
# of its folder.
Result = tuple[int, int]


class Link(Protocol):
    """The part of a socket's interface that receiving needs."""

    def recv_into(self, buffer: memoryview, /) -> int:
        """Receive what is there; return how many bytes, 0 when the other side is gone."""


def message(content: list[Order] | list[int] | list[Result]) -> bytes:
    """Encode a message: its length, then its content."""
    words = json.dumps(content).encode("ascii")
    return len(words).to_bytes(_LENGTH_BYTES, "little") + words


def received(link: Link) -> Any:
    """Return the content of the next message.

    Raises:
        EOFError: the other side is gone. OSError: of the system.
    """
    size = int.from_bytes(received_bytes(link, _LENGTH_BYTES), "little")
    return json.loads(received_bytes(link, size))


def received_bytes(link: Link, size: int) -> bytearray:
    """Receive exactly so many bytes.

    Raises:
        EOFError: the other side is gone. OSError: of the system.
    """
    data = bytearray(size)
    left = memoryview(data)
    while left:
        count = link.recv_into(left)
        if not count:
            raise EOFError
        left = left[count:]
    return data


def give_name(fd: int, path: str | bytes) -> None:
    """Link an open file, be it one without a name, to a path, which must be free.

    Raises:
        FileExistsError: it is not. OSError: of the system.
    """
    # A folder's descriptor makes Python call linkat, the only one that follows the link in /proc to
    # the file itself.
    os.link(f"{OPEN_FILES}/{fd}", path, src_dir_fd=fd, follow_symlinks=True)


class _File:
    """One file of a batch, handled until its first error."""

    def __init__(self, order: Order) -> None:
        paths = (path.encode("latin-1") for path in order[:3])
        self.folder, self._part_path, self._path = paths
        self.size, self._passport = order[3], order[4].encode("ascii")
        self.number = DONE
        self._fd = -1

    def attempt(self, act: Callable[[], None]) -> None:
        if self.number != DONE:
            return
        try:
            act()
        except OSError as error:
            self.number = error.errno or errno.EIO

    def write(self, data: bytearray) -> None:
        if os.path.lexists(self._part_path):
            raise FileExistsError(errno.EEXIST, "a partial is to be gone on with")
        self._fd = os.open(self.folder, _OPEN, 0o666)
        left = memoryview(data)
        while left:
            left = left[os.write(self._fd, left) :]
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)  # begins to write it out

    def flush(self) -> None:
        os.fsync(self._fd)

    def inode(self) -> int:
        """Return the inode of a file that is written; 0 for none."""
        return os.fstat(self._fd).st_ino if self.number == DONE else 0

    def name(self) -> None:
        if not self._passport:
            give_name(self._fd, self._path)
            return
        with contextlib.ExitStack() as undo:
            self._leave_trace(undo)
            give_name(self._fd, self._path)
            undo.pop_all()

    def _leave_trace(self, undo: contextlib.ExitStack) -> None:
        """Give the file the name of a partial, too, with a passport beside it.

        Raises:
            FileExistsError: one of the names is not free. OSError: of the system.
        """
        import fcntl  # this module is read on systems that have none

        folder, name = os.path.split(self._passport_path)
        temporary = os.path.join(folder, b".%b.tmp" % name)
        for path in (self._path, self._part_path, self._part_path + b".old", self._passport_path):
            if os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, "another file is in its place")
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        undo.callback(os.unlink, temporary)
        try:
            os.write(fd, self._passport)
        finally:
            os.close(fd)
        os.rename(temporary, self._passport_path)
        undo.pop_all()
        undo.callback(os.unlink, self._passport_path)
        give_name(self._fd, self._part_path)
        undo.callback(os.unlink, self._part_path)

    @property
    def _passport_path(self) -> bytes:
        return self._part_path + b".json"

    def close(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):  # it is flushed, or has its error already
                os.close(self._fd)


class _Flushers:
    """Threads that flush files at the same time, so that they share a commit of the journal."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_File] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[_File] = queue.SimpleQueue()
        for _ in range(FLUSHERS):
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            file = self._jobs.get()
            file.attempt(file.flush)
            self._ended.put(file)

    def flush(self, files: Sequence[_File]) -> None:
        """Flush all files, and return when each is flushed or has its error."""
        for file in files:
            self._jobs.put(file)
        for _ in files:
            self._ended.get()


def serve(link: socket.socket) -> None:
    """Write batches until the other side is gone."""
    flushers = _Flushers()
    with contextlib.suppress(EOFError, OSError):  # the other side is gone: nobody is left to tell
        link.sendall(READY)
        while True:
            files = [_File(order) for order in received(link)]
            try:
                _fill(files, link)
                flushers.flush(files)
                link.sendall(message([file.inode() for file in files]))
                _check(link)
                for file in files:
                    file.attempt(file.name)
            finally:
                for file in files:
                    file.close()
            flushed = flush_folders({file.folder for file in files if file.number == DONE})
            link.sendall(message([(file.number, flushed.get(file.folder, DONE)) for file in files]))


def _check(link: socket.socket) -> None:
    """Notice that the other side is gone.

    Raises:
        EOFError: there is not. OSError: of the system.
    """
    with contextlib.suppress(BlockingIOError):
        if not link.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
            raise EOFError


def _fill(files: Iterable[_File], link: socket.socket) -> None:
    for file in files:
        file.attempt(partial(file.write, received_bytes(link, file.size)))


def flush_folders(folders: Iterable[bytes]) -> dict[bytes, int]:
    """Make new names survive a power cut; return DONE or the error number of each."""
    numbers = {}
    for folder in folders:
        try:
            _flush(folder)
        except OSError as error:
            numbers[folder] = error.errno or errno.EIO
        else:
            numbers[folder] = DONE
    return numbers


def _flush(folder: bytes) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
