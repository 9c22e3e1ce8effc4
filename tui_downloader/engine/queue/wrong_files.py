"""Files that were kept with a wrong digest move along with their download.

As in `disk/moving`, each has both names until the queue has recorded the new one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.moving import drop_second
from tui_downloader.engine.disk.part_files import delete
from tui_downloader.engine.disk.renaming import give_second_name, move_without_replacing
from tui_downloader.engine.transfer.bad_files import is_still
from tui_downloader.model.identity import KeptFile
from tui_downloader.model.naming import variants
from tui_downloader.model.own_names import BAD
from tui_downloader.store.atomic import sync_folder
from tui_downloader.store.identities import identity_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.transfer.download import Download


class _Move(NamedTuple):
    """A kept file, and what it is once it has moved.

    Attributes:
        has_both: it has its old name, too.
    """

    before: KeptFile
    after: KeptFile
    has_both: bool = True


class WrongFiles:
    """Moves those of one download.

    Args:
        disk: the engine's.
        new_path: its final path from then on.
    """

    def __init__(self, download: Download, disk: Disk, new_path: str) -> None:
        self._download = download
        self._disk = disk
        self._new_path = new_path
        self._before = download.kept_as
        self._moves: tuple[_Move, ...] = ()

    async def choose_names(self) -> bool:
        """Choose their new names, and note these as well; return whether there are any.

        Raises:
            DiskError: nobody knows what is there.
        """
        self._moves = await self._disk.land(self._new_path, _moves, self._before, self._new_path)
        self._count((*self._before, *(each.after for each in self._moves)))
        return bool(self._moves)

    async def give_second_names(self) -> None:
        """Link or copy them to their new places, replacing nothing.

        Raises:
            DiskError: a name is taken, or the folder cannot be written; they are where they were.
        """
        self._moves = await self._disk.land(self._new_path, _give_second_names, self._moves)

    async def stay(self) -> None:
        """Take the new names away again."""
        given, self._moves = self._moves, ()
        await self._disk.land(self._new_path, _take_back, given)

    def forget_new_names(self) -> None:
        """They are where they were."""
        self._count(self._before)

    def have_moved(self) -> bool:
        """They count as what they are now; return whether old names are still to be removed."""
        moved = {each.before: each.after for each in self._moves}
        old = tuple(each.before for each in self._moves if each.has_both)
        self._count((*(moved.get(each, each) for each in self._before), *old))
        self._tell_new_names()
        return bool(old)

    def _tell_new_names(self) -> None:
        """Let a failure that names one name it as it is called now."""
        for before, after, _ in self._moves:
            old, new = (f"kept as {os.path.basename(each.path)}" for each in (before, after))
            failure = self._download.failure
            if failure is not None and failure.message.endswith(old):
                message = failure.message.removesuffix(old) + new
                self._download.failure = failure._replace(message=message)

    async def take_away(self) -> None:
        """Remove the old names, now that the queue has recorded the new ones.

        Raises:
            DiskError: they stay, and still count.
        """
        old = tuple(each.before for each in self._moves if each.has_both)
        for folder in {os.path.dirname(each.path) for each in old}:
            here = tuple(each.path for each in old if os.path.dirname(each.path) == folder)
            await self._disk.land(os.path.join(folder, ""), delete, here)
        self._count(tuple(each for each in self._download.kept_as if each not in old))

    def _count(self, kept_files: tuple[KeptFile, ...]) -> None:
        """These are its kept files from now on."""
        self._download.kept_as = kept_files
        self._download.changed()


def _moves(kept_files: Iterable[KeptFile], new_path: str) -> tuple[_Move, ...]:
    """Choose names beside a new final path for those that are still there. Blocks."""
    folder, name = os.path.split(new_path)
    paths = (os.path.join(folder, each + BAD) for each in variants(name))
    free = (path for path in paths if not os.path.lexists(path))
    return tuple(
        _Move(kept, KeptFile(next(free), kept.identity)) for kept in kept_files if is_still(kept)
    )


def _give_second_names(moves: Sequence[_Move]) -> tuple[_Move, ...]:
    given: list[_Move] = []
    try:
        for before, after, _ in moves:
            has_both, _ = give_second_name(before.path, after.path)
            there = KeptFile(after.path, identity_of(os.lstat(after.path)))
            given.append(_Move(before, there, has_both))
        for folder in {os.path.dirname(each.after.path) for each in moves}:
            sync_folder(folder)
    except OSError:
        _take_back(given)
        raise
    return tuple(given)


def _take_back(moves: Sequence[_Move]) -> None:
    for before, after, has_both in reversed(moves):
        if has_both:
            os.unlink(after.path)
        else:
            move_without_replacing(after.path, before.path)


def only_once(kept_files: Iterable[KeptFile]) -> tuple[KeptFile, ...]:
    """Return those that are there, each in its first place alone: a crash may leave two. Blocks.

    The second is a name of the same file, or a copy on another disk, whole or not. The record of
    one that was about to be made does not know it by its identity.

    Raises:
        OSError: a second one cannot be removed.
    """
    found: list[KeptFile] = []
    for kept in kept_files:
        for first in found:
            if first.identity.total_bytes == kept.identity.total_bytes:
                drop_second(first.path, kept.path)
        if is_still(kept):
            found.append(kept)
    return tuple(found)
