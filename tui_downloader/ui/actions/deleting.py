"""The command that deletes downloads with their files: it always asks, and tells what has gone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.ui.actions.action_support import ActionSupport
from tui_downloader.ui.actions.known_files import bytes_of, files_of, looked_at, there_are
from tui_downloader.ui.actions.selection import folders_of, ids_of
from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.screens.ask import AskScreen, Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.actions.known_files import KnownFile
    from tui_downloader.ui.desk import Desk

_YES = Choice(("y",), "yes", "yes")


class Deleting:
    """Carries it out.

    Args:
        remove: takes downloads without any file out of the list, which can be undone.
    """

    def __init__(
        self, desk: Desk, engine: Engine, remove: Callable[[Sequence[Snapshot]], None]
    ) -> None:
        self._desk = desk
        self._engine = engine
        self._remove = remove
        self._support = ActionSupport(desk, engine)

    def ask(self) -> None:
        """Ask before deleting files; a download without any is only removed."""
        wanted = self._desk.chosen
        files = files_of(wanted)
        if not files:
            meant, them = self._support.meant(wanted), "it" if len(wanted) == 1 else "them"
            question = f"There is no file of {meant}. Remove {them} from the list?"
            self._support.ask(question, (_YES,), lambda _: self._remove(wanted))
            return
        ids = {file.owner[1] for file in files}
        here = [each for each in wanted if each.download_id in ids]
        hidden = self._support.hidden(here)
        what = f"{there_are(files)}{hidden}{self._size(files)}"
        size_ends = "," if bytes_of(files) else ""
        others = len(wanted) - len(here)
        rest = f" {others} more {'has' if others == 1 else 'have'} no file." if others else ""
        question = f"Delete {what}{size_ends} from {folders_of(here)}? This cannot be undone.{rest}"
        gone: list[KnownFile] = []
        asking = self._support.ask(
            question, (_YES,), lambda _: self._begin_to_delete(wanted, files, gone)
        )
        begin(asking, partial(self._tell_missing, asking, files, gone), group="sizes")

    def _size(self, files: Sequence[KnownFile]) -> str:
        n_bytes = bytes_of(files)
        return f", {self._desk.figures.size(n_bytes)}" if n_bytes else ""

    async def _tell_missing(
        self, asking: AskScreen, files: Sequence[KnownFile], gone: list[KnownFile]
    ) -> None:
        """Add to the question which files are gone, or another's; the disk may be slow."""
        missing, others = await in_thread(looked_at, files)
        gone += [*missing, *others]
        if missing and not is_closed(asking):
            are = "is" if len(missing) == 1 else "are"
            asking.add(f"{there_are(missing)} {are} not there any more.")
        if others and not is_closed(asking):
            are = "is another file" if len(others) == 1 else "are other files"
            asking.add(f"{there_are(others)} {are} by now, and not deleted.")

    def _begin_to_delete(
        self, wanted: Sequence[Snapshot], files: Sequence[KnownFile], gone: Sequence[KnownFile]
    ) -> None:
        self._desk.ends_undo(f"Deleting {there_are(files)}")
        # As of now: who still looks may find none of those any more that are deleted from here on.
        delete = partial(self._delete, wanted, files, frozenset(gone))
        begin(self._desk.screen, delete, group="deleting")

    async def _delete(
        self, wanted: Sequence[Snapshot], files: Sequence[KnownFile], gone: frozenset[KnownFile]
    ) -> None:
        """Delete, and say what has gone by that.

        Why a file stays is told by the engine, and its download is in the list again.

        Args:
            gone: files that were not there any more, or are others by now.
        """
        remove = partial(self._engine.remove, delete_file=True)
        stay = await self._support.back.ask_to_delete(remove, ids_of(wanted))
        away = [file for file in files if file.owner[1] not in stay]
        if deleted := [file for file in away if file not in gone]:
            self._desk.say(f"Deleted {there_are(deleted)}{self._size(deleted)}")
        elif away:
            owners = {file.owner for file in away}
            whose = away[0].owner[0] if len(owners) == 1 else f"{len(owners)} downloads"
            self._desk.say(f"Removed {whose} from the list: there was no file to delete")
