"""Two folders, of which one cannot be flushed."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def good_and_bad(parent: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Make both; to flush the second fails with EIO."""
    good, bad = parent / "good", parent / "bad"
    flush = os.fsync
    for folder in (good, bad):
        folder.mkdir()

    def fsync(fd: int) -> None:
        if os.path.samestat(os.fstat(fd), bad.stat()):
            raise OSError(errno.EIO, "I/O error")
        flush(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    return good, bad
