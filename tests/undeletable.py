"""Files that the system does not delete, for whoever runs the tests: root may delete any."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def undeletable(folder: Path, only: str = "") -> Iterator[None]:
    """Let the system refuse to delete what is in a folder, or one file of it.

    Temporary files, which begin with a dot, go all the same.
    """
    unlink = os.unlink

    def refuse(path: str) -> None:
        where, name = os.path.split(path)
        is_kept = name == only if only else not name.startswith(".")
        if where == str(folder) and is_kept and os.path.lexists(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        unlink(path)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        yield
