"""Hashes a file in worker threads, in slices, so that it can report progress and be cancelled."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.direct_io import leave_cache

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
    block = memoryview(bytearray(_BLOCK_BYTES))

    def hash_slice(begin: int) -> int:
        offset = begin
        while offset < begin + _SLICE_BYTES and (n_bytes := os.preadv(fd, [block], offset)):
            digest.update(block[:n_bytes])
            offset += n_bytes
        leave_cache(fd, begin, offset - begin)
        return offset

    position = 0
    while (reached := await disk.run(path, hash_slice, position)) > position:
        position = reached
        on_progress(position)
    return digest.hexdigest()
