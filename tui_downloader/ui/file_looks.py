"""Checks finished files whose rows are visible: the user may have moved or changed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.store.finished_files import Fate, FinishedFile
from tui_downloader.ui.background import begin, in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.screen import Screen
    from textual.worker import Worker

    from tui_downloader.model.download import Snapshot

Key = tuple[int, int]  # a download and its version
FatesOf = Callable[[Mapping[Key, FinishedFile]], dict[Key, Fate]]


class FileLooks:
    """Checks each file once when it becomes visible, and again when it is highlighted.

    A disk may take its time: one look a folder is under way at most, and the next is at what came
    meanwhile.

    Args:
        screen: shows the rows.
        path_of: returns where the file of a download is.
        fates_of: looks at files; blocks.
        tell: called when something else is known.

    Attributes:
        fates: the files that are not as they were.
    """

    def __init__(
        self,
        screen: Screen[None],
        path_of: Callable[[int], str],
        fates_of: FatesOf,
        tell: Callable[[], None],
    ) -> None:
        self._screen = screen
        self._path_of, self._fates_of, self._tell = path_of, fates_of, tell
        self._looked_at: set[Key] = set()
        self._rows: Sequence[Snapshot] = ()
        self._highlighted: Key | None = None
        self._works: dict[str, Worker[None]] = {}  # by folder
        self.fates: dict[Key, Fate] = {}

    def begin_anew(self) -> None:
        """Check everything again: the user may have been elsewhere."""
        self._looked_at.clear()

    def see(self, rows: Sequence[Snapshot], highlighted: Snapshot | None) -> None:
        """These rows are on the screen."""
        key = None if highlighted is None else _key_of(highlighted)
        if key is not None and key != self._highlighted:
            self._looked_at.discard(key)
        self._rows, self._highlighted = rows, key
        for folder in {row.folder for row in rows if self._is_due(row)}:
            work = self._works.get(folder)
            if work is None or work.is_finished:
                look = partial(self._look, folder)
                self._works[folder] = begin(self._screen, look, group="look")

    def _is_due(self, row: Snapshot) -> bool:
        is_over = row.status is Status.COMPLETED and not row.phase
        return is_over and _key_of(row) not in self._looked_at

    def _files(self, folder: str) -> dict[Key, FinishedFile]:
        """Visible files of a folder that were not checked yet."""
        return {
            _key_of(row): FinishedFile(
                self._path_of(row.download_id), row.total_bytes, row.finished_at, row.added_at
            )
            for row in self._rows
            if row.folder == folder and self._is_due(row)
        }

    async def _look(self, folder: str) -> None:
        while files := self._files(folder):  # others may come into sight meanwhile
            self._looked_at.update(files)
            found = await in_thread(self._fates_of, files)
            fates = {key: fate for key, fate in self.fates.items() if key not in files} | found
            if fates != self.fates:
                self.fates = fates
                self._tell()


def _key_of(row: Snapshot) -> Key:
    return row.download_id, row.version
