"""When a fault is tried again, and when it is given up (laws.md, table C).

The budget is told what happened and how much arrived since; time and chance come in as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tui_downloader.model.errors import Again, DownloadError, HttpStatusError

FIRST_WAIT_S = 0.5
LONGEST_BACKOFF_S = 30.0
SHORTEST_RETRY_AFTER_S = 1.0
REFILL_BYTES = 256 * 1024
TRIES_AFTER_BREAK = 10
TRIES_WHILE_BUSY = 6
TRIES_WHEN_TOLD = 20
# A host that never answered is more likely misspelt than broken: the user is told soon.
TRIES_AT_FIRST_CONTACT = 3
_NO_CONTACT = frozenset({"dns", "connect"})


class Retry(NamedTuple):
    """One granted retry: how long to wait, in seconds, and which of how many it is."""

    wait_s: float
    attempt: int
    attempts: int
    host_wide: bool = False


@dataclass(slots=True)
class RetryBudget:
    """Faults in a row, by kind; 256 KiB of progress forgives all of them."""

    faults: int = 0
    progress_bytes: int = 0
    kinds: dict[int, int] = field(default_factory=dict)

    def progressed(self, n_bytes: int) -> None:
        """Count bytes that were new; enough of them refill the budget."""
        self.progress_bytes += n_bytes
        if self.progress_bytes >= REFILL_BYTES:
            self.reset()

    def reset(self) -> None:
        """Start afresh: enough progress, or the user's word."""
        self.faults = 0
        self.progress_bytes = 0
        self.kinds.clear()

    def after(self, error: DownloadError, chance: float, *, answered: bool) -> Retry | None:
        """Return the wait before the next try, or None to give up.

        Args:
            error: what happened.
            chance: a random number in [0, 1) that spreads the waits of many clients.
            answered: the server has answered before.
        """
        if error.again is Again.NEVER:
            return None
        told_s = error.retry_after_s if isinstance(error, HttpStatusError) else None
        attempts = _attempts(error, told_s)
        if not answered and error.code in _NO_CONTACT:
            attempts = TRIES_AT_FIRST_CONTACT
        count = self.kinds[attempts] = self.kinds.get(attempts, 0) + 1
        self.faults += 1
        if count > attempts:
            return None
        if told_s is not None:
            wait_s = max(SHORTEST_RETRY_AFTER_S, told_s)
            return Retry(wait_s, count, attempts, host_wide=True)
        backoff_s = min(LONGEST_BACKOFF_S, FIRST_WAIT_S * 2 ** min(self.faults - 1, 10))
        return Retry(backoff_s * (0.75 + 0.5 * chance), count, attempts)


def _attempts(error: DownloadError, told_s: float | None) -> int:
    if told_s is not None:
        return TRIES_WHEN_TOLD
    return TRIES_WHILE_BUSY if error.again is Again.SERVER_BUSY else TRIES_AFTER_BREAK
