"""What the commands ask of the engine, with the questions that come before bytes are lost.

A command is about all marked downloads, or else about the highlighted one: there is one question
for all of them, and one undo.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.engine import Move
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.bulk import (
    are_dear,
    are_dear_to_stop,
    folders_of,
    ids_of,
    named,
    not_resuming,
    not_to_be_stopped,
    size_on_disk,
    starting_over,
    total_of_parts,
    total_received,
)
from tui_downloader.ui.going_back import GoingBack
from tui_downloader.ui.screens.ask import Ask, Choice
from tui_downloader.ui.undo import UNDO_S
from tui_downloader.ui.whereabouts import going_on, shown_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.ui.screens.main import MainScreen

_DELETE = Choice(("y",), "delete", "delete")
_KEEP = Choice(("k",), "keep the parts", "keep")
_YES = Choice(("y",), "yes", "yes")
_PAUSE = Choice(("y",), "pause", "pause")


class DownloadActs:
    """Carries out the commands about downloads."""

    def __init__(self, screen: MainScreen, engine: Engine) -> None:
        self._screen = screen
        self._engine = engine
        self._back = GoingBack(screen, engine)
        self.handlers: dict[str, Callable[[], None]] = {
            "pause": self._pause_or_resume,
            "pause_all": self._pause_or_resume_all,
            "cancel": self._cancel,
            "retry": self._retry,
            "restart": self._restart,
            "remove": self._remove,
            "delete_file": self._delete_file,
            "move_up": lambda: self._move(Move.UP),
            "move_down": lambda: self._move(Move.DOWN),
            "move_top": lambda: self._move(Move.TOP),
            "move_bottom": lambda: self._move(Move.BOTTOM),
        }

    # Pausing and going on.

    def _pause_or_resume(self) -> None:
        self._pause_or_else_resume(self._screen.chosen)

    def _pause_or_resume_all(self) -> None:
        self._pause_or_else_resume(self._screen.board.snapshot.downloads, is_told=True)

    def _pause_or_else_resume(
        self, downloads: Sequence[Snapshot], *, is_told: bool = False
    ) -> None:
        if pausable := [each for each in downloads if allows(each.status, Event.PAUSE)]:
            if are_dear_to_stop(not_to_be_stopped(pausable)):
                self._ask_pause(pausable, is_told=is_told)
            else:
                self._pause(pausable, is_told=is_told)
        else:
            paused = [each for each in downloads if each.status is Status.PAUSED]
            self._back.ask(self._engine.resume, ids_of(paused))
            becomes, note = going_on(self._screen.board, paused), self._from_zero(paused)
            self._did("Resumed", paused, becomes=becomes, is_told=is_told, note=note)

    def _ask_pause(self, downloads: list[Snapshot], *, is_told: bool) -> None:
        """Ask before what cannot resume is stopped, and let the others be paused without it."""
        losing = not_to_be_stopped(downloads)
        others = [each for each in downloads if each not in losing]
        rest = (Choice(("o",), "the others", "others"),) if others else ()
        losses = not_resuming(losing, self._total(losing), is_only=len(downloads) == 1)

        def go_on(answer: str) -> None:
            wanted = set(ids_of(others if answer == "others" else downloads))
            now = self._screen.board.among(wanted)
            pausable = [each for each in now if allows(each.status, Event.PAUSE)]
            self._pause(pausable, is_told=is_told)

        question = f"Pause {named(downloads)}? {losses[:1].upper()}{losses[1:]}."
        self._ask(question, (_PAUSE, *rest), go_on)

    def _pause(self, downloads: Sequence[Snapshot], *, is_told: bool) -> None:
        losing = not_to_be_stopped(downloads)
        losses = not_resuming(losing, self._total(losing), is_only=len(downloads) == 1)
        note = f": {losses}" if losing else ""
        self._back.ask(self._engine.pause, ids_of(downloads))
        self._did("Paused", downloads, becomes=Status.PAUSED, is_told=is_told, note=note)

    def _retry(self) -> None:
        chosen = self._screen.chosen
        scheduled = [each for each in chosen if each.start_at is not None]
        wanted = [each for each in chosen if allows(each.status, Event.RESUME)]
        existing = [each for each in wanted if _failed_by(each, "exists")]
        pages = [each for each in wanted if _failed_by(each, "web-page")]
        if existing:
            self._ask_conflict(existing)
        if pages:
            self._ask_page(pages)
        others = [each for each in wanted if each not in existing and each not in pages]
        if scheduled or others:
            self._start_now(scheduled, others)

    def _start_now(self, scheduled: list[Snapshot], others: list[Snapshot]) -> None:
        """Take their times away, and let the others go on; one undo is for all."""
        requests = self._back.asked_of(ids_of(scheduled))
        at_once = {key: replace(request, start_at=None) for key, request in requests.items()}
        self._back.edit(at_once)
        self._back.ask(self._engine.resume, ids_of(others))
        verb = "Retried" if others else "Started"
        gone_on, note = [*scheduled, *others], self._from_zero(others)
        becomes = going_on(self._screen.board, gone_on)
        self._did(verb, gone_on, becomes=becomes, requests=requests, note=note)

    def _from_zero(self, downloads: Sequence[Snapshot]) -> str:
        """Say that some cannot go on where they are; the engine keeps the old parts meanwhile."""
        return self._begun_anew(starting_over(downloads), is_one=len(downloads) == 1)

    def _begun_anew(self, again: Sequence[Snapshot], *, is_one: bool) -> str:
        if not again:
            return ""
        which = "starts" if is_one else f"{len(again)} start{'s' * (len(again) == 1)}"
        until = f"kept until {'it has' if len(again) == 1 else 'they have'} more"
        return f": {which} again from 0; the {self._total(again)} from before are {until}"

    def _ask_conflict(self, downloads: list[Snapshot]) -> None:
        choices = (
            Choice(("n",), "new name", OnConflict.RENAME.value),
            Choice(("o",), "overwrite", OnConflict.OVERWRITE.value),
            Choice(("s",), "skip", OnConflict.SKIP.value),
        )
        verb = "exists" if len(downloads) == 1 else "exist"
        question = f"{named(downloads, 'file')} {verb} already in {folders_of(downloads)}."
        asking = self._ask(question, choices, partial(self._resolve, downloads))
        begin(asking, partial(self._tell_sizes, asking, downloads), group="sizes")

    async def _tell_sizes(self, asking: Ask, downloads: list[Snapshot]) -> None:
        """Say how much an answer deletes; the disk may take its time, keys are not to wait."""
        paths = [os.path.join(each.folder, each.name) for each in downloads]
        lost = await in_thread(lambda: sum(size_on_disk(path) or 0 for path in paths))
        if lost and not is_closed(asking):
            size = self._screen.figures.size(lost).strip()
            asking.add(f"Overwriting deletes the {size} that are there once the new file is whole.")

    def _resolve(self, downloads: list[Snapshot], answer: str) -> None:
        requests = self._back.asked_of(ids_of(downloads))
        self._engine.resolve_conflict(ids_of(downloads), OnConflict(answer))
        becomes = going_on(self._screen.board, downloads)
        self._did("Answered for", downloads, becomes=becomes, requests=requests)

    def _ask_page(self, downloads: list[Snapshot]) -> None:
        choices = (
            Choice(("s",), "save the page", "save"),
            Choice(("r",), "try again", "again"),
        )

        def go_on(answer: str) -> None:
            for download in downloads if answer == "save" else ():
                self._want_page(download.download_id, download.name)
            self._engine.resume(ids_of(downloads))

        self._ask(f"A web page came instead of {named(downloads)}.", choices, go_on)

    def _want_page(self, download_id: int, name: str) -> None:
        """A page is welcome where a page is expected: the name says so."""
        request = self._engine.request_of(download_id)
        if request is not None:
            self._engine.edit(download_id, replace(request, name=f"{name}.html"))

    # Losing bytes.

    def _cancel(self) -> None:
        wanted = [each for each in self._screen.chosen if allows(each.status, Event.CANCEL)]
        if are_dear(wanted):
            question = f"Cancel {named(wanted)}? {self._at_stake(wanted)}."
            self._ask(question, (_DELETE, _KEEP), partial(self._cancel_as_answered, wanted))
        else:
            cancel = partial(self._engine.cancel, keep=False, grace_s=UNDO_S)
            self._back.ask(cancel, ids_of(wanted))
            note = self._going(wanted)
            self._did("Cancelled", wanted, becomes=Status.CANCELLED, is_told=True, note=note)

    def _going(self, downloads: Sequence[Snapshot]) -> str:
        """Say what is deleted unless that is undone."""
        going = total_of_parts(downloads)
        return f": {self._screen.figures.size(going)} go in {UNDO_S:.0f} s" if going else ""

    def _cancel_as_answered(self, wanted: list[Snapshot], answer: str) -> None:
        is_keeping = answer == "keep"
        self._back.ask(partial(self._engine.cancel, keep=is_keeping), ids_of(wanted))
        if is_keeping:
            self._did("Cancelled", wanted, becomes=Status.CANCELLED)

    def _restart(self) -> None:
        wanted = [each for each in self._screen.chosen if _can_restart(each)]
        at_stake = [each for each in wanted if each.status is not Status.COMPLETED]
        if are_dear(at_stake):
            question = f"Start {named(wanted)} again from 0? {self._total(at_stake)} received."
            self._ask(question, (_YES,), lambda _: self._restart_now(wanted))
        else:
            self._restart_now(wanted)
            finished = [each for each in wanted if each.status is Status.COMPLETED]
            self._did("Restarted", finished, becomes=going_on(self._screen.board, finished))

    def _restart_now(self, wanted: list[Snapshot]) -> None:
        """Start from 0, and tell of what leaves the view and cannot come back by undo."""
        self._back.ask(self._engine.restart, ids_of(wanted))
        where = self._elsewhere(going_on(self._screen.board, wanted), wanted)
        if where and all(each.status is not Status.COMPLETED for each in wanted):
            self._screen.say(f"Restarted {named(wanted)}{where}")

    def _remove(self) -> None:
        wanted = self._screen.chosen
        running = [each for each in wanted if each.status.is_running]
        if are_dear(running):
            question = f"Cancel and remove {named(wanted)}? {self._at_stake(running)}."
            self._ask(question, (_DELETE, _KEEP), partial(self._remove_as_answered, wanted))
        else:
            self._remove_all(wanted, is_deleting=True)

    def _remove_as_answered(self, wanted: list[Snapshot], answer: str) -> None:
        self._remove_all(wanted, is_deleting=answer == "delete")

    def _remove_all(self, wanted: list[Snapshot], *, is_deleting: bool) -> None:
        """Remove downloads, the parts of those that run as the user says.

        What is not running keeps everything, and so does what finished while a question stood.
        """
        ids = ids_of(wanted)
        running = {each.download_id for each in wanted if each.status.is_running}
        now = self._screen.board.among(running if is_deleting else ())
        losing = ids_of([each for each in now if each.status is not Status.COMPLETED])
        kept = [each for each in ids if each not in set(losing)]
        remove = partial(self._engine.remove, delete_file=True, grace_s=UNDO_S)
        self._back.ask(remove, losing)
        self._back.ask(self._engine.remove, kept)
        count = wanted[0].name if len(wanted) == 1 else str(len(wanted))
        marked = self._screen.marks.ids.intersection(ids)
        put_back, told = partial(self._put_back, ids, marked), f"Removed {count}"
        self._screen.did(self._undone(told, wanted), put_back, told=told)

    def _put_back(self, ids: list[int], marked: frozenset[int]) -> None:
        self._screen.marks.expect(marked)
        self._back.ask(self._engine.put_back, ids)

    def _delete_file(self) -> None:
        wanted = self._screen.chosen
        n_bytes = total_of_parts(wanted)
        size = f", {self._screen.figures.size(n_bytes)}," if n_bytes else ""
        self._ask(
            f"Delete {named(wanted, 'file')}{size} from {folders_of(wanted)}? "
            "This cannot be undone.",
            (_YES,),
            lambda _: self._back.ask(
                partial(self._engine.remove, delete_file=True), ids_of(wanted)
            ),
        )

    # The order.

    def _move(self, where: Move) -> None:
        board = self._screen.board
        if not board.sort.is_queue_order:
            self._screen.say(f"sort by queue first: {self._screen.keymap.key_of('sort')} q")
            return
        before = ids_of(board.snapshot.downloads)
        among = None if board.shows_all else set(ids_of(board.rows))
        self._screen.expect_move()
        chosen = self._screen.chosen
        self._engine.move(ids_of(chosen), where, among=among)
        self._screen.did(f"Moved {named(chosen)}", lambda: self._engine.arrange(before), told="")

    # Undo, and questions.

    def _did(
        self,
        verb: str,
        downloads: Sequence[Snapshot],
        *,
        becomes: Status,
        is_told: bool = False,
        requests: Mapping[int, DownloadRequest] | None = None,
        note: str = "",
    ) -> None:
        """Remember how these were; the row of a single one tells by itself what was done.

        Args:
            becomes: their state from now on; what leaves the view by it is told, and where it is.
            is_told: say it nevertheless: there is more at stake.
            requests: how those were asked for that are asked for differently now.
            note: what the rows do not tell, to be said behind that.
        """
        if not downloads:
            return
        before = {each.download_id: each for each in downloads}
        what = downloads[0].name if len(downloads) == 1 else str(len(downloads))
        take_back = partial(self._back.ask_as_before, requests or {}, before)
        words, where = f"{verb} {what}", self._elsewhere(becomes, downloads)
        is_told = is_told or bool(note or where) or len(downloads) > 1
        told = f"{words}{note}{where}" if is_told else ""
        self._screen.did(self._undone(words, downloads), take_back, told=told)

    def _undone(self, words: str, before: Sequence[Snapshot]) -> str:
        """What an undo says that it took back, and what it cannot: a connection is gone."""
        again = not_to_be_stopped(before)
        return words + self._begun_anew(again, is_one=len(before) == 1)

    def _elsewhere(self, becomes: Status, downloads: Sequence[Snapshot]) -> str:
        """Name the view that shows what leaves the current one, behind a dot; "" when none does."""
        return shown_elsewhere(self._screen.board, self._screen.words, becomes, len(downloads))

    def _at_stake(self, downloads: Sequence[Snapshot]) -> str:
        """Say how much goes with the parts of these: what came, and what is kept from before."""
        earlier = total_of_parts(downloads) - total_received(downloads)
        before = f", {self._screen.figures.size(earlier)} from before" if earlier else ""
        return f"{self._total(downloads)} received{before}"

    def _total(self, downloads: Sequence[Snapshot]) -> str:
        return self._screen.figures.size(total_received(downloads))

    def _ask(self, question: str, choices: tuple[Choice, ...], then: Callable[[str], None]) -> Ask:
        def answered(answer: str | None) -> None:
            if answer is not None:
                then(answer)
                self._screen.wake()

        asking = Ask(question, choices)
        self._screen.app.push_screen(asking, answered)
        return asking


def _failed_by(snapshot: Snapshot, code: str) -> bool:
    return snapshot.failure is not None and snapshot.failure.code == code


def _can_restart(snapshot: Snapshot) -> bool:
    return snapshot.status.is_running or allows(snapshot.status, Event.RESTART)
