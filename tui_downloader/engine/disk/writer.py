"""A separate process that writes small files.

After each system call a Python thread has to acquire the GIL again. While thousands of small files
arrive the event loop holds it nearly all the time, so a thread that writes them falls behind, and
delays the loop in turn. Another process does neither.

It only handles the usual case and decides nothing: files that it did not write, for whatever
reason, are written here in the ordinary way.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import select
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk import writer_process
from tui_downloader.engine.disk.writer_process import DONE, READY, flush_folders, message, received

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.engine.disk.writer_process import Order, Result

_log = logging.getLogger(__name__)
_WORTH_IT = 8  # so many files at once
_START_S = 2.0
_END_S = 0.5
_LOOK_S = 5.0  # how often a silent process is checked
_STEPS = "\nvoluntary_ctxt_switches:"
_MOST_PARTS = 512  # of one sendmsg; POSIX promises 16, Linux 1024


class _Hangs(EOFError):
    """The process does nothing, or was stopped, though its disk answers."""


class Unwritten(NamedTuple):
    """What the process is told about a file.

    Attributes:
        part_path: when this is there the file is not for the process.
        path: the final one.
        passport: to be left as a trace, see `unnamed`; "" for none.
    """

    folder: str
    part_path: str
    path: str
    data: bytes
    passport: str = ""

    def order(self) -> Order:
        """Return what the process is sent."""
        paths = _raw(self.folder), _raw(self.part_path), _raw(self.path)
        return *paths, len(self.data), self.passport


def _raw(path: str) -> str:
    return os.fsencode(path).decode("latin-1")


def would_help(files: int) -> bool:
    """Tell whether a process can be started here, and so many files are worth it."""
    if files < _WORTH_IT or sys.platform != "linux" or not hasattr(os, "O_TMPFILE"):
        return False
    can_start = bool(sys.executable) and not getattr(sys, "frozen", False)
    return can_start and len(os.sched_getaffinity(0)) > 1


class Writer:
    """The process, from start to end. Everything here blocks; only one thread may use it at a time.

    Attributes:
        process: for whoever wants to know its number.
        is_there: it has begun to serve, and is not known to have ended.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self) -> None:
        self.is_there = False
        self._folder = ""  # on the disk that it writes to now
        self._link, theirs = socket.socketpair()
        self._link.setblocking(False)
        with theirs, contextlib.ExitStack() as undo:
            undo.callback(self._link.close)
            self.process = _start(theirs.fileno())
            undo.pop_all()
        answer = None
        with contextlib.suppress(OSError):  # the same as silence: it does not begin
            select.select([self._link], [], [], _START_S)
            answer = self._link.recv(len(READY))
        self.is_there = answer == READY
        if answer is None:
            self._give_up("does not begin")
        elif not self.is_there:
            self._give_up(f"ended at once with code {_code_of(self.process)}")

    def commit(self, files: Sequence[Unwritten]) -> list[Result]:
        """Write, flush and name files; return the outcome of each.

        When the process ends meanwhile, those are done that have their names.
        """
        orders = [file.order() for file in files]
        inodes = [0] * len(files)
        self._folder = files[0].folder if files else ""
        try:
            self._send([message(orders), *(file.data for file in files)])
            inodes = received(self)
            return [(number, flushed) for number, flushed in received(self)]
        except _Hangs:
            why = "hangs though its disk answers"
        except (EOFError, OSError):
            why = "has ended"
        self._give_up(why)  # nothing may come of it while others do its work
        return _what_was_done(files, inodes)

    def _give_up(self, why: str) -> None:
        _log.warning("the process that writes small files %s: they are written without it", why)
        self.is_there = False
        self.close()

    def close(self) -> None:
        """End the process. That takes no time unless its disk hangs: then it ends with the disk."""
        self._link.close()
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_S)

    def _send(self, parts: Sequence[bytes]) -> None:
        """Send all of the buffers without joining them first."""
        views = [memoryview(part) for part in parts if part]
        while views:
            self._wait(writing=True)
            sent = self._link.sendmsg(views[:_MOST_PARTS])
            while views and sent >= len(views[0]):
                sent -= len(views.pop(0))
            if sent:
                views[0] = views[0][sent:]

    def recv_into(self, buffer: memoryview) -> int:
        """Receive what has come, see `writer_process.Link`."""
        self._wait(writing=False)
        return self._link.recv_into(buffer)

    def _wait(self, *, writing: bool) -> None:
        """Wait for an answer of the process, for as long as the disk may be what delays it.

        Raises:
            EOFError: it hangs, or was stopped, and may never go on.
        """
        links, steps = [self._link], -1
        while not any(select.select([] if writing else links, links * writing, [], _LOOK_S)):
            before, steps = steps, self._steps()
            if steps == before and self._hangs_by_itself(steps):
                raise _Hangs

    def _hangs_by_itself(self, steps: int) -> bool:
        """Tell whether the process hangs although the disk answers to a write of our own.

        Where the disk hangs as well, this takes as long as that.
        """
        _await_disk(self._folder)
        return self._steps() == steps and not self._has_answered()

    def _has_answered(self) -> bool:
        return bool(select.select([self._link], [], [], 0)[0])

    def _steps(self) -> int:
        """Return how often its threads have begun to wait: the number grows while it works."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/status")
        texts = (task.read_text(encoding="ascii", errors="replace") for task in tasks)
        return sum(int(text.partition(_STEPS)[2].split(maxsplit=1)[0]) for text in texts)


def _start(descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our Python with our own file
        [sys.executable, "-I", "-S", writer_process.__file__, str(descriptor)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[descriptor],
        start_new_session=True,  # what is typed for this program is not for that one
    )


def _code_of(ending: subprocess.Popen[bytes]) -> int | None:
    """Return the exit code of a process, None when it does not end in time."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return ending.wait(_START_S)
    return None


def _await_disk(folder: str) -> None:
    """Write something to a disk, and return when that has succeeded or failed."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, b"?")
            os.fsync(fd)
        finally:
            os.close(fd)


def _what_was_done(files: Sequence[Unwritten], inodes: Sequence[int]) -> list[Result]:
    """Tell by their inodes which files have got their names; without one nothing was named."""
    folders = [os.fsencode(file.folder) for file in files]
    flushed = flush_folders(set(folders))
    return [
        (DONE if inode and _inode_at(file.path) == inode else errno.EPIPE, flushed[folder])
        for file, inode, folder in zip(files, inodes, folders, strict=True)
    ]


def _inode_at(path: str) -> int | None:
    with contextlib.suppress(OSError):  # nothing has the name, as far as can be told
        return os.lstat(path).st_ino
    return None
