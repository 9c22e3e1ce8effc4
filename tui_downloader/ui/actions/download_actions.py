"""Commands that pause, resume and move downloads.

A command applies to all marked downloads, or else to the highlighted one, with one question and one
undo for all of them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.engine import Move
from tui_downloader.model.download import SAVING, OnConflict
from tui_downloader.model.errors import EXISTS, DiskFull, WebPageError, code_of
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.ui.actions.action_support import About, ActionSupport
from tui_downloader.ui.actions.selection import (
    are_dear_to_stop,
    folders_of,
    ids_of,
    named,
    not_to_be_stopped,
    size_on_disk,
    without,
)
from tui_downloader.ui.actions.whereabouts import going_on
from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.commands.refusals import nothing_to
from tui_downloader.ui.commands.situation import Situation
from tui_downloader.ui.screens.ask import Asked, AskScreen, Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.ui.desk import Desk

_ANSWERED = {
    OnConflict.RENAME.value: "New name for",
    OnConflict.OVERWRITE.value: "Overwriting",
    OnConflict.SKIP.value: "Skipped",
}
_ENDS = {Move.UP: "top", Move.TOP: "top", Move.DOWN: "bottom", Move.BOTTOM: "bottom"}
_PAUSE = Choice(("y",), "pause", "pause")


class DownloadActions:
    """Carries out the commands about downloads."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine
        self._support = ActionSupport(desk, engine)
        self._back = self._support.back
        self.handlers: dict[str, Callable[[], None]] = {
            "pause": self._pause_or_resume,
            "pause_all": self._pause_or_resume_all,
            "retry": self._retry,
            "move_up": lambda: self._move(Move.UP),
            "move_down": lambda: self._move(Move.DOWN),
            "move_top": lambda: self._move(Move.TOP),
            "move_bottom": lambda: self._move(Move.BOTTOM),
        }

    # Pausing and going on.

    def _pause_or_resume(self) -> None:
        self._pause_or_else_resume(self._desk.chosen)

    def _pause_or_resume_all(self) -> None:
        everything = self._desk.as_wished(self._desk.board.snapshot.downloads)
        self._pause_or_else_resume(everything, is_told=True)

    def _pause_or_else_resume(
        self, downloads: Sequence[Snapshot], *, is_told: bool = False
    ) -> None:
        if pausable := [each for each in downloads if _can_pause(each)]:
            if are_dear_to_stop(not_to_be_stopped(pausable)):
                self._ask_pause(pausable, is_told=is_told)
            else:
                self._pause(pausable, is_told=is_told)
        elif paused := [each for each in downloads if each.status is Status.PAUSED]:
            self._resume(paused, is_told=is_told)
        elif saved := [each for each in downloads if each.status is Status.VERIFYING]:
            being = "is" if len(saved) == 1 else "are"
            self._desk.say_instead(f"Nothing to pause: {named(saved)} {being} being saved")

    def _resume(self, paused: Sequence[Snapshot], *, is_told: bool) -> None:
        self._back.ask(self._engine.resume, ids_of(paused))
        full = [each for each in paused if code_of(each.failure) == DiskFull.code]
        is_all = len(full) == len(paused)
        verb = "Retried" if is_all else "Resumed"
        becomes = Status.PAUSED if is_all else going_on(self._desk.board, paused)
        note = f"{self._support.from_zero(paused)}{_once_there_is_room(full, is_all=is_all)}"
        self._support.did(verb, paused, becomes=becomes, is_told=is_told, note=note)

    def _ask_pause(self, downloads: list[Snapshot], *, is_told: bool) -> None:
        """Ask before pausing downloads that cannot resume; the others can be paused alone."""
        rest_ids = set(ids_of(without(downloads, not_to_be_stopped(downloads))))

        def ask(now: list[Snapshot]) -> Asked:
            losing = not_to_be_stopped(now)
            losses = f" {self._support.losses(losing, is_only=len(now) == 1)}." if losing else ""
            has_others = losing and any(each.download_id in rest_ids for each in now)
            rest = (Choice(("o",), "the others", "others"),) if has_others else ()
            return Asked(f"Pause {named(now)}?{losses}", (_PAUSE, *rest))

        def go_on(now: list[Snapshot], answer: str, _: Sequence[Snapshot]) -> None:
            if answer == "others":
                now = [each for each in now if each.download_id in rest_ids]
            self._pause(now, is_told=is_told)

        about = About(frozenset(ids_of(downloads)), _can_pause, ask, "Nothing to pause")
        self._support.ask_about(about, go_on)

    def _pause(self, downloads: Sequence[Snapshot], *, is_told: bool) -> None:
        losing = not_to_be_stopped(downloads)
        note = self._support.note_of(losing, is_only=len(downloads) == 1)
        self._back.ask(self._engine.pause, ids_of(downloads))
        self._support.did("Paused", downloads, becomes=Status.PAUSED, is_told=is_told, note=note)

    def _retry(self) -> None:
        chosen = self._desk.chosen
        if done := [each for each in chosen if each.status is Status.COMPLETED]:
            fetch = partial(self._fetch_if_gone, done, is_all=len(done) == len(chosen))
            begin(self._desk.screen, fetch, group="gone")
        scheduled = [each for each in chosen if each.start_at is not None]
        wanted = [each for each in chosen if allows(each.status, Event.RESUME)]
        existing = [each for each in wanted if code_of(each.failure) == EXISTS]
        pages = [each for each in wanted if code_of(each.failure) == WebPageError.code]
        if existing:
            self._ask_conflict(existing)
        if pages:
            self._ask_page(pages)
        others = without(wanted, [*existing, *pages])
        if scheduled or others:
            self._start_now(scheduled, others)

    async def _fetch_if_gone(self, done: list[Snapshot], *, is_all: bool) -> None:
        """Look at the files of these at this moment, and fetch those that are gone.

        Args:
            is_all: nothing else is tried again: say so when none of them is gone.
        """
        await self._desk.look_at_files(done)
        ids = set(ids_of(done))
        known = [each for each in self._engine.snapshot().downloads if each.download_id in ids]
        now = self._desk.as_wished(known)
        if gone := [each for each in now if self._desk.is_gone(each)]:
            self._desk.lens.acted()
            self._fetch_again(gone)
        elif is_all and now:
            self._desk.say_instead(nothing_to("try again")(_about(now)))

    def _fetch_again(self, gone: list[Snapshot]) -> None:
        """Fetch files that are gone; nothing is lost by that."""
        self._back.ask(self._engine.restart, ids_of(gone))
        becomes = going_on(self._desk.board, gone)
        self._support.did("Restarted", gone, becomes=becomes)

    def _start_now(self, scheduled: list[Snapshot], others: list[Snapshot]) -> None:
        """Clear start times, and resume the others; one undo takes back both."""
        requests = self._back.asked_of(ids_of(scheduled))
        at_once = {key: replace(request, start_at=None) for key, request in requests.items()}
        self._back.edit(at_once)
        self._back.ask(self._engine.resume, ids_of(others))
        verb = "Retried" if others else "Started"
        gone_on, note = [*scheduled, *others], self._support.from_zero(others)
        becomes = going_on(self._desk.board, gone_on)
        self._support.did(verb, gone_on, becomes=becomes, requests=requests, note=note)

    def _ask_conflict(self, downloads: list[Snapshot]) -> None:
        choices = (
            Choice(("n",), "new name", OnConflict.RENAME.value),
            Choice(("o",), "overwrite", OnConflict.OVERWRITE.value),
            Choice(("s",), "skip", OnConflict.SKIP.value),
        )
        verb = "exists" if len(downloads) == 1 else "exist"
        question = f"{named(downloads, 'file')} {verb} already in {folders_of(downloads)}."
        asking = self._support.ask(question, choices, partial(self._resolve, downloads))
        begin(asking, partial(self._tell_sizes, asking, downloads), group="sizes")

    async def _tell_sizes(self, asking: AskScreen, downloads: list[Snapshot]) -> None:
        """Add to the question how much would be deleted; keys must not wait for a slow disk."""
        paths = [os.path.join(each.folder, each.name) for each in downloads]
        lost = await in_thread(lambda: sum(size_on_disk(path) or 0 for path in paths))
        if lost and not is_closed(asking):
            size = self._desk.figures.size(lost).strip()
            asking.add(f"Overwriting deletes the {size} that are there once the new file is whole.")

    def _resolve(self, downloads: list[Snapshot], answer: str) -> None:
        requests = self._back.asked_of(ids_of(downloads))
        resolve = partial(self._engine.resolve_conflict, choice=OnConflict(answer))
        self._back.ask(resolve, ids_of(downloads))
        becomes = going_on(self._desk.board, downloads)
        self._support.did(_ANSWERED[answer], downloads, becomes=becomes, requests=requests)

    def _ask_page(self, downloads: list[Snapshot]) -> None:
        choices = (
            # The key that the row names for it saves the page also when it is pressed twice.
            Choice(("r", "s"), "save the page", "save"),
            Choice(("t",), "try again", "again"),
        )

        def go_on(answer: str) -> None:
            requests = self._want_pages(downloads) if answer == "save" else {}
            self._back.ask(self._engine.resume, ids_of(downloads))
            becomes = going_on(self._desk.board, downloads)
            self._support.did("Retried", downloads, becomes=becomes, requests=requests)

        self._support.ask(f"A web page came instead of {named(downloads)}.", choices, go_on)

    def _want_pages(self, downloads: list[Snapshot]) -> dict[int, DownloadRequest]:
        """A page is welcome where a page is expected: the name says so.

        Returns how they were asked for.
        """
        names = {each.download_id: f"{each.name}.html" for each in downloads}
        requests = self._back.asked_of(names)
        self._back.edit({key: replace(asked, name=names[key]) for key, asked in requests.items()})
        return requests

    # The order.

    def _move(self, where: Move) -> None:
        board = self._desk.board
        if not board.sort.is_queue_order:
            self._desk.say(f"sort by queue first: {self._desk.keymap.key_of('sort')} q")
            return
        before = ids_of(board.snapshot.downloads)
        among = None if board.shows_all else set(ids_of(board.rows))
        chosen = self._desk.chosen
        if not self._engine.move(ids_of(chosen), where, among=among):
            part = "" if board.shows_all else " of what is shown"
            self._desk.say(f"already at the {_ENDS[where]}{part}")
            return
        self._desk.expect_move()
        self._desk.did(f"Moved {named(chosen)}", lambda: self._engine.arrange(before), told="")


def _about(downloads: Sequence[Snapshot]) -> Situation:
    """The situation in which a command is about these."""
    if len(downloads) == 1:
        return Situation(downloads[0], downloads=1)
    return Situation(marked=frozenset(each.status for each in downloads))


def _once_there_is_room(full: Sequence[Snapshot], *, is_all: bool) -> str:
    """Say of downloads that a full disk has paused that it will do so again, unless it has room."""
    if not full:
        return ""
    if len(full) == 1:
        return f"; {'it' if is_all else '1'} goes on once its disk has room"
    return f"; {'they' if is_all else len(full)} go on once their disk has room"


def _can_pause(snapshot: Snapshot) -> bool:
    """Nothing stops what has all its bytes and only has to be saved."""
    is_being_saved = snapshot.status is Status.VERIFYING and snapshot.phase == SAVING
    return allows(snapshot.status, Event.PAUSE) and not is_being_saved
