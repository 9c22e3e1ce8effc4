"""What can be taken back, for a while, and how a download gets back to the state it had. Pure."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

UNDO_S = 10.0


class Staying(NamedTuple):
    """What an undo leaves as it is: in words, and whether it is all that the deed was about."""

    words: str = ""
    is_all: bool = False


class Deed(NamedTuple):
    """Something the user did.

    Attributes:
        words: "Removed 12".
        take_back: undoes it; None for what cannot be undone.
        topic: what it is about, "" for nothing that several deeds in a row are about.
        stays: says what taking it back would leave as it is by now, "" for nothing.
        moves: the download whose files it moves, which takes a while; 0 for none.
    """

    words: str
    take_back: Callable[[], None] | None
    topic: str = ""
    stays: Callable[[], Staying] | None = None
    moves: int = 0

    @property
    def outcome(self) -> str:
        """What taking it back comes to now, as a sentence."""
        staying = self.stays() if self.stays is not None else Staying()
        if staying.is_all:
            return staying.words
        return f"Undone: {self.words}" + (f"; {staying.words}" if staying.words else "")


class Undo:
    """Remembers deeds for 10 seconds, the latest first.

    What cannot be undone ends the chain: nothing is taken back across it, as the user means the
    latest deed, and never an older one.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._deeds: list[tuple[float, Deed]] = []

    def remember(
        self,
        words: str,
        take_back: Callable[[], None],
        topic: str = "",
        stays: Callable[[], Staying] | None = None,
        moves: int = 0,
    ) -> None:
        """The user did something that can be undone.

        Args:
            topic: what it is about; with the deed before, if that is about the same, it is one:
                a key that was pressed ten times is taken back at once.
            stays, moves: see `Deed`.
        """
        fresh = self._fresh()
        latest = fresh[-1][1] if fresh else None
        if topic and latest is not None and latest.topic == topic:
            fresh.pop()
            take_back = latest.take_back or take_back
        deed = Deed(words, take_back, topic, stays, moves)
        self._deeds = [*fresh, (self._clock() + UNDO_S, deed)]

    def finish(self, words: str) -> None:
        """The user did something that cannot be undone."""
        self._deeds = [(self._clock() + UNDO_S, Deed(words, None))]

    @property
    def is_possible(self) -> bool:
        """There is something to take back."""
        return bool(self.words)

    @property
    def words(self) -> str:
        """What would be taken back now, "" for nothing."""
        latest = self._latest
        return latest.words if latest is not None and latest.take_back is not None else ""

    @property
    def outcome(self) -> str:
        """What taking the latest deed back comes to now, as a sentence; "" when it cannot be."""
        latest = self._latest
        return latest.outcome if latest is not None and latest.take_back is not None else ""

    def has_moved(self, download_id: int) -> bool:
        """Tell whether what would be taken back now has moved the files of a download."""
        return self._latest is not None and self._latest.moves == download_id

    @property
    def final(self) -> str:
        """The words of the latest deed if that cannot be undone, else ""."""
        latest = self._latest
        return latest.words if latest is not None and latest.take_back is None else ""

    def take_back(self) -> str | None:
        """Undo the latest deed and return its words; None when it is too late, or impossible."""
        latest = self._latest
        if latest is None or latest.take_back is None:
            return None
        self._deeds.pop()
        latest.take_back()
        return latest.words

    @property
    def _latest(self) -> Deed | None:
        self._deeds = self._fresh()
        return self._deeds[-1][1] if self._deeds else None

    def _fresh(self) -> list[tuple[float, Deed]]:
        now = self._clock()
        return [(until, deed) for until, deed in self._deeds if until > now]


class Step(Enum):
    """A wish to the engine on the way back to an earlier state."""

    RESUME = auto()
    PAUSE = auto()
    CANCEL = auto()  # keeping the parts
    FAIL = auto()  # for the old reason
    KEEP = auto()  # the finished file, which has its name until another one is whole


def way_back(before: Status, *, has_new_bytes: bool = False) -> tuple[Step, ...]:
    """Return the wishes that bring a download back to the state it had, whatever it is in now.

    Wishes that do not fit are harmless. What had FAILED and has got bytes since becomes PAUSED: the
    old reason does not hold any more, it does nothing by itself, and every byte stays.
    """
    if before is Status.COMPLETED:
        return (Step.KEEP,)
    if before is Status.QUEUED or before.is_running:
        return (Step.RESUME,)
    if before is Status.CANCELLED:
        return (Step.CANCEL,)
    if before is Status.FAILED and not has_new_bytes:
        return (Step.FAIL,)
    return (Step.RESUME, Step.PAUSE)


def ways_back(
    before: Mapping[int, Status], with_new_bytes: Container[int] = ()
) -> list[tuple[Step, list[int]]]:
    """Gather the wishes for many downloads into few, in an order in which they can be made.

    Args:
        before: the states they had.
        with_new_bytes: those that have received something since.
    """
    wishes: dict[Step, list[int]] = {step: [] for step in Step}
    for download_id, status in before.items():
        for step in way_back(status, has_new_bytes=download_id in with_new_bytes):
            wishes[step].append(download_id)
    return [(step, ids) for step, ids in wishes.items() if ids]
