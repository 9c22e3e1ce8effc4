"""Hashing a file on disk in worker threads, in slices so that it can be watched and stopped."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.disk import Disk

_SLICE_BYTES = 32 << 20
_BLOCK_BYTES = 1 << 20


async def hexdigest(
    disk: Disk, fd: int, path: str, algorithm: str, on_progress: Callable[[int], None]
) -> str:
    """Hash everything in an open file.

    Args:
        algorithm: a field name such as "sha-256".
        on_progress: told how many bytes have been hashed so far.
    """
    digest = hashlib.new(algorithm.replace("sha-", "sha"), usedforsecurity=False)

    def hash_slice(offset: int) -> int:
        end = offset + _SLICE_BYTES
        while offset < end:
            block = os.pread(fd, _BLOCK_BYTES, offset)
            if not block:
                break
            digest.update(block)
            offset += len(block)
        return offset

    position = 0
    while (reached := await disk.run(path, hash_slice, position)) > position:
        position = reached
        on_progress(position)
    return digest.hexdigest()
