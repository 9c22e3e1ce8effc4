"""Locks between programs: one instance per state folder, one writer per partial."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from tui_downloader.store.paths import short_folder

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def lock_partial(fd: int) -> bool:
        """Lock an open file for this process; False when another one holds it."""
        try:
            # A byte far behind any content: locks on Windows keep others from reading it.
            os.lseek(fd, 1 << 62, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import errno
    import fcntl

    # Network file systems that were mounted without locks: then nobody can be kept away.
    _NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})

    def lock_partial(fd: int) -> bool:
        """Lock an open file for this process; False when another one holds it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True


class HeldByOther(Exception):
    """Another instance works with the same state folder; the message says how to proceed."""


class InstanceLock:
    """Held as long as the program lives; the kernel gives it up when the process ends.

    Args:
        path: of the lock file, which keeps the holder's process id.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            HeldByOther: somebody has it.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if not lock_partial(fd):
            holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
            os.close(fd)
            who = f" (process {holder})" if holder.isdigit() else ""
            raise HeldByOther(
                f"tui-downloader is already running here{who} with its queue in "
                f"{short_folder(str(self._path.parent))}; paste the links there, use "
                "'tui-downloader get URL' beside it, or choose another state folder with "
                "TUI_DOWNLOADER_HOME=DIR"
            )
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode("ascii"), 0)
        self._fd = fd

    def keep(self) -> None:
        """Take the lock again if its file was deleted, as the old one excludes nobody.

        Raises:
            HeldByOther: somebody has taken it meanwhile.
        """
        held = self._fd
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(self._path.stat(), os.fstat(held)):
                return
        self.acquire()
        os.close(held)

    def release(self) -> None:
        """Give the lock back."""
        fd, self._fd = self._fd, -1
        with contextlib.suppress(OSError):  # a disk that is gone
            if fd >= 0:
                os.close(fd)
