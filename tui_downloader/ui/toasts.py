"""Short messages: at most one a second and two at a time, and bursts of failures as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWN_S = 3.0
_APART_S = 1.0
_AT_ONCE = 2
_JOINED = 3

BURST_S = 2.0
_BURST_FROM = 4


class Toaster:
    """Decides when a message is shown; messages that come too fast are joined.

    Args:
        show: puts a message on the screen for `SHOWN_S`.
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
        self._shown_at: list[float] = []
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
        self._shown_at.clear()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        more = len(waiting) - _JOINED
        self._put("\n".join(waiting[:_JOINED] + ([f"and {more} more"] if more > 0 else [])))

    def _put(self, text: str) -> None:
        self._shown_at = [*self._shown_at[1 - _AT_ONCE :], self._clock()]
        self._show(text)

    def _wait_s(self) -> float:
        now = self._clock()
        waits = [at + _APART_S - now for at in self._shown_at[-1:]]
        if len(self._shown_at) >= _AT_ONCE:
            waits.append(self._shown_at[-_AT_ONCE] + SHOWN_S - now)
        return max(waits, default=0.0)


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
