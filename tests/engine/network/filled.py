"""A plain file for what a tap pours, and where it came from: two ends of a connection."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.direct_io import write_all
from tui_downloader.engine.network.tap import PAGE_BYTES, Tap

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tui_downloader.engine.network.tap import Channel


def _address_of(block: memoryview) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(block))


class Filled:
    """A file that is filled from one end of a connection, and what is poured into it.

    Attributes:
        near: the end that is read.
        far: the end that sends.
        fd: of the file.
        parts: what was written of it, from and to which byte.
    """

    def __init__(self, near: socket.socket, far: socket.socket, path: Path) -> None:
        self.near, self.far = near, far
        self.near.setblocking(False)
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT)
        self.parts: list[tuple[int, int]] = []

    def channel(self) -> Channel:
        """The way out of the near end."""
        raise NotImplementedError

    def tap(self, most_bytes: int) -> Tap:
        return Tap(self.channel(), most_bytes)

    def pour(self, most_bytes: int, offset: int = 0) -> Tap:
        """Have one turn at the near end."""
        tap = self.tap(most_bytes)
        tap.pour(self, offset)
        return tap

    def put(self, block: memoryview, offset: int) -> None:
        """Write a block, and see that its pages in memory are those of the file."""
        assert (_address_of(block) - offset) % PAGE_BYTES == 0
        write_all(self.fd, block, offset)
        self.parts.append((offset, offset + len(block)))

    def close(self) -> None:
        self.near.close()
        self.far.close()
        os.close(self.fd)
