"""What the test server has to send: bytes at hand, or big files that are computed by offset."""

from __future__ import annotations

import gzip
import hashlib
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# A prime: no block size of a client is a multiple of it, so a piece written to a wrong place shows.
_PERIOD_BYTES = 1_048_583
_PIECE_BYTES = 256 * 1024


class Content(ABC):
    """The bytes of one version of a file."""

    size: int

    @property
    @abstractmethod
    def tag(self) -> str:
        """A short text that differs between different contents."""

    @abstractmethod
    def piece(self, offset: int, max_bytes: int) -> memoryview:
        """Return between 1 and `max_bytes` bytes from `offset`, without a copy."""

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces(0, self.size))

    def __getitem__(self, wanted: slice) -> bytes:
        """The bytes of a plain slice, for comparisons with what arrived."""
        start, stop, _ = wanted.indices(self.size)
        return b"".join(self.pieces(start, stop))

    def pieces(self, start: int, stop: int) -> Iterator[memoryview]:
        while start < stop:
            piece = self.piece(start, min(_PIECE_BYTES, stop - start))
            yield piece
            start += len(piece)

    def digest(self, algorithm: str) -> bytes:
        """Hash everything; `algorithm` as hashlib names it."""
        hasher = hashlib.new(algorithm)
        for piece in self.pieces(0, self.size):
            hasher.update(piece)
        return hasher.digest()

    def sha256(self) -> str:
        """Hexadecimal SHA-256 of everything."""
        return self.digest("sha256").hex()

    def write_to(self, path: Path) -> None:
        with path.open("wb") as file:
            for piece in self.pieces(0, self.size):
                file.write(piece)


class Blob(Content):
    """Bytes at hand."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self._view = memoryview(data)

    @property
    def tag(self) -> str:
        return self.sha256()[:16]

    def piece(self, offset: int, max_bytes: int) -> memoryview:
        return self._view[offset : offset + max_bytes]


class Pattern(Content):
    """`size` pseudo-random bytes, always the same for one `seed`, that take no memory."""

    def __init__(self, size: int, seed: int = 0) -> None:
        self.size = size
        self.seed = seed

    def __repr__(self) -> str:
        return f"Pattern({self.size}, seed={self.seed})"

    @property
    def tag(self) -> str:
        # Size and seed say everything about the bytes; hashing gigabytes for a name would not pay.
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]

    def piece(self, offset: int, max_bytes: int) -> memoryview:
        start = offset % _PERIOD_BYTES
        wanted = min(max_bytes, self.size - offset, _PERIOD_BYTES)
        return memoryview(_two_periods(self.seed))[start : start + wanted]

    def digest(self, algorithm: str) -> bytes:
        return _pattern_digest(self.size, self.seed, algorithm)


@lru_cache(maxsize=16)
def _two_periods(seed: int) -> bytes:
    return random.Random(seed).randbytes(_PERIOD_BYTES) * 2


@lru_cache(maxsize=64)
def _pattern_digest(size: int, seed: int, algorithm: str) -> bytes:
    return Content.digest(Pattern(size, seed), algorithm)


def as_content(data: bytes | Content) -> Content:
    return Blob(data) if isinstance(data, bytes) else data


def gzipped(content: Content) -> Content:
    """The same content as gzip sends it, byte for byte the same every time."""
    return Blob(gzip.compress(bytes(content), mtime=0))


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes in an answer's body.

    Attributes:
        start, stop: half-open offsets in `content`.
        in_file: the offsets are those of the file asked for, not of an error page or a part's head.
    """

    content: Content
    start: int
    stop: int
    in_file: bool = True

    @classmethod
    def of(cls, data: bytes) -> Span:
        """Bytes that are no part of the file."""
        return cls(Blob(data), 0, len(data), in_file=False)
