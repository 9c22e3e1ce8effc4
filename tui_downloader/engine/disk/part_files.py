"""Opening, making and deleting files that have a partial's name, or one beside it. Blocks."""

from __future__ import annotations

import contextlib
import os

_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def open_found(path: str) -> int:
    """Open an existing partial; a symbolic link is refused, and a pipe does not block."""
    return os.open(path, _FLAGS | getattr(os, "O_NONBLOCK", 0))


def create(path: str) -> int:
    """Open a new, empty partial; FileExistsError when the path is taken."""
    return os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)


def delete(paths: tuple[str, ...]) -> None:
    """Delete a file; one that is gone already is fine."""
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
