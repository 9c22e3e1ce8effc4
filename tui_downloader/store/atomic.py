"""Replacing a small file so that a reader sees the old or the new content, never a mixture."""

from __future__ import annotations

import contextlib
import os


def temporary_path(path: str) -> str:
    """Return where the new content of `path` is written before it takes that name.

    One writer owns each file, so one name is enough, and a crash leaves one leftover at most, which
    the next write replaces.
    """
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.tmp")


def write_atomic(path: str, data: bytes, *, mode: int = 0o600, flush: bool = True) -> None:
    """Replace `path` by a file with this content.

    Args:
        mode: permissions of the new file, from its first moment.
        flush: wait until it survives a power cut; without it only a crash of the program is safe.
    """
    folder = os.path.dirname(path)
    temporary = temporary_path(path)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)  # of a run that was killed; never followed, should it be a link
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            if flush:
                file.flush()
                os.fsync(fd)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if flush:
        sync_folder(folder or ".")


def sync_folder(folder: str) -> None:
    """Make the names in a folder survive a power cut."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
