"""A small file that has no name until it is complete.

Linux can create a file in no folder (O_TMPFILE). When it is flushed first and only then linked
under its final name, it needs no partial, no passport and no clean-up: after a crash there is
either the complete file or nothing. Everything here blocks.
"""

from __future__ import annotations

import errno
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.destination import take_final_name
from tui_downloader.engine.disk.writer_process import OPEN_FILES, give_name
from tui_downloader.model.download import OnConflict
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.engine.disk.destination import Destination

_WITHOUT_NAME: int = getattr(os, "O_TMPFILE", 0)
_OPEN = _WITHOUT_NAME | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
# What file systems and older kernels answer that cannot do it.
_CANNOT = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL})


class Unnamed:
    """An open file without a name.

    Attributes:
        name: the final name that is wanted; after `take_name` the one that it got.
        fd: descriptor of the file.
    """

    def __init__(self, folder: str, name: str, fd: int) -> None:
        self.name = name
        self.fd = fd
        self._folder = folder

    def write(self, data: bytes, offset: int) -> None:
        """Write all of `data` at its offset."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self.fd, view, offset)
            view = view[written:]
            offset += written

    def flush(self) -> None:
        """Make the content survive a power cut."""
        os.fsync(self.fd)

    def take_name(self, destination: Destination) -> tuple[str, ...]:
        """Take the final name, or a free variant of it, without replacing; nothing is left over.

        Raises:
            Skipped: the name exists and such files are to be skipped.
            DiskError: it exists and the user must be asked. OSError: of the system.
        """
        self.name, _ = take_final_name(self.name, destination, self._link)
        return ()

    def _link(self, name: str) -> None:
        give_name(self.fd, os.path.join(self._folder, name))

    def close(self) -> None:
        """Close the descriptor; without a name the file is gone then."""
        os.close(self.fd)


def open_unnamed(name: str, destination: Destination) -> Unnamed | None:
    """Open a new file that is to become `name`.

    Returns:
        None where this cannot be done: on another system, without /proc (some containers), for a
        file that is to be replaced, or when a partial of that name exists, which is to be gone on
        with.

    Raises:
        OSError: the folder cannot be written.
    """
    if not _WITHOUT_NAME or destination.on_conflict is OnConflict.OVERWRITE:
        return None
    if not _is_folder(OPEN_FILES):
        return None  # it could never be given a name
    if os.path.lexists(os.path.join(destination.folder, name + SUFFIX)):
        return None
    try:
        fd = os.open(destination.folder, _OPEN, 0o666)
    except FileNotFoundError:
        os.makedirs(destination.folder, exist_ok=True)
        return open_unnamed(name, destination)
    except OSError as error:
        if error.errno in _CANNOT:
            return None
        raise
    return Unnamed(destination.folder, name, fd)


@lru_cache  # the system does not lose it meanwhile
def _is_folder(path: str) -> bool:
    return os.path.isdir(path)
