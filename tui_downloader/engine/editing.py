"""What follows when the user wants a download differently: reconnect, move files, check again."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.engine.belongings import everything_of, unwritten
from tui_downloader.engine.renaming import move_without_replacing
from tui_downloader.engine.set_aside import record_anew
from tui_downloader.model.naming import safe_name
from tui_downloader.model.status import Status
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.engine.download import Download
    from tui_downloader.model.download import DownloadRequest

# A running transfer has these in its requests: they take effect with a new connection.
_ASKED_WITH = ("url", "mirrors", "headers", "credentials", "insecure")


def must_reconnect(before: DownloadRequest, after: DownloadRequest) -> bool:
    """Tell whether connections that are open now ask for something else than is wanted."""
    return any(getattr(before, name) != getattr(after, name) for name in _ASKED_WITH)


def puts_off(download: Download, after: DownloadRequest, now: float) -> bool:
    """Tell whether what runs is to start later instead.

    Args:
        now: wall clock, seconds.
    """
    is_other = after.start_at != download.request.start_at
    is_to_come = after.start_at is not None and after.start_at > now
    return is_other and is_to_come and download.status.is_running


def new_place(download: Download, after: DownloadRequest) -> tuple[str, str] | None:
    """Return old and new path of the final file, None when it stays where it is.

    Before its name is known a download has no files, so nothing has to move.
    """
    if not download.name:
        return None
    # The file may be called otherwise than was asked for: only another wish gives it another name.
    is_renamed = after.name != download.request.name
    name = safe_name(after.name) if after.name and is_renamed else download.name
    target = os.path.join(after.folder, name)
    return None if target == download.final_path else (download.final_path, target)


def with_safe_name(request: DownloadRequest) -> DownloadRequest:
    """Return the request with a name that every file system takes."""
    return replace(request, name=safe_name(request.name) if request.name else None)


def move_files(old_path: str, new_path: str, status: Status) -> None:
    """Move everything of a download to its new final path, replacing nothing. Blocks.

    Raises:
        OSError: a name there is taken, or the folder cannot be written; everything is where it was.
        DiskError: another program is writing it.
    """
    os.makedirs(os.path.dirname(new_path), exist_ok=True)
    if status is Status.COMPLETED:
        move_without_replacing(old_path, new_path)
        return
    if os.path.lexists(new_path):
        raise FileExistsError(errno.EEXIST, "a file of that name exists", new_path)
    with unwritten(old_path + SUFFIX):
        _move_all(old_path, new_path)


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
