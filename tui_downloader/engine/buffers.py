"""The reused buffers of one connection: small until it shows that it is quick."""

from __future__ import annotations

BUFFERS = 3
LARGEST_BYTES = 1 << 20
_FIRST_BYTES = 1 << 16


class Buffers:
    """At most three buffers; dozens of slow connections together take little memory."""

    def __init__(self) -> None:
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
        return memoryview(bytearray(self._size))

    def grow(self) -> None:
        """A buffer was full before the writer came for it: the next ones are larger."""
        self._size = min(2 * self._size, LARGEST_BYTES)

    def give_back(self, buffer: memoryview) -> None:
        """Take a buffer back; a small one makes room for a larger one."""
        if len(buffer) < self._size:
            self._made -= 1
        else:
            self._free.append(buffer)
