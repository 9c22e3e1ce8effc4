"""Moving the files of a download to another place. Everything here blocks.

At any moment, a crash included, the queue names a place that has all of them: each file is linked
or copied to the new place first, and the old names are removed only once the queue has recorded the
new place. Until they are gone the queue keeps the other place too, and the next start cleans it up.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.owned_files import everything_of, unwritten
from tui_downloader.engine.disk.part_files import delete
from tui_downloader.engine.disk.renaming import (
    free_reserved,
    give_second_name,
    move_without_replacing,
)
from tui_downloader.engine.disk.set_aside import is_recorded, record_anew
from tui_downloader.model.own_names import COPY, OLD, RESERVED
from tui_downloader.model.status import Status
from tui_downloader.store import passports
from tui_downloader.store.atomic import sync_folder, temporary_path
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.model.passport import Passport

_COMPARED_BYTES = 1 << 20
_ROUNDED_S = 2.0  # how coarse the times of some file systems are (FAT)


class Recorded(NamedTuple):
    """What is on record of a finished file: its size, and when it was whole, by the wall clock."""

    total_bytes: int | None
    finished_at: float | None

    def fits(self, path: str) -> bool:
        """Tell whether a file may be this one: as large, and not written since. Blocks."""
        try:
            there = os.lstat(path)
        except FileNotFoundError:
            return False
        is_as_large = stat.S_ISREG(there.st_mode) and there.st_size == self.total_bytes
        return is_as_large and there.st_mtime <= (self.finished_at or 0.0) + _ROUNDED_S


def to_be_moved(old_path: str, new_path: str, status: Status) -> tuple[str, ...]:
    """Return the files to be moved, provided that all of the new names are free.

    Raises:
        OSError: one is taken, or the folder cannot be made.
    """
    os.makedirs(os.path.dirname(new_path), exist_ok=True)
    sources = (old_path,) if status is Status.COMPLETED else _parts_and_records(old_path)
    targets = [_moved(path, old_path, new_path) for path in sources]
    aids = (target + end for target in targets for end in (COPY, RESERVED))
    for path in (new_path, *targets, *aids):
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "a file of that name exists", path)
    return sources


def give_second_names(sources: tuple[str, ...], old_path: str, new_path: str) -> tuple[str, ...]:
    """Link or copy files to their new place, replacing nothing.

    Returns:
        Their old names, which are to go when the queue knows of the new ones. Where a file cannot
        have two it has lost the old one.

    Raises:
        OSError: a name is taken, or the folder cannot be written; everything is where it was.
        DiskError: another program is writing it.
    """
    given: list[tuple[str, str, bool]] = []
    copies, is_finished = [], sources == (old_path,)
    with nullcontext() if is_finished else unwritten(old_path + SUFFIX):
        try:
            for source in sources:
                target = _moved(source, old_path, new_path)
                is_there, is_copy = give_second_name(source, target)
                given.append((source, target, is_there))
                if is_copy:
                    copies.append(target)
            for target in copies:
                record_anew(target)
            sync_folder(os.path.dirname(new_path))
        except OSError:
            _take_back(given)
            raise
    return tuple(source for source, _, is_there in given if is_there)


def _parts_and_records(path: str) -> tuple[str, ...]:
    """Return the files of an unfinished download, except records that a crash left half written."""
    return tuple(
        each for each in everything_of(path) if each.startswith(path) and os.path.lexists(each)
    )


def _moved(path: str, old_path: str, new_path: str) -> str:
    return new_path + path.removeprefix(old_path)


def _take_back(given: list[tuple[str, str, bool]]) -> None:
    for source, target, is_there in reversed(given):
        if is_there:
            os.unlink(target)
        else:
            move_without_replacing(target, source)


def take_away(old_path: str, paths: tuple[str, ...]) -> None:
    """Remove the old names, now that the queue has recorded the new ones.

    Raises:
        DiskError: another program has begun to write there.
    """
    if paths == (old_path,):
        delete(paths)
        return
    with unwritten(old_path + SUFFIX):
        torn = tuple(temporary_path(path) for path in paths if path.endswith(".json"))
        delete((*paths, *torn))


def gather(path: str, other_path: str, status: Status, recorded: Recorded) -> None:
    """Leave the files of a download at its own place only, after a crash during a move.

    A file that differs from the one at that place is not ours and stays.

    Args:
        other_path: its final path at the place it was moved to or from.
        recorded: tells a finished file that is only there.

    Raises:
        DiskError: another program is writing there.
    """
    if status is Status.COMPLETED:
        if recorded.total_bytes:  # else it may be the file itself that is empty
            for each in (path, other_path):
                free_reserved(each)
        if recorded.fits(other_path):
            _move_if_missing(other_path, path)
        drop_second(path, other_path)
        return
    with unwritten(other_path + SUFFIX):
        for end in (SUFFIX, SUFFIX + OLD):
            part_path, other_part = path + end, other_path + end
            for each in (part_path, other_part):
                free_reserved(each)
                free_reserved(passports.passport_path(each))
            _bring_back(part_path, other_part)
            record = passports.read_own(part_path)
            if record is None or not is_recorded(part_path, record):
                continue  # what is here is nothing that could have gone there
            drop_second(part_path, other_part)
            if _is_same_record(record, passports.read_own(other_part)):
                passports.delete(other_part)
            drop_second(*map(passports.passport_path, (part_path, other_part)))


def _bring_back(part_path: str, other_path: str) -> None:
    """Bring the partial or its record here, if without hard links it is only at the other place."""
    record = passports.read_own(part_path) or passports.read_own(other_path)
    if record is None:
        return
    if os.path.lexists(other_path) and is_recorded(other_path, record):
        _move_if_missing(other_path, part_path)
    if os.path.lexists(part_path) and is_recorded(part_path, record):
        _move_if_missing(passports.passport_path(other_path), passports.passport_path(part_path))


def _move_if_missing(source: str, target: str) -> None:
    if os.path.lexists(source) and not os.path.lexists(target):
        move_without_replacing(source, target)


def drop_second(path: str, other_path: str) -> None:
    """Delete a file at the other place if it holds nothing that the first one lacks."""
    if _is_beginning(other_path + COPY, path):
        os.unlink(other_path + COPY)
    if _is_second(path, other_path):
        os.unlink(other_path)


def _is_second(path: str, other_path: str) -> bool:
    try:
        here, there = os.lstat(path), os.lstat(other_path)
    except FileNotFoundError:
        return False
    is_as_large = here.st_size == there.st_size
    return os.path.samestat(here, there) or (is_as_large and _is_beginning(other_path, path))


def _is_same_record(record: Passport, other: Passport | None) -> bool:
    """Tell whether two passports are equal, apart from the identity of their files."""
    return other is not None and record._replace(file=None) == other._replace(file=None)


def _is_beginning(path: str, of: str) -> bool:
    """Tell whether a plain file is the beginning of another one, as an interrupted copy is."""
    try:
        if not all(stat.S_ISREG(os.lstat(each).st_mode) for each in (path, of)):
            return False
    except FileNotFoundError:
        return False
    with open(path, "rb") as file, open(of, "rb") as other:
        while piece := file.read(_COMPARED_BYTES):
            if other.read(len(piece)) != piece:
                return False
    return True
