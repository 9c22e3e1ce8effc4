"""Translates errors of the file system into `DiskError`, keeping their cause."""

from __future__ import annotations

import errno
import os

from tui_downloader.model.errors import DiskError, DiskFull, TooManyOpen
from tui_downloader.model.text import clean

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_IN_THE_WAY = (errno.ENOTDIR, errno.EEXIST)
# Mounts whose server or program has ended, and disks that were pulled.
_GONE = frozenset(
    getattr(errno, name)
    for name in ("ENOTCONN", "ENODEV", "ESTALE", "EHOSTDOWN", "ESHUTDOWN")
    if hasattr(errno, name)
)
DISK_GONE = "disk-gone"  # code of what is said then
MOUNT_IT = "mount it again and retry: what is on it is kept"
_BAD_NAME = (errno.ENAMETOOLONG, errno.EINVAL, errno.EISDIR, errno.ELOOP, errno.ENXIO)


def disk_error(error: OSError, path: str) -> DiskError:
    """Translate an error about `path`."""
    where = clean(path.rstrip(os.sep) or path, 200)
    if error.errno in _FULL:
        return DiskFull(f"disk full while writing {where}")
    if error.errno == errno.EFBIG:
        return DiskError(
            f"{where} grows larger than its file system allows a file to be",
            hint="choose a folder on another file system; what is here is kept",
        )
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return TooManyOpen(f"cannot open {where}: too many files are open")
    if error.errno == errno.EROFS:
        return DiskError(
            f"cannot write to {where}: its file system is read-only",
            code="permission",
            hint="choose another folder; a disk with faults may have become read-only",
        )
    if error.errno in _GONE:
        return DiskError(
            f"cannot write {where}: its disk is gone ({error.strerror})",
            code=DISK_GONE,
            hint=MOUNT_IT,
        )
    if error.errno == errno.EIO:
        return DiskError(
            f"cannot write {where}: {error.strerror}",
            hint="the disk or the way to it has a fault; retry later, what is there is kept",
        )
    if error.errno in _FORBIDDEN:
        return DiskError(
            f"cannot write to {where}: permission denied",
            code="permission",
            hint="choose another folder, or change its permissions",
        )
    if error.errno in _IN_THE_WAY:
        return DiskError(
            f"cannot write to {where}: a file is where a folder should be",
            hint="choose another folder, or move that file away",
        )
    if error.errno in _BAD_NAME:
        return DiskError(f"cannot use the name {where}: {error.strerror}", code="name")
    return DiskError(f"cannot write {where}: {error.strerror or error}", code="disk")


def refuse_impossible(folder: str) -> None:
    """Refuse a path that cannot even be passed to the system.

    Raises:
        DiskError: the name holds a NUL, or what is no text.
    """
    try:
        is_possible = b"\0" not in os.fsencode(folder)
    except UnicodeEncodeError:
        is_possible = False
    if not is_possible:
        raise DiskError(f"no folder can be called {clean(folder, 200)}", code="name")
