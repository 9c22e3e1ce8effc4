"""What the file system's refusals are called, and what is said to help."""

from __future__ import annotations

import errno
import os

import pytest

from tui_downloader.engine.disk.disk_faults import disk_error
from tui_downloader.model.errors import DiskError, DiskFull

PLACE = "/media/stick/Downloads"


@pytest.mark.parametrize(
    ("number", "kind", "code", "words", "help_with"),
    [
        (errno.ENOSPC, DiskFull, "disk-full", f"disk full while writing {PLACE}", "free"),
        (errno.EDQUOT, DiskFull, "disk-full", f"disk full while writing {PLACE}", "free"),
        (errno.EACCES, DiskError, "permission", "permission denied", "change its permissions"),
        (errno.EROFS, DiskError, "permission", "its file system is read-only", "another folder"),
        (errno.ENOTDIR, DiskError, "disk", "a file is where a folder should be", "move that file"),
        (errno.EEXIST, DiskError, "disk", "a file is where a folder should be", "move that file"),
        (errno.EFBIG, DiskError, "disk", "larger than its file system allows", "another file sys"),
        (
            errno.ENOTCONN,
            DiskError,
            "disk-gone",
            f"cannot write {PLACE}: its disk is gone",
            "mount",
        ),
        (errno.ESTALE, DiskError, "disk-gone", f"{PLACE}: its disk is gone", "mount"),
        (errno.ENODEV, DiskError, "disk-gone", f"{PLACE}: its disk is gone", "mount"),
        (errno.ENAMETOOLONG, DiskError, "name", "cannot use the name", ""),
        (errno.EIO, DiskError, "disk", f"cannot write {PLACE}: {os.strerror(errno.EIO)}", "kept"),
    ],
)
def test_a_refusal_says_what_it_is_and_what_helps(
    number: int, kind: type[DiskError], code: str, words: str, help_with: str
) -> None:
    error = disk_error(OSError(number, os.strerror(number)), PLACE)
    assert type(error) is kind
    assert error.failure.code == code
    assert words in error.message
    assert help_with in error.failure.hint
    assert "permission" not in error.message + error.failure.hint or number == errno.EACCES
