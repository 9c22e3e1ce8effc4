"""What a key says when its command does not apply. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.commands.situation import Situation

_IS = {
    Status.QUEUED: "is queued",
    Status.PAUSED: "is paused",
    Status.VERIFYING: "is being checked",
    Status.COMPLETED: "is done",
    Status.FAILED: "has failed",
    Status.CANCELLED: "is cancelled",
}


def silent(_: Situation) -> str:
    """Say nothing."""
    return ""


def nothing_to(verb: str) -> Callable[[Situation], str]:
    """Return a function that says that there is nothing to pause, or whatever the command does."""
    return lambda situation: f"Nothing to {verb}: {_why(situation)}"


def nothing_to_undo(situation: Situation) -> str:
    """Say so, or name the last action if that cannot be undone."""
    if situation.final:
        return f"Cannot be undone: {situation.final}"
    return "Nothing to undo: it goes for 10 s after what was done"


def _why(situation: Situation) -> str:
    if situation.marked:
        return f"what is marked {' or '.join(sorted({_state(each) for each in situation.marked}))}"
    if not situation.downloads:
        return "the list is empty"
    if situation.highlighted is None:
        return "nothing is highlighted"
    shown = situation.highlighted
    wrong = ", but its digest differs" if shown.is_wrong else ""
    return f"{shown.name} {_state(shown.status)}{wrong}"


def _state(status: Status) -> str:
    return _IS.get(status, "is running")
