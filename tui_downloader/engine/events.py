"""Rare facts for the log and notifications; each is visible in the next snapshot too."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_KEPT = 1000


class EventKind(Enum):
    """What happened."""

    ADDED = auto()
    STARTED = auto()
    COMPLETED = auto()
    FAILED = auto()
    PAUSED = auto()
    CANCELLED = auto()
    REMOVED = auto()
    NOTE = auto()


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """One fact; `name` and `message` are cleaned for display."""

    kind: EventKind
    download_id: int
    name: str
    message: str


class EventFeed:
    """An endless, bounded stream of events for one reader; the oldest are dropped when it lags."""

    def __init__(self, on_close: Callable[[EventFeed], None]) -> None:
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

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> EngineEvent:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._events.popleft()
