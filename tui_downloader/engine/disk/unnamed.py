"""A small file that has no name until it is complete.

Linux can create a file in no folder (O_TMPFILE). When it is flushed first and only then linked
under its final name, it needs no partial, no passport and no clean-up: after a crash there is
either the complete file or nothing. Everything here blocks.
"""

from __future__ import annotations

import contextlib
import errno
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.destination import take_final_name
from tui_downloader.engine.disk.direct_io import write_all
from tui_downloader.engine.disk.writer_process import OPEN_FILES, give_name
from tui_downloader.model.download import OnConflict
from tui_downloader.model.own_names import OLD
from tui_downloader.store import passports
from tui_downloader.store.lock import lock_partial
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.engine.disk.destination import Destination
    from tui_downloader.model.passport import Passport

_OPEN: int = getattr(os, "O_TMPFILE", 0) | os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
# What file systems and older kernels answer that cannot do it.
_CANNOT = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL})


class Unnamed:
    """An open file without a name.

    Attributes:
        name: the final name that is wanted; after `take_name` the one that it got.
        fd: descriptor of the file.
    """

    def __init__(self, folder: str, name: str, fd: int, passport: Passport | None) -> None:
        self.name = name
        self.fd = fd
        self._folder = folder
        self._passport = passport

    def write(self, data: bytes, offset: int) -> None:
        """Write all of `data` at its offset."""
        write_all(self.fd, data, offset)

    def flush(self) -> None:
        """Make the content survive a power cut."""
        os.fsync(self.fd)

    def take_name(self, destination: Destination) -> tuple[str, ...]:
        """Take the final name, or a free variant of it, without replacing.

        Returns:
            Paths to delete once the queue has recorded the completion; none without a queue.

        Raises:
            Skipped: the name exists and such files are to be skipped.
            DiskError: it exists and the user must be asked. OSError: of the system.
        """
        self.name, leftovers = take_final_name(self.name, destination, self._link)
        return leftovers

    def _link(self, name: str) -> tuple[str, ...]:
        path = os.path.join(self._folder, name)
        if self._passport is not None:
            return self._link_with_trace(path, self._passport)
        give_name(self.fd, path)
        return ()

    def _link_with_trace(self, path: str, passport: Passport) -> tuple[str, ...]:
        part_path = path + SUFFIX
        is_taken = os.path.lexists(path) or os.path.lexists(part_path)
        if is_taken or passports.is_foreign(part_path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        lock_partial(self.fd)  # for others it is a partial like any
        with contextlib.ExitStack() as undo:
            # A partial without a passport cannot be used; a passport without a partial says
            # nothing.
            undo.callback(passports.delete, part_path)
            passports.write(part_path, passport, flush=False)
            give_name(self.fd, part_path)
            undo.callback(os.unlink, part_path)
            give_name(self.fd, path)
            undo.pop_all()
        return part_path, *passports.leftovers_of(part_path)

    def close(self) -> None:
        """Close the descriptor; without a name the file is gone then."""
        os.close(self.fd)


def open_unnamed(
    name: str, destination: Destination, passport: Passport | None = None
) -> Unnamed | None:
    """Open a new file that is to become `name`.

    Args:
        passport: a trace of it that is to stay until the queue knows; None without a queue.

    Returns:
        None where this cannot be done: on another system, without /proc (some containers), for a
        file that is to be replaced, or when a partial of that name exists, which is to be gone on
        with.

    Raises:
        OSError: the folder cannot be written.
    """
    if destination.on_conflict is OnConflict.OVERWRITE:
        return None
    if not _is_folder(OPEN_FILES):
        return None  # it could never be given a name
    part_path = os.path.join(destination.folder, name + SUFFIX)
    if os.path.lexists(part_path) or os.path.lexists(part_path + OLD):
        return None
    if passport is not None and passports.is_foreign(part_path):
        return None  # there would be no place for a record
    try:
        fd = os.open(destination.folder, _OPEN, 0o666)
    except FileNotFoundError:
        os.makedirs(destination.folder, exist_ok=True)
        return open_unnamed(name, destination, passport)
    except OSError as error:
        if error.errno in _CANNOT:
            return None
        raise
    return Unnamed(destination.folder, name, fd, passport)


@lru_cache  # the system does not lose it meanwhile
def _is_folder(path: str) -> bool:
    return os.path.isdir(path)
