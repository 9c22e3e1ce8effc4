"""Moving what a download has on disk to another place. Everything here blocks.

Whenever a crash comes, the queue names a place where everything is: each file is given its name
there, too, or copied there, and the old names go only once the queue has learnt of the new ones.
The queue keeps the other place until then, and the next start has it tidied up.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import nullcontext
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.owned_files import everything_of, unwritten
from tui_downloader.engine.disk.part_files import delete
from tui_downloader.engine.disk.renaming import COPY, give_second_name, move_without_replacing
from tui_downloader.engine.disk.set_aside import OLD, is_recorded, record_anew
from tui_downloader.model.status import Status
from tui_downloader.store import passports
from tui_downloader.store.atomic import sync_folder, temporary_path
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.model.passport import Passport

_COMPARED_BYTES = 1 << 20


def to_be_moved(old_path: str, new_path: str, status: Status) -> tuple[str, ...]:
    """Return what is to get another name, if all of the new ones are free.

    Raises:
        OSError: one is taken, or the folder cannot be made.
    """
    os.makedirs(os.path.dirname(new_path), exist_ok=True)
    sources = (old_path,) if status is Status.COMPLETED else _parts_and_records(old_path)
    targets = [_moved(path, old_path, new_path) for path in sources]
    for path in (new_path, *targets, *(target + COPY for target in targets)):
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "a file of that name exists", path)
    return sources


def give_second_names(sources: tuple[str, ...], old_path: str, new_path: str) -> tuple[str, ...]:
    """Give files their names at another place, replacing nothing.

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
    """Return what an unfinished download has, but for records that a crash left half written."""
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
    """Take the old names away, now that the queue knows of the new ones.

    Raises:
        DiskError: another program has begun to write there.
    """
    if paths == (old_path,):
        delete(paths)
        return
    with unwritten(old_path + SUFFIX):
        torn = tuple(temporary_path(path) for path in paths if path.endswith(".json"))
        delete((*paths, *torn))


def gather(path: str, other_path: str, status: Status) -> None:
    """Have everything of a download at its place alone, after a crash while it was moved.

    What is not what is at its place is not ours, and stays.

    Args:
        other_path: its final path where it was to go to, or where it came from.

    Raises:
        DiskError: another program is writing there.
    """
    if status is Status.COMPLETED:
        _drop_second(path, other_path)
        return
    with unwritten(other_path + SUFFIX):
        for end in (SUFFIX, SUFFIX + OLD):
            part_path, other_part = path + end, other_path + end
            _bring_back(part_path, other_part)
            record = passports.read_own(part_path)
            if record is None or not is_recorded(part_path, record):
                continue  # what is here is nothing that could have gone there
            _drop_second(part_path, other_part)
            if _is_same_record(record, passports.read_own(other_part)):
                passports.delete(other_part)
            _drop_second(*map(passports.passport_path, (part_path, other_part)))


def _bring_back(part_path: str, other_path: str) -> None:
    """Where no file can have two names, the partial or its record may be at one place alone."""
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


def _drop_second(path: str, other_path: str) -> None:
    """Delete what is at the other place of a file and has nothing but what that has."""
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
    """Tell whether two passports differ by the file alone that each is of, if at all."""
    return other is not None and record._replace(file=None) == other._replace(file=None)


def _is_beginning(path: str, of: str) -> bool:
    """Tell whether a plain file has what another one begins with: a crash cuts copies short."""
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
