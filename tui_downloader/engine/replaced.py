"""Files whose names finished downloads took, kept as NAME.replaced while that may be undone.

The user agreed that they go. What a crash leaves is a file of the user's under a telling name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.clock import steady
from tui_downloader.engine.place import take_final_name
from tui_downloader.engine.renaming import link
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError
from tui_downloader.model.naming import variants

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.place import Place

_ENDING = ".replaced"


class Replaced(NamedTuple):
    """A file that another one took the name of.

    Attributes:
        path: that it had. kept_path: where it is now.
        until: steady clock, seconds; it goes then.
        successor: inode of the file that has its name now.
    """

    path: str
    kept_path: str
    until: float
    successor: int


def keep_replaced(path: str, fd: int, place: Place) -> Replaced | None:
    """Give a file that is about to be replaced another name, if that may be undone still. Blocks.

    Args:
        fd: of the file that takes its name.

    Returns:
        None when there is nothing to keep, or it cannot be kept: the user agreed that it goes.
    """
    with contextlib.suppress(OSError):
        if steady() < place.undo_until and stat.S_ISREG(os.lstat(path).st_mode):
            kept_path = _with_free_name(path)
            return Replaced(path, kept_path, place.undo_until, os.fstat(fd).st_ino)
    return None


def _with_free_name(path: str) -> str:
    folder, name = os.path.split(path)
    for each in variants(name):
        kept_path = os.path.join(folder, each + _ENDING)
        with contextlib.suppress(FileExistsError):
            link(path, kept_path)
            return kept_path
    raise AssertionError("variants have no end")


def give_back(replaced: Replaced, place: Place) -> str:
    """Let a file have its name again; return the free one that its successor has now. Blocks.

    Raises:
        DiskError: its name leads to another file by now; it stays where it is.
    """
    path, kept_path = replaced.path, replaced.kept_path
    folder, name = os.path.split(path)
    if not os.path.lexists(path) or os.lstat(path).st_ino != replaced.successor:
        kept = os.path.basename(kept_path)
        raise DiskError(f"{name} is not what replaced it any more; it is kept as {kept}")
    renaming = place._replace(folder=folder, on_conflict=OnConflict.RENAME)
    new_name, _ = take_final_name(
        name, renaming, lambda free: link(path, os.path.join(folder, free))
    )
    os.replace(kept_path, path)
    return new_name


class ReplacedFiles:
    """Knows which downloads could give back what they replaced, and lets it go in time.

    Args:
        undo_s: how long what the user wished can be undone.
        delete: lets files be deleted.
    """

    def __init__(self, undo_s: float, delete: Callable[[tuple[str, ...]], None]) -> None:
        self.undo_s = undo_s
        self._delete = delete
        self._kept: dict[int, tuple[Replaced, asyncio.TimerHandle]] = {}

    def keep(self, download_id: int, replaced: Replaced) -> None:
        """A download has finished, and replaced this."""
        self._end(download_id)
        wait_s = replaced.until - steady()
        timer = asyncio.get_running_loop().call_later(wait_s, self._end, download_id)
        self._kept[download_id] = replaced, timer

    def __contains__(self, download_id: int) -> bool:
        return download_id in self._kept

    def take(self, download_id: int) -> Replaced | None:
        """Return what a download replaced; whoever takes it sees to it."""
        replaced, timer = self._kept.pop(download_id, (None, None))
        if timer is not None:
            timer.cancel()
        return replaced

    def end(self) -> None:
        """The program ends: nobody will want them back."""
        for download_id in tuple(self._kept):
            self._end(download_id)

    def _end(self, download_id: int) -> None:
        if (replaced := self.take(download_id)) is not None:
            self._delete((replaced.kept_path,))
