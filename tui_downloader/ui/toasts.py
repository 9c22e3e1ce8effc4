"""Short messages: at most one a second and two at a time, and bursts of failures as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TOAST_FRAME = 3  # cells of a message that are not for words
SHOWN_S = 3.0
_LONGEST_S = 15.0
_READ_PER_S = 18.0  # characters, with the time to notice that there is something to read
_APART_S = 1.0
_AT_ONCE = 2
_JOINED = 3

BURST_S = 2.0
_BURST_FROM = 4


def shown_s(text: str) -> float:
    """How long a message stays on the screen, in seconds: as long as it takes to read."""
    return min(max(SHOWN_S, len(text) / _READ_PER_S), _LONGEST_S)


class Toaster:
    """Decides when a message is shown; messages that come too fast are joined.

    Args:
        show: puts a message on the screen for `shown_s`.
        call_later: calls back after that many seconds.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        show: Callable[[str], None],
        call_later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float],
    ) -> None:
        self._show = show
        self._call_later = call_later
        self._clock = clock
        self._shown_at = 0.0
        self._gone_at: list[float] = []  # of those on the screen
        self._waiting: list[str] = []

    def say(self, text: str) -> None:
        """Show a message now, or with others as soon as there is room."""
        if self._waiting:
            if text not in self._waiting:
                self._waiting.append(text)
            return
        wait_s = self._wait_s()
        if wait_s <= 0:
            self._put(text)
        else:
            self._waiting.append(text)
            self._call_later(wait_s, self._flush)

    def begin_again(self) -> None:
        """Nothing is on the screen any more."""
        self._gone_at.clear()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        more = len(waiting) - _JOINED
        self._put("\n".join(waiting[:_JOINED] + ([f"and {more} more"] if more > 0 else [])))

    def _put(self, text: str) -> None:
        self._shown_at = now = self._clock()
        self._gone_at = [*filter(now.__lt__, self._gone_at), now + shown_s(text)]
        self._show(text)

    def _wait_s(self) -> float:
        now = self._clock()
        still_there = [at for at in self._gone_at if at > now]
        wait_s = self._shown_at + _APART_S - now if still_there else 0.0
        return wait_s if len(still_there) < _AT_ONCE else max(wait_s, min(still_there) - now)


class FailureBurst:
    """Counts failures: the rows tell a few, one message tells many.

    Args:
        say: shows the message.
        call_later: calls back after that many seconds.
        key: returns the key that shows what failed.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        call_later: Callable[[float, Callable[[], None]], object],
        key: Callable[[], str] = lambda: "5",
    ) -> None:
        self._say = say
        self._call_later = call_later
        self._key = key
        self._count = 0

    def note(self) -> None:
        """A download failed."""
        self._count += 1
        if self._count == 1:
            self._call_later(BURST_S, self._end)

    def _end(self) -> None:
        count, self._count = self._count, 0
        if count >= _BURST_FROM:
            self._say(f"{count} downloads failed · {self._key()} shows them")
