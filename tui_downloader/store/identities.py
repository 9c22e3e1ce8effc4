"""Identifies files on disk. Blocks."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

from tui_downloader.model.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECES = 16
_PIECE_BYTES = 4096


def identity_of(facts: os.stat_result) -> Identity:
    """Return the identity in the result of a `stat` call."""
    return Identity(facts.st_ino, facts.st_size, facts.st_mtime_ns)


def identity_at(path: str) -> Identity | None:
    """Return the identity of a plain file, None when the path is something else.

    Raises:
        FileNotFoundError: nothing has it.
    """
    facts = os.lstat(path)
    return identity_of(facts) if stat.S_ISREG(facts.st_mode) else None


def is_one_file(one: os.stat_result, other: os.stat_result) -> bool:
    """Tell whether two `stat` results of the same moment are of one file.

    Some mounts number files by name: two names of one file agree in size and time only.
    """
    are_alike = one.st_size == other.st_size and one.st_mtime_ns == other.st_mtime_ns
    return are_alike or os.path.samestat(one, other)


def sample_of(fd: int, ranges: Sequence[tuple[int, int]]) -> str:
    """Return a digest of a few pieces of these bytes, to recognise copies; "" for none.

    Args:
        ranges: sorted and disjoint.
    """
    total = sum(end - start for start, end in ranges)
    digest = hashlib.sha256()
    for n in range(_PIECES):
        left = total * n // _PIECES
        for start, end in ranges:
            if left < end - start:
                digest.update(os.pread(fd, min(_PIECE_BYTES, end - start - left), start + left))
                break
            left -= end - start
    return digest.hexdigest() if total else ""
