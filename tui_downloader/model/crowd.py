"""Which refusals of a host may be meant for one download too many, and not for the download itself.

A server that limits how many connections a client has at once serves some downloads and refuses
others until one of those ends. Whoever is refused meanwhile has to wait for that, and nothing is
wrong. A file that is never served is refused as well, however few others there are: so the number
is not the reason where the host has served twice as many since.
"""

from __future__ import annotations

from typing import NamedTuple

from tui_downloader.model.errors import DownloadError, HttpStatusError, NetworkError, Unreachable

_MAY_BE_TOO_MANY = frozenset({429, 503})
_SHUT = frozenset({NetworkError.code, "connect"})  # not: an unknown name, and silence
_CERTAINLY_MORE = 2  # times as many; one whose last bytes are on their way counts a moment too long


def may_be_too_many(error: DownloadError, host: str, *, was_answered: bool) -> bool:
    """Tell whether a server may have refused a request because it was serving others.

    Some do so by a status, others by closing the connection, or by taking none.

    Args:
        host: that of the request, name and port; a redirect may have led to another one.
        was_answered: the request was accepted; what broke is its answer.
    """
    if isinstance(error, HttpStatusError):
        return error.status in _MAY_BE_TOO_MANY
    if not isinstance(error, NetworkError) or error.code not in _SHUT or was_answered:
        return False
    return not isinstance(error, Unreachable) or error.host == host


class _Refusal(NamedTuple):
    """What is known since a download was refused first.

    Attributes:
        fewest: connections of others at any refusal.
        last: at the latest one.
        times: how often it was refused.
        is_guess: none of the others was served at the latest one; they had only asked.
        most: that the host has served at once since.
    """

    fewest: int
    last: int
    times: int = 1
    is_guess: bool = False
    most: int = 0


class Crowd:
    """The downloads that want something of one host, by their ids."""

    def __init__(self) -> None:
        self._connections: dict[int, int] = {}  # 0 of those that have not been answered yet
        self._refusals: dict[int, _Refusal] = {}

    def ask(self, download_id: int) -> None:
        """A download sends its first request."""
        self._connections.setdefault(download_id, 0)

    def serve(self, download_id: int, connections: int) -> None:
        """Connections of a download bring something; one between two answers counts, too."""
        self._connections[download_id] = max(1, connections)
        self._refusals.pop(download_id, None)
        served = sum(self._connections.values())
        for key, refusal in self._refusals.items():
            self._refusals[key] = refusal._replace(most=max(refusal.most, served))

    def others(self, download_id: int) -> int:
        """Return how many connections other downloads have, or have just asked for."""
        places = self._connections.items()
        return sum(max(1, connections) for key, connections in places if key != download_id)

    def refuse(self, download_id: int) -> bool:
        """A download was refused; tell whether there may only be too many others.

        Others that have only asked are a reason as well, but not twice: a host that serves nobody
        refuses them, too.
        """
        self._connections.pop(download_id, None)
        others = self.others(download_id)
        if not others:
            return False
        before = self._refusals.get(download_id, _Refusal(others, others, times=0))
        is_guess = not any(self._connections.values())
        self._refusals[download_id] = now = before._replace(
            fewest=min(before.fewest, others),
            last=others,
            times=before.times + 1,
            is_guess=is_guess,
        )
        is_guess_again = is_guess and before.is_guess
        return not is_guess_again and now.most <= _CERTAINLY_MORE * now.fewest

    def may_be_full(self, download_id: int) -> bool:
        """Tell whether the host has not served more since than others had at the last refusal."""
        refusal = self._refusals.get(download_id)
        return refusal is None or refusal.most <= refusal.last

    def refusals(self, download_id: int) -> int:
        """Return how often a download was refused since it was served."""
        refusal = self._refusals.get(download_id)
        return 0 if refusal is None else refusal.times

    def leave(self, download_id: int) -> bool:
        """A download wants nothing any more; tell whether it was served, so that there is room."""
        return self._connections.pop(download_id, 0) > 0
