"""What is known of the file system of a file, on Linux: from tables of the system. Blocks."""

from __future__ import annotations

import os
import re

MOUNTS_FILE = "/proc/self/mountinfo"
# They count nanoseconds, here and now: neither a server nor a coarse record has another opinion.
_EXACT = frozenset({"bcachefs", "btrfs", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
_DEVICES, _MOUNTED = "/sys/dev/block", "/sys/fs"
_WITH_FOLDERS = ("ext4", "f2fs", "xfs")  # of the file systems that are mounted, by device
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def keeps_times(path: str) -> bool:
    """Tell whether the time of the last write stays what it was when a file is closed.

    False where nobody can say.
    """
    try:
        with open(MOUNTS_FILE, "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return False
    return _kind_of(os.fsencode(os.path.realpath(path)), lines) in _EXACT


def mount_of(device: int) -> str:
    """Return a text that stays the same while a file system is mounted, and its disk plugged in.

    Each time one comes, the system makes a folder that tells of it, with a number of its own. "" is
    returned where nobody can say: for mounts of the network and others without a device.

    Args:
        device: `st_dev` of a file on it.
    """
    try:
        numbers = f"{os.major(device)}:{os.minor(device)}"
        disk = os.path.realpath(os.path.join(_DEVICES, numbers), strict=True)
    except OSError:
        return ""
    name = os.path.basename(disk)
    folders = (disk, *(os.path.join(_MOUNTED, kind, name) for kind in _WITH_FOLDERS))
    return "-".join(str(os.stat(each).st_ino) for each in folders if os.path.isdir(each))


def _kind_of(path: bytes, mounts: list[bytes]) -> str:
    """Return the kind of the file system at a path, "" when no mount has it."""
    longest, kind = -1, ""
    for line in mounts:
        place, _, source = line.partition(b" - ")
        point = _ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), place.split(b" ")[4])
        is_above = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if is_above and len(point) >= longest:  # a later one lies on top
            longest, kind = len(point), source.partition(b" ")[0].decode("ascii", "replace")
    return kind
