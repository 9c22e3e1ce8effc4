"""The newest progress of a partial, noted on the file itself between two passports.

A passport is replaced once a second at most; what was written since would be fetched again after
`kill -9`. So each write also notes the done ranges in an extended attribute of the partial
(`user.tui_downloader.done`), which costs a few microseconds, lives and moves with the file, and is
taken off before the file gets its final name. It is a promise of the running kernel only: it counts
with the same boot id and on the same inode, never on a copy and never after a restart. Where the
file system has no attributes there are none, and the passport alone counts.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from tui_downloader.model.ranges import RangeSet

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "user.tui_downloader.done"
_VERSION = "1"
# Attributes of ext4 share one block of the disk.
_LONGEST_BYTES = 3000


def write(fd: int, boot_id: str, done: Iterable[tuple[int, int]]) -> bool:
    """Note the done ranges on an open partial; False when that is not possible here."""
    if not hasattr(os, "setxattr"):
        return False
    ranges = ",".join(f"{start}-{end}" for start, end in done)
    text = f"{_VERSION} {boot_id} {os.fstat(fd).st_ino} {ranges}".encode("ascii")
    if len(text) > _LONGEST_BYTES:
        return False
    try:
        os.setxattr(fd, NAME, text)
    except OSError:
        return False
    return True


def read(fd: int, boot_id: str) -> RangeSet:
    """Return the ranges noted on an open partial; none when they do not count any more."""
    if not hasattr(os, "getxattr"):
        return RangeSet()
    try:
        text = os.getxattr(fd, NAME).decode("ascii")
        version, noted_boot, inode, ranges = text.split(" ")
        if (version, noted_boot, int(inode)) != (_VERSION, boot_id, os.fstat(fd).st_ino):
            return RangeSet()
        pairs = (part.split("-") for part in ranges.split(",") if part)
        return RangeSet.from_pairs((int(start), int(end)) for start, end in pairs)
    except (OSError, ValueError):
        return RangeSet()


def erase(fd: int) -> None:
    """Take the note off."""
    if hasattr(os, "removexattr"):
        with contextlib.suppress(OSError):
            os.removexattr(fd, NAME)
