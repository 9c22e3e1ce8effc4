"""Which file has a name: looked up on disk. Blocks."""

from __future__ import annotations

import os
import stat

from tui_downloader.model.identity import Identity


def identity_of(facts: os.stat_result) -> Identity:
    """Return what a look at a file says of it."""
    return Identity(facts.st_ino, facts.st_size, facts.st_mtime_ns)


def identity_at(path: str) -> Identity | None:
    """Return which plain file has a name, None when none has.

    Raises:
        FileNotFoundError: nothing has it.
    """
    facts = os.lstat(path)
    return identity_of(facts) if stat.S_ISREG(facts.st_mode) else None
