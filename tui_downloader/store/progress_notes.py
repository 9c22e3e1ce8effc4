"""The latest progress of a partial, noted on the file itself between two passports.

A passport is replaced once a second at most; what was written since would be fetched again after
`kill -9`. So each write also notes the done ranges in an extended attribute of the partial
(`user.tui_downloader.done`). That costs a few microseconds, moves with the file, and is removed
when the passport is up to date, before the file gets its final name. On file systems without such
attributes only the passport counts.

A note outlives the bytes it describes: `cp` over a file replaces its content, but keeps inode and
attributes. So it counts only if everything shows that the bytes are those it was written for:

- the same boot and the same inode: it is a promise of the running kernel, never of a copy;
- the seal in the passport beside it, a random text that changes with every passport, is one of
  those it was written under. An older passport, copied back with its partial, has another one.
  While a passport is being replaced there are two, as nobody knows which one a kill leaves;
- the file was last written right after the note. A writer notes all the time, so a write at
  another time was by another program: to a partial alone, or to a pair whose passport was still
  the newest when the copy was made;
- the file is as large as the note says.

A note that does not count costs what was written since the last passport, never more.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.ranges import RangeSet
from tui_downloader.store.passports import boot_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "user.tui_downloader.done"
NOTE_S = 0.02
NOTE_AGAIN_S = 5.0  # where it did not work
_VERSION = "2"
# Attributes of ext4 share one block of the disk.
_LONGEST_BYTES = 3000
# Between one note and the next lies one call that writes, however slow the disk.
WRITTEN_AFTER_NS = 5_000_000_000


class Notes:
    """Writes the notes on a partial, now and then.

    Args:
        seal: of the passport that is on disk, "" for none.
    """

    def __init__(self, seal: str = "") -> None:
        self._seals: tuple[str, ...] = (seal,)
        self._next_at = 0.0

    def heed(self, fd: int, done: Iterable[tuple[int, int]]) -> None:
        """Note the done ranges, unless the last note is only a moment old."""
        now = time.monotonic()
        if now >= self._next_at:
            is_noted = write(fd, boot_id(), done, self._seals)
            self._next_at = now + (NOTE_S if is_noted else NOTE_AGAIN_S)

    @contextlib.contextmanager
    def sealing(self) -> Iterator[str]:
        """Yield the seal of a passport that is being written; until it is there, two count."""
        seal = secrets.token_hex(8)
        self._seals = (self._seals[0], seal)
        yield seal
        self._seals = (seal,)


def write(
    fd: int, boot_id: str, done: Iterable[tuple[int, int]], seals: Iterable[str] = ()
) -> bool:
    """Note the done ranges on an open partial; False when that is not possible here.

    Args:
        seals: of the passports that may be beside it when it is read.
    """
    if not hasattr(os, "setxattr"):
        return False
    ranges = ",".join(f"{start}-{end}" for start, end in done)
    facts = os.fstat(fd)
    sealed = ",".join(seals)
    fields = (_VERSION, boot_id, facts.st_ino, facts.st_mtime_ns, sealed, ranges)
    text = " ".join(map(str, fields)).encode("ascii", "replace")  # of a seal that is not ours
    if len(text) > _LONGEST_BYTES:
        return False
    try:
        os.setxattr(fd, NAME, text)
    except OSError:
        return False
    return True


class _Note(NamedTuple):
    """The content of a note, whether it counts or not."""

    boot_id: str
    inode: int
    written_ns: int
    seals: tuple[str, ...]
    ranges: str


def _note_on(fd: int) -> _Note | None:
    if not hasattr(os, "getxattr"):
        return None
    try:
        text = os.getxattr(fd, NAME).decode("ascii")
        version, boot_id, inode, written_ns, seals, ranges = text.split(" ")
        if version != _VERSION:
            return None
        return _Note(boot_id, int(inode), int(written_ns), tuple(seals.split(",")), ranges)
    except (OSError, ValueError):
        return None


def read(fd: int, boot_id: str, seal: str = "") -> RangeSet:
    """Return the ranges noted on an open partial; none when they do not count any more.

    Args:
        seal: of the passport beside it.
    """
    note, facts = _note_on(fd), os.fstat(fd)
    if note is None or (note.boot_id, note.inode) != (boot_id, facts.st_ino):
        return RangeSet()
    is_sealed = seal != "" and seal in note.seals
    is_newest = 0 <= facts.st_mtime_ns - note.written_ns <= WRITTEN_AFTER_NS
    if not (is_sealed and is_newest):
        return RangeSet()
    try:
        pairs = (part.split("-") for part in note.ranges.split(",") if part)
        noted = RangeSet.from_pairs((int(start), int(end)) for start, end in pairs)
    except ValueError:
        return RangeSet()
    is_all_here = all(end <= facts.st_size for _, end in noted)
    return noted if is_all_here else RangeSet()


def last_written_ns(fd: int, boot_id: str) -> int | None:
    """Return the time of the last write that was noted; None when nothing was, in this boot.

    The writer may have written once more, no later than `WRITTEN_AFTER_NS` after that.
    """
    note = _note_on(fd)
    if note is None or (note.boot_id, note.inode) != (boot_id, os.fstat(fd).st_ino):
        return None
    return note.written_ns


def erase(fd: int) -> None:
    """Remove the note."""
    if hasattr(os, "removexattr"):
        with contextlib.suppress(OSError):  # there is none, or there can be none
            os.removexattr(fd, NAME)
