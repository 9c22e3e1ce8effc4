"""The state that the main screen and all commands share, and how commands report what they did."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tui_downloader.store.finished_files import Fate
from tui_downloader.ui.actions.selection import named
from tui_downloader.ui.actions.trusted_hosts import TrustedHosts
from tui_downloader.ui.actions.undo import UNDO_S, Undo
from tui_downloader.ui.background import told_when_slow
from tui_downloader.ui.view.board import Board
from tui_downloader.ui.view.cells import cut_front
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.fates import fate_of
from tui_downloader.ui.view.marks import Marks
from tui_downloader.ui.view.toasts import TOAST_FRAME

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.screen import Screen

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.actions.undo import Staying
    from tui_downloader.ui.parts import Parts
    from tui_downloader.ui.view.fates import Fates
    from tui_downloader.ui.widgets.queue import QueueList

T = TypeVar("T")
TOO_SMALL = "-small"  # class of the main screen in a window that cannot show the list


class Desk:
    """The facts that the main screen and all commands share, and what they say of their deeds.

    Args:
        screen: shows the list; dialogs open over it.
        parts: see there.
        queue: has the highlight.
        look_now: looks what became of finished files, and has told it when it returns.
        show_undo: called when there is something else to undo, or nothing any more.

    Attributes:
        board: what there is to see, as of the last sample.
        figures, glyphs, keymap: how numbers are written, what is drawn with, what keys are named.
        preferences: the settings.
        lens, marks: how the list is looked at; which downloads are marked.
        undo: what can be taken back.
        trusted_hosts: need not prove who they are.
        fates: finished files that are not as they were, as far as they were looked at.
        say, say_instead, warn: show a message; see `Toaster`.
        expect_move: the highlighted download will be in another row.
    """

    def __init__(
        self,
        screen: Screen[None],
        parts: Parts,
        queue: QueueList,
        look_now: Callable[[Sequence[Snapshot]], Awaitable[None]],
        show_undo: Callable[[], None],
    ) -> None:
        self.screen = screen
        self.board = Board()
        self.figures, self.glyphs = parts.figures, parts.glyphs
        self.preferences = parts.preferences
        self.keymap = parts.preferences.keymap
        self.lens, self.marks, self.undo = parts.lens, Marks(), Undo(time.monotonic)
        self.trusted_hosts = TrustedHosts(parts.engine.set_unchecked)
        self.fates: Fates = {}
        self.say, self.say_instead = parts.toaster.say, parts.toaster.say_instead
        self.warn = parts.toaster.warn
        self.expect_move = queue.expect_move
        self._queue, self._feed, self._clock = queue, parts.feed, parts.clock
        self._engine, self._is_ready = parts.engine, parts.is_ready
        self._look_now, self._show_undo = look_now, show_undo

    # What is meant.

    @property
    def highlighted(self) -> Snapshot | None:
        """The download under the highlight."""
        return self._queue.highlighted

    @property
    def chosen(self) -> list[Snapshot]:
        """What commands are about: the marked downloads in queue order, else the highlighted one.

        Asking for it ends an open range.
        """
        self.marks.end_range()
        highlighted = [] if self.highlighted is None else [self.highlighted]
        return self.as_wished(self.board.among(self.marks.ids) or highlighted)

    def as_wished(self, downloads: Sequence[Snapshot]) -> list[Snapshot]:
        """Return downloads as they will be by the keys that were pressed, before that is shown."""
        return self._engine.as_wished(downloads) if self._is_ready.is_set() else [*downloads]

    def find(self, download_id: int) -> Snapshot | None:
        """Return the snapshot of a download as of the last sample."""
        return next(iter(self.board.among({download_id})), None)

    @property
    def words(self) -> Context:
        """What messages depend on now."""
        at_once = self.board.snapshot.at_once
        dot, keymap = self.glyphs.dot, self.keymap
        return Context(self._clock(), self.figures, dot, keymap, at_once, self.fates)

    @property
    def fate(self) -> Fate | None:
        """What became of the highlighted download's finished file."""
        shown = self.highlighted
        return None if shown is None else fate_of(shown, self.fates)

    def is_gone(self, snapshot: Snapshot) -> bool:
        """The download is done, and its file was not found at the last check."""
        return fate_of(snapshot, self.fates) is Fate.GONE

    async def look_at_files(self, downloads: Sequence[Snapshot]) -> None:
        """Look what became of the finished files of these; a disk that takes its time is told."""
        slow = f"Looking for {named(downloads, 'file')}: the disk takes its time"
        await told_when_slow(self._look_now(downloads), partial(self.say, slow))

    @property
    def is_too_small(self) -> bool:
        """The window cannot show the list: keys must not change it."""
        return self.screen.has_class(TOO_SMALL)

    @property
    def is_covered(self) -> bool:
        """Another screen has the keys."""
        return self.screen.app.screen is not self.screen

    # What is done.

    def open(self, dialog: Screen[T], then: Callable[[T | None], None] | None = None) -> None:
        """Open a dialog; `then` is called with its answer, None when the user goes back."""
        self.screen.app.push_screen(dialog, then)

    def wake(self) -> None:
        """Refresh soon: the engine was asked for something."""
        self._feed.wake()

    def did(
        self,
        words: str,
        take_back: Callable[[], None],
        *,
        told: str | None = None,
        topic: str = "",
        is_burst: bool = False,
        stays: Callable[[], Staying] | None = None,
        moves: int = 0,
    ) -> None:
        """Remember what the user did, so that it can be undone for a while, and say so.

        Args:
            told: the sentence to show, "" for none, None for the words.
            topic: what it is about; what was said about the same is not true any more.
            stays: says what an undo will leave as it is by then.
            is_burst: with what was done before about the same topic it is one deed.
            moves: the download whose files it moves; `moved` will tell of that.
        """
        self.undo.remember(words, take_back, topic if is_burst else "", stays, moves)
        if sentence := words if told is None else told:
            self._say_in_one_line(f"{sentence}{self._or_undo}", topic)
        # The footer offers it as long as it is possible.
        self.screen.set_timer(UNDO_S, self._show_undo)

    def moved(self, download_id: int, words: str) -> None:
        """Say where the files of a download are now."""
        or_undo = self._or_undo if self.undo.has_moved(download_id) else ""
        self._say_in_one_line(f"{words}{or_undo}", "")

    @property
    def _or_undo(self) -> str:
        return f"{self.glyphs.dot}{self.keymap.key_of('undo')} undo"

    def did_for_good(self, words: str, note: str = "") -> None:
        """Say what the user did that cannot be undone; nothing before it can be undone any more."""
        self.ends_undo(words)
        self._say_in_one_line(f"{words}{note}", "")

    def ends_undo(self, words: str) -> None:
        """Nothing before this can be undone any more, and neither can it; say nothing of it yet."""
        self.undo.finish(words)
        self._show_undo()

    def _say_in_one_line(self, sentence: str, topic: str) -> None:
        """Say what was done; in a low window cut it to one line, as each line hides a row."""
        if self.screen.has_class("-short"):
            width = self.screen.app.size.width - TOAST_FRAME
            sentence = cut_front(sentence, width, self.glyphs.ellipsis)
        self.say(sentence, topic)
