"""The states of a download and the one table of how they follow each other.

This file holds the enum, the table and the function that applies an event; nothing else in the
program assigns a status. Persisted values are the enum's names.

    QUEUED -> CONNECTING -> DOWNLOADING -> VERIFYING -> COMPLETED
       ^          |             |             |
    PAUSED    WAITING (goes on at a time it shows) -> FAILED        CANCELLED
"""

from __future__ import annotations

from enum import Enum, auto

from tui_downloader.model.errors import IllegalTransition


class Status(Enum):
    """Where a download stands."""

    QUEUED = "QUEUED"
    CONNECTING = "CONNECTING"
    DOWNLOADING = "DOWNLOADING"
    VERIFYING = "VERIFYING"
    WAITING = "WAITING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    # Asked for ten thousand downloads several times a second: plain attributes, and the hash of
    # objects, which members are anyway.
    is_running: bool  # a task is carrying the download out, or will go on by itself
    is_writing: bool  # its file is open, and grows
    is_ended: bool  # nothing more happens without the user's word
    __hash__ = object.__hash__


class Event(Enum):
    """What happened to a download."""

    START = auto()  # a worker took it
    ANSWERED = auto()  # the server's head was accepted, the body follows
    RECEIVED = auto()  # every byte is on disk
    FINISHED = auto()  # checked, synced and renamed
    WAIT = auto()  # a fault that is tried again at a known time
    FAIL = auto()
    PAUSE = auto()
    RESUME = auto()  # the user wants it to go on, keeping what is there
    RESTART = auto()  # the user wants it again from byte 0
    CANCEL = auto()
    KEEP = auto()  # the finished file from before stays: what was to take its place is given up
    REQUEUE = auto()  # its worker stopped for a reason of ours (shutdown, a wait that is over)

    __hash__ = object.__hash__  # as above: looked up several times for every change


_RUNNING = frozenset({Status.CONNECTING, Status.DOWNLOADING, Status.VERIFYING, Status.WAITING})
_WRITING = frozenset({Status.CONNECTING, Status.DOWNLOADING})
_ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})

for _status in Status:
    _status.is_running = _status in _RUNNING
    _status.is_writing = _status in _WRITING
    _status.is_ended = _status in _ENDED

_FROM_ANY_WORK = {
    Event.WAIT: Status.WAITING,
    Event.FAIL: Status.FAILED,
    Event.PAUSE: Status.PAUSED,
    Event.CANCEL: Status.CANCELLED,
    Event.REQUEUE: Status.QUEUED,
}

TRANSITIONS: dict[Status, dict[Event, Status]] = {
    Status.QUEUED: {
        Event.START: Status.CONNECTING,
        Event.PAUSE: Status.PAUSED,
        Event.CANCEL: Status.CANCELLED,
        Event.FAIL: Status.FAILED,
    },
    Status.CONNECTING: _FROM_ANY_WORK
    | {
        Event.ANSWERED: Status.DOWNLOADING,
        # Everything was here already: a resume that had only the finishing left to do.
        Event.RECEIVED: Status.VERIFYING,
    },
    Status.DOWNLOADING: _FROM_ANY_WORK
    | {
        Event.RECEIVED: Status.VERIFYING,
        # The address answered differently: the same worker asks again.
        Event.START: Status.CONNECTING,
    },
    Status.VERIFYING: _FROM_ANY_WORK
    | {
        Event.FINISHED: Status.COMPLETED,
        # The digest was wrong: one more full transfer.
        Event.START: Status.CONNECTING,
    },
    Status.WAITING: {
        Event.START: Status.CONNECTING,
        Event.FAIL: Status.FAILED,
        Event.PAUSE: Status.PAUSED,
        Event.CANCEL: Status.CANCELLED,
        Event.RESUME: Status.QUEUED,
        Event.REQUEUE: Status.QUEUED,
    },
    Status.PAUSED: {
        Event.RESUME: Status.QUEUED,
        Event.RESTART: Status.QUEUED,
        Event.CANCEL: Status.CANCELLED,
    },
    # The file is the user's: a digest that differs later is told, and undoes nothing.
    Status.COMPLETED: {Event.RESTART: Status.QUEUED},
    Status.FAILED: {
        Event.RESUME: Status.QUEUED,
        Event.RESTART: Status.QUEUED,
        Event.CANCEL: Status.CANCELLED,
        # Another digest fits what was kept of it.
        Event.RECEIVED: Status.VERIFYING,
    },
    Status.CANCELLED: {
        Event.RESUME: Status.QUEUED,
        Event.RESTART: Status.QUEUED,
        Event.KEEP: Status.COMPLETED,
    },
}


def next_status(status: Status, event: Event) -> Status:
    """Return the status that follows `event`.

    Raises:
        IllegalTransition: the table has no such step; nothing has changed.
    """
    try:
        return TRANSITIONS[status][event]
    except KeyError:
        raise IllegalTransition(f"{event.name} is not possible while {status.name}") from None


def allows(status: Status, event: Event) -> bool:
    """Tell whether `event` may happen now; what the interface offers comes from here."""
    return event in TRANSITIONS[status]
