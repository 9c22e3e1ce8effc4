"""What happens to downloads, as the log and notifications are told of it."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


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
    MOVED = auto()  # a note, too: its files have the name or the folder that the user wanted
    DISCARDED = auto()  # its parts are deleted: nobody need notice, but what is shown changes
    SPACE = auto()  # there is more or less room on a disk: the same
    MIRROR = auto()  # another address took over: for a log; nobody need notice


class EngineEvent(NamedTuple):
    """One event; `name` and `message` are cleaned for display.

    One that is about no single download has no name, and 0 for its id.
    """

    kind: EventKind
    download_id: int
    name: str
    message: str
