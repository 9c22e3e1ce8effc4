"""Files that finished downloads replaced, kept as NAME.replaced while that can be undone.

The user agreed to replace them. What a crash leaves behind has a telling name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.clock import steady
from tui_downloader.engine.disk.destination import take_final_name
from tui_downloader.engine.disk.renaming import another, leads_to, link, move_without_replacing
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError
from tui_downloader.model.naming import variants
from tui_downloader.model.own_names import REPLACED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.destination import Destination


class Replaced(NamedTuple):
    """A file whose name a finished download took.

    Attributes:
        path: that it had. kept_path: where it is now, "" when it could not be kept.
        until: steady clock, seconds; it goes then.
        successor: inode of the file that has its name now.
    """

    path: str
    kept_path: str
    until: float
    successor: int


def may_be_replaced(path: str) -> bool:
    """Tell whether nothing has a name, or a plain file: nothing else is replaced. Blocks."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return True


def replace(part_path: str, path: str, fd: int, destination: Destination) -> Replaced | None:
    """Give a partial its final name; a file that has it is kept while that can be undone. Blocks.

    Args:
        fd: of the partial.

    Returns:
        The file that had the name, None when none had.

    Raises:
        FileNotFoundError: the partial's name led to another file; that has it still.
        OSError: of the system; nothing has changed.
    """
    replaced = _keep(path, fd, destination)
    try:
        os.replace(part_path, path)
        if not leads_to(path, fd):
            move_without_replacing(path, part_path)
            raise another(part_path)
    except OSError:
        if replaced is not None and replaced.kept_path:
            os.replace(replaced.kept_path, path)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(replaced.kept_path)  # renaming one name of a file to another does nothing
        raise
    return replaced


def _keep(path: str, fd: int, destination: Destination) -> Replaced | None:
    """Give a file that is about to be replaced another name."""
    if not os.path.lexists(path):
        return None
    kept_path = ""
    if steady() < destination.undo_until:
        with contextlib.suppress(OSError):  # no second names here: there is no way back then
            kept_path = _with_free_name(path)
    return Replaced(path, kept_path, destination.undo_until, os.fstat(fd).st_ino)


def _with_free_name(path: str) -> str:
    folder, name = os.path.split(path)
    for each in variants(name):
        kept_path = os.path.join(folder, each + REPLACED)
        with contextlib.suppress(FileExistsError):
            link(path, kept_path)
            return kept_path
    raise AssertionError("variants have no end")


# Going back has three steps, and a crash between any two of them lets no entry of the queue name a
# file of the user's as its own: the successor gets a name beside, the queue learns that it is
# called so, and only then it gives way.


def step_aside(replaced: Replaced, destination: Destination) -> str:
    """Give the successor a second, free name; return it. Blocks.

    Raises:
        DiskError: the file from before is gone, or its name leads to another one than the successor
            by now; nothing has changed.
    """
    folder, name = os.path.split(replaced.path)
    kept = os.path.basename(replaced.kept_path)
    if not os.path.lexists(replaced.kept_path):
        raise DiskError(f"{kept} is gone")
    if not has_successor(replaced):
        raise DiskError(f"{name} is not what replaced it any more; it is kept as {kept}")
    renaming = destination._replace(folder=folder, on_conflict=OnConflict.RENAME)
    new_name, _ = take_final_name(
        name, renaming, lambda free: link(replaced.path, os.path.join(folder, free))
    )
    return new_name


def give_back(replaced: Replaced) -> None:
    """Give a file its name back after `step_aside`. Blocks.

    Raises:
        OSError: of the system, also when another file has the name by now; nothing has changed.
    """
    if has_successor(replaced):
        os.replace(replaced.kept_path, replaced.path)
    else:
        move_without_replacing(replaced.kept_path, replaced.path)


def has_successor(replaced: Replaced) -> bool:
    """Tell whether the name leads to the file that replaced the one from before. Blocks."""
    try:
        return os.lstat(replaced.path).st_ino == replaced.successor
    except FileNotFoundError:
        return False


class ReplacedFiles:
    """Knows which downloads can give back what they replaced, and deletes that when its time is up.

    Args:
        undo_s: how long what the user wished can be undone.
        delete: lets files be deleted.
    """

    def __init__(self, undo_s: float, delete: Callable[[tuple[str, ...]], None]) -> None:
        self.undo_s = undo_s
        self._delete = delete
        self._kept: dict[int, list[Replaced]] = {}  # by download, the latest last
        self._too_late: set[int] = set()

    def keep(self, download_id: int, replaced: Replaced) -> None:
        """A download has finished and replaced this file."""
        if not replaced.kept_path:
            self._too_late.add(download_id)
            return
        self._kept.setdefault(download_id, []).append(replaced)
        wait_s = replaced.until - steady()
        asyncio.get_running_loop().call_later(wait_s, self._end, download_id, replaced)

    def __contains__(self, download_id: int) -> bool:
        return bool(self._kept.get(download_id)) or download_id in self._too_late

    def is_too_late(self, download_id: int) -> bool:
        """Tell whether what a download replaced has been deleted."""
        return not self._kept.get(download_id) and download_id in self._too_late

    def take(self, download_id: int) -> Replaced | None:
        """Return the last file that a download replaced, and forget it: the caller owns it then."""
        kept = self._kept.get(download_id)
        return kept.pop() if kept else None

    def end(self) -> None:
        """The program ends: nothing can be undone any more."""
        for download_id, kept in self._kept.items():
            for replaced in tuple(kept):
                self._end(download_id, replaced)

    def _end(self, download_id: int, replaced: Replaced) -> None:
        kept = self._kept[download_id]
        if replaced in kept:
            kept.remove(replaced)
            self._too_late.add(download_id)
            self._delete((replaced.kept_path,))
