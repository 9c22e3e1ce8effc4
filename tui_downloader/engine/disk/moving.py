"""Moving what a download has on disk, all of it or nothing. Everything here blocks."""

from __future__ import annotations

import errno
import os

from tui_downloader.engine.disk.owned_files import everything_of, unwritten
from tui_downloader.engine.disk.renaming import give_second_name, move_without_replacing
from tui_downloader.engine.disk.set_aside import record_anew
from tui_downloader.model.status import Status
from tui_downloader.store.passports import SUFFIX


def move_files(old_path: str, new_path: str, status: Status) -> bool:
    """Move everything of a download to its new final path, replacing nothing.

    Returns:
        True for a finished file that has its old name, too, until the queue knows of the new one:
        whenever a crash comes, no entry names a file that is not its own.

    Raises:
        OSError: a name there is taken, or the folder cannot be written; everything is where it was.
        DiskError: another program is writing it.
    """
    os.makedirs(os.path.dirname(new_path), exist_ok=True)
    if status is Status.COMPLETED:
        is_there, _ = give_second_name(old_path, new_path)
        return is_there
    if os.path.lexists(new_path):
        raise FileExistsError(errno.EEXIST, "a file of that name exists", new_path)
    with unwritten(old_path + SUFFIX):
        _move_all(old_path, new_path)
    return False


def _move_all(old_path: str, new_path: str) -> None:
    sources = [path for path in everything_of(old_path) if os.path.lexists(path)]
    moved: list[tuple[str, str]] = []
    try:
        _move_each([(path, new_path + path.removeprefix(old_path)) for path in sources], moved)
    except OSError:
        _move_each([(target, source) for source, target in reversed(moved)], [])
        raise


def _move_each(pairs: list[tuple[str, str]], moved: list[tuple[str, str]]) -> None:
    """Move files, sources to targets; `moved` learns how far that got."""
    copies = []
    for source, target in pairs:
        if move_without_replacing(source, target):
            copies.append(target)
        moved.append((source, target))
    for path in copies:
        record_anew(path)
