"""Passes events on to their readers; each one also shows in the next snapshot."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Self

from tui_downloader.model.events import EngineEvent, EventKind
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tui_downloader.engine.transfer.download import Download

_KEPT = 1000


_KINDS = {
    Status.CONNECTING: EventKind.STARTED,
    Status.COMPLETED: EventKind.COMPLETED,
    Status.FAILED: EventKind.FAILED,
    Status.PAUSED: EventKind.PAUSED,
    Status.CANCELLED: EventKind.CANCELLED,
}


class EventFeed:
    """An endless, bounded stream of events for one reader; the oldest are dropped when it lags.

    Attributes:
        kinds: what comes; everything when it is empty.
    """

    def __init__(
        self, on_close: Callable[[EventFeed], None], kinds: Collection[EventKind] = ()
    ) -> None:
        self.kinds = kinds
        self._events: deque[EngineEvent] = deque(maxlen=_KEPT)
        self._wake = asyncio.Event()
        self._on_close = on_close
        self._closed = False

    def put(self, event: EngineEvent) -> None:
        """Add an event; called by the engine."""
        self._events.append(event)
        self._wake.set()

    def close(self) -> None:
        """End the stream; its reader's loop ends after what is left."""
        self._closed = True
        self._wake.set()
        self._on_close(self)

    def taken(self) -> list[EngineEvent]:
        """Return the events that have come already."""
        events = list(self._events)
        self._events.clear()
        return events

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EngineEvent:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._events.popleft()


class Announcer:
    """Passes events on to all open streams.

    Args:
        heard: called at every event that is about a download.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self._feeds: list[EventFeed] = []
        self._told: dict[int, Status] = {}

    def open(self, kinds: Collection[EventKind] = ()) -> EventFeed:
        """Open a stream for one reader, of some kinds of events or of all."""
        feed = EventFeed(self._feeds.remove, kinds)
        self._feeds.append(feed)
        return feed

    def tell(self, kind: EventKind, download: Download) -> None:
        """Something happened to a download."""
        if kind is EventKind.REMOVED:
            self._told.pop(download.download_id, None)
        words = download.failure.message if download.failure is not None else ""
        self._put(kind, download, words)

    def _put(self, kind: EventKind, download: Download, words: str) -> None:
        self._heard()
        for feed in self._feeds:
            if kind in feed.kinds or not feed.kinds:
                feed.put(EngineEvent(kind, download.download_id, download.clean_name, words))

    def tell_status(self, download: Download) -> None:
        """Report a status that may have changed, if it is worth it and was not reported before."""
        if self._told.get(download.download_id) is download.status:
            return
        self._told[download.download_id] = download.status
        if (kind := _KINDS.get(download.status)) is not None:
            self.tell(kind, download)

    def note(self, download: Download, words: str, kind: EventKind = EventKind.NOTE) -> None:
        """Say something about a download that is no change of its status."""
        download.note(time.time(), words)
        self._put(kind, download, clean(words, 300))

    def say(self, words: str) -> None:
        """Say something that is about no single download."""
        for feed in self._feeds:
            if EventKind.NOTE in feed.kinds or not feed.kinds:
                feed.put(EngineEvent(EventKind.NOTE, 0, "", clean(words, 300)))

    def space_changed(self) -> None:
        """Another amount of free space is to be shown."""
        for feed in self._feeds:
            if EventKind.SPACE in feed.kinds or not feed.kinds:
                feed.put(EngineEvent(EventKind.SPACE, 0, "", ""))

    def close(self) -> None:
        """End all streams."""
        for feed in list(self._feeds):
            feed.close()
