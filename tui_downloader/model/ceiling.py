"""How many connections a server accepts for one file, and when it is asked for one more.

A server that refuses a connection may limit their number: then it refuses one more as long as the
others are there. Or it limits how soon a request may follow another, or was busy: then it serves
one more a moment later. So one more is asked for soon after the first refusal, to learn which it
is, and later ever more rarely. Times are passed in.
"""

from __future__ import annotations

import math

_FIRST_TEST_S = 1.0
_RECALLED_TEST_S = 10.0  # of what an earlier download has learnt
_NEXT_TEST_S = 60.0  # doubled with each refusal


class Ceiling:
    """The most connections there may be.

    Args:
        bound: never more than this, whatever the server accepts; at least 1.
        accepted: what the server is known to accept, 0 for not known.

    Attributes:
        most: as many are accepted, as far as is known.
        was_refused: the server refused more than that.
    """

    def __init__(self, bound: int, accepted: int = 0) -> None:
        self._bound = bound
        self.most = min(bound, accepted or bound)
        self.was_refused = False
        self._is_news = True  # what is refused next: the others of one moment tell the same
        self._test_s = _FIRST_TEST_S
        self._test_at = math.inf

    def begin(self, now: float) -> None:
        """The first look at the download: what is only recalled is tested after a while."""
        if self.most < self._bound and not self.was_refused:
            self._test_at = now + _RECALLED_TEST_S
            self._test_s = _NEXT_TEST_S

    def refused(self, now: float, working: int, told_s: float = 0.0) -> None:
        """The server accepts no more than `working`; it is left alone for `told_s` at least."""
        self.most = min(self._bound, max(1, working))
        self.was_refused = True
        if self._is_news:
            self._test_at = now + self._test_s
            self._test_s = max(_NEXT_TEST_S, 2 * self._test_s)
        self._test_at = max(self._test_at, now + told_s)
        self._is_news = False

    def rises(self, now: float) -> bool:
        """Allow one more if it is time to ask for one; tell whether it is."""
        if self.most >= self._bound or now < self._test_at:
            return False
        self.most += 1
        self._test_at = now + max(_NEXT_TEST_S, self._test_s)
        self._is_news = True
        return True

    def lift(self) -> None:
        """The server accepts more than when it refused some: that was not for their number."""
        self.most = self._bound
        self.was_refused = False
        self._is_news = True

    def set_bound(self, bound: int) -> None:
        """The user changed the bound, and wants to see what the server accepts."""
        self._bound = bound
        self.lift()
