"""Free space for new files, less a reserve that stays free; what is said where there is none."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sys
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskError, DiskFull
from tui_downloader.model.text import clean
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from ctypes import CDLL

RESERVE_BYTES = 1 << 20
HARDLY_ANY_BYTES = RESERVE_BYTES + (1 << 18)
_WORTH_RESERVING_BYTES = 16 << 20
# linux/falloc.h: the size of the file stays what was written.
_KEEP_SIZE = 1


def need(folder: str, n_bytes: int) -> None:
    """Refuse at once a file that cannot fit, before anything is created for it. Blocks.

    Args:
        folder: exists.

    Raises:
        DiskFull: the file system has less room than `n_bytes` and a small reserve.
    """
    free_bytes = _free_bytes(folder)
    if n_bytes > 0 and free_bytes is not None and free_bytes < n_bytes + RESERVE_BYTES:
        place = f"disk full on {clean(folder, 200)}"
        raise DiskFull(full_words(place, n_bytes, free_bytes), is_measured=True)


def measured(error: DiskFull, folder: str, needed_bytes: int | None) -> DiskFull:
    """Add to a refusal of the file system what is needed and what is free. Blocks.

    Args:
        needed_bytes: what was still to be written, None where nobody knows.
    """
    try:
        free_bytes = _free_bytes(folder)
    except OSError:  # another fault is not to hide this one
        free_bytes = None
    words = full_words(error.message, needed_bytes, free_bytes)
    return DiskFull(words, hint=error.hint, is_measured=True)


def full_words(place: str, needed_bytes: int | None, free_bytes: int | None) -> str:
    """Say what a full disk lacks, as far as it is known.

    Args:
        place: what is full.
        needed_bytes: what was to be written there.
        free_bytes: not told where it is enough: there is a quota, or no room for another name.
    """
    figures = [f"needs {format_bytes(needed_bytes)}"] if needed_bytes else []
    least_bytes = (needed_bytes or RESERVE_BYTES) + RESERVE_BYTES
    if free_bytes is not None and free_bytes < least_bytes:
        figures.append(f"{format_bytes(free_bytes)} free")
        if needed_bytes and free_bytes >= needed_bytes:  # else it would read as if there were room
            kept_back = format_bytes(min(free_bytes, RESERVE_BYTES))
            figures.append(f"{kept_back} of them kept back")
    return f"{place}: {', '.join(figures)}" if figures else place


def _free_bytes(folder: str) -> int | None:
    """Return what is free there, None where the system does not tell it so."""
    if not hasattr(os, "statvfs"):
        return None
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


def reserve(fd: int, folder: str, total_bytes: int) -> None:
    """Allocate the blocks of a large file, where the file system can do so at once. Blocks.

    Several connections write at several places; without this the file would be fragmented. The C
    library's own `posix_fallocate` will not do: where the file system has no support, it writes
    zeros.

    Raises:
        DiskError: the file system has no files that large.
    """
    if total_bytes < _WORTH_RESERVING_BYTES or sys.platform != "linux":
        return
    import ctypes  # only here, and in a thread

    size = ctypes.c_int64(total_bytes)
    with contextlib.suppress(AttributeError):  # a C library without it
        # Any other refusal (no such operation, no room) costs nothing: the writes will tell.
        refused = _c_library().fallocate(fd, _KEEP_SIZE, ctypes.c_int64(0), size) != 0
        if refused and ctypes.get_errno() == errno.EFBIG:
            raise DiskError(
                f"{format_bytes(total_bytes)} are more than the file system at "
                f"{clean(folder, 200)} can hold in one file",
                hint="choose a folder on another file system",
            )


@functools.cache
def _c_library() -> CDLL:
    """Loaded once: each `CDLL` creates classes of its own."""
    import ctypes

    return ctypes.CDLL(None, use_errno=True)
