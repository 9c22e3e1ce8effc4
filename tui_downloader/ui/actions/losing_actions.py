"""Commands that may delete bytes: cancel, start again, remove; see `deleting` for delete.

They ask if much would be lost; what is done without a question can be undone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.ui.actions.action_support import About, ActionSupport
from tui_downloader.ui.actions.deleting import Deleting
from tui_downloader.ui.actions.known_files import bytes_of, there_are, what_stays, wrong_files
from tui_downloader.ui.actions.selection import (
    are_dear,
    ids_of,
    named,
    on_disk,
    total_of_parts,
    with_parts,
    without,
)
from tui_downloader.ui.actions.undo import UNDO_S
from tui_downloader.ui.actions.whereabouts import going_on
from tui_downloader.ui.background import begin, in_thread
from tui_downloader.ui.screens.ask import Asked, Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.desk import Desk

_DELETE = Choice(("y",), "delete", "delete")
_KEEP = Choice(("k",), "keep the parts", "keep")
_DELETING = "Deleting cannot be undone."
_YES = Choice(("y",), "yes", "yes")
# Who wanted to keep the parts keeps the file that has come of them.
_REMOVE = Choice(("y", "k"), "remove", "keep")
# What becomes of a finished file that is fetched again.
_FATES = {
    OnConflict.RENAME: ("stays, the new file gets another name", "stay, the new ones get others"),
    OnConflict.OVERWRITE: ("goes once the new file is whole", "go once the new ones are whole"),
}


class LosingActions:
    """Carries them out."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine
        self._support = ActionSupport(desk, engine)
        self._back = self._support.back
        self.handlers: dict[str, Callable[[], None]] = {
            "cancel": self._cancel,
            "restart": self._restart,
            "remove": self._remove,
            "remove_done": self._remove_done,
            "delete_file": Deleting(desk, engine, self._remove_without_files).ask,
        }

    def _cancel(self) -> None:
        wanted = [each for each in self._desk.chosen if _can_cancel(each)]
        if are_dear(wanted):
            about = About(
                frozenset(ids_of(wanted)), _can_cancel, self._ask_cancel, "Nothing to cancel"
            )
            self._support.ask_about(about, self._cancel_as_answered)
        else:
            cancel = partial(self._engine.cancel, keep=False, grace_s=UNDO_S)
            self._back.ask(cancel, ids_of(wanted))
            note = self._going(wanted)
            self._support.did(
                "Cancelled", wanted, becomes=Status.CANCELLED, is_told=True, note=note
            )

    def _ask_cancel(self, wanted: list[Snapshot]) -> Asked:
        meant, lost = self._support.meant(wanted), self._support.at_stake(wanted)
        return Asked(f"Cancel {meant}? {lost}. {_DELETING}", (_DELETE, _KEEP))

    def _going(self, downloads: Sequence[Snapshot]) -> str:
        """Say what is deleted unless it is undone; a single row says so itself while it shows."""
        if len(downloads) == 1 and not self._support.elsewhere(Status.CANCELLED, downloads):
            return ""
        going = total_of_parts(downloads)
        return f": {self._desk.figures.size(going)} gone in {UNDO_S:.0f} s" if going else ""

    def _cancel_as_answered(
        self, wanted: list[Snapshot], answer: str, _: Sequence[Snapshot]
    ) -> None:
        if answer == "keep":
            self._back.ask(partial(self._engine.cancel, keep=True), ids_of(wanted))
            self._support.did("Cancelled", wanted, becomes=Status.CANCELLED)
        elif wanted:
            self._desk.ends_undo(f"Cancelled {named(wanted)}")
            begin(self._desk.screen, partial(self._cancel_for_good, wanted), group="deleting")

    async def _cancel_for_good(self, wanted: list[Snapshot]) -> None:
        """Say what has been deleted, and how much it was; why parts stay is told by the engine."""
        cancel = partial(self._engine.cancel, keep=False)
        await self._back.ask_to_delete(cancel, ids_of(wanted))
        now = self._engine.snapshot().downloads
        with_parts = {each.download_id for each in now if total_of_parts([each])}
        gone = [each for each in wanted if each.download_id not in with_parts]
        size = f": {self._desk.figures.size(total_of_parts(gone))} deleted" if gone else ""
        where = self._support.elsewhere(Status.CANCELLED, wanted)
        self._desk.say(f"Cancelled {named(gone or wanted)}{size}{where}")

    def _restart(self) -> None:
        wanted = [each for each in self._desk.chosen if _can_restart(each)]
        if are_dear(_unfinished(wanted)):
            about = About(
                frozenset(ids_of(wanted)), _can_restart, self._ask_restart, "Nothing to start again"
            )
            self._support.ask_about(about, lambda now, _, __: self._restart_now(now))
        else:
            self._restart_now(wanted)

    def _ask_restart(self, wanted: list[Snapshot]) -> Asked:
        at_stake = _unfinished(wanted)
        if not at_stake:
            lost = "All is here by now."
        else:
            lost = f"{self._support.at_stake(at_stake)}. This cannot be undone."
        return Asked(f"Start {self._support.meant(wanted)} again from 0? {lost}", (_YES,))

    def _restart_now(self, wanted: list[Snapshot]) -> None:
        """Start from 0; a finished file can be brought back by undo."""
        self._back.ask(self._engine.restart, ids_of(wanted))
        becomes = going_on(self._desk.board, wanted)
        if finished := [each for each in wanted if each.status is Status.COMPLETED]:
            self._support.did("Restarted", finished, becomes=becomes)
            begin(self._desk.screen, partial(self._tell_of_files, finished), group="files")
        else:
            again = self._support.begun_anew(
                [each for each in wanted if total_of_parts([each])],
                is_one=len(wanted) == 1,
                is_wish=True,
            )
            note = f"{again}{self._support.elsewhere(becomes, wanted)}"
            self._desk.did_for_good(f"Restarted {named(wanted)}", note)

    async def _tell_of_files(self, finished: list[Snapshot]) -> None:
        """Say what happens to the finished files that still exist."""
        there = await in_thread(on_disk, finished)
        asked = self._back.asked_of(ids_of(there))
        for policy, (one, several) in _FATES.items():
            files = [
                each
                for each in there
                if each.download_id in asked and asked[each.download_id].on_conflict is policy
            ]
            if files:
                self._desk.say(f"{named(files, 'file')} {_word_for(len(files), one, several)}")

    def _remove(self) -> None:
        wanted = self._desk.chosen
        running = _running(wanted)
        if are_dear(running):
            about = About(
                frozenset(ids_of(wanted)), lambda _: True, self._ask_remove, "Nothing to remove"
            )
            self._support.ask_about(about, self._remove_as_answered)
        else:
            self._remove_all(wanted, losing=running)

    def _remove_without_files(self, wanted: Sequence[Snapshot]) -> None:
        """What has begun to have one since that was told keeps it."""
        ids = set(ids_of(wanted))
        now = [each for each in self._engine.snapshot().downloads if each.download_id in ids]
        self._remove_all(now, losing=without(_running(now), with_parts(now)))

    def _remove_done(self) -> None:
        """Remove what is done from the whole list, not only from the view."""
        downloads = self._desk.board.snapshot.downloads
        done = [each for each in downloads if each.standing is Status.COMPLETED]
        self._remove_all(done)

    def _ask_remove(self, wanted: list[Snapshot]) -> Asked:
        meant = self._support.meant(wanted)
        if running := _running(wanted):
            lost = f"{self._support.at_stake(running)}."
            unfinished = _unfinished(wanted)
            stays = self._told_to_stay(without(unfinished, running))
            done = " What is done stays." if len(unfinished) < len(wanted) else ""
            wrong = self._wrong_to_stay(wanted)
            question = f"Cancel and remove {meant}? {lost}{stays}{done}{wrong}"
            return Asked(question, (_DELETE, _KEEP))
        them, their = ("it", "its") if len(wanted) == 1 else ("them", "their")
        question = f"Remove {meant}? Nothing of {them} runs any more: {their} files stay."
        return Asked(question, (_REMOVE,))

    def _told_to_stay(self, stopped: Sequence[Snapshot]) -> str:
        """Say, whatever is answered, that the parts stay of what does not run; "" for no parts."""
        there = with_parts(stopped)
        size = self._desk.figures.size(total_of_parts(there)).strip()
        rest = "another" if len(there) == 1 else f"{len(there)} others"
        return f" The {size} of {rest} stay." if there else ""

    def _wrong_to_stay(self, wanted: Sequence[Snapshot]) -> str:
        """Say, as before, that files with a wrong digest stay; "" for none."""
        wrong = wrong_files(wanted)
        size = self._desk.figures.size(bytes_of(wrong)).strip()
        return f" {there_are(wrong)}, {size}, stay{'s' * (len(wrong) == 1)}." if wrong else ""

    def _remove_as_answered(
        self, wanted: list[Snapshot], answer: str, seen: Sequence[Snapshot]
    ) -> None:
        """Delete only parts that the question spoke of, and that are nothing else by now."""
        told = set(ids_of(_running(seen))) if answer == "delete" else set()
        losing = [each for each in _running(wanted) if each.download_id in told]
        self._remove_all(wanted, losing=losing)

    def _remove_all(self, wanted: Sequence[Snapshot], *, losing: Sequence[Snapshot] = ()) -> None:
        """Remove downloads; all keep what is on the disk, except that the parts of some go.

        Args:
            losing: those that run, as the user has been told or wanted it.
        """
        ids = ids_of(wanted)
        lost = _unfinished(self._desk.board.among(set(ids_of(losing))))
        to_go = set(ids_of(lost))

        def remove(some: list[int]) -> None:
            if going := [each for each in some if each in to_go]:
                self._engine.remove(going, delete_file=True, grace_s=UNDO_S)
            if kept := [each for each in some if each not in to_go]:
                self._engine.remove(kept)

        self._back.ask(remove, ids)
        count = wanted[0].name if len(wanted) == 1 else str(len(wanted))
        marked = self._desk.marks.ids.intersection(ids)
        put_back, told = partial(self._put_back, ids, marked), f"Removed {count}"
        stay = what_stays(without(_unfinished(wanted), lost), wanted, self._desk.figures)
        note = f", {stay}" if stay else ""
        self._desk.did(self._support.undone(told, wanted), put_back, told=f"{told}{note}")

    def _put_back(self, ids: list[int], marked: frozenset[int]) -> None:
        self._desk.marks.expect(marked)
        self._back.ask(self._engine.put_back, ids)


def _word_for(count: int, one: str = "has", several: str = "have") -> str:
    return one if count == 1 else several


def _can_cancel(snapshot: Snapshot) -> bool:
    return allows(snapshot.status, Event.CANCEL)


def _running(downloads: Sequence[Snapshot]) -> list[Snapshot]:
    return [each for each in downloads if each.status.is_running]


def _unfinished(downloads: Sequence[Snapshot]) -> list[Snapshot]:
    return [each for each in downloads if each.status is not Status.COMPLETED]


def _can_restart(snapshot: Snapshot) -> bool:
    return snapshot.status.is_running or allows(snapshot.status, Event.RESTART)
