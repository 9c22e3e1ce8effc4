"""What became of finished files, which the user may move, delete or change."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = TypeVar("Key")

# Disks of other machines have clocks of their own.
_CLOCKS_DIFFER_S = 60.0


class Fate(Enum):
    """What became of a file that has changed: a word, and a sentence."""

    GONE = ("gone", "the file is gone")
    RESIZED = ("changed", "has another size now")
    REWRITTEN = ("changed", "was written again since")
    REPLACED = ("changed", "another file has its name now")

    @property
    def word(self) -> str:
        """Its current state."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """The same as a fact of its download."""
        return self.value[1]


class FinishedFile(NamedTuple):
    """A file as it was left.

    Attributes:
        total_bytes: its size, None when that is not known any more.
        finished_at: wall clock, seconds; nobody had written it later than that.
        added_at: the same; before that nobody had written any of it, 0 when that is not known.
    """

    path: str
    total_bytes: int | None
    finished_at: float | None
    added_at: float = 0.0


def fates_of(files: Mapping[Key, FinishedFile]) -> dict[Key, Fate]:
    """Check files, and return the fate of those that are not as they were. Blocks."""
    found = ((key, _fate_of(file)) for key, file in files.items())
    return {key: fate for key, fate in found if fate is not None}


def _fate_of(file: FinishedFile) -> Fate | None:
    try:
        facts = os.stat(file.path)
    except (FileNotFoundError, NotADirectoryError):
        return Fate.GONE
    except (OSError, ValueError):
        return None  # who may not look cannot tell
    if file.total_bytes not in (None, facts.st_size):
        return Fate.RESIZED
    if file.finished_at is None:
        return None
    if facts.st_mtime > file.finished_at + _CLOCKS_DIFFER_S:
        return Fate.REWRITTEN
    # Nor may a partial that was whole when it was added be older: unlike what came in its place it
    # has had its name since it was finished.
    is_older = facts.st_mtime < file.added_at - _CLOCKS_DIFFER_S
    came_later = facts.st_ctime > file.finished_at + _CLOCKS_DIFFER_S
    return Fate.REPLACED if is_older and came_later else None
