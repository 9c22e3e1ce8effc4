"""How far apart the requests to a host are sent that refuses those which come too soon.

A server may limit how many requests a client sends in a second, whatever number of connections they
come on (nginx: limit_req). What it refuses it serves a moment later. Its rate is found as that of a
line is: requests are sent further apart when one was refused, and a little nearer with each that
was answered, though for a while not as near again as those of which one was refused. Times are
passed in.
"""

from __future__ import annotations

import math

from tui_downloader.model.errors import DownloadError, HttpStatusError

_FIRST_S = 0.25
_LONGEST_S = 15.0
_FURTHER = 2.0
_NEARER = 0.95
_ABOVE_REFUSED = 1.15
_REMEMBERED_S = 30.0  # how near was too near
_NEGLIGIBLE_S = 0.01
_MAY_BE_TOO_SOON = frozenset({429, 503})


def may_be_too_soon(error: DownloadError) -> bool:
    """Tell whether a server may have refused a request for coming too soon after others.

    One that says when to come again is taken at its word instead.
    """
    is_told = isinstance(error, HttpStatusError) and error.retry_after_s is None
    return is_told and getattr(error, "status", 0) in _MAY_BE_TOO_SOON


class RequestRate:
    """The pause between requests to one host.

    Args:
        now: seconds of a steady clock.
        served_s: a request was served that came so long after another one.

    Attributes:
        interval_s: from one request to the next.
        is_innocent: what was refused last came no sooner than others that were served.
    """

    def __init__(self, now: float, served_s: float = math.inf) -> None:
        self.interval_s = _FIRST_S
        self.is_innocent = False
        self._served_s = served_s
        self._before_s = _FIRST_S  # the interval before the last refusals
        self._raised_at = now
        self._too_near_s = 0.0

    @property
    def is_negligible(self) -> bool:
        """It has been a long time since anything was refused."""
        return self.interval_s < _NEGLIGIBLE_S

    def answered(self, now: float) -> None:
        """A request was answered."""
        self._served_s = min(self._served_s, self.interval_s)
        floor_s = self._too_near_s if now - self._raised_at < _REMEMBERED_S else 0.0
        self.interval_s = min(self.interval_s, max(floor_s, _NEARER * self.interval_s))
        self._before_s = self.interval_s

    def refused(self, sent_at: float, now: float) -> None:
        """A request was refused that was sent then, in its turn.

        Those that were on their way when the interval grew say nothing about the new one.
        """
        if sent_at < self._raised_at:
            return
        self.is_innocent = self.interval_s >= _ABOVE_REFUSED * self._served_s
        self._too_near_s = _ABOVE_REFUSED * self.interval_s
        self.interval_s = min(_LONGEST_S, _FURTHER * self.interval_s)
        self._raised_at = now

    def excuse(self) -> None:
        """The last refusals had another reason."""
        self.interval_s = self._before_s
        self._too_near_s = 0.0
