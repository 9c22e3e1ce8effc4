"""Which files belong to an unfinished download, and which merely have such names. Blocks."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.part_files import delete, open_found
from tui_downloader.engine.disk.renaming import marks_of
from tui_downloader.engine.disk.set_aside import is_recorded, old_files
from tui_downloader.model.errors import DiskError
from tui_downloader.model.passport import PassportError
from tui_downloader.store import passports
from tui_downloader.store.lock import lock_partial
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.model.passport import Passport


_log = logging.getLogger(__name__)


class Finished(NamedTuple):
    """A file that has its final name although a crash came before the bookkeeping was done.

    Attributes:
        leftovers: to delete once the queue has recorded the completion.
    """

    total_bytes: int
    leftovers: tuple[str, ...]


def record_of(part_path: str) -> Passport | None:
    """Return the passport of a partial, None when there is none that can be read."""
    if passports.is_foreign(part_path):
        return None
    try:
        return passports.read(part_path)
    except PassportError as error:
        # Torn, empty or from a newer version: kept under another name, never deleted.
        _log.warning("%s; it is kept as %s", error, passports.set_aside(part_path))
        return None


def everything_of(final_path: str) -> tuple[str, ...]:
    """Return every file that belongs to an unfinished download of this final path.

    A partial without a readable record, or another file than the recorded one, may be anybody's and
    is left out; so is a record that cannot be read.
    """
    part_path = final_path + SUFFIX
    record = passports.read_own(part_path)
    part = (part_path,) if _is_ours(final_path, record) else ()
    is_another = record is None and os.path.lexists(passports.passport_path(part_path))
    records = () if is_another else passports.leftovers_of(part_path)
    return *part, *old_files(part_path), *records


def _is_ours(final_path: str, record: Passport | None) -> bool:
    part_path = final_path + SUFFIX
    is_known = record is not None and is_recorded(part_path, record)
    return is_known or has_second_name(final_path)


def has_second_name(final_path: str) -> bool:
    """Tell whether the partial's name still is a link to the finished file."""
    try:
        return os.path.samestat(os.lstat(final_path), os.lstat(final_path + SUFFIX))
    except FileNotFoundError:
        return False


def finished_earlier(final_path: str) -> Finished | None:
    """Tell whether a crash came between the final rename and the end of the bookkeeping.

    Either the partial's name is still a second link to the finished file, or the passport says
    "finishing" and only the finished file, of the right size, is there.

    Returns:
        None when the download is not finished.
    """
    part_path = final_path + SUFFIX
    try:
        total_bytes = os.lstat(final_path).st_size
    except FileNotFoundError:
        return None
    if not (has_second_name(final_path) or _was_finishing(part_path, total_bytes)):
        return None
    return Finished(total_bytes, (*everything_of(final_path), *marks_of(final_path)))


def _was_finishing(part_path: str, total_bytes: int) -> bool:
    if os.path.lexists(part_path):
        return False
    record = record_of(part_path)
    return record is not None and record.finishing and record.total_bytes == total_bytes


def discard(final_path: str) -> bool:
    """Delete everything that belongs to an unfinished download.

    Returns:
        False when what has its partial's name is not ours; that stays.

    Raises:
        DiskError: another program is writing it.
    """
    part_path = final_path + SUFFIX
    with unwritten(part_path):
        delete(everything_of(final_path))
    return not os.path.lexists(part_path)


@contextmanager
def unwritten(part_path: str) -> Iterator[None]:
    """Keep other programs from writing a partial while it is deleted or moved.

    Raises:
        DiskError: one is writing it.
    """
    try:
        fd = open_found(part_path)
    except OSError:
        yield  # missing, or nothing that could be locked
        return
    try:
        if not lock_partial(fd):
            raise DiskError(f"another program is writing {os.path.basename(part_path)}")
        if sys.platform == "win32":
            # An open file can be neither deleted nor moved there.
            os.close(fd)
            fd = -1
        yield
    finally:
        if fd >= 0:
            os.close(fd)
