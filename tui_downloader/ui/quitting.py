"""The ways to leave: a key, ctrl+c, a signal, or automatically once everything is done.

While downloads run it is asked first, and what was chosen can be taken back.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.model.units import counted
from tui_downloader.ui.actions.selection import not_resuming, starting_over, total_received
from tui_downloader.ui.adding.intake import lines_in
from tui_downloader.ui.background import begin
from tui_downloader.ui.commands.command import key_in_words
from tui_downloader.ui.screens.ask import Asked, AskScreen, Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.worker import Worker

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.engine_life import EngineLife

_PAUSE_AND_QUIT, _QUIT_WHEN_DONE, _STAY = "quit", "when-done", "stay"
_NOTE = "quits when done"
_EVERYWHERE = "ctrl+q"
_INTERRUPTS = 3
_NAMED = 3  # of those that failed
_INTERRUPTS_WITHIN_S = 2.0


class Quitting:
    """Asks how to leave, and leaves at once or when nothing runs any more.

    Args:
        desk: asks, and knows what runs.
        life: ends with the program.
        engine: knows when nothing runs, and how it went.
        say_in_header: says what will happen, "" for nothing.
        text_left: returns what waits in the dialog that adds links.

    Attributes:
        parting: what is to be said in the terminal once the interface is gone.
        unsent: what is to be kept of the text in the dialog: nobody could be asked about it.
    """

    def __init__(
        self,
        desk: Desk,
        life: EngineLife,
        engine: Engine,
        say_in_header: Callable[[str], None],
        text_left: Callable[[], str],
    ) -> None:
        self._desk = desk
        self._life = life
        self._engine = engine
        self._say_in_header = say_in_header
        self._text_left = text_left
        self.parting = self.unsent = ""
        self._waiting: Worker[None] | None = None
        self._asking: AskScreen | None = None
        self._interrupts: list[float] = []

    def want(self) -> None:
        """Quit, but ask first when downloads are running, or a text would be lost."""
        is_asked = self._desk.board.running or lines_in(self._text_left())
        if self._life.is_leaving:
            # Asked again while saving: the parts are valid as they are.
            self._life.hurry()
        elif not is_asked or self._desk.screen.app.screen is self._asking:
            self.leave()
        else:
            self._ask()

    def leave(self) -> None:
        """Pause what runs, save and end."""
        if self._life.has_begun:  # else there is nothing to save, and perhaps no header
            self._say_in_header("saving…")
        self._life.leave()

    def told_to_end(self) -> None:
        """A signal saves and ends; a second one, or a disk that is stuck, ends at once."""
        if self._life.is_leaving:
            self._life.hurry()
        else:
            self.unsent = self._text_left()
            self.leave()
            self._life.give_up_later()

    def interrupt(self) -> None:
        """ctrl+c does nothing by itself; three within two seconds mean it."""
        now = time.monotonic()
        self._interrupts = [at for at in self._interrupts if now - at < _INTERRUPTS_WITHIN_S]
        self._interrupts.append(now)
        if len(self._interrupts) < _INTERRUPTS:
            is_in_dialog = self._desk.screen.app.screen is not self._desk.screen
            # A dialog has its own keys, but for one.
            key = _EVERYWHERE if is_in_dialog else self._desk.keymap.key_of("quit")
            self._desk.say(f"{key} quits")
        else:
            self.want()

    def _ask(self) -> None:
        """Ask about the downloads that run, and the text that goes."""
        self._asking = AskScreen(*self._asked(), self._asked)
        self._desk.open(self._asking, self._answered)

    def _asked(self) -> Asked:
        """The question of now, and its answers."""
        is_running = self._desk.board.running > 0
        what = "pause and quit" if is_running else "quit"
        others = [Choice(("w",), "quit when done", _QUIT_WHEN_DONE)] * is_running
        others += [Choice(("s",), "stay open", _STAY)] * (self._waiting is not None)
        keys = self._keys_again({key for choice in others for key in choice.keys})
        title = f"or {key_in_words(keys[0])}: {what}" if keys else what
        quit_ = Choice(("y", *keys, _EVERYWHERE), title, _PAUSE_AND_QUIT)
        return Asked(self._question(), (quit_, *others))

    def _keys_again(self, taken: set[str]) -> list[str]:
        """The keys that were pressed for the question, as far as they mean nothing else in it."""
        keys = self._desk.keymap.by_id["quit"].keys
        return [key for key in keys if key not in {*taken, "y", "escape", _EVERYWHERE}]

    def _question(self) -> str:
        """Say what is running now, and what happens to it and to a text that was not added."""
        lost = self._told_of_text()
        running = self._desk.board.active
        if not running:
            return lost or "Nothing runs any more."
        if self._waiting is None:
            question = f"{self._told()}. What runs goes on at the next start."
        else:
            question = f"{self._told()}; {_NOTE}."
        if again := starting_over(running):
            size = self._desk.figures.size(total_received(again))
            question += f" {not_resuming(again, size)}."
        return f"{question} {lost}".rstrip()

    def _told_of_text(self) -> str:
        lines = lines_in(self._text_left())
        if not lines:
            return ""
        add, are = self._desk.keymap.key_of("add"), "is" if lines == 1 else "are"
        return (
            f"{counted(lines, 'line')} in the add dialog ({add}) {are} not added and would be lost."
        )

    def _told(self) -> str:
        """ "1 running, 8 waiting": those that wait, or need no network any more, count apart."""
        board = self._desk.board
        of = board.counts
        waiting, finishing = of.get(Status.WAITING, 0), of.get(Status.VERIFYING, 0)
        receiving = board.running - waiting - finishing
        counts = {"running": receiving, "waiting": waiting, "finishing": finishing}
        return ", ".join(f"{n} {word}" for word, n in counts.items() if n)

    def _answered(self, answer: str | None) -> None:
        if answer == _PAUSE_AND_QUIT:
            self.leave()
        elif answer == _QUIT_WHEN_DONE and self._waiting is None:
            self._say_in_header(_NOTE)
            leave = partial(self._leave_when_done, time.time())
            self._waiting = begin(self._desk.screen, leave, group="leave")
        elif answer == _STAY and self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            self._say_in_header("")

    async def _leave_when_done(self, wished_at: float) -> None:
        await self._engine.wait_idle()
        self.parting = outcome(self._engine.snapshot().downloads, wished_at)
        self.unsent = self._text_left()
        self.leave()


def outcome(downloads: Iterable[Snapshot], since: float) -> str:
    """Sum up the results, for the terminal after the interface has ended.

    Args:
        since: wall clock, seconds; downloads that had ended before are left out.
    """
    ended = [each for each in downloads if each.phase_since >= since]
    done = [each for each in ended if each.standing is Status.COMPLETED]
    failed = [each.name for each in ended if each.standing is Status.FAILED]
    words = f"tui-downloader: {len(done)} done"
    if not failed:
        return words
    more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    return f"{words}, {len(failed)} failed: {', '.join(failed[:_NAMED])}{more}"
