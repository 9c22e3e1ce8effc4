"""When a fault is tried again, and when it is given up (laws.md, table C).

The budget is told of each fault and of the bytes received; time and randomness are passed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tui_downloader.model.errors import Again, DownloadError, HttpStatusError, TooManyOpen
from tui_downloader.model.units import format_bytes

FIRST_WAIT_S = 0.5
LONGEST_BACKOFF_S = 30.0
SHORTEST_RETRY_AFTER_S = 1.0
REFILL_BYTES = 256 * 1024
TRIES_AFTER_BREAK = 10
TRIES_WHILE_BUSY = 6
TRIES_WHEN_TOLD = 20


class Kind(NamedTuple):
    """Faults that are counted together.

    Attributes:
        what: what is tried again, for a sentence.
        tries: how often in a row.
    """

    what: str
    tries: int

    @property
    def rule(self) -> str:
        """What is counted, in one sentence."""
        refill = format_bytes(REFILL_BYTES, binary=True)
        return (
            f"{self.what} is tried again up to {self.tries} times in a row; "
            f"with every {refill} that arrive the count starts anew"
        )


_TOLD = Kind("a server that says how long to wait", TRIES_WHEN_TOLD)
_BUSY = Kind("a busy server", TRIES_WHILE_BUSY)
_BROKEN = Kind("a connection that fails", TRIES_AFTER_BREAK)
_SHORT = Kind("a file that cannot be opened beside so many others", TRIES_AFTER_BREAK)


class Retry(NamedTuple):
    """One granted retry: how long to wait, in seconds, and which of how many it is."""

    wait_s: float
    attempt: int
    attempts: int
    host_wide: bool = False

    @property
    def which(self) -> str:
        """Which of how many it is: "2/5"."""
        return f"{self.attempt}/{self.attempts}"


@dataclass(slots=True)
class RetryBudget:
    """Faults in a row, by kind; 256 KiB of progress forgives all of them.

    Attributes:
        rule: what the last retry was counted by, in one sentence; "" without one.
    """

    faults: int = 0
    progress_bytes: int = 0
    kinds: dict[Kind, int] = field(default_factory=dict)
    rule: str = ""
    turns: set[str] = field(default_factory=set)  # addresses that had tries of their own

    def progressed(self, n_bytes: int) -> None:
        """Count bytes that were new; enough of them refill the budget."""
        self.progress_bytes += n_bytes
        if self.progress_bytes >= REFILL_BYTES:
            self.reset()

    def reset(self) -> None:
        """Start afresh: enough progress, or the user's word."""
        self._forgive()
        self.turns.clear()

    def excuse(self) -> None:
        """Count afresh, though with waits as long as before: the last fault was nobody's."""
        self.kinds.clear()

    def turn_to(self, address: str) -> None:
        """Go on with another address, which has tries of its own, once."""
        if address not in self.turns:
            self._forgive()
            self.turns.add(address)

    def _forgive(self) -> None:
        self.faults = 0
        self.progress_bytes = 0
        self.kinds.clear()
        self.rule = ""

    def after(self, error: DownloadError, chance: float) -> Retry | None:
        """Return the wait before the next try, or None to give up.

        Args:
            error: what happened.
            chance: a random number in [0, 1) that spreads the waits of many clients.
        """
        if error.again is Again.NEVER:
            return None
        told_s = error.retry_after_s if isinstance(error, HttpStatusError) else None
        kind = _kind_of(error, told_s)
        count = self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.faults += 1
        self.rule = kind.rule
        if count > kind.tries:
            return None
        if told_s is not None:
            wait_s = max(SHORTEST_RETRY_AFTER_S, told_s)
            return Retry(wait_s, count, kind.tries, host_wide=True)
        backoff_s = min(LONGEST_BACKOFF_S, FIRST_WAIT_S * 2 ** min(self.faults - 1, 10))
        return Retry(backoff_s * (0.75 + 0.5 * chance), count, kind.tries)


def _kind_of(error: DownloadError, told_s: float | None) -> Kind:
    if told_s is not None:
        return _TOLD
    if error.again is Again.SERVER_BUSY:
        return _BUSY
    return _SHORT if isinstance(error, TooManyOpen) else _BROKEN
