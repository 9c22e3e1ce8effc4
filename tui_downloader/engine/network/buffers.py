"""The reused buffers of one connection: small until it shows that it is quick.

Larger ones are fewer calls of the system and fewer errands between threads for the same bytes: two
MiB take a fifth less processor time than one, four fall out of the processor's cache. Dozens of
connections together have to do with less.
"""

from __future__ import annotations

import mmap

BUFFERS = 2
LARGEST_BYTES = 2 << 20
SHARED_BYTES = 20 << 20
_FIRST_BYTES = 1 << 15

Piece = bytes | memoryview  # of a body: a part of a buffer, or what was copied


def empty(size: int) -> memoryview:
    """Return new memory; pages of it in which nothing ever arrives take none of the machine's."""
    return memoryview(mmap.mmap(-1, size))


class Memory:
    """What the buffers of all connections together may have beyond their first size."""

    def __init__(self, free_bytes: int = SHARED_BYTES) -> None:
        self._free_bytes = free_bytes

    def lend(self, n_bytes: int) -> bool:
        """Take so much, if there is so much."""
        if n_bytes > self._free_bytes:
            return False
        self._free_bytes -= n_bytes
        return True

    def take_back(self, n_bytes: int) -> None:
        """What was lent is not needed any more."""
        self._free_bytes += n_bytes


class Buffers:
    """At most two buffers: one is filled while the other is written.

    Args:
        memory: where they get more than their first size from.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._lent_bytes = 0
        self._size = _FIRST_BYTES
        self._free: list[memoryview] = []
        self._made = 0

    def take(self) -> memoryview | None:
        """Return a buffer to fill, None when all of them are in use."""
        if self._free:
            return self._free.pop()
        if self._made == BUFFERS:
            return None
        self._made += 1
        return empty(self._size)

    def grow(self) -> None:
        """A buffer was full before the writer came for it: the next ones are larger."""
        size = min(2 * self._size, LARGEST_BYTES)
        more_bytes = BUFFERS * (size - self._size)
        if self._memory.lend(more_bytes):
            self._lent_bytes += more_bytes
            self._size = size

    def give_back(self, buffer: memoryview) -> None:
        """Take a buffer back; a small one makes room for a larger one."""
        if len(buffer) < self._size:
            self._made -= 1
        else:
            self._free.append(buffer)

    def close(self) -> None:
        """Leave the memory to others; no more buffers are taken."""
        self._free.clear()
        self._memory.take_back(self._lent_bytes)
        self._lent_bytes = 0
