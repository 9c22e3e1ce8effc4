"""A process of our own that writes small files.

In Python each system call of a thread has to wait for the interpreter's lock afterwards. While
thousands of small files arrive the loop has it nearly all the time, so a thread that writes them
falls behind, and holds up the loop in its turn. Another process does neither.

It is a help for the usual case and decides nothing: what it did not do, for whatever reason, is
done here in the ordinary way.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine import writer_process
from tui_downloader.engine.writer_process import (
    DONE,
    READY,
    flush_folders,
    message,
    received,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.engine.writer_process import Order, Result

_START_S = 2.0
_MOST_PARTS = 512  # of one sendmsg; POSIX promises 16, Linux 1024


class Unwritten(NamedTuple):
    """A file as it is to be on disk.

    Attributes:
        part_path: when this is there the file is not for the process.
        path: the final one.
    """

    folder: str
    part_path: str
    path: str
    data: bytes

    def order(self) -> Order:
        """Say what is asked for."""
        return _raw(self.folder), _raw(self.part_path), _raw(self.path), len(self.data)


def _raw(path: str) -> str:
    return os.fsencode(path).decode("latin-1")


def can_help() -> bool:
    """Tell whether a process can be started here, and would be of use."""
    if sys.platform != "linux" or not hasattr(os, "O_TMPFILE") or getattr(sys, "frozen", False):
        return False
    return bool(sys.executable) and len(os.sched_getaffinity(0)) > 1


class Writer:
    """The process, from its start to its end. Everything here blocks; one thread at a time.

    Attributes:
        is_there: it has begun to serve, and is not known to have ended.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self) -> None:
        self.is_there = False
        self._link, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as undo:
            undo.callback(self._link.close)
            self._process = _start(theirs.fileno())
            undo.pop_all()
        self._link.settimeout(_START_S)
        with contextlib.suppress(OSError):
            self.is_there = self._link.recv(len(READY)) == READY
        self._link.settimeout(None)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """The system still has it."""
        return self._process.poll() is None

    def commit(self, files: Sequence[Unwritten]) -> list[Result]:
        """Write, flush and name files; return what became of each.

        When the process ends meanwhile, those are done whose names and bytes are there.
        """
        orders = [file.order() for file in files]
        try:
            _send(self._link, [message(orders), *(file.data for file in files)])
            return [(number, flushed) for number, flushed in received(self._link)]
        except (EOFError, OSError):
            self.is_there = False
            self.close()  # nothing may come of it while somebody else does its work
            return _what_was_done(files)

    def close(self) -> None:
        """End the process, which has nothing to do when this is called: that is soon done."""
        self._link.close()
        self._process.kill()
        self._process.wait()


def _start(descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our Python with our own file
        [sys.executable, "-I", "-S", writer_process.__file__, str(descriptor)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[descriptor],
        start_new_session=True,  # what is typed for this program is not for that one
    )


def _send(link: socket.socket, parts: Sequence[bytes]) -> None:
    """Send all of these without putting them together first."""
    views = [memoryview(part) for part in parts if part]
    while views:
        sent = link.sendmsg(views[:_MOST_PARTS])
        while views and sent >= len(views[0]):
            sent -= len(views.pop(0))
        if sent:
            views[0] = views[0][sent:]


def _what_was_done(files: Sequence[Unwritten]) -> list[Result]:
    folders = [os.fsencode(file.folder) for file in files]
    numbers = [DONE if _is_whole(file) else errno.EPIPE for file in files]
    flushed = flush_folders(set(folders))
    return [(number, flushed[folder]) for number, folder in zip(numbers, folders, strict=True)]


def _is_whole(file: Unwritten) -> bool:
    """Tell whether these very bytes are there under the final name."""
    with contextlib.suppress(OSError):
        found = os.lstat(file.path)
        if stat.S_ISREG(found.st_mode) and found.st_size == len(file.data):
            return Path(file.path).read_bytes() == file.data
    return False
