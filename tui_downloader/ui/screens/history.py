"""Finished and removed downloads: to search, add again, open or copy."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import Assurance
from tui_downloader.model.errors import is_skip
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean, redact
from tui_downloader.store.finished_files import FinishedFile, fates_of
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.screens.listing import ListingScreen
from tui_downloader.ui.view.cells import cut, cut_front, pad, pad_left
from tui_downloader.ui.view.phrases import clock_time, state_word
from tui_downloader.ui.view.rows import ROLE_OF_STATUS
from tui_downloader.ui.widgets.box import Box
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from textual.worker import Worker

    from tui_downloader.store.entry import Entry
    from tui_downloader.store.finished_files import Fate
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.pieces import Piece

_WHEN_WIDTH, _SIZE_WIDTH = 7, 9
_FOLDER_FROM_WIDTH = 90
_LOOK_EVERY_S = 1.0
_REST = 10  # times as long as it took to read: of 10,000 entries half a second
_NOTHING = "nothing was finished or removed yet"


class HistoryScreen(ListingScreen["Entry"]):
    """Shows what is in the history, and follows it.

    Args:
        load: returns it, the latest first.
        edition: returns another number once something has ended, among other things.
        words: how times and numbers are written.
        signs: the sign of each state.
        again: adds a download once more, and asks if it is there; calls back with what was done.
        copy: puts a text on the clipboard.
        open_path: opens a file or folder with the desktop.
    """

    heading = "History"
    hints = (
        "enter add again · y copy · o open · O folder · / filter · esc close",
        "enter adds · o open · / filter · esc close",
        "enter adds · esc close",
    )
    empty_text = "loading…"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", show=False),
        Binding("o", "open_file", show=False),
        Binding("O", "open_folder", show=False),
    ]

    def __init__(
        self,
        load: Callable[[], Awaitable[list[Entry]]],
        edition: Callable[[], int],
        words: Context,
        signs: Mapping[Status, str],
        again: Callable[[Entry, Callable[[str], None]], None],
        copy: Callable[[str], None],
        open_path: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._load = load
        self._edition = edition
        self._words = words
        self._signs = signs
        self._again = again
        self._copy = copy
        self._open = open_path
        self._fates: dict[int, Fate] = {}
        self._shown_edition = -1
        self._filling: Worker[None] | None = None
        self._rests_until = 0.0
        self._told_of = -1  # the id of the entry that was added again, -1 for none

    def on_mount(self) -> None:
        self._look()
        self.set_interval(_LOOK_EVERY_S, self._look)

    def _look(self) -> None:
        """Read it, unless nothing has changed since; a disk may take longer than until then."""
        is_busy = self._filling is not None and not self._filling.is_finished
        is_resting = time.monotonic() < self._rests_until
        if not is_busy and not is_resting and self._shown_edition != self._edition():
            self._shown_edition = self._edition()
            self._filling = begin(self, self._fill, group="fill")

    async def _fill(self) -> None:
        begun_at = time.monotonic()
        entries = await self._load()
        self._rests_until = time.monotonic() + _REST * (time.monotonic() - begun_at)
        if is_closed(self):
            return
        self.empty_text = _NOTHING
        self._show(entries)
        fates = await in_thread(fates_of, _files_of(entries))
        if not is_closed(self) and fates != self._fates:
            self._fates = fates
            self._show(entries)

    def _show(self, entries: Sequence[Entry]) -> None:
        """Show entries, the highlight on the same one as before."""
        before = self._highlighted_id
        self.show_items(entries)
        places = (n for n, each in enumerate(self._shown) if each.download_id == before)
        self.picks.go_to(next(places, self.picks.index))

    @property
    def _highlighted_id(self) -> int:
        return -1 if self.highlighted is None else self.highlighted.download_id

    def words_of(self, item: Entry) -> str:
        return f"{item.name} {item.request.url} {item.request.folder} {item.status.name}"

    def pieces_of(self, item: Entry, width: int) -> list[Piece]:
        status, fate = _status_of(item), self._fates.get(item.download_id)
        at = item.removed_at or item.finished_at or item.added_at
        when = pad(clock_time(at, self._words.now), _WHEN_WIDTH)
        size = "" if item.total_bytes is None else self._words.figures.size(item.total_bytes)
        if fate is not None:
            size = fate.word
        folder = cut_front(short_folder(clean(item.request.folder)), width // 3)
        room = width - _WHEN_WIDTH - _SIZE_WIDTH - 7
        if has_folder := width >= _FOLDER_FROM_WIDTH:
            room -= width // 3 + 2
        name = cut_front(clean(item.name) or redact(item.request.url), room)
        return [
            (f" {when} ", "muted"),
            (f"{self._signs[status] if fate is None else ' '} ", ROLE_OF_STATUS[status]),
            (pad(name, room), "text" if fate is None else "muted"),
            (f" {pad_left(size, _SIZE_WIDTH)} ", "muted"),
            (f" {folder}" if has_folder else "", "muted"),
        ]

    def in_full(self, item: Entry) -> str:
        # A failure that says itself that it was skipped needs no word before it.
        facts = [] if is_skip(item.failure) else [_words_of_status(item)]
        if (fate := self._fates.get(item.download_id)) is not None:
            facts.append(fate.sentence)
        if item.failure is not None:
            facts.append(clean(item.failure.message, 120))
        if item.finished_at is not None:
            facts.append(f"finished {clock_time(item.finished_at, self._words.now)}")
        in_list = "removed" if item.removed_at is not None else "in the list"
        told = self._words.dot.join((*facts, in_list))
        folder = short_folder(clean(item.request.folder))
        return f"{told}\n{cut(redact(item.request.url), 400)}\n{folder}"

    @on(PickList.Chosen)
    def _add_again(self) -> None:
        if self.highlighted is not None:
            self._again(self.highlighted, self._tell)

    def _tell(self, words: str) -> None:
        """Show what was done in the frame, as the list is hidden."""
        if not is_closed(self):
            self._told_of = self._highlighted_id
            self.query_one(Box).border_title = f"{self.heading}{self._words.dot}{words}"

    @on(PickList.Highlighted)
    def _forget_told(self) -> None:
        if self._highlighted_id != self._told_of:
            self.query_one(Box).border_title = self.heading

    def action_copy(self) -> None:
        """Copy the address."""
        if self.highlighted is not None:
            self._copy(self.highlighted.request.url)

    def action_open_file(self) -> None:
        """Open the file."""
        item = self.highlighted
        if item is not None:
            self._open(_path_of(item))

    def action_open_folder(self) -> None:
        """Open the folder it is in."""
        if self.highlighted is not None:
            self._open(self.highlighted.request.folder)


def _words_of_status(entry: Entry) -> str:
    if _differs(entry):
        return f"{digest_name(entry.checked_by)} differs"
    return state_word(_status_of(entry), entry.failure)


def _differs(entry: Entry) -> bool:
    return entry.status is Status.COMPLETED and entry.assurance is Assurance.DIFFERS


def _files_of(entries: Sequence[Entry]) -> dict[int, FinishedFile]:
    return {
        entry.download_id: FinishedFile(
            _path_of(entry), entry.total_bytes, entry.finished_at, entry.added_at
        )
        for entry in entries
        if entry.status is Status.COMPLETED
    }


def _path_of(entry: Entry) -> str:
    return entry.path or os.path.join(entry.request.folder, entry.name)


def _status_of(entry: Entry) -> Status:
    """The status to show: one that ran when removed is cancelled; a wrong file counts as failed."""
    if _differs(entry):
        return Status.FAILED
    is_over = entry.status.is_ended or entry.removed_at is None
    return entry.status if is_over else Status.CANCELLED
