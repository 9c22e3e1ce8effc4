"""Room on the file system for what is to come, less a reserve that stays free."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskError, DiskFull
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from tui_downloader.engine.partial import Partial

RESERVE_BYTES = 1 << 20
_HARDLY_ANY_BYTES = 1 << 18


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
