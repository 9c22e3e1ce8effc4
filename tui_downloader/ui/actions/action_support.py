"""What every command about downloads needs: questions, messages and undo."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.ui.actions.restorer import Restorer
from tui_downloader.ui.actions.selection import (
    ids_of,
    named,
    not_resuming,
    not_to_be_stopped,
    starting_over,
    total_of_parts,
    total_received,
    total_set_aside,
)
from tui_downloader.ui.actions.whereabouts import shown_elsewhere
from tui_downloader.ui.screens.ask import Asked, AskScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.model.status import Status
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.screens.ask import Choice


class About(NamedTuple):
    """The downloads that a question is about.

    Attributes:
        ids: the downloads that the user meant.
        is_still: tells whether one is in question yet.
        asked: what is asked of those that are, and how it is answered.
        nothing: "Nothing to cancel", for when none is.
    """

    ids: frozenset[int]
    is_still: Callable[[Snapshot], bool]
    asked: Callable[[list[Snapshot]], Asked]
    nothing: str

    def among(self, downloads: Iterable[Snapshot]) -> list[Snapshot]:
        """Return those downloads that the question still applies to."""
        return [each for each in downloads if each.download_id in self.ids and self.is_still(each)]


class ActionSupport:
    """Asks questions, shows messages, and remembers how downloads were.

    Attributes:
        back: brings them back to that.
    """

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk, self._engine = desk, engine
        self.back = Restorer(desk, engine)

    def did(
        self,
        verb: str,
        downloads: Sequence[Snapshot],
        *,
        becomes: Status,
        is_told: bool = False,
        requests: Mapping[int, DownloadRequest] | None = None,
        note: str = "",
    ) -> None:
        """Remember how these were, for undo; the message names what the rows do not show.

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
        take_back = partial(self.back.ask_as_before, requests or {}, before)
        words, where = f"{verb} {what}", self.elsewhere(becomes, downloads)
        is_told = is_told or bool(note or where) or len(downloads) > 1
        told = f"{words}{note}{where}" if is_told else ""
        # What was said of the state of the very same before is not true any more.
        topic = f"state {hash(frozenset(before))}"
        self._desk.did(
            self.undone(words, downloads),
            take_back,
            told=told,
            topic=topic,
            stays=partial(self.back.what_stays, before),
        )

    def undone(self, words: str, before: Sequence[Snapshot]) -> str:
        """Say what an undo took back, and what it could not, such as an open connection."""
        again = not_to_be_stopped(before)
        return words + self.begun_anew(again, is_one=len(before) == 1)

    def elsewhere(self, becomes: Status, downloads: Sequence[Snapshot]) -> str:
        """Name the view with downloads that leave the current one, behind a dot; "" if none do."""
        return shown_elsewhere(self._desk.board, self._desk.words, becomes, len(downloads))

    def meant(self, downloads: Sequence[Snapshot]) -> str:
        """Name what a question is about, and how many no row shows: "3 downloads (1 hidden)"."""
        return f"{named(downloads)}{self.hidden(downloads)}"

    def hidden(self, downloads: Sequence[Snapshot]) -> str:
        """Say how many no row shows, in brackets behind a space; "" for none."""
        shown = {each.download_id for each in self._desk.board.rows}
        hidden = sum(each.download_id not in shown for each in downloads)
        number = f"{hidden} " if len(downloads) > 1 else ""
        return f" ({number}hidden)" if hidden else ""

    def at_stake(self, downloads: Sequence[Snapshot]) -> str:
        """Say how much would be deleted with the parts of these, including parts set aside."""
        earlier = total_of_parts(downloads) - total_received(downloads)
        before = f", {self._desk.figures.size(earlier)} from before" if earlier else ""
        return f"{self.total(downloads)} received{before}"

    def total(self, downloads: Sequence[Snapshot]) -> str:
        """Say how many bytes of all of them are here."""
        return self._desk.figures.size(total_received(downloads))

    def ask(
        self, question: str, choices: tuple[Choice, ...], then: Callable[[str], None]
    ) -> AskScreen:
        """Ask a question; `then` is called with its answer, unless the user goes back."""

        asking = AskScreen(question, choices)
        self._desk.open(asking, self._unless_back(then))
        return asking

    def _unless_back(self, then: Callable[[str], None]) -> Callable[[str | None], None]:
        def answered(answer: str | None) -> None:
            if answer is not None:
                then(answer)
                self._desk.wake()

        return answered

    def ask_about(
        self,
        about: About,
        then: Callable[[list[Snapshot], str, Sequence[Snapshot]], None],
    ) -> None:
        """Ask about downloads as they are at any moment: some may end while it is asked.

        Args:
            then: is given those that the answer is still about, the answer, and how they were when
                the question was shown last.
        """
        seen: list[Snapshot] = []

        def follow() -> Asked:
            seen[:] = about.among(self._desk.board.among(about.ids))
            return about.asked(seen) if seen else Asked()

        def answered(answer: str) -> None:
            # The screen may not show yet what has just ended, or begun.
            named = set(ids_of(seen))
            now = about.among(self._engine.snapshot().downloads)
            if left := [each for each in now if each.download_id in named]:
                then(left, answer, seen)
            else:
                self._desk.say_instead(f"{about.nothing}, it has ended meanwhile")

        asking = AskScreen(*follow(), follow)
        self._desk.open(asking, self._unless_back(answered))

    def losses(self, losing: Sequence[Snapshot], *, is_only: bool) -> str:
        """Say, as a sentence of its own, what begins at byte 0 once it is stopped."""
        words = not_resuming(losing, self.total(losing), is_only=is_only)
        return words[:1].upper() + words[1:]

    def note_of(self, losing: Sequence[Snapshot], *, is_only: bool) -> str:
        """The same behind a semicolon, "" when there is nothing to say."""
        return f"; {not_resuming(losing, self.total(losing), is_only=is_only)}" if losing else ""

    def from_zero(self, downloads: Sequence[Snapshot]) -> str:
        """Say that some start again from 0; the engine keeps the old parts meanwhile."""
        return self.begun_anew(starting_over(downloads), is_one=len(downloads) == 1)

    def begun_anew(self, again: Sequence[Snapshot], *, is_one: bool, is_wish: bool = False) -> str:
        """Say that these start again from 0, one download or several.

        Args:
            is_wish: the user wants that, and not their servers.
        """
        if not again:
            return ""
        going_bytes = total_of_parts(again) - total_set_aside(again)
        starts = "" if going_bytes else "starts again "  # or there is no room to say what goes
        which = starts if is_one else f"{len(again)} start{'s' * (len(again) == 1)} again "
        # What is replaced by wish stays longest: only a whole file is sure to be worth more.
        goals = ("it is whole", "they are whole") if is_wish else ("it has more", "they have more")
        until = f"kept until {goals[len(again) > 1]}"
        kept, going = map(self._desk.figures.size, (total_set_aside(again), going_bytes))
        rest = f", the other {going.strip()} go" if going_bytes else ""
        return f": {which}from 0; the {kept} from before are {until}{rest}"
