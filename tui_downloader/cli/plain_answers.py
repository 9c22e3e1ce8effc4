"""Sees to it that each command of the line mode is answered, and behind what it followed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.cli.reporting import start_phrase_of
from tui_downloader.engine import EventKind
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_downloader.model.download import Snapshot

_TURNS = frozenset(
    {
        EventKind.STARTED, EventKind.PAUSED, EventKind.CANCELLED,
        EventKind.COMPLETED, EventKind.FAILED, EventKind.REMOVED,
    }
)  # fmt: skip
RESUMED = "resumed"


class Answers:
    """The commands that are accepted and not carried out yet; the event of each answers it.

    Args:
        note: tells a sentence.
    """

    def __init__(self, note: Callable[[str], object]) -> None:
        self._note = note
        self._awaited: dict[int, str] = {}  # what each of these is to be by its last command
        self._behind: dict[int, list[str]] = {}  # what is to be told once that has come

    def accepted(self, number: int, word: str) -> None:
        """A download is to be paused, resumed, …; nothing else would tell what it is no more."""
        overtaken = self._awaited.get(number)
        if overtaken is not None:
            self._note(f"{number}: {word} before it was {overtaken}")
        self._awaited[number] = word

    def answered(self, number: int, word: str, words: str) -> None:
        """A command that no event follows has been carried out."""
        self.accepted(number, word)
        del self._awaited[number]
        self._note(f"{number}: {words}")

    def refused(self, number: int, words: str) -> None:
        """A command was refused, maybe because of one whose event is still to come."""
        if number in self._awaited:
            self._behind.setdefault(number, []).append(words)
        else:
            self._note(f"{number}: {words}")

    def heard(self, kind: EventKind, number: int) -> None:
        """Something has happened; it is told before the next `tell`."""
        if kind in _TURNS:
            self._awaited.pop(number, None)

    def tell(self, *, is_last: bool = False) -> None:
        """Tell what had to wait for the events that have been told now; at last, everything."""
        for number in [each for each in self._behind if is_last or each not in self._awaited]:
            for words in self._behind.pop(number):
                self._note(f"{number}: {words}")

    def tell_in_line(self, downloads: Iterable[Snapshot], now: float) -> None:
        """Tell which of those that were resumed are not started yet, and what they wait for.

        Args:
            now: wall clock, seconds.
        """
        if RESUMED not in self._awaited.values():
            return
        for each in downloads:
            is_awaited = self._awaited.get(each.download_id) == RESUMED
            if is_awaited and each.status is Status.QUEUED:
                del self._awaited[each.download_id]
                is_early = each.start_at is not None
                words = f"starts {start_phrase_of(each, now)}" if is_early else "stands in line"
                self._note(f"{each.download_id}: {words}")
