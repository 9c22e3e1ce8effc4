"""How the program itself slows a download down: speed limits, and a slow disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.slowness import Share

if TYPE_CHECKING:
    from collections.abc import Collection

    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.connection import Connection

_DISK_MEMORY_S = 2.5  # buffers are full for a moment on the quickest disk
# Servers that limit each connection send in gusts, up to a second apart, and a gust may well be
# held for a moment by a limit that is far above them.
_LIMITS_MEMORY_S = 1.0
_FIRST_S = 0.25  # what a server has at hand for a new connection comes in one gust, too


class Throttling:
    """Looked at with each step of a download; knows how much of the time they held it of late.

    Args:
        connections: of the download, as they are at any time.
        now: seconds of the steady clock.

    Attributes:
        disk: received bytes waited for it.
        own_limit, common_limit: nothing was taken because of it.
    """

    def __init__(self, connections: Collection[Connection], asking: Asking, now: float) -> None:
        self._connections = connections
        self._asking = asking
        self._looked_at = now
        self._held_s = asking.held_s()
        self.disk = Share(_DISK_MEMORY_S, _DISK_MEMORY_S)
        self.own_limit = Share(_LIMITS_MEMORY_S, _FIRST_S)
        self.common_limit = Share(_LIMITS_MEMORY_S, _FIRST_S)

    @property
    def is_limited(self) -> bool:
        """A speed limit holds the download back: more connections would not help."""
        return self.own_limit.is_most or self.common_limit.is_most

    def look(self, now: float) -> bool:
        """Count the time since the last look; tell whether anything held the download back."""
        passed_s, self._looked_at = now - self._looked_at, now
        before, self._held_s = self._held_s, self._asking.held_s()
        held_s = [after - earlier for earlier, after in zip(before, self._held_s, strict=True)]
        is_backed_up = any(connection.is_backed_up for connection in self._connections)
        if passed_s > 0:
            self.disk.passed(passed_s, is_backed_up)
            for limit, seconds in zip((self.own_limit, self.common_limit), held_s, strict=True):
                limit.passed(passed_s, min(1.0, seconds / passed_s))
        return is_backed_up or any(held_s)
