"""The partial that starting over sets aside, `NAME.part.old`, until the new one has more bytes.

Its record, `NAME.part.old.json`, is written before it and deleted after it, and identifies its
file. Any other file of that name is not ours, and is neither replaced nor deleted. Everything here
blocks.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.part_files import delete, open_found
from tui_downloader.model.errors import DiskError
from tui_downloader.model.own_names import OLD
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.units import format_bytes
from tui_downloader.store import passports
from tui_downloader.store.identities import identity_at, identity_of, sample_of
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.model.identity import Identity
    from tui_downloader.model.passport import Passport

UNTIL_WHOLE = sys.maxsize  # more bytes than any new partial has before it is finished


class TakenBack(NamedTuple):
    """A partial is in its place again.

    Attributes:
        done_bytes: how many bytes of the file it has.
        deleted_bytes: of the other file, that it was set aside for.
    """

    done_bytes: int
    deleted_bytes: int


class SetAside(NamedTuple):
    """A partial that was set aside for a new one.

    Attributes:
        part_path: of the new one.
        done_bytes: how many bytes of the file it has.
        goes_at_bytes: it is deleted when the new one has more than this.
    """

    part_path: str
    done_bytes: int
    goes_at_bytes: int = UNTIL_WHOLE

    def words(self) -> str:
        """Say how much it holds, and where it is."""
        name, held = os.path.basename(self.part_path) + OLD, format_bytes(self.done_bytes)
        return f"{name} keeps the {held} from before, with their record beside"

    def delete(self) -> None:
        """Delete it with its record."""
        delete(old_files(self.part_path))


def old_files(part_path: str) -> tuple[str, ...]:
    """Return the files of the partial that was set aside, its record last; none if not ours."""
    old_path = part_path + OLD
    if passports.read_own(old_path) is None:
        return ()
    old = (old_path,) if _is_ours(old_path) else ()
    return *old, passports.passport_path(old_path)


def old_record(part_path: str) -> Passport | None:
    """Return the record of the partial that was set aside, None when there is none of ours."""
    old_path = part_path + OLD
    if not _is_ours(old_path):
        return None
    if not os.path.lexists(old_path):
        passports.delete(old_path)  # a crash left it alone
        return None
    return passports.read_own(old_path)


def parts_of(final_paths: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return what the parts of these files hold, and those set aside, as far as records tell.

    Files without either are left out: their disk may not be mounted. Changes nothing: another
    thread may just set one aside.
    """
    found = {}
    for path in final_paths:
        with contextlib.suppress(OSError):
            part_path = path + passports.SUFFIX
            old_path = part_path + OLD
            part = _record_at(part_path)
            old = _record_at(old_path) if _is_ours(old_path) else None
            if part is not None or old is not None:
                found[path] = _bytes_of(part), _bytes_of(old)
    return found


def _record_at(part_path: str) -> Passport | None:
    """Return the record of a partial, None when there is no partial or no record of ours."""
    return passports.read_own(part_path) if os.path.lexists(part_path) else None


def _bytes_of(record: Passport | None) -> int:
    return 0 if record is None else RangeSet.from_pairs(record.done).total


def set_aside(part_path: str, unrecorded: Passport) -> None:
    """Set a partial aside, replacing one that was set aside before.

    Args:
        unrecorded: what is known of the partial, should it have no record yet.

    Raises:
        DiskError: something of that name is not ours; nothing has changed.
    """
    old_path = part_path + OLD
    for path in (old_path, passports.passport_path(old_path)):
        if os.path.lexists(path) and not _is_ours(old_path):
            raise DiskError(
                f"{os.path.basename(path)} is in the way, and not of this program",
                hint="give it another name and try again",
            )
    for path in old_files(part_path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    known = passports.read_own(part_path) or unrecorded
    passports.write(old_path, known._replace(file=identity_of(os.lstat(part_path))))
    os.replace(part_path, old_path)
    passports.delete(part_path)


def take_back(part_path: str, url: str, little_bytes: int) -> TakenBack | None:
    """Put the partial that was set aside in the place of one of another address; None if not so.

    Args:
        url: the address that is asked for; the one in its place must not be from there.
        little_bytes: more of the other file is deleted only where this one has more still.

    Raises:
        OSError: of the disk; nothing of it is lost.
    """
    old, other = old_record(part_path), passports.read_own(part_path)
    if old is None or other is None or not old.is_of(url):
        return None
    # A crash came behind the first step: what is there is on no record any more.
    is_begun = other.file is not None and other.file == old.file
    if not is_begun and (other.is_of(url) or not is_recorded(part_path, other)):
        return None
    held, others = (RangeSet.from_pairs(each.done).total for each in (old, other))
    if others > max(held, little_bytes):
        return None
    with contextlib.ExitStack() as stack:
        if os.path.lexists(part_path):
            fd = open_found(part_path)
            stack.callback(os.close, fd)
            if not lock_partial(fd):
                return None  # another program writes it
        passports.write(part_path, old)
        os.replace(part_path + OLD, part_path)
        passports.delete(part_path + OLD)
    return TakenBack(held, 0 if is_begun else others)


def _is_ours(old_path: str) -> bool:
    """Tell whether these files are ours; a crash may leave the record alone, never the partial."""
    record = passports.read_own(old_path)
    return record is not None and is_recorded(old_path, record)


def record_anew(path: str) -> None:
    """Make the record beside a partial refer to this very file: it is a copy that we made."""
    record = passports.read_own(path)
    if record is not None and record.file is not None:
        passports.write(path, record._replace(file=identity_of(os.lstat(path))))


def is_recorded(path: str, record: Passport) -> bool:
    """Tell whether a partial, if there is one, is the recorded file or a copy of it.

    The record of a file that is about to get its final name does not identify the file.
    """
    try:
        there = identity_at(path)
    except FileNotFoundError:
        return True
    if there is None:
        return False
    return record.file is None or record.file.fits(there) or _is_copy(path, record, there)


def _is_copy(path: str, record: Passport, there: Identity) -> bool:
    """Tell whether another file, such as one from a backup, has the bytes that were put down."""
    left = record.file
    if left is None or not record.sample or left.inode == there.inode:
        return False
    if left.total_bytes != there.total_bytes:
        return False
    with open(path, "rb") as file:
        return sample_of(file.fileno(), record.done) == record.sample
