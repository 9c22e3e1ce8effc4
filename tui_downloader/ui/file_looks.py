"""Checks finished files, such as those of visible rows: the user may have moved or changed them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.status import Status
from tui_downloader.store.finished_files import Fate, FinishedFile, fates_of
from tui_downloader.ui.background import begin, in_thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.screen import Screen
    from textual.worker import Worker

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot

DISK_PATIENCE_S = 5.0  # for who waits for an answer and cannot be shown one later
Key = tuple[int, int]  # a download and its version
FatesOf = Callable[[Mapping[Key, FinishedFile]], dict[Key, Fate]]


class _Asked(NamedTuple):
    """A file that somebody waits to know about, wherever its row is."""

    row: Snapshot
    is_known: asyncio.Event


class FileLooks:
    """Checks each file once when it becomes visible, again when it is highlighted, or when asked.

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
        self._asked: dict[Key, _Asked] = {}
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
        self._begin()

    async def look_now(self, rows: Sequence[Snapshot]) -> None:
        """Check the finished ones of these as they are at this moment, however long it takes."""
        asked = {_key_of(row): row for row in rows if _is_over(row)}
        self._looked_at.difference_update(asked)
        for key, row in asked.items():
            self._asked.setdefault(key, _Asked(row, asyncio.Event()))
        answers = [self._asked[key].is_known for key in asked]
        self._begin()
        for answer in answers:
            await answer.wait()

    def _begin(self) -> None:
        for folder in {row.folder for row in self._due()}:
            work = self._works.get(folder)
            if work is None or work.is_finished:
                look = partial(self._look, folder)
                self._works[folder] = begin(self._screen, look, group="look")

    def _due(self) -> Iterator[Snapshot]:
        """The visible ones, and those that somebody asks about, that were not checked yet."""
        rows = chain(self._rows, (asked.row for asked in self._asked.values()))
        return (row for row in rows if _is_over(row) and _key_of(row) not in self._looked_at)

    def _files(self, folder: str) -> dict[Key, FinishedFile]:
        """Files of a folder that are to be checked."""
        return _files_of((row for row in self._due() if row.folder == folder), self._path_of)

    async def _look(self, folder: str) -> None:
        while files := self._files(folder):  # others may come into sight meanwhile
            self._looked_at.update(files)
            asked = [self._asked.pop(key) for key in files if key in self._asked]
            found = await in_thread(self._fates_of, files)
            fates = {key: fate for key, fate in self.fates.items() if key not in files} | found
            if fates != self.fates:
                self.fates = fates
                self._tell()
            for each in asked:
                each.is_known.set()


async def fates_now(engine: Engine, rows: Iterable[Snapshot]) -> dict[Key, Fate]:
    """Look at the finished files among these downloads; return those that are not as they were.

    Where a disk does not answer, nothing is known of any.
    """
    over = filter(_is_over, rows)
    files = _files_of(over, lambda download_id: engine.details(download_id).path)
    if not files:
        return {}
    try:
        return await asyncio.wait_for(in_thread(fates_of, files), DISK_PATIENCE_S)
    except TimeoutError:
        return {}


def _is_over(row: Snapshot) -> bool:
    return row.status is Status.COMPLETED and not row.phase


def _files_of(rows: Iterable[Snapshot], path_of: Callable[[int], str]) -> dict[Key, FinishedFile]:
    return {
        _key_of(row): FinishedFile(
            path_of(row.download_id), row.total_bytes, row.finished_at, row.added_at
        )
        for row in rows
    }


def _key_of(row: Snapshot) -> Key:
    return row.download_id, row.version
