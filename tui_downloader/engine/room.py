"""Room on the file system for what is to come, less a reserve that stays free."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskError, DiskFull
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from tui_downloader.engine.partial import Partial

RESERVE_BYTES = 1 << 20
_HARDLY_ANY_BYTES = 1 << 18
_WORTH_RESERVING_BYTES = 16 << 20
# linux/falloc.h: the size of the file stays what was written.
_KEEP_SIZE = 1


def need(partial: Partial, n_bytes: int) -> None:
    """Refuse at once what cannot fit. Blocks.

    Raises:
        DiskError: the file system has less room than `n_bytes` and a small reserve.
        DiskFull: it has hardly any room.
    """
    if not hasattr(os, "fstatvfs"):
        return
    room = os.fstatvfs(partial.fd)
    free_bytes = room.f_bavail * room.f_frsize
    if n_bytes <= 0 or n_bytes + RESERVE_BYTES <= free_bytes:
        return
    words = (
        f"disk full on {partial.folder}: needs {format_bytes(n_bytes)}, "
        f"{format_bytes(free_bytes)} free"
    )
    if free_bytes - RESERVE_BYTES < _HARDLY_ANY_BYTES:
        raise DiskFull(words)
    raise DiskError(
        words,
        code="disk-full",
        hint="free some space, or choose another folder; what is here is kept",
    )


def reserve(partial: Partial, total_bytes: int) -> None:
    """Let the file system set the blocks of a large file aside, where it can do so at once. Blocks.

    Several connections write at several places: without this the file would lie in pieces. The C
    library's own `posix_fallocate` is no choice: where the file system cannot, it fills with zeros.
    """
    if total_bytes < _WORTH_RESERVING_BYTES or sys.platform != "linux":
        return
    import ctypes  # only here, and in a thread

    libc = ctypes.CDLL(None, use_errno=True)
    size = ctypes.c_int64(total_bytes)
    with contextlib.suppress(AttributeError):  # a C library without it
        # A refusal (no such operation, no room) costs nothing: the writes will tell.
        libc.fallocate(partial.fd, _KEEP_SIZE, ctypes.c_int64(0), size)
